"""NVIDIA's CUDA, cuDNN and TensorRT libraries: which wheels, which files in them, sizes and SHA-256 sums.

The sums of the files are those of the wheels' own ``RECORD``; the wheels
themselves are pinned by the sums of the index. Only what an engine loads is
kept: no headers, no static libraries. The libraries go on the library path of
the engine's process and nowhere else.

What KataGo links: the CUDA backend cuBLAS, cuDNN and NVRTC, the TensorRT
backend nvinfer and nvonnxparser, the CUDA runtime itself statically
(``cpp/CMakeLists.txt``). cuDNN compiles some kernels at run time, for which it
loads NVRTC and nvJitLink. PyPI has no wheel of TensorRT's libraries, only a
stub that points to NVIDIA's own index, hence the address.
"""

from __future__ import annotations

from pipeline.engine.assets import Archive, Component, FileSpec, WheelSpec

_LICENCE = "NVIDIA Software License Agreement (distributed by NVIDIA)"


def _component(
    distribution: str,
    version: str,
    tag: str,
    *,
    size: int,
    sha256: str,
    platforms: tuple[str, ...],
    folder: str,
    files: tuple[tuple[str, int, str], ...],
    licence_file: tuple[int, str],
) -> Component:
    record = f"{distribution.replace('-', '_')}-{version}.dist-info/License.txt"
    return Component(
        key=f"{distribution.removesuffix('-cu12')}-{version}-{tag}",
        wheel=WheelSpec(distribution, version, size, sha256, options=tuple(f"--platform={name}" for name in platforms)),
        files=(
            *(FileSpec(folder + name, name, length, digest) for name, length, digest in files),
            FileSpec(record, "License.txt", *licence_file),
        ),
        licence=_LICENCE,
    )


RUNTIME_LINUX = _component(
    "nvidia-cuda-runtime-cu12",
    "12.8.90",
    "linux-x64",
    size=954765,
    sha256="adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90",
    platforms=(
        "manylinux2014_x86_64",
        "manylinux_2_17_x86_64",
    ),
    folder="nvidia/cuda_runtime/lib/",
    files=(("libcudart.so.12", 728800, "c3a75b33af334a3486d197dbd1584a2985183ba4688d237a2be5f2f679329920"),),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
NVRTC_LINUX = _component(
    "nvidia-cuda-nvrtc-cu12",
    "12.8.93",
    "linux-x64",
    size=88040029,
    sha256="a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994",
    platforms=(
        "manylinux2010_x86_64",
        "manylinux_2_12_x86_64",
    ),
    folder="nvidia/cuda_nvrtc/lib/",
    files=(
        ("libnvrtc-builtins.so.12.8", 6338504, "eccaa824230ee7858a94a3055cb01f1cb634df05d313880d0bdcf195161fcb4e"),
        ("libnvrtc.so.12", 104487248, "43731e24cd89e3749826304f304e8aa11fbecf1188715271b1f5018d6212b5e6"),
    ),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
NVJITLINK_LINUX = _component(
    "nvidia-nvjitlink-cu12",
    "12.8.93",
    "linux-x64",
    size=39254836,
    sha256="81ff63371a7ebd6e6451970684f916be2eab07321b73c9d244dc2b4da7f73b88",
    platforms=(
        "manylinux2010_x86_64",
        "manylinux_2_12_x86_64",
    ),
    folder="nvidia/nvjitlink/lib/",
    files=(("libnvJitLink.so.12", 94101392, "0369e6867d44b800437de4e146d72c65afc6c75adf677a15c2ecd8e6a7ac135f"),),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
CUBLAS_LINUX = _component(
    "nvidia-cublas-cu12",
    "12.8.4.1",
    "linux-x64",
    size=594346921,
    sha256="8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142",
    platforms=("manylinux_2_27_x86_64",),
    folder="nvidia/cublas/lib/",
    files=(
        ("libcublas.so.12", 116388640, "031ce6c2cbfbb9468f040527cab5c599069ce5609e73e28f87503881063eac21"),
        ("libcublasLt.so.12", 751771728, "10b5e6631cf8115c661eb895ed1533826308b58f7956466f53d236a40c9b622c"),
    ),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
CUDNN_LINUX = _component(
    "nvidia-cudnn-cu12",
    "9.8.0.87",
    "linux-x64",
    size=697999707,
    sha256="d6b02cd0e3e24aa31d0193a8c39fec239354360d7d81055edddb69f35d53a4c8",
    platforms=("manylinux_2_27_x86_64",),
    folder="nvidia/cudnn/lib/",
    files=(
        ("libcudnn.so.9", 125136, "72f74476dcdc074b9d56f8c5cf576ceff6a595989832b9b0798478dc48a4ffcd"),
        ("libcudnn_adv.so.9", 255866448, "c7f2859225c2fc2992235d3a2504f641fa8ec83a1996a354b07609db8208a746"),
        ("libcudnn_cnn.so.9", 6300904, "3d1643d323d9dba75236d5b9a7741a5b6606ea6ffbcf0a6268c0c6e6d4cb3dd4"),
        (
            "libcudnn_engines_precompiled.so.9",
            583023472,
            "4ab4bb62c6291d0a3650feb583e62693bdc6a5023352dbc64231187b2ec9cfdc",
        ),
        (
            "libcudnn_engines_runtime_compiled.so.9",
            27276224,
            "20aab41f9c36e846ba4ccc6e59b67251becfbf992e87d281ffaadbf4f24f32c5",
        ),
        ("libcudnn_graph.so.9", 4391696, "7b2abeb742ad5b737aeb50185481168b325ab443c87b66de3ceece6431e0e771"),
        ("libcudnn_heuristic.so.9", 56627064, "6ad33b511a6f9b880c9c13018a669a6d818cddf6842700f5403906fa97eb5279"),
        ("libcudnn_ops.so.9", 119547416, "e822b34d447d2c83f275d2e1e6373a88c19dcadd7a7d289ed27d8ec52a210323"),
    ),
    licence_file=(18174, "49cf79bdb35734b52fe6203013b3bd759f81e998cd32aa2c65c51db9a88c61d2"),
)
RUNTIME_WINDOWS = _component(
    "nvidia-cuda-runtime-cu12",
    "12.8.90",
    "windows-x64",
    size=944318,
    sha256="c0c6027f01505bfed6c3b21ec546f69c687689aad5f1a377554bc6ca4aa993a8",
    platforms=("win_amd64",),
    folder="nvidia/cuda_runtime/bin/",
    files=(("cudart64_12.dll", 573952, "c2c9a9c22a9bcba90e261825968836787b331038047a26770cffb7a583c28344"),),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
NVRTC_WINDOWS = _component(
    "nvidia-cuda-nvrtc-cu12",
    "12.8.93",
    "windows-x64",
    size=73586838,
    sha256="7a4b6b2904850fe78e0bd179c4b655c404d4bb799ef03ddc60804247099ae909",
    platforms=("win_amd64",),
    folder="nvidia/cuda_nvrtc/bin/",
    files=(
        ("nvrtc-builtins64_128.dll", 6356480, "a7afa2a40cbd3f922a33d8bf71c13cb26ca707c7016a9bc5fcde36759ba668f5"),
        ("nvrtc64_120_0.dll", 86728192, "02d2d7ef4690bf1a55dda1d3ac94c86ce8d16920071c87bcd3e70e94ef346e93"),
    ),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
NVJITLINK_WINDOWS = _component(
    "nvidia-nvjitlink-cu12",
    "12.8.93",
    "windows-x64",
    size=268553710,
    sha256="bd93fbeeee850917903583587f4fc3a4eafa022e34572251368238ab5e6bd67f",
    platforms=("win_amd64",),
    folder="nvidia/nvjitlink/bin/",
    files=(("nvJitLink_120_0.dll", 77860352, "959d3cb44527ec884db8dc20772520b584dbe7d622d11b0530e6326417078b3e"),),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
CUBLAS_WINDOWS = _component(
    "nvidia-cublas-cu12",
    "12.8.4.1",
    "windows-x64",
    size=567544208,
    sha256="47e9b82132fa8d2b4944e708049229601448aaad7e6f296f630f2d1a32de35af",
    platforms=("win_amd64",),
    folder="nvidia/cublas/bin/",
    files=(
        ("cublas64_12.dll", 113716224, "9513540e4ec4c51ee9e7304138c2cc255c29a8c181f9e80c38efa25738becd99"),
        ("cublasLt64_12.dll", 674667520, "b199d1ff892a81b7fd3d57ba1781549609b41500b36008fef326038393ad46c7"),
    ),
    licence_file=(59262, "ad6f5853fba0ca0d159d0f58d49ae49830c2f8c93f7a92648b9ce90adb4c6ccd"),
)
CUDNN_WINDOWS = _component(
    "nvidia-cudnn-cu12",
    "9.8.0.87",
    "windows-x64",
    size=684630375,
    sha256="b4b5cfddc32aa4180f9d390ee99e9a9f55a89e7087329b41aba4319327e22466",
    platforms=("win_amd64",),
    folder="nvidia/cudnn/bin/",
    files=(
        ("cudnn64_9.dll", 265760, "0edb24306db36121137a3150ac55015aee174d4582d5b807bd3220180a7a57db"),
        ("cudnn_adv64_9.dll", 253583928, "631af1130b27b4d14683c7da690dddec8e25ffe3097d498fbba7129faba1601c"),
        ("cudnn_cnn64_9.dll", 4262456, "68c9f6bf98a5620a0bb0519c3997800ef2c7cb8979f17a60afcf82d341629c73"),
        (
            "cudnn_engines_precompiled64_9.dll",
            548927544,
            "59e71b3adae62186d3336ccbda6d0c8b14a3a0ef21694757e2b32e84fa840152",
        ),
        (
            "cudnn_engines_runtime_compiled64_9.dll",
            25217568,
            "8671c24fc0debbd99c3dca57bfdf657f4c9490e2a009f641cfc2fcf7a1256180",
        ),
        ("cudnn_graph64_9.dll", 2239520, "22c21907fb2108259cb25738156f4459c12c0a001715bbb6d5aafac150060e85"),
        ("cudnn_heuristic64_9.dll", 55919648, "5378e50729665245fa5abe89c729b782de686675e9bd6319cda1a3165d9492e6"),
        ("cudnn_ops64_9.dll", 116958752, "080c2bb37e9d1fdd585cdd53fdbb23c0478b99610a19f8bba512b596b1e302fe"),
    ),
    licence_file=(18174, "49cf79bdb35734b52fe6203013b3bd759f81e998cd32aa2c65c51db9a88c61d2"),
)

_TENSORRT_INDEX = "https://pypi.nvidia.com/tensorrt-cu12-libs/"

TENSORRT_LINUX = Archive(
    key="tensorrt-10.9.0.34-linux-x64",
    url=_TENSORRT_INDEX + "tensorrt_cu12_libs-10.9.0.34-py2.py3-none-manylinux_2_28_x86_64.whl",
    size=3103291777,
    sha256="4a82f0bda2874596f202f6edc8dae99b86a3c4ec2fa142a9c847c4d3a57864a0",
    licence="NVIDIA TensorRT SLA",
    limit=4_000_000_000,
    members=(
        "tensorrt_libs/libnvinfer.so.10",
        "tensorrt_libs/libnvinfer_plugin.so.10",
        "tensorrt_libs/libnvonnxparser.so.10",
        "tensorrt_libs/libnvinfer_builder_resource.so.10.9.0",
        "tensorrt_cu12_libs-10.9.0.34.dist-info/LICENSE.txt",
    ),
)

TENSORRT_WINDOWS = Archive(
    key="tensorrt-10.9.0.34-windows-x64",
    url=_TENSORRT_INDEX + "tensorrt_cu12_libs-10.9.0.34-py2.py3-none-win_amd64.whl",
    size=None,
    about=1_900_000_000,
    sha256="e43d38cc380d615bf8afab637c265f01a9452dc23deb9b9dd47b7662edf24531",
    licence="NVIDIA TensorRT SLA",
    limit=4_000_000_000,
    members=(
        "tensorrt_libs/nvinfer_10.dll",
        "tensorrt_libs/nvinfer_plugin_10.dll",
        "tensorrt_libs/nvonnxparser_10.dll",
        "tensorrt_libs/nvinfer_builder_resource_10.dll",
        "tensorrt_cu12_libs-10.9.0.34.dist-info/LICENSE.txt",
    ),
)

CUDA_LINUX: tuple[Component, ...] = (RUNTIME_LINUX, NVRTC_LINUX, NVJITLINK_LINUX, CUBLAS_LINUX, CUDNN_LINUX)
CUDA_WINDOWS: tuple[Component, ...] = (RUNTIME_WINDOWS, NVRTC_WINDOWS, NVJITLINK_WINDOWS, CUBLAS_WINDOWS, CUDNN_WINDOWS)
