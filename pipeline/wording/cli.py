"""What the command line says: help, progress, summaries."""

from __future__ import annotations

from collections.abc import Mapping

APP_HELP = "复盘：把一文件夹棋谱交给 KataGo 分析，生成可打印的中文复盘报告。"
HELP = {
    "review": "分析棋谱（文件或文件夹），生成报告、数据和带分析的 SGF。",
    "report": "用已有的分析数据重新生成报告（不启动引擎）。",
    "stats": "统计全部已分析的对局：棋手、阶段、逐月、常见问题。",
    "student": "一位棋手的统计：进步、最弱阶段、常见问题、棋盘部位、胜负。",
    "export": "把分析数据导出为 CSV、JSON 或 XLSX。",
    "student.name": "棋手名字，或名字的一部分。",
    "since": "只算这天（月、年）及以后的对局，如 2026-03。",
    "until": "只算这天（月、年）及以前的对局。",
    "event": "只算赛事名称里有这几个字的对局。",
    "csv": "用 CSV 输出，供表格软件读取。",
    "export.folder": "导出到哪个文件夹。",
    "export.format": "csv、json 或 xlsx。",
    "export.table": "games、moves、positions，或 all（全部）。",
    "inspect": "只读棋谱：显示读到了什么、作了哪些更正，不分析。",
    "engine": "管理 KataGo 引擎和权重网络。",
    "engine.install": "下载并安装自带的引擎和网络（需要联网）。",
    "engine.info": "显示将要使用的引擎和网络。",
    "doctor": "检查本机环境，说明缺什么、怎么办。",
    "config": "查看或生成设置文件。",
    "config.show": "显示当前生效的设置。",
    "config.init": "在当前文件夹生成带说明的 fupan.toml。",
    "paths": "棋谱文件或文件夹，可以写多个。",
    "games": "对局编号、棋谱文件名或棋手名的一部分。",
    "file": "棋谱文件。",
    "visits": "每个局面的最大计算量（visits）。不写则按硬件决定。",
    "quick": "初步分析每个局面的计算量；0 表示不作初步分析。",
    "output": "输出文件夹（默认 output）。",
    "strategy": "adaptive：重点局面深算；uniform：每个局面都算满。",
    "side": "复盘哪一方：black、white、both（双方），或 student（设置里的学员）。",
    "rules": "强制使用的规则（chinese、japanese、korean、aga 等），不看棋谱里写的。",
    "komi": "强制使用的贴目（目），不看棋谱里写的。",
    "katago": "自己的 KataGo 程序。",
    "network": "自己的权重网络文件（.bin.gz），或已安装的网络的名字。",
    "human_network": "模仿人类棋手的网络（文件，或已安装的名字如 human），用来估计同水平棋手会怎么下。",
    "club": "棋社名称，印在页脚。",
    "workbook": "出错题本：把学生自己的失误印成练习题，答案在后面（不启动引擎）。",
    "workbook_games": "对局编号、棋谱文件名或棋手名的一部分；不写则用全部已分析的对局。",
    "problems_of": "只用这名棋手的失误（姓名或其中一部分）；不写则双方、全班都用。",
    "count": "最多几题。",
    "choices": "是否给出 A、B、C 供选择。",
    "again": "不看发题记录：做过的题也可以再出，也不记下这一次。",
    "logo": "棋社标志，PNG 或 SVG 图片，印在首页。",
    "for": "为这名棋手（姓名或其中一部分）印报告：只详解他的着手。",
    "paper": "纸张：A4、B5 或 A5。",
    "large_print": "大字版，适合儿童。",
    "colour": "彩色（棋盘着木色）；默认黑白。",
    "columns": "棋图排成 1 列或 2 列；0 表示按纸张决定。",
    "coordinates": "棋盘坐标：western（A–T）、chinese（1–19、一–十九）或 none（不印）。",
    "moments": "每方最多几个关键手（0 到 20）。",
    "figure_moves": "全谱每图多少手（如 50、100）。",
    "record": "是否附全谱。",
    "booklet": "另出一份小册子版：A4 双面、短边翻页打印后对折装订。",
    "sgf_branches": "带分析的 SGF 里，目损超过多少的着手附推荐变化分支（默认 1.5）。",
    "html": "另出一份手机上看的网页（单个文件，变化图可以一步步点）。",
    "level": "讲给谁听：级位、业余段、强业余（kyu、dan、strong）；不写则看棋谱里的段位级位。只影响选讲哪些手，不影响判断。",
    "json": "用 JSON 输出结果，供程序读取。",
    "settings": "设置文件（默认当前文件夹的 fupan.toml）。",
    "verbose": "显示详细日志。",
    "version": "显示版本。",
    "verify": "重新核对已安装文件的校验和。",
    "prefer": "auto：自动；gpu：必须用显卡；cpu：只用处理器。",
}

# What stands in a help page for a value that the user gives.
METAVARS = {
    "paths": "棋谱",
    "files": "文件",
    "games": "对局",
    "inbox": "收件夹",
    "player": "棋手",
    "target": "文件夹",
    "file": "FILE",
    "folder": "DIR",
    "number": "N",
    "word": "TEXT",
}
# The frame of a help page as typer writes it (regular expressions) -> Chinese
HELP_FRAME = {
    r"^Usage: ": "用法：",
    r"(\d+)<=x<=(\d+)": r"\1 到 \2",
    r"^Arguments:$": "参数：",
    r"^Options:$": "选项：",
    r"^Commands:$": "命令：",
    r"\[OPTIONS\]": "[选项]",
    r"COMMAND \[ARGS\]\.\.\.": "命令 [参数]...",
    r"Show this message and exit\.": "显示这份说明。",
    r"\s*\[required\]": "（必填）",
    r"\s*\[default: (.+)\]": r"（默认 \1）",
    r"\{([^\s{}]+)\}": r"\1",
    r" <[\w\[\]]+>": "",
}

STDOUT = "标准输出"
CANNOT = "错误：{message}"
ADVICE = "解决办法：{advice}"
BUG = "程序内部错误：{detail}。详细信息已写入 {log}，请把它发给开发者。"
INTERRUPTING = "正在停止，请稍候（再按一次 Ctrl-C 立即退出）……"

STARTING_ENGINE = "正在启动引擎：{katago}（网络 {network}）……"
ENGINE_READY = "引擎就绪：KataGo {version}，{device}，网络 {network}。"
ENGINE_TUNING = "引擎首次在本机运行，正在调优，可能需要几分钟……"
BUDGET_ADAPTIVE = "计算量：每个局面先算 {quick} 次，报告中的关键局面算到 {visits} 次（{reason}）。"
BUDGET_UNIFORM = "计算量：每个局面 {visits} 次（{reason}）。"
REASON_GPU = "按显卡的默认值，可用 --visits 调整"
REASON_CPU = "没有显卡，按处理器的默认值，可用 --visits 调整"
REASON_USER = "按你的设置"
GAMES_FOUND = "找到 {games} 盘对局（{files} 个文件）。"
ALREADY_DONE = "其中 {count} 盘已经分析过，不再重算。"
NOTHING_TO_SEARCH = "全部对局都已分析完毕，没有新的工作。"
GAME_DONE = "完成 {name} → {report}"
GAME_FAILED = "失败 {name}：{message}"
GAME_SKIPPED = "跳过 {name}：{message}"
DUPLICATE = "与 {other} 是同一盘棋"
HEARTBEAT = "进度：{games_done}/{games} 盘，{positions_done}/{positions} 个局面，{speed:.0f} visits/s，已用 {elapsed}，{forecast}"
PROGRESS_GAMES = "对局"
PROGRESS_POSITIONS = "局面"
DOWNLOAD_LINE = "{name}：{done:.0f}/{total:.0f} MB"
PROVISION_STEP = "（{number}/{of}）{phase} {component}"
SUMMARY = "完成 {done} 盘，已有 {already} 盘，失败 {failed} 盘；用时 {elapsed}。"
SUMMARY_SEARCH = "本次计算 {positions} 个局面，{visits} 次，平均 {speed:.0f} visits/s。"
SUMMARY_REPORTS = "报告在 {folder}"
FAILURES_HEADING = "没有成功的棋谱："
REPRINTED = "已生成 {report}"
WORKBOOK_DONE = "错题本 {path}（{count}题，取自{games}盘棋）"
EXPORTED = "已写入 {path}（{rows} 行）"
CONFIG_WRITTEN = "已写入 {path}"

INSPECT = {
    "file": "文件",
    "charset": "编码",
    "game": "第 {index} 盘（共 {total} 盘）",
    "id": "编号",
    "black": "黑方",
    "white": "白方",
    "board": "棋盘",
    "moves": "手数",
    "komi": "贴目",
    "rules": "规则",
    "handicap": "让子",
    "date": "日期",
    "event": "赛事",
    "result": "结果",
    "corrections": "识别说明",
    "read_from": "原文",
    "none": "无",
}

ENGINE_INFO = {
    "katago": "引擎",
    "network": "网络",
    "origin": "来源",
    "backend": "后端",
    "device": "设备",
    "version": "版本",
    "missing": "还没有安装引擎。运行 ./fupan engine install 安装，或直接运行 ./fupan review 自动安装。",
}
ORIGINS = {"flag": "命令行指定", "settings": "设置文件指定", "path": "系统 PATH", "provisioned": "本程序自带"}

CONFIG_TEMPLATE = """\
# 复盘（Fupan）设置。去掉行首的 # 并修改即可生效；命令行选项优先于这里。

[engine]
# katago = "/path/to/katago"        # 自己的 KataGo 程序
# network = "/path/to/network.bin.gz"  # 自己的权重网络，或已安装的网络的名字，如 "b28c512"
# prefer = "auto"                   # auto 自动；gpu 必须用显卡；cpu 只用处理器
# analysis_threads = 16             # 同时分析几个局面（不写则用测出来的，见 engine benchmark --tune）
# search_threads = 4                # 每个局面几个搜索线程
# gpus = [0, 1]                     # 用哪几块显卡（不写则自动：几块一样的显卡一起用）
# backend = "auto"                  # 装了几种引擎时用哪一种：tensorrt、cuda、opencl、eigen；auto 用最快的
# mirror = ""                       # 下载引擎和网络的镜像，如 "https://镜像/"（写法见手册第 8 节）

[analysis]
# preset = "overnight"              # 按用途：quick 快看、club 日常、overnight 过夜、research 研究
# visits = 10000                    # 每个局面的最大计算量
# quick = 600                       # 初步分析的计算量
# strategy = "adaptive"             # adaptive 重点深算；uniform 全部算满
# side = "both"                     # black、white、both，或 student（只复盘 [students] 里的学员）
# default_rules = "chinese"         # 棋谱没写规则时使用
# default_komi = 7.5                # 棋谱没写贴目时使用（不写则按规则、让子和年代决定）
# fox_komi = 6.5                    # 野狐分先棋谱写成 0 的贴目（不写则中国规则 7.5，其他 6.5）
# max_games_per_file = 200          # 一个文件最多读多少盘棋
# rules = "chinese"                 # 强制使用的规则
# komi = 7.5                        # 强制使用的贴目

[inbox]
# settle_seconds = 2                # 文件多久不变才算放好（网络文件夹默认 10 秒）
# polling = "auto"                  # auto 自动；always 定时查看；never 只靠系统通知
# rescan_seconds = 30               # 最长多久查看一次（网络文件夹默认 5 秒）

[schedule]
# window = "22:00-07:00"            # 只在这段时间分析；可写星期（"周一-周五 22:00-07:00"），可写多段（["…", "…"]）
# quiet = ["12:00-13:30"]           # 这些时间不分析
# quick_by_day = true               # 时段以外也出快速版，深度版仍等到时段里
# until_end = true                  # 像 --until 那样用足整个时段，到时段结束时把算出的都印好

[output]
# folder = "output"
# reserve_mb = 500                  # 磁盘至少留出多少 MB，不够就暂停分析

[state]                             # 多台机器共用一个队列时才需要，见 docs/cluster.zh-CN.md
# url = "postgresql://用户:密码@主机:5432/fupan"

[report]
# club = "星火围棋社"               # 棋社名称，印在页脚
# logo = "logo.png"                 # 棋社标志（PNG 或 SVG），印在首页
# student = "张三"                  # 只为这名棋手印（他下的棋只详解他的一方）
# paper = "A4"                      # A4、B5 或 A5
# large_print = false               # 大字版
# colour = false                    # 彩色
# columns = 0                       # 棋图 1 列或 2 列；0 自动
# coordinates = "western"           # western（A–T）、chinese（1–19、一–十九）、none（不印）
# key_moments = 5                   # 每方最多几个关键手
# moves_per_figure = 50             # 全谱每图多少手
# record = true                     # 是否附全谱
# booklet = false                   # 另出小册子版（A4 双面对折）
# html = false                      # 另出手机网页版
# sgf_branches = 1.5                # 带分析的 SGF 里，目损超过多少的着手附推荐变化分支
# level = "auto"                    # 讲给谁听：auto 看棋谱的段位；级位、业余段、强业余（kyu、dan、strong）

[students]
# names = ["张三", "李四"]          # 学员名字
# aliases = { "zhangsan2012" = "张三", "張三" = "张三" }  # 同一个人的其他写法
"""

# pydantic's error types that a user can cause -> Chinese
VALIDATION = {
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "multiple_of": "必须是 {multiple_of} 的倍数",
    "literal_error": "只能是 {expected}",
    "extra_forbidden": "没有这个设置",
    "int_parsing": "必须是整数",
    "int_type": "必须是整数",
    "int_from_float": "必须是整数",
    "float_parsing": "必须是数字",
    "float_type": "必须是数字",
    "bool_parsing": "必须是 true 或 false",
    "bool_type": "必须是 true 或 false",
    "string_too_long": "最多 {max_length} 个字",
    "string_type": "必须是文字",
    "path_type": "必须是文件路径",
    "model_type": "必须是一节设置",
    "tuple_type": "必须是文字，或文字的列表",
    "value_error": "{error}",
}


def validation_detail(kind: str, context: Mapping[str, object], fallback: str) -> str:
    """Chinese text for a pydantic error type."""
    template = VALIDATION.get(kind)
    return template.format(**context).replace(" or ", " 或 ") if template else fallback


def duration(seconds: float) -> str:
    """A span of time in words: ``3分20秒``, ``1小时05分``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}秒"
    if whole < 3600:
        return f"{whole // 60}分{whole % 60:02d}秒"
    return f"{whole // 3600}小时{whole % 3600 // 60:02d}分"


CHECK_OK = "[好]"
CHECK_BAD = "[缺]"
HEALTHY = "一切就绪。"
UNHEALTHY = "有问题需要处理（见上面标 [缺] 的各项）。"

USAGE = {
    "NoSuchOption": "没有 {name} 这个选项",
    "MissingParameter": "缺少参数 {name}",
    "BadParameter": "{name} 的值不对，请检查类型和写法",
    "BadOptionUsage": "选项 {name} 用法不对：{detail}",
    "NoSuchCommand": "没有这个命令：{detail}",
    "UsageError": "命令用法不对：{detail}",
}
USAGE_HELP = "解决办法：运行 ./fupan --help 或 ./fupan 命令 --help 查看用法。"

LIST_COMMA = "、"
ADVICE_INDENT = "    "
FAILURE_LINE = "  {name}：{message}{advice}"
INSPECT_LINE = "{name}：{value}"
CHECK_LINE = "{mark} {name}：{detail}"
