"""Words of the printed statistics: one page on a student, one on the club. Losses are points, rates 0..1."""

from __future__ import annotations

from pipeline.wording import report, terms

CLUB_FILE = "棋友统计"
WRITTEN = "已写入 {path}"

HELP = {
    "pdf": "印成一页 A4（PDF），不在终端列表。",
    "file": "PDF 写到哪个文件（与 --pdf 同用）。",
    "xlsx": "另存为 XLSX，每张表一页。",
}

LABELS: dict[str, str] = {
    "title": "学习小结",
    "club_title": "棋友统计",
    "creator": report.LABELS["creator"],
    "page_before": report.LABELS["page_before"],
    "page_between": report.LABELS["page_between"],
    "page_after": report.LABELS["page_after"],
    "progress": "进步",
    "loss_curve": "平均目损（每手，越低越好）",
    "accuracy_curve": "准确度（越高越好）",
    "phases": "各阶段平均目损",
    "phases_caption": "黑：本人；白：其他棋手的平均",
    "regions": "失误在棋盘何处",
    "regions_caption": "失误以上（失误、恶手、大恶手）的比例与次数，方向同棋谱",
    "kinds": "常见问题",
    "kinds_caption": "按累计目损排列",
    "results": "胜负",
    "players": "棋手",
    "summary": "小结",
    "notes": "老师的话",
    "no_dates": "棋谱没有日期，不能逐月比较。",
    "no_kinds": "没有找到典型的问题。",
    "no_mistakes": "棋盘上没有失误以上的着手。",
    "no_moves": "没有可统计的着手。",
}
FACTS: dict[str, str] = {
    "player": "棋手",
    "period": "期间",
    "games": "对局数",
    "result": "胜负",
    "players": "棋手数",
    "moves": "手数",
    "mean_loss": "平均目损",
    "accuracy": "准确度",
    "top1_rate": "一选率",
    "mistakes_per_100": "百手失误以上",
}
RESULT_COLUMNS = ("games", "won", "lost", "mean_loss", "accuracy", "top1_rate", "mistakes_per_100")
PLAYER_COLUMNS = ("player", *RESULT_COLUMNS, "weakest_phase")
# Heads of narrow columns break at the space.
NARROW_HEADS = {"mistakes_per_100": "百手 失误以上"}
BOTH_COLOURS = "合计"
NO_DATE = "日期不详"


def title(player: str) -> str:
    """Of a student's page."""
    return f"{player} {LABELS['title']}"


def period(since: str, until: str) -> str:
    """First to last date, as they are stored."""
    if not since:
        return NO_DATE
    return terms.date(since) if since == until else f"{terms.date(since)}至{terms.date(until)}"


def score(won: int, lost: int, games: int) -> str:
    """``3胜1负``, and how many games ended otherwise or are not known."""
    rest = games - won - lost
    return f"{won}胜{lost}负" + (f"，{rest}盘和棋或不详" if rest > 0 else "")


def month(year: int, number: int) -> str:
    """Short, for the axis: ``26-03``."""
    return f"{year % 100:02d}-{number:02d}"


def kind_note(times: int, points: float) -> str:
    """``12次 45.3目``."""
    return f"{times}次 {terms.decimal(points, 1)}目"


def mistakes(count: int) -> str:
    """In a cell of the board."""
    return f"{count}次"


def progress_note(fewest: int, left_out: int, most: int, undated: int) -> str:
    """Below the curves: what a hollow dot is, and what is not drawn."""
    parts = [f"空心点：该月不足{fewest}盘"]
    if left_out:
        parts.append(f"只画最近{most}个月")
    if undated:
        parts.append(f"{undated}盘没有日期，未画入")
    return "；".join(parts) + "。"


def players_left_out(count: int) -> str:
    """Below the table of players."""
    return f"另有{count}位棋手未列出。"


def strongest_and_weakest(strong: tuple[str, float, float] | None, weak: tuple[str, float, float] | None) -> str:
    """Phases against the other players; each is (phase, own mean loss, the others')."""
    judged = (("相对最好", strong), ("相对最弱", weak))
    return (
        "；".join(
            f"{terms.PHASES.get(phase, phase)}{verdict}：每手损{terms.decimal(own, 2)}目，其他棋手{terms.decimal(others, 2)}目"
            for verdict, found in judged
            if found is not None
            for phase, own, others in [found]
        )
        + "。"
    )


def trend(before: float, lately: float, games_before: int, games_lately: int) -> str:
    """Mean loss of the earlier months and of the later ones."""
    change = "少" if lately < before else "多"
    return (
        f"前期{games_before}盘平均目损{terms.decimal(before, 2)}，"
        f"近期{games_lately}盘{terms.decimal(lately, 2)}，每手{change}损{terms.decimal(abs(lately - before), 2)}目。"
    )


def commonest(kind: str, times: int, points: float) -> str:
    """The kind of mistake that cost most."""
    return f"损失最多的问题是“{kind}”：{times}次，共{terms.decimal(points, 1)}目。"
