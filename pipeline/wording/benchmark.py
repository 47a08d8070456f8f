"""What the benchmark, the tuning of threads and the presets say."""

from __future__ import annotations

from collections.abc import Sequence

PRESET_NAMES = {"quick": "快看", "club": "日常", "overnight": "过夜", "research": "研究"}
PRESET_INPUT = {name: key for key, name in PRESET_NAMES.items()}
PRESET_PURPOSES = {
    "quick": "刚下完就看：找出大的失误",
    "club": "棋社日常：当天的棋当天印",
    "overnight": "放一夜：关键处可以放心引用",
    "research": "研究一盘棋：对杀、打劫、死活；每个局面都算满",
}
STRENGTHS = {
    "": "业余四段以下",
    "4d": "约业余四段",
    "5d": "约业余五段",
    "6d": "约业余六段",
    "7d": "约业余七段",
    "8d": "约业余八段",
    "9d": "约业余九段",
    "amateur": "业余顶尖",
    "superhuman": "超过职业棋手",
    "research": "可用于对杀、打劫和研究（再多收益递减）",
}
PRESET_HELP = (
    "按用途选计算量：quick 快看（先 16、关键处 128 次）、club 日常（128、2048）、"
    "overnight 过夜（600、10000）、research 研究（每个局面 20000）。"
    "128 次约为业余顶尖，2048 次以上超过职业棋手。--visits、--quick 优先。"
)
REASON_PRESET = "“{name}”预设，可用 --preset、--visits 调整"


def preset_reason(preset: str) -> str:
    """Why the budget is what it is."""
    return REASON_PRESET.format(name=PRESET_NAMES[preset])


HELP = {
    "benchmark": "测速：用 KataGo 自带的 benchmark 比较已安装的引擎和网络，写出表格和图；--tune 测出最合适的线程数并记住。",
    "presets": "列出计算量预设，以及多少次计算相当于什么棋力。",
    "games": "--tune 用来测速的棋谱（默认用自带的样例）。",
    "tune": "测出本机复盘最合适的线程数并记住，以后自动使用。",
    "katago": "自己的 KataGo 程序；可以写多次，一起比较。",
    "network": "自己的权重网络（文件，或已安装的网络的名字）；可以写多次，一起比较。",
    "output": "结果放在哪个文件夹（默认 output/benchmark）。",
    "visits": "每个局面的计算量（默认：显卡 800、处理器 80）。",
    "positions": "测多少个局面（默认：显卡 10、处理器 6）。",
    "threads": "只测这些线程数，如 4,8,16（默认：显卡由 KataGo 自己寻找，处理器按核数）。",
    "limit": "最多测多少分钟：每组引擎和网络各 30，--tune 共 15。",
    "seconds": "--tune 每次测量的秒数（默认 12）。",
    "rounds": "--tune 每种线程数测几轮（默认 3）。",
}

BACKENDS = {
    "opencl": "OpenCL",
    "cuda": "CUDA",
    "tensorrt": "TensorRT",
    "eigen": "Eigen",
    "metal": "Metal",
    "mlx": "MLX",
    "rocm": "ROCm",
    "migraphx": "MIGraphX",
}
UNKNOWN = "未知"
INCOMPLETE_MARK = " *"

CHART_TITLE = "KataGo 测速"
CHART_UNIT = "visits/s"
CHART_LEGEND = ("推荐线程数下的速度", "最高速度")
BAR_NOTE = "{speed}（{threads} 线程，×{factor:.1f}）"

PAGE_TITLE = "# KataGo 测速"
PAGE_INTRO = "{when}，复盘 {version}。速度是每秒的计算量（visits/s），由 KataGo 自带的 benchmark 在单个局面上测得。"
TABLE_HEAD = (
    "| 网络 | 后端 | 版本 | 设备 | 推荐线程 | visits/s | 最高 visits/s | 倍数 | 同网络倍数 |",
    "|---|---|---|---|---:|---:|---:|---:|",
)
TABLE_ROW = (
    "| {network} | {backend} | {version} | {device} | {threads} | {speed}{mark} | {top} | ×{factor:.2f} | ×{here:.2f} |"
)
TABLE_NOTE = "“推荐线程”是 KataGo 的建议；“倍数”是与全表最慢的一行相比，“同网络倍数”是与同一网络最慢的一行相比。"
INCOMPLETE_NOTE = "带 * 的行没有在限定时间内测完，只算了已测的部分。"
FORECAST_TITLE = "## 一夜可复盘局数"
FORECAST_NOTE = (
    "按一局 {moves} 手、一夜 {hours} 小时计算，每盘至少留 {printing:g} 秒印报告；复盘同时分析许多局面，实际速度常比单个局面快。"
    "带 † 的速度是 `./fupan engine benchmark --tune` 测出的复盘实际速度。"
)
OWN_MARK = " †"
PRESETS_TITLE = "## 计算量预设（--preset）"
ADVICE_TITLE = "## KataGo 的其他建议"
FAILED_TITLE = "## 没有测成的"

PRESET_HEAD = (
    "| 预设 | 用途 | 怎么算 | 关键局面的棋力 | 一局约 |",
    "|---|---|---|---|---:|",
)
PRESET_ROW = "| `{key}` {name} | {purpose} | {how} | {strength} | {total} |"
PRESET_ADAPTIVE = "每个局面 {quick} 次，关键局面 {visits} 次"
PRESET_UNIFORM = "每个局面 {visits} 次"
STRENGTH_INTRO = "多少次计算相当于什么棋力（大致，强网络）：{list}。"
STRENGTH_ITEM = "{visits} 次{name}"

START = "比较 {count} 组引擎和网络，每组最多 {minutes:g} 分钟；测速时请不要运行别的程序。"
RUNNING = "测速 {number}/{of}：{network} · {backend} · {device}……"
PROGRESS = "  {threads} 线程：{done}/{of} 个局面"
RESULT = "  推荐 {threads} 线程，{speed} visits/s；最高 {top} visits/s"
FAILED = "  没有测成：{message}{advice}"
WRITTEN = "已写入 {path}"
TUNING_START = "在 {engine}（网络 {network}）上测 {count} 种线程数，每次 {seconds:.0f} 秒、最多 {rounds} 轮，请不要同时运行别的程序……"
TUNING_STEP = "  {analysis} 个局面 × {search} 线程：{speed} visits/s（第 {round} 轮）"
TUNING_STEP_FAILED = "  {analysis} 个局面 × {search} 线程：启动失败，跳过"
TUNING_DONE = "选定 {analysis} 个局面 × {search} 线程：{speed} visits/s（默认的 {old_analysis} × {old_search}：{old_speed}）。已记住，以后自动使用。"
TUNING_SHORT = "注意：时间不够，选定的线程数只测了一轮，不太可靠；可用 --limit 放宽时间再测。"
TUNING_OVERRIDDEN = "注意：设置里写了 analysis_threads 或 search_threads，它们优先于测出来的值。"
THREADS_DAMAGED = "线程数的记录 {path} 已损坏，未使用（{detail}）；重新运行 ./fupan engine benchmark --tune 即可。"

THREADS_LABEL = "并行"
CACHE_LABEL = "缓存"
THREADS_INFO = "{analysis} 个局面 × {search} 线程（{origin}）"
THREADS_ORIGINS = {
    "settings": "按设置",
    "measured": "本机实测",
    "default": "按硬件的默认值，可用 engine benchmark --tune 测出更好的",
}
THREADS_MEASURED = "本机实测，{date}，{speed} visits/s"
CACHE_INFO = "2^{power} 个局面，最多约 {megabytes} MB"
GPUS_LABEL = "显卡"
GPUS_INFO = "{count} 块（{numbers}）"


def visits_a_game(value: float) -> str:
    """A large number of visits to read: ``2,500,000`` as ``250 万次``."""
    return f"{value / 10_000:,.0f} 万次" if value >= 100_000 else f"{value:,.0f} 次"


def speed(value: float) -> str:
    """Visits a second with the digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def games(value: float) -> str:
    """A number of games a night; how many nights one takes where it is less than one."""
    if value >= 10:
        return f"{value:,.0f}"
    if value >= 0.95 or value <= 0:
        return f"{value:.1f}"
    return f"{1 / value:.1f} 夜 1 盘" if value > 0.1 else f"{1 / value:,.0f} 夜 1 盘"


def forecast_head(presets: list[str]) -> list[str]:
    """The head of the forecast table."""
    names = [f"`{name}` {PRESET_NAMES[name]}" for name in presets]
    return ["| 引擎 | visits/s | " + " | ".join(names) + " |", "|---|" + "---:|" * (len(names) + 1)]


def strength_lines(table: Sequence[tuple[int, str]]) -> list[str]:
    """What visits are worth, in one sentence."""
    items = [STRENGTH_ITEM.format(visits=visits, name=STRENGTHS[key]) for visits, key in table]
    return [STRENGTH_INTRO.format(list="、".join(items))]
