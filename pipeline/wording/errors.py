"""Error texts: code -> (what happened, what to do)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

from pipeline.wording.diagram import DIAGRAM_ERRORS
from pipeline.wording.install import INSTALL_ERRORS

ERRORS: dict[str, tuple[str, str]] = {
    "internal": ("程序内部错误：{detail}", "请把 output/logs 里的日志发给开发者。"),
    "config.missing_file": ("找不到设置文件 {path}。", "请检查文件名，或运行 ./fupan config init 生成一份。"),
    "config.unreadable": ("设置文件 {path} 无法读取：{detail}。", "请检查文件权限。"),
    "config.bad_toml": (
        "设置文件 {path} 格式有误：{detail}。",
        "请按 TOML 格式改正，或运行 ./fupan config init 重新生成。",
    ),
    "config.bad_value": (
        "设置 {key} 的值 {value} 不能用：{detail}。",
        "请改正后重新运行；./fupan config show 显示所有设置。",
    ),
    "config.not_in_folder": (
        "棋谱文件夹里的 {path} 不能设置 [{section}]。",
        "这里只能写 [analysis]、[report] 和 [students]；其他设置请写到运行命令的文件夹里的 fupan.toml。",
    ),
    "config.unknown_variable": ("环境变量 {name} 不是本程序的设置。", "请检查拼写；./fupan config show 列出所有设置。"),
    "config.exists": ("{path} 已经存在，没有改动。", "请先改名或删除它，再运行 ./fupan config init。"),
    "input.missing": ("找不到 {path}。", "请检查文件或文件夹的名字。"),
    "input.empty": ("{path} 里没有找到棋谱。", "请放入 .sgf 棋谱（也支持 .gib、.ngf、.ugf、.zip）后重新运行。"),
    "input.unreadable": ("{path} 无法读取：{detail}。", "请检查路径和文件夹的权限。"),
    "file.refused": ("{path} 无法读写：{detail}。", "请检查路径和权限，或换一个位置。"),
    "file.failed": ("{path} 读写失败：{detail}。", "请检查磁盘或网络共享是否正常，再重新运行同一条命令。"),
    "output.not_writable": ("输出文件夹 {path} 无法写入：{detail}。", "请检查权限，或用 --output 指定另一个文件夹。"),
    "game.unreadable": ("{file} 无法读取：{detail}。", "请检查文件权限，或重新复制一份。"),
    "game.too_large": ("{file} 太大（{size} 字节），不像棋谱。", "请确认放入的是棋谱文件。"),
    "game.empty": ("{file} 是空文件。", "请重新下载或复制这份棋谱。"),
    "game.not_sgf": ("{file} 为空或不是 SGF 棋谱。", "请确认下载完整；若是网页或压缩文件，请先取出其中的棋谱。"),
    "game.not_go": ("{file} 不是围棋棋谱（GM[{gm}] 是别的棋类）。", "请移走这个文件。"),
    "game.board_size": ("{file} 的棋盘是 {width}×{height} 路，暂不支持。", "只支持 2 至 19 路的棋盘。"),
    "game.problem": (
        "{file} 是死活题（只有摆子，没有对局），未分析。",
        "如果确是对局，请在棋谱里写上双方棋手的名字后再放入。",
    ),
    "game.no_moves": ("{file} 没有对局着手，未分析。", "请确认棋谱已完整保存。"),
    "game.own_output": ("{file} 是本程序写出的复盘棋谱，未当作新棋谱分析。", "要重新分析，请放入原来的棋谱。"),
    "game.illegal_setup": ("{file} 开局的摆子不合法：有的棋子没有气。", "请在打谱软件里改正摆子后重新放入。"),
    "game.illegal_start": (
        "{file} 第 1 手（{vertex}）就不合法，未分析。",
        "请检查棋盘大小和让子、摆子，改正后重新放入。",
    ),
    "game.bad_coordinate": ("{file} 的着手坐标“{value}”无法识别，未分析。", "请用打谱软件重新保存为标准 SGF。"),
    "game.too_complex": ("{file} 的结构过于庞大，不像对局棋谱。", "请只保留要分析的对局后重新放入。"),
    "game.too_many_games": ("{file} 里的棋谱超过 {limit} 局，未分析。", "请分成几个较小的文件，只放入要分析的对局。"),
    "game.bad_archive": ("{file} 无法解压：文件损坏或格式不支持。", "请解压后直接放入其中的棋谱。"),
    "game.archive_limits": ("{file} 解压后文件太多或太大，未分析。", "请解压后只放入要分析的棋谱。"),
    "game.archive_encrypted": ("{file} 有密码，无法解压。", "请解压后直接放入其中的棋谱。"),
    "game.empty_archive": ("{file} 里没有棋谱。", "压缩包里需要有 .sgf、.gib、.ngf 或 .ugf 文件。"),
    "inbox.missing": ("收件文件夹 {path} 不存在，或者不是文件夹。", "请检查名字；网络文件夹请先连接好。"),
    "inbox.output_inside": (
        "输出文件夹 {output} 在收件文件夹 {inbox} 里面，程序会把自己的输出当作新棋谱。",
        "请用 --output 指定收件文件夹以外的地方。",
    ),
    "inbox.inside_output": (
        "收件文件夹 {inbox} 在输出文件夹 {output} 里面。",
        "请把收件文件夹放到别处，或用 --output 指定另一个输出文件夹。",
    ),
    "inbox.not_writable": (
        "收件文件夹 {path} 无法写入：{detail}。",
        "分析过的棋谱要移到里面的 processed 文件夹：请检查权限，或重新连接网络文件夹。",
    ),
    "inbox.bad_time": ("“{value}”不是时刻。", "请写成 时:分，例如 07:00。"),
    "inbox.locked": (
        "另一个复盘任务正在守候收件文件夹 {path}。",
        "同一个收件文件夹只能有一个 watch：请等它结束，或先停下它（./fupan service status 看是不是系统服务）。",
    ),
    "service.bad_name": ("服务不能叫“{value}”。", "请只用英文字母、数字和 - _ .，例如 fupan-class1。"),
    "service.bad_path": ("路径 {path} 里有换行之类的控制字符，不能写进服务。", "请先改掉文件夹的名字。"),
    "service.not_ours": ("{path} 不是本程序写的，没有改动。", "请用 --name 换一个服务名，或自己处理那个文件。"),
    "job.source_lost": ("{file} 的内容已经不在状态数据库里。", "请把这份棋谱重新放进收件文件夹。"),
    "job.changed": ("{file} 用现在的版本读出来与收下时不同。", "请把这份棋谱重新放进收件文件夹。"),
    "job.kills_workers": (
        "{file} 使程序连续 {count} 次意外中断，已停止尝试。",
        "其余对局不受影响；请把棋谱和 output/logs 里的日志发给开发者，再用 ./fupan retry 重试。",
    ),
    "job.unknown": ("队列里没有对局 {query}。", "请用 ./fupan list 查看；可写对局编号、文件名或班级的一部分。"),
    "overview.bad_since": ("“{value}”不是时刻或日期。", "请写成 18:00、2026-11-20 或 2026-11-20T18:00。"),
    "dashboard.bad_host": (
        "“{host}”不是可以使用的地址：{detail}。",
        "只在本机看请不写 --host；要让同一网络里的人看，写 --host 0.0.0.0。",
    ),
    "dashboard.cannot_listen": (
        "不能在 {host} 的端口 {port} 上提供页面：{detail}。",
        "可能已经开着一个：请先在浏览器里看看，或用 --port 换一个端口。",
    ),
    "job.bad_state": ("没有“{value}”这种状态。", "可以用：{known}。"),
    "benchmark.failed": (
        "KataGo 的测速没有成功（引擎 {katago}，网络 {network}）：{detail}。",
        "请看 {log}；先确认 ./fupan engine info 和 ./fupan doctor 正常。",
    ),
    "benchmark.nothing_in_time": (
        "规定时间内没有测出任何结果（引擎 {katago}，网络 {network}）。",
        "显卡第一次运行要调优，可能要几分钟：请用 --limit 放宽时间，或用 --visits 减少每个局面的计算量。",
    ),
    "benchmark.bad_threads": ("“{value}”不是线程数。", "请写成用逗号隔开的整数，例如 4,8,16。"),
    "benchmark.no_network": ("没有找到网络，无法测速。", "请运行 ./fupan engine install，或用 --network 指定。"),
    "benchmark.no_engine": ("没有找到引擎，无法测速。", "请运行 ./fupan engine install，或用 --katago 指定。"),
    "benchmark.no_games": ("没有可以用来测速的棋谱（{path}）。", "请在命令后面写上几盘棋谱或一个棋谱文件夹。"),
    "tune.nothing_measured": ("引擎太慢，测不出速度。", "请换小一些的网络，或用 --seconds 放宽每次测量的时间。"),
    "run.locked": ("另一个复盘任务正在使用输出文件夹 {path}。", "请等它完成，或用 --output 指定另一个文件夹。"),
    "run.interrupted": ("已按要求停止：已完成的局面都保存了。", "重新运行同一条命令，会从停下的地方继续。"),
    "run.incomplete": (
        "已完成，但有 {count} 个棋谱没有成功（见上面的列表）。",
        "改正后重新运行同一条命令即可，已完成的不会重算。",
    ),
    "report.unknown_game": ("没有找到对局 {query}。", "请用对局编号、文件名或棋手名的一部分，并检查 --output。"),
    "student.unknown": ("没有找到棋手 {name}。", "请检查名字和 --output；运行 ./fupan stats 可以看到全部棋手。"),
    "student.ambiguous": ("“{name}”对应多位棋手：{matches}。", "请写出完整的名字。"),
    "export.format": ("不能导出为 {value}。", "可用的格式：{known}。"),
    "export.table": ("没有名为 {value} 的表。", "可用的表：{known}。"),
    "export.empty": ("{path} 里还没有分析数据。", "请先运行 ./fupan review 分析棋谱，或检查 --output。"),
    "export.too_long": (
        "{path} 没有写成：{rows} 行超过了 XLSX 的上限 {limit} 行。",
        "请用 --format csv 导出，或用 --table 只导出需要的表。",
    ),
    "export.failed": ("{path} 没有写成：{detail}。", "请检查磁盘空间和 evaluations 文件夹里的文件，再重新运行。"),
    "report.ambiguous": ("“{query}”对应多盘对局：{matches}。", "请写得更具体一些。"),
    "report.unknown_student": ("没有找到 {student} 的对局。", "请检查姓名的写法和 --output；写姓名的一部分也可以。"),
    "report.not_his_game": (
        "{file} 里没有 {student}（黑方 {black}，白方 {white}）。",
        "请检查姓名，或去掉 --for。",
    ),
    "report.no_games": ("没有写要重印哪盘棋。", "请写对局编号、文件名或棋手名的一部分，或用 --for 写棋手姓名。"),
    "workbook.no_problems": (
        "这些对局里没有适合出题的失误（共{games}盘）。",
        "请换别的对局或棋手；计算量太小的分析也可能不够出题，可以加大 --visits 再分析。",
    ),
    "workbook.nothing_due": (
        "{total}道题都已经发过，还没到复习的日子（最早{due}）。",
        "到那天再出，或加 --again 不看发题记录。",
    ),
    "workbook.bad_history": (
        "发题记录 {path} 已损坏：{detail}。",
        "请把这个文件改名留存，再重新运行；或加 --again 不看发题记录。",
    ),
    "logo.unreadable": (
        "标志图片 {path} 无法读取：{detail}。",
        "请检查 --logo（或 fupan.toml 的 report.logo）写的位置。",
    ),
    "logo.too_large": ("标志图片 {path} 太大。", "请换成 {limit} KB 以内的 PNG 或 SVG。"),
    "logo.too_many_pixels": (
        "标志图片 {path} 有 {width}×{height} 像素，太大。",
        "请把长宽都缩小到 {limit} 像素以内。",
    ),
    "logo.damaged": ("标志图片 {path} 已损坏。", "请重新导出为 PNG。"),
    "logo.format": ("标志图片 {path} 不是 PNG 或 SVG。", "请在画图软件里另存为 PNG。"),
    "logo.unsafe_svg": (
        "标志图片 {path} 里有不能使用的内容（{name}）。",
        "SVG 只能有普通图形：请把文字转成路径、去掉嵌入的图片和脚本，或另存为 PNG。",
    ),
    "logo.too_complex": ("标志图片 {path} 太复杂（{count} 个图形，最多 {limit} 个）。", "请简化图形，或另存为 PNG。"),
    "logo.no_size": ("标志图片 {path} 没有写明大小。", "请给 SVG 加上 viewBox，或另存为 PNG。"),
    "store.disk_full": (
        "磁盘已满，{path} 没有写成；已有的内容没有损坏。",
        "请腾出空间后重新运行同一条命令，会从停下的地方继续。",
    ),
    "store.not_writable": ("{path} 无法写入：{detail}。", "请检查文件夹权限，或用 --output 指定另一个文件夹。"),
    "store.write_failed": ("{path} 写入失败：{detail}。", "请检查磁盘或网络共享是否正常，再重新运行同一条命令。"),
    "store.locked": (
        "状态数据库 {path} 一直被别的程序占用。",
        "请关闭正在打开它的程序（数据库浏览器、备份、网盘同步），再重新运行同一条命令。",
    ),
    "store.corrupt": (
        "状态数据库 {path} 已损坏：{detail}。",
        "请运行 ./fupan watch 或 ./fupan review：程序会把它改名留存，救回能读出的内容，已完成的对局不会重算。",
    ),
    "store.unwritable_database": (
        "状态数据库 {path} 无法打开或写入：{detail}。",
        "请检查文件夹权限，或用 --output 指定本机硬盘上的文件夹。",
    ),
    "store.database": (
        "状态数据库 {path} 出错：{detail}。",
        "请检查磁盘，或在 fupan.toml 里核对 state.url，再重新运行。",
    ),
    "store.unreachable": (
        "连不上状态数据库 {path}：{detail}。",
        "请检查数据库是否在运行、网络是否通；已完成的局面都已保存，恢复后重新运行同一条命令就会接着算。",
    ),
    "store.busy": (
        "状态数据库 {path} 一直被别的事务占用：{detail}。",
        "请稍后重新运行同一条命令；如果总是这样，请检查数据库服务器的负荷。",
    ),
    "store.login": (
        "登录不了状态数据库 {path}：{detail}。",
        "请核对 state.url 里的用户名、密码和数据库名，以及数据库是否允许这台机器登录。",
    ),
    "store.forbidden": (
        "状态数据库 {path} 不允许这样做：{detail}。",
        "请让这个用户成为数据库的所有者（GRANT ALL ON SCHEMA public），再重新运行。",
    ),
    "store.newer_database": (
        "状态数据库 {path} 由更新的版本建立（格式 {found}，本程序支持到 {supported}）。",
        "请把这台机器上的 fupan 也升级到同一版本。",
    ),
    "job.bad_orders": ("收件的机器给的设置不能用：{detail}。", "请让所有机器的 fupan 版本相同，再运行 ./fupan retry。"),
    "state.bad_url": (
        "设置 state.url 不能用：{why}。",
        "写法是 postgresql://用户:密码@主机:5432/数据库；密码里的特殊符号要写成 %40 这样的形式。",
    ),
    "state.no_driver": (
        "没有安装 PostgreSQL 的驱动程序 {driver}。",
        '请运行 .venv/bin/python -m pip install "psycopg[binary]"，或删除 .venv 文件夹后重新运行 ./fupan。',
    ),
    "store.bad_dataset": (
        "分析数据 {path} 无法读取：{detail}。",
        "请删除这个文件后重新运行同一条命令，这盘棋会重新生成。",
    ),
    "store.newer_schema": (
        "分析数据 {path} 由更新的版本写成（格式 {found}，本程序支持到 {supported}）。",
        "请升级 fupan。",
    ),
    "store.no_game": ("分析数据文件夹 {path} 里没有对局 {game_id}。", "请先分析这盘棋，或检查 --output 是否正确。"),
    "report.template": ("报告模板出错：{detail}。", "如果改过 templates 文件夹，请恢复原样；否则请把日志发给开发者。"),
    "report.glyphs": ("报告里有字体印不出的字：{detail}。", "请把棋谱和日志发给开发者。"),
    "report.warning": ("排版时出现问题，没有生成报告：{detail}。", "请把棋谱和日志发给开发者。"),
    "dependency.templates": ("找不到报告模板 {folder}。", "请重新安装本程序，或恢复 templates 文件夹。"),
    "dependency.fonts": ("报告字体缺失或损坏：{folder}。", "请重新安装本程序，或恢复 templates/fonts 文件夹。"),
    "dependency.pango": (
        "排版所需的系统库缺失：{detail}。",
        "请运行：sudo apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0",
    ),
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
        "Debian/Ubuntu 请运行：sudo apt-get install ocl-icd-libopencl1；再运行 ./fupan doctor 检查。",
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
    "provision.interrupted": (
        "下载 {name} 时网络多次中断：{detail}。",
        "已经下载的部分留着，重新运行同一条命令会接着下载。一直连不上时可以换国内镜像，例如设置 PIP_INDEX_URL。",
    ),
    "provision.held": (
        "{path} 正被别的程序占用，没有装好。",
        "多半是杀毒软件正在检查，或分析还在运行：请等它们结束后重新运行同一条命令，已经下载的部分留着；也可以让杀毒软件跳过这个文件夹。",
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
        "其余对局不受影响；请重新运行同一条命令再试，若反复出现请把日志发给开发者。",
    ),
    "engine.poison": (
        "{file} 第 {turn} 手后的局面使 KataGo 多次崩溃，已跳过。",
        "其余对局不受影响；请换一个 KataGo 版本或权重再试，并把棋谱发给开发者。",
    ),
    "engine.stopped": ("已按要求停止启动引擎。", "重新运行同一条命令即可。"),
    **DIAGRAM_ERRORS,
    **INSTALL_ERRORS,
}


# Why a program is taken for something else than KataGo
NO_ANSWER = "{seconds:.0f} 秒内没有回答"
NO_OUTPUT = "什么也没有输出（退出码 {code}）"

# What systems say of a failed call -> Chinese
DETAILS = {
    "Permission denied": "没有权限",
    "Operation not permitted": "系统不允许",
    "Read-only file system": "磁盘是只读的",
    "No space left on device": "磁盘已满",
    "Disk quota exceeded": "超过了磁盘配额",
    "File name too long": "名字太长",
    "Too many levels of symbolic links": "符号链接绕成了圈",
    "Is a directory": "这是一个文件夹",
    "Not a directory": "路径里有一段不是文件夹",
    "No such file or directory": "不存在",
    "File exists": "同名的文件已经存在",
    "Exec format error": "不是本系统的程序",
    "Input/output error": "磁盘读写错误",
    "Stale file handle": "网络共享已经断开",
    "Transport endpoint is not connected": "网络共享已经断开",
    "Host is down": "网络共享已经断开",
    "Too many open files": "打开的文件太多",
    "Text file busy": "文件正被占用",
    "not a regular file": "不是普通文件",
    "Connection refused": "对方拒绝连接",
    "Connection reset by peer": "连接被对方断开",
    "Network is unreachable": "网络不通",
    "No route to host": "网络不通",
    "Name or service not known": "找不到这个网址（域名解析失败）",
    "getaddrinfo failed": "找不到这个网址（域名解析失败）",
    "No address associated with hostname": "找不到这个网址（域名解析失败）",
    "Remote end closed connection without response": "连接被对方断开",
    "Temporary failure in name resolution": "找不到这个网址（域名解析失败）",
    "certificate verify failed": "网站证书有问题",
    "Read timed out": "对方太久没有回应",
    "read timed out": "对方太久没有回应",
    "timed out": "对方太久没有回应",
    "unable to open database file": "打不开文件",
    "attempt to write a readonly database": "没有写的权限",
}


def describe(code: str, params: Mapping[str, object]) -> tuple[str, str]:
    """Message and advice of an error, placeholders filled.

    Raises:
        KeyError: unknown code or missing parameter (a bug, caught by the tests).
    """
    message, advice = ERRORS[code]
    shown = {name: _shown(value) for name, value in params.items()}
    return message.format(**shown), advice.format(**shown)


def readable(detail: str) -> str:
    """What the system said, in Chinese where it is known."""
    return DETAILS.get(detail, detail)


def _shown(value: object) -> object:
    """A parameter as it may be printed: paths without control characters, system messages in Chinese."""
    if isinstance(value, PurePath):
        return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c for c in str(value))
    return readable(value) if isinstance(value, str) else value
