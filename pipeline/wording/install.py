"""What the installation of engines, NVIDIA's libraries and networks says."""

from __future__ import annotations

INSTALL_ERRORS: dict[str, tuple[str, str]] = {
    "install.network": (
        "下载 {name} 时连接多次中断：{detail}（{url}）。",
        "已经下载的部分留着，重新运行同一条命令会接着下载。连不上时可用 --mirror 指定镜像（或 fupan.toml 的 engine.mirror），或设置代理 HTTPS_PROXY。",
    ),
    "install.socks": (
        "下载 {name} 失败：设置的代理 {proxy} 是 SOCKS 代理，本程序只能用 HTTP 代理。",
        "多数代理软件另有一个 HTTP 端口（或混合端口），请把它写进 HTTPS_PROXY，例如 HTTPS_PROXY=http://127.0.0.1:7890。",
    ),
    "install.wrong_length": (
        "服务器给的 {name} 不是要装的文件：应有 {size} 字节，实际 {found} 字节（{url}）。",
        "可能是镜像里的旧文件，或要先登录的网络（如宾馆、校园网）给的网页：请先在浏览器里登录网络，或换一个镜像。已经下载的部分留着。",
    ),
    "install.refused": (
        "服务器没有给出 {name}（HTTP {status}，{url}）。",
        "请检查网址；用了镜像的话，请换一个镜像或去掉 --mirror（以及 fupan.toml 的 engine.mirror）。",
    ),
    "install.checksum": (
        "{name} 的校验和不对，没有安装（来自 {url}，SHA-256 是 {found}）。",
        "文件可能在途中损坏或被替换：请重新运行；仍然如此请换一个镜像。写了 --sha256 的话，请核对它。",
    ),
    "install.changed": (
        "{name} 与第一次下载的不同，没有安装（当时 {before}，现在 {found}）。",
        "文件可能被替换。请到 KataGo 的发布页或别处核实，确认无误后用 --sha256 写明正确的校验和再安装。",
    ),
    "install.too_large": ("{name} 超过了 {limit} MB 的上限，没有安装。", "这不像要装的文件：请检查网址或镜像。"),
    "install.interrupted": (
        "已按要求停止：装好的留着，没有装完的不会被用到。",
        "重新运行同一条命令，会接着下载。",
    ),
    "install.bad_redirect": ("{url} 转向了不能用的地址 {target}，没有下载。", "请换一个镜像，或去掉 --mirror。"),
    "install.bad_address": (
        "“{url}”不是网址。",
        "网址要以 https:// 开头。镜像可写成 https://镜像/、https://镜像/{{url}} 或 github.com=https://镜像。",
    ),
    "install.bad_sha256": ("“{value}”不是 SHA-256 校验和。", "应为 64 位十六进制数字（0–9、a–f）。"),
    "install.sha256_alone": (
        "--sha256 不知道是哪个文件的。",
        "请只写 --backend 或 --network 中的一个，分两次安装。",
    ),
    "install.broken_archive": ("{name} 不是完好的压缩包。", "请重新运行；仍然如此请换一个镜像。"),
    "install.unsafe": (
        "{name} 里有不该有的内容（{member}），没有安装。",
        "正式发布的压缩包不会这样：请换一个镜像，不要使用这个文件。",
    ),
    "install.no_program": (
        "{name} 里没有 {program}。",
        "这不像 KataGo 的发布包：请检查网址或镜像。也可能是杀毒软件把它删了：请在杀毒软件里恢复并放行，再重新运行。",
    ),
    "install.no_version": (
        "没有 {backend} 版的 KataGo {version}。",
        "可以用：{known}。去掉 --version 则装推荐的版本。",
    ),
    "install.no_nvidia": (
        "没有发现 NVIDIA 显卡或它的驱动，{backend} 版用不了。",
        "请先装好 NVIDIA 显卡驱动（装好后 nvidia-smi 能显示显卡），再运行同一条命令；没有 NVIDIA 显卡请用 --backend opencl 或 eigen。",
    ),
    "install.old_driver": (
        "NVIDIA 驱动 {have} 太旧，{backend} 版（CUDA {cuda}）需要 {need} 或更新的驱动。",
        "请到 NVIDIA 官网或系统的软件源更新显卡驱动，重启后再运行同一条命令。不需要安装 CUDA 工具包。",
    ),
    "install.old_card": (
        "显卡 {name} 太旧，{backend} 版不支持。",
        "请改用：./fupan engine install --backend cuda（更旧的显卡用 --backend opencl）。",
    ),
    "install.no_avx2": (
        "处理器 {cpu} 没有 AVX2 指令集。",
        "请运行 ./fupan engine install --backend eigen，会自动选普通版。",
    ),
    "install.backend_missing": (
        "设置要用 {backend} 版引擎，但它没有装好，或者在这台机器上不能用。",
        "请运行 ./fupan engine install --backend {backend}；或把 fupan.toml 的 engine.backend 改为 auto。",
    ),
    "install.unknown_network": (
        "没有名为 {name} 的网络，也没有这个文件。",
        "可以写名字（{known}）、网址或文件。",
    ),
    "install.nothing_to_remove": (
        "没有装过名为 {name} 的引擎或网络。",
        "装好的有：{known}。名字见 ./fupan engine info。",
    ),
    "provision.interrupted": (
        "下载 {name} 时网络多次中断：{detail}。",
        "已经下载的部分留着，重新运行同一条命令会接着下载。一直连不上时可以换国内镜像，例如设置 PIP_INDEX_URL。",
    ),
    "provision.blank_in_path": (
        "引擎的存放文件夹 {path} 的路径里有空格，处理器用的计算库在那里不能运行。",
        "请用环境变量 FUPAN_CACHE_DIR 指定一个路径里没有空格的文件夹；或运行 ./fupan engine install --backend eigen。",
    ),
    "provision.vanished": (
        "刚写好的 {path} 不见了，没有装好。",
        "多半是杀毒软件把它当作病毒删了：请在杀毒软件里恢复并放行这个文件夹，再重新运行同一条命令，已经下载的部分留着。",
    ),
    "provision.held": (
        "{path} 正被别的程序占用，没有装好。",
        "多半是杀毒软件正在检查，或分析还在运行：请等它们结束后重新运行同一条命令，已经下载的部分留着；也可以让杀毒软件跳过这个文件夹。",
    ),
    "install.network_not_installed": (
        "网络 {name} 还没有安装。",
        "请运行：./fupan engine install --network {name}",
    ),
    "install.bad_network_suffix": (
        "网络文件 {name} 的扩展名不对，KataGo 不会读它。",
        "KataGo 的网络文件以 {suffixes} 之一结尾。请检查网址或文件；只改扩展名通常没有用。",
    ),
    "engine.network_human": (
        "{path} 是模仿人类棋手的网络，不能用来分析：它给的胜率和目差不可信。",
        "请把它写成 --human-network（或 fupan.toml 的 engine.human_network），--network 另用一个网络，例如 b18c384。",
    ),
    "engine.network_not_human": (
        "{path} 不是模仿人类棋手的网络，说不出“同水平的棋手会怎么下”。",
        "请运行 ./fupan engine install --network human，再写 --human-network human；分析用的网络请写在 --network。",
    ),
    "install.bad_network_name": (
        "网络文件名“{name}”不能用。",
        "请把文件改成只有英文字母、数字、点和横线的名字，例如 my-b28.bin.gz。",
    ),
    "engine.missing_library": (
        "{path} 无法启动：缺少 {library}（{component}）。",
        "请运行：{command}",
    ),
    "engine.missing_dll": (
        "{path} 无法启动：缺少 DLL 文件（Windows 没有说是哪一个）。",
        "请运行：{command}",
    ),
    "engine.start.missing_library": (
        "KataGo 无法启动：缺少 {detail}（{component}）。",
        "请运行：{command}（记录在 {log}）。",
    ),
    "engine.start.missing_dll": (
        "KataGo 无法启动：缺少 DLL 文件（Windows 没有说是哪一个）。",
        "请运行：{command}（记录在 {log}）。",
    ),
    "engine.start.driver": (
        "NVIDIA 驱动太旧，KataGo 用不了显卡（{detail}）。",
        "请把显卡驱动更新到 570 或更新的版本，重启后重试（最低 525，Windows 527）。./fupan doctor 显示现在的版本。",
    ),
    "engine.start.old_card": (
        "这块显卡太旧或太新，这一种 KataGo 没有为它编译（{detail}）。",
        '请改用：./fupan engine install --backend opencl，并在 fupan.toml 的 [engine] 里写 backend = "opencl"。',
    ),
}

LIBRARIES = {
    "cudnn": "NVIDIA cuDNN",
    "cublas": "NVIDIA cuBLAS",
    "nvrtc": "NVIDIA NVRTC",
    "nvjitlink": "NVIDIA nvJitLink",
    "cudart": "NVIDIA CUDA 运行库",
    "nvinfer": "NVIDIA TensorRT",
    "nvonnxparser": "NVIDIA TensorRT",
    "cuda_driver": "NVIDIA 显卡驱动",
}
INSTALL_COMMAND = "./fupan engine install --backend {backend}"
DRIVER_COMMAND = "nvidia-smi（检查驱动；没有的话请先安装 NVIDIA 显卡驱动）"

HELP = {
    "backend": "装哪一种引擎：tensorrt、cuda（NVIDIA 显卡）、opencl（各种显卡）、eigen（处理器）。不写则自动决定。",
    "version": "KataGo 的版本；不写则装推荐的版本。",
    "mirror": "下载镜像：https://镜像/（放在 GitHub 网址前面），或 github.com=https://镜像（手册第 8 节有其他写法）。",
    "network": "同时装一个网络：名字（如 b28c512）、网址，或文件。",
    "remove": "删除装好的引擎（连同只有它用的运行库）或网络，腾出空间。",
    "remove.names": "引擎（tensorrt、cuda、opencl、eigen）或网络的名字，可以写多个。",
    "sha256": "引擎压缩包或网络文件的 SHA-256 校验和，核对后才安装。",
}

UNCONFIRMED = (
    "注意：{name} 没有公布的校验和可以核对。这次下载的 SHA-256 是\n"
    "  {sha256}\n"
    "已经记下；以后再下载时若不同会拒绝。有可靠来源的话，请核对它；也可以删除后用 --sha256 写明再装。"
)
NETWORK_DONE = "网络 {name} 已装好：{path}"
NETWORK_TERMS = "许可：{licence}。需要 KataGo {katago} 或更新的版本（本程序装的都够新）。"
HUMAN_HINT = (
    '使用它：./fupan review 棋谱 --human-network {name}，或在 fupan.toml 里写：\n  [engine]\n  human_network = "{name}"'
)
NETWORK_HINT = '使用它：./fupan review 棋谱 --network {name}，或在 fupan.toml 里写：\n  [engine]\n  network = "{name}"'
NETWORK_GPU = "提示：{name} 是 transformer 网络，只适合显卡。"
BUILD_DONE = "{backend} 版 KataGo {version} 已装好。"
NOT_IN_FORCE = (
    '提示：现在生效的是另一个引擎（见下）。要用刚装的，请在 fupan.toml 里写：\n  [engine]\n  backend = "{backend}"'
)
INSTALLED_ENGINES = "已安装的引擎："
INSTALLED_NETWORKS = "已安装的网络："
ENGINE_LINE = "  {mark} {backend}  KataGo {version}  {folder}{problem}"
NETWORK_LINE = "  {mark} {name}  {identity}  {megabytes} MB"
PROBLEM = "（不能用：{reason}）"
IN_FORCE, NOT_USED = "*", " "

NVIDIA_IDLE = "提示：有显卡 {card}，但现在的引擎没有用它。要用它，请运行：./fupan engine install --backend {backend}"
TRYING_AGAIN = "{name}：下载断了（{detail}），{seconds} 秒后接着下载……"
REMOVED = "{name} 已删除（{folders}），腾出 {megabytes} MB。"
REPAIR_ADVICE = "请运行 ./fupan engine install --backend {backend} --verify 修复。"
DOCTOR_NAME = "NVIDIA 加速"
DOCTOR_CARD = "{name}，驱动 {driver}"
DOCTOR_DRIVER_UNKNOWN = "版本不明"
DOCTOR_READY = "{card}；正在使用 {backend} 版"
DOCTOR_OFFER = "{card}；还可以装得更快：./fupan engine install --backend {backend}（约 {gigabytes:.1f} GB，不需要另装 CUDA、cuDNN 或 TensorRT）"
DOCTOR_OLD = (
    "{card}；驱动太旧：TensorRT 版和 CUDA 版需要 {need} 或更新的驱动，现在只能用 OpenCL 版；更新驱动后可以快得多"
)
DOCTOR_OLD_CARD = "{card}；显卡较旧，TensorRT 版和 CUDA 版不支持，使用 OpenCL 版"
