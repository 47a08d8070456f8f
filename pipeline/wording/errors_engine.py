"""Error texts about the engine, its installation and its speed: code -> (what happened, what to do)."""

from __future__ import annotations

ENGINE_ERRORS: dict[str, tuple[str, str]] = {
    "benchmark.failed": (
        "KataGo 的测速没有成功（引擎 {katago}，网络 {network}）：{detail}。",
        "请看 {log}；先确认 ./fupan engine info 和 ./fupan doctor 正常。",
    ),
    "benchmark.nothing_in_time": (
        "规定时间内没有测出任何结果（引擎 {katago}，网络 {network}）。",
        "显卡第一次运行要调优，可能要几分钟：请用 --limit 放宽时间，或用 --visits 减少每个局面的计算量。",
    ),
    "benchmark.bad_threads": ("“{value}”不是线程数。", "请写成用逗号隔开的整数，例如 4,8,16。"),
    "benchmark.not_with_tune": (
        "{flags} 不能和 --tune 一起用：--tune 自己决定测哪些线程数。",
        "请去掉 {flags}，或去掉 --tune。",
    ),
    "benchmark.only_with_tune": ("{flags} 只在 --tune 时有用。", "请加上 --tune，或去掉 {flags}。"),
    "benchmark.no_network": ("没有找到网络，无法测速。", "请运行 ./fupan engine install，或用 --network 指定。"),
    "benchmark.no_engine": ("没有找到引擎，无法测速。", "请运行 ./fupan engine install，或用 --katago 指定。"),
    "benchmark.no_games": ("没有可以用来测速的棋谱（{path}）。", "请在命令后面写上几盘棋谱或一个棋谱文件夹。"),
    "tune.nothing_measured": ("引擎太慢，测不出速度。", "请换小一些的网络，或用 --seconds 放宽每次测量的时间。"),
    "engine.unsupported_platform": (
        "这台机器（{system}，{machine}）没有可以自动安装的 KataGo。",
        "请自己安装 KataGo，再用 --katago 和 --network 指明程序和网络，或写进 fupan.toml 的 [engine]。",
    ),
    "engine.no_gpu": (
        "没有发现可用的显卡（OpenCL GPU）。",
        "请安装显卡驱动后重试；要用处理器分析，请去掉“只用显卡”的设置。",
    ),
    "engine.gpu_without_opencl": (
        "有 NVIDIA 显卡，但是 OpenCL 用不了它。",
        "请运行 ./fupan engine install --backend cuda，它不用 OpenCL；或 sudo apt-get install ocl-icd-libopencl1（Debian/Ubuntu），再运行 ./fupan doctor 检查。",
    ),
    "engine.no_opencl_device": (
        "这台 Windows 机器上没有可用的 OpenCL 设备。",
        "请安装显卡驱动；只用处理器分析请运行：./fupan engine install --backend eigen",
    ),
    "engine.loader_missing": (
        "{path} 无法启动：系统缺少 libOpenCL.so.1。",
        "Debian/Ubuntu 请运行：sudo apt-get install ocl-icd-libopencl1",
    ),
    "engine.not_found": ("找不到 KataGo 程序 {path}。", "请检查 --katago（或 fupan.toml 的 engine.katago）写的位置。"),
    "engine.not_runnable": (
        "{path} 无法作为 KataGo 运行：{detail}。",
        "请确认它是适合这台机器的 KataGo 程序，并且有执行权限；去掉这一设置则使用自动安装的引擎。",
    ),
    "engine.network_missing": (
        "找不到网络文件 {path}。",
        "请检查 --network（或 fupan.toml 的 engine.network）写的位置；去掉它则使用自动安装的网络。",
    ),
    "engine.network_unreadable": ("网络文件 {path} 无法读取：{detail}。", "请检查文件权限，或重新复制一份。"),
    "engine.network_broken": (
        "{path} 不是 KataGo 的网络文件，或者下载不完整。",
        "网络文件名通常以 .bin.gz 结尾；请重新下载，或去掉这一设置，使用自动安装的网络。",
    ),
    "provision.no_pip": (
        "安装引擎需要 pip，但这个 Python 没有 pip。",
        "请运行：{command}（Debian/Ubuntu 也可以：sudo apt-get install python3-pip python3-venv），然后重试。",
    ),
    "provision.network": (
        "下载 {name} 时网络中断：{detail}。",
        "请检查网络后重新运行，已经装好的部分不会再下载。网络慢时可以用国内镜像，例如设置 PIP_INDEX_URL。",
    ),
    "provision.not_offered": (
        "软件源里没有 {name}，或者连不上软件源。",
        "请检查网络和 pip 的镜像设置（pip config list），或换一个完整的 PyPI 镜像后重试。",
    ),
    "provision.pip_failed": (
        "pip 下载 {name} 失败：{detail}",
        "请按上面的提示处理后重新运行，已经装好的部分不会再下载。",
    ),
    "provision.checksum": (
        "下载的 {name} 校验和不对，没有安装。",
        "文件可能在途中损坏或被替换：请重新运行；仍然如此请换一个 PyPI 镜像。",
    ),
    "provision.no_space": (
        "磁盘空间不够：{path} 需要约 {needed} MB，只剩 {free} MB。",
        "请清理磁盘，或用环境变量 FUPAN_CACHE_DIR 指定另一个磁盘上的文件夹。",
    ),
    "provision.cache_unwritable": (
        "引擎的存放文件夹 {path} 无法写入：{detail}。",
        "请检查权限，或用环境变量 FUPAN_CACHE_DIR 指定另一个文件夹。",
    ),
    "provision.no_home": (
        "找不到当前用户的主目录，不知道把引擎放在哪里。",
        "请设置环境变量 HOME，或用环境变量 FUPAN_CACHE_DIR 指定一个可以写入的文件夹。",
    ),
    "provision.not_executable": (
        "{path} 里不能运行程序（磁盘可能以 noexec 挂载）。",
        "请用环境变量 FUPAN_CACHE_DIR 指定另一个可以运行程序的文件夹。",
    ),
    "provision.busy": ("另一个程序一直在安装引擎（{path}）。", "请等它完成，或结束那个程序后重试。"),
    "engine.start.failed": (
        "KataGo 没有启动成功（退出码 {exit_code}）：{detail}",
        "完整记录在 {log}；可运行 ./fupan doctor 检查。",
    ),
    "engine.start.not_executable": (
        "KataGo 程序无法运行：{katago}（{detail}）。",
        "请检查路径和执行权限，并确认下载的是本系统的版本；也可运行 ./fupan engine install。",
    ),
    "engine.start.no_network": ("找不到权重文件 {network}。", "请检查路径，或运行 ./fupan engine install 重新下载。"),
    "engine.start.network": (
        "权重文件 {network} 损坏或与此版 KataGo 不兼容：{detail}",
        "请重新下载权重，或升级 KataGo。",
    ),
    "engine.start.library": (
        "KataGo 缺少系统库 {detail}。",
        "缺 libOpenCL 请安装显卡驱动和 ocl-icd-libopencl1；或运行 ./fupan engine install 使用自带的版本。",
    ),
    "engine.start.glibc": ("系统太旧，缺少 {detail}，此版 KataGo 无法运行。", "请升级系统，或换用较旧的 KataGo 版本。"),
    "engine.start.memory": (
        "KataGo 启动时显存或内存不足（{detail}）。",
        "请关闭占用显卡的程序，换用较小的权重，或减少线程数（fupan.toml 里 [engine] 的 analysis_threads），然后重新运行。",
    ),
    "engine.start.no_device": (
        "KataGo 找不到可用的显卡或 OpenCL 设备（{detail}）。",
        "请安装或更新显卡驱动；没有显卡可运行 ./fupan engine install 使用 CPU 版本。",
    ),
    "engine.start.config": ("KataGo 不接受分析设置：{detail}", "请检查 fupan.toml 里引擎的附加设置；记录在 {log}。"),
    "engine.start.cpu": (
        "这台电脑的 CPU 不支持此版 KataGo 的指令集。",
        "请换用不带 AVX2 的版本，或运行 ./fupan engine install。",
    ),
    "engine.start.timeout": (
        "KataGo 启动太久没有反应：{detail}",
        "首次启动要调校几分钟；若反复出现，请更新显卡驱动。记录在 {log}。",
    ),
    "engine.start.nonsense": (
        "KataGo 试算一个局面，得到的不是有效数字（权重 {network}）。",
        "多为半精度（FP16）或显卡驱动的问题：请更新驱动，或在引擎附加设置里关闭 FP16。",
    ),
    "engine.start.changed": (
        "运行途中引擎变了：原来是 {before}，现在是 {after}。",
        "两者的结果不能混用；请不要在分析时升级引擎或替换权重，重新运行同一条命令即可。",
    ),
    "engine.crashed": (
        "KataGo 反复崩溃（退出码 {exit_code}，当时有 {open} 个局面在算）。",
        "已完成的局面都保存了。请更新显卡驱动、降低线程数或换用较小的权重后重新运行；记录在 {log}。",
    ),
    "engine.stalled": (
        "KataGo 反复停住不动（当时有 {open} 个局面在算）。",
        "已完成的局面都保存了。请检查显卡驱动和散热，再重新运行；记录在 {log}。",
    ),
    "engine.no_restart": ("KataGo 退出后无法再次启动：{reason}", "已完成的局面都保存了。请处理后重新运行同一条命令。"),
    "engine.nonsense": (
        "KataGo 连续给出不可信的结果（{reason}，权重 {network}）。",
        "可疑的结果没有保存。请更新显卡驱动，或在引擎附加设置里关闭 FP16，再重新运行。",
    ),
    "engine.rejected": (
        "{file} 第 {turn} 手后的局面被 KataGo 拒绝（{field}：{reason}）。",
        "请检查这份棋谱的着手、贴目和规则，改正后重新运行。",
    ),
    "engine.board_too_large": (
        "{file} 是 {size} 的棋盘，引擎这次只能分析不超过 {largest} 的棋盘（第 {turn} 手后的局面没有送去分析）。",
        "请删去引擎附加设置里的 maxBoardXSizeForNNBuffer、maxBoardYSizeForNNBuffer，再重新运行。",
    ),
    "engine.implausible": (
        "{file} 第 {turn} 手后的局面两次得到不可信的结果（{reason}）。",
        "其余局面不受影响；换一个权重（--network）可以再试，若反复出现请把日志发给开发者。",
    ),
    "engine.poison": (
        "{file} 第 {turn} 手后的局面使 KataGo 多次崩溃或停住。",
        "其余局面不受影响；换一个权重（--network）可以再试，也请把棋谱和日志发给开发者。",
    ),
    "engine.stopped": ("已按要求停止启动引擎。", "重新运行同一条命令即可。"),
}
