"""Every Chinese word of the printed report but the shared vocabulary of :mod:`pipeline.wording.terms`.

Colours are ``"B"`` or ``"W"``; winrates are 0..1 and leads in points, in the
view that the parameter's name says.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording import terms
from pipeline.wording.terms import COLORS, decimal, percent

LABELS: dict[str, str] = {
    "title": "围棋复盘报告",
    "versus": "对",
    "summary": "总评",
    "lessons": "本局要点",
    "curves": "胜率与目差",
    "winrate_curve": "黑方胜率",
    "score_curve": "目差（正数为黑方领先）",
    "curve_key": "实心三角为黑方问题手，空心三角为白方问题手，编号同关键手表",
    "move_axis": "手数",
    "key_moves": "关键手",
    "highlights": "好棋与漏着",
    "statistics": "统计",
    "moments": "关键手详解",
    "moments_key": "△：前一手　A：实战这一手　实战图为全局手数，其他图从1数起",
    "record": "全谱",
    "corrections": "识别说明",
    "method": "分析说明",
    "notes": "笔记",
    "teacher": "老师寄语",
    "first": "到开头",
    "back": "上一手",
    "forward": "下一手",
    "last": "到最后",
    "step": "手数",
    "page_before": "第",
    "page_between": "页 / 共",
    "page_after": "页",
    "overall": "全局",
    "metric": "项目",
    "segments": "分段统计",
    "segment": "分段",
    "histogram": "各类着手的手数（黑、白双方）",
    "none": "—",
    "no_key_moves": "本局没有明显失误，不另列关键手。",
    "no_statistics": "本局手数太少，没有可统计的着手。",
    "creator": "复盘 Fupan",
}

KEY_TABLE_HEAD: tuple[str, ...] = ("序号", "手数", "实战", "推荐", "胜率变化", "目损", "类别")

MISSING_GLYPH = "〓"
NAMELESS = "未记名"
UNDATED = "未记"

METRICS: dict[str, str] = {
    "moves": "手数",
    "mean_loss": "平均目损",
    "total_loss": "累计目损",
    "mean_winrate_loss": "平均胜率损失",
    "match_rate": "吻合度",
    "top1_rate": "一选率",
    "top3_rate": "前三率",
    "free_top1_rate": "一选率（除必然手）",
    "accuracy": "准确度",
}

# Of each segment of 50 moves; short, since six columns share half a page. What is counted with the worse is so named.
SEGMENT_METRICS: dict[str, str] = {"mean_loss": "均损", "match_rate": "吻合度", "mistakes": "失误以上"}

INFO: dict[str, str] = {
    "black": "黑方",
    "white": "白方",
    "event": "赛事",
    "date": "日期",
    "result": "结果",
    "komi": "贴目",
    "handicap": "手合",
    "moves": "手数",
    "place": "地点",
    "club": "棋社",
    "printed": "印制",
}

EDITIONS: dict[str, str] = {"quick": "快速版", "partial": "限时版", "deep": "深度版"}
METHOD: dict[str, str] = {
    "engine": "引擎",
    "network": "网络",
    "device": "设备",
    "visits": "计算量",
    "positions": "局面数",
    "level": "选讲程度",
    "finished": "分析日期",
    "game_id": "棋谱编号",
}

DEFINITIONS: tuple[str, ...] = (
    "目损：一手棋比最佳下法少得的目数。关键手的目损和胜率按行棋方计。平均目损、累计目损只计正值，越小越好。",
    "吻合度：下出一选计100%，下出其他候选点按其计算量与最多者之比计，未进候选计0，取平均。",
    "一选率、前三率：下在引擎第一选点、前三选点的比例。必然手：只此一手或理所当然的应手。",
    "准确度：采用KaTrain的公式，以局面复杂度为权重的平均目损换算，满分100。布局、中盘、官子按盘面划分，与手数无固定关系。",
)

CLASSES: tuple[str, ...] = (
    "着手类别以目损为主：一选为引擎第一选点；好手不足0.5目，小损0.5—1.5目，缓手1.5—3目，失误3—6目，"
    "恶手6—12目，大恶手12目以上。",
    "胜率降幅明显大于目损所示时类别从重（胜率降3、8、15、30、60个百分点相当于上述各档，至多加重两档）；胜负已定时从轻。",
    "败着：此手之后胜负再未易手。以上均为引擎的判断，计算量越大越可靠，仅供复盘参考。",
)


def name(text: str, rank: str) -> str:
    """A player's name with the rank, or that there is none."""
    return "　".join(part for part in (text or NAMELESS, terms.rank(rank)) if part)


def players(black: str, white: str) -> str:
    """Running head: both players, by colour where the name is missing."""
    return f"{black or terms.SIDES['B']} {LABELS['versus']} {white or terms.SIDES['W']}"


def moves_count(count: int, inserted: int = 0) -> str:
    """``235手``; ``235手（含补上的停一手1处）``: passes that the reader put in count."""
    return f"{count}手" + (f"（含补上的停一手{inserted}处）" if inserted else "")


def move_ref(number: int, color: str, vertex: str) -> str:
    """``第121手 黑C5``: how a move is named in sentences and headings."""
    return f"第{number}手　{COLORS[color]}{_vertex(vertex)}"


def _vertex(vertex: str) -> str:
    return terms.vertex(vertex)


def key_row(number: int, color: str) -> str:
    """``黑121`` in the table."""
    return f"{COLORS[color]}{number}"


def verdict(
    color: str, swing: tuple[float, float], points: float, category: str, best: str, *, losing: bool
) -> dict[str, str]:
    """Cells of the box above a key move's diagrams; winrates are the mover's, who is named: the curve is Black's."""
    before, after = swing
    kind = terms.CATEGORIES[category] + (f"（{terms.LOSING_MOVE}）" if losing else "")
    return {
        f"{terms.SIDES[color]}胜率": f"{percent(before)} → {percent(after)}",
        "目损": f"{decimal(points)}目",
        "类别": kind,
        "推荐点": _vertex(best) if best else LABELS["none"],
    }


def played_caption(first: int, last: int) -> str:
    """Under 实战图."""
    span = f"第{first}手" if first == last else f"第{first}—{last}手"
    return f"实战图　{span}"


def variation_caption(color: str, length: int, *, shows_played: bool) -> str:
    """Under 参考图; ``shows_played``: the letter A marks the game's move."""
    span = f"{COLORS[color]}1" if length == 1 else f"{COLORS[color]}1—{length}"
    return f"参考图　{span}" + ("　A为实战" if shows_played else "")


def refutation_caption(color: str, length: int) -> str:
    """Under 惩罚图."""
    span = f"{COLORS[color]}1" if length == 1 else f"{COLORS[color]}1—{length}"
    return f"惩罚图　{span}"


def record_caption(index: int, first: int, last: int) -> str:
    """``第2谱（51—100）``."""
    return f"第{index}谱（{first}—{last}）"


def note(number: int, refers_to: int | None, vertex: str, *, inserted: bool = False) -> str:
    """``165＝160``; by coordinate when the stone there bears no number; a pass in words.

    ``inserted``: a pass that the reader put in.
    """
    if vertex == "pass":
        return f"{number}＝{terms.INSERTED_PASS_WORD if inserted else terms.PASS_WORD}"
    return f"{number}＝{refers_to if refers_to is not None else vertex}"


def numbered_figure(number: int, caption: str) -> str:
    """``图3　实战图 …``."""
    return f"图{number}　{caption}"


def missing_glyphs(count: int) -> str:
    """Line of 识别说明 when characters had to be replaced."""
    return f"姓名或赛事等文字中有{count}个字符不在本报告的字库内，印作“{MISSING_GLYPH}”。"


def visits(full: int, quick: int, strategy: str) -> str:
    """Budget of a position."""
    if quick and strategy == "adaptive":
        return f"每个局面先算{terms.thousands(quick)}次，重要局面加深到{terms.thousands(full)}次"
    return f"每个局面{terms.thousands(full)}次"


def printed(date: str, level: str) -> str:
    """Date of printing with the edition: ``2026年11月22日（深度版）``."""
    return f"{date}（{EDITIONS[level]}）" if level in EDITIONS else date


def quick_visits(quick: int) -> str:
    """Budget when only the quick pass is done."""
    return f"每个局面{terms.thousands(quick)}次（快速分析，深度分析完成后另出新版）"


def partial_visits(full: int, least: int, deep: int) -> str:
    """Depth when a deadline cut the deep pass short: ``least`` visits everywhere, ``full`` for ``deep`` positions."""
    reached = f"，其中{deep}个局面算到{terms.thousands(full)}次" if deep else ""
    return f"每个局面至少{terms.thousands(least)}次{reached}（到时截止，没有全部算完；下次接着算，另出新版）"


def segment(first: int, last: int) -> str:
    """``51—100手``."""
    return f"{first}—{last}手" if first < last else f"第{first}手"


def levels(items: Sequence[tuple[str, str]]) -> str:
    """``黑方按级位，白方按业余段``; ``""`` when no level is known."""
    if len(items) == 2 and items[0][1] == items[1][1]:
        return f"双方按{terms.LEVELS[items[0][1]]}"
    return "，".join(f"{terms.SIDES[color]}按{terms.LEVELS[level]}" for color, level in items)


def engine(version: str, backend: str) -> str:
    """``KataGo 1.16.4（OpenCL）``."""
    names = {"opencl": "OpenCL", "cuda": "CUDA", "tensorrt": "TensorRT", "eigen": "CPU Eigen", "metal": "Metal"}
    shown = names.get(backend.lower(), "" if backend == "unknown" else backend)
    text = version if version.lower().startswith("katago") else f"KataGo {version}"
    return f"{text}（{shown}）" if shown else text


def only_side(color: str) -> str:
    """The report details one player's moves."""
    return f"本报告只详解{COLORS[color]}方的关键手。"


BOOKLET_FILE = "小册子"


def for_student(name: str) -> str:
    """Part of a file name: whose report it is."""
    return f"给{name}"


def written_for(student: str, color: str | None) -> str:
    """Whose report this is; nothing when it is for both."""
    return f"本报告为{student}（{terms.SIDES[color]}）而作。" if student and color else ""


def document_title(black: str, white: str) -> str:
    """Title of the PDF."""
    return f"{LABELS['title']}：{players(black, white)}"


def curve_alt(kind: str) -> str:
    """Alternative text of a curve."""
    return f"{LABELS[kind]}曲线"
