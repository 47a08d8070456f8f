"""Error texts about settings, folders, game files and the jobs made of them: code -> (what happened, what to do)."""

from __future__ import annotations

INPUT_ERRORS: dict[str, tuple[str, str]] = {
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
    "run.locked": ("另一个复盘任务正在使用输出文件夹 {path}。", "请等它完成，或用 --output 指定另一个文件夹。"),
    "run.interrupted": ("已按要求停止：已完成的局面都保存了。", "重新运行同一条命令，会从停下的地方继续。"),
    "run.incomplete": (
        "已完成，但有 {count} 个棋谱没有成功（见上面的列表）。",
        "改正后重新运行同一条命令即可，已完成的不会重算。",
    ),
    "job.bad_orders": ("收件的机器给的设置不能用：{detail}。", "请让所有机器的 fupan 版本相同，再运行 ./fupan retry。"),
}
