"""What ``fupan doctor`` and provisioning say."""

from __future__ import annotations

from pipeline.wording.install import DOCTOR_NAME

NAMES = {
    "python": "Python",
    "machine": "处理器和内存",
    "gpu": "显卡",
    "nvidia": DOCTOR_NAME,
    "engine": "KataGo 引擎",
    "network": "权重网络",
    "renderer": "PDF 排版组件",
    "subsetter": "字体裁剪组件",
    "fonts": "中文字体",
    "pip": "pip",
    "cache": "引擎存放文件夹",
    "output": "输出文件夹",
}

PYTHON = "{version}（{path}）"
PYTHON_OLD = "{version}，太旧"
PYTHON_ADVICE = "请安装 Python 3.11 或更新的版本，或用环境变量 FUPAN_PYTHON 指明它的位置。"
MACHINE = "{cpu}，{threads} 个线程，内存 {memory:.1f} GB"
MACHINE_SMALL = "内存少于 2 GB，分析时可能不够：请关闭其他程序，或换一台机器。"
GPU = "{name}，显存 {memory:.1f} GB"
GPU_INTEGRATED = "{name}（集成显卡，使用较小的网络）"
GPU_NONE = "没有发现显卡，使用处理器分析（速度慢得多）"
GPU_UNSEEN = "{name}，但是 OpenCL 用不了它"
GPU_UNSEEN_ADVICE = "请运行 ./fupan engine install --backend cuda，它不用 OpenCL（Windows 的 Linux 子系统里只能这样）；或更新显卡驱动，Debian/Ubuntu 还可以运行：sudo apt-get install ocl-icd-libopencl1"
GPU_LOADER_LATER = "{name}；系统没有 OpenCL 加载库，首次分析时会自动补上"
ENGINE = "KataGo {version}（{backend}），{path}，来源：{origin}"
ENGINE_DEVICE = "，设备：{device}"
ENGINE_NONE = "还没有安装，首次分析时自动下载（约 {megabytes} MB）"
ENGINE_NONE_ADVICE = "也可以现在安装：./fupan engine install"
ENGINE_BROKEN_ADVICE = "请运行 ./fupan engine install --verify 修复。"
PATH_IGNORED = "；PATH 里的 {path} 不能用，已跳过"
NETWORK = "{name}（{path}）"
NETWORK_NONE = "与引擎一起自动安装"
RENDERER = "WeasyPrint {version}"
RENDERER_BROKEN = "WeasyPrint 不能用：{detail}"
RENDERER_ADVICE = (
    "Debian/Ubuntu 请运行：sudo apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
)
SUBSETTER = "libharfbuzz-subset"
SUBSETTER_MISSING = "缺少 libharfbuzz-subset，生成 PDF 会慢几倍"
FONTS = "{count} 个字体文件"
FONTS_MISSING = "{folder} 里没有字体文件"
FONTS_ADVICE = "程序文件不完整，请重新下载本程序。"
PIP = "可用"
PIP_MISSING = "没有 pip，不能自动安装引擎"
PIP_ADVICE = "请运行：{command}"
DISK = "{path}，剩余 {free:.1f} GB"
DISK_LOW = "{path}，只剩 {free:.1f} GB，至少需要 {needed:.1f} GB"
DISK_ADVICE = "请清理磁盘，或换一个文件夹（{how}）。"
DISK_UNWRITABLE = "{path} 不能写入"
HOW_CACHE = "环境变量 FUPAN_CACHE_DIR"
HOW_OUTPUT = "--output"

ORIGINS = {"flag": "命令行指定", "settings": "设置文件指定", "path": "系统 PATH", "provisioned": "自动安装"}
COMPONENTS = {
    "katago-": "KataGo 引擎",
    "release-": "KataGo 引擎",
    "tensorrt-": "NVIDIA TensorRT",
    "nvidia-cudnn-": "NVIDIA cuDNN",
    "nvidia-cublas-": "NVIDIA cuBLAS",
    "nvidia-cuda-nvrtc-": "NVIDIA NVRTC",
    "nvidia-nvjitlink-": "NVIDIA nvJitLink",
    "nvidia-cuda-runtime-": "NVIDIA CUDA 运行库",
    "network-": "权重网络",
    "intel-opencl-": "处理器计算库",
    "intel-math-": "数学库",
    "tbb-": "多线程库",
    "ocl-icd-": "OpenCL 加载库",
}
PROVISION_WAIT = "另一个安装程序正在下载或安装，等它完成……"
PHASES = {"download": "下载", "verify": "核对", "extract": "解压"}


def component_name(key: str) -> str:
    """The Chinese name of a component (``katago-1.18.1-...`` and so on); the key itself if it has none."""
    return next((name for prefix, name in COMPONENTS.items() if key.startswith(prefix)), key)
