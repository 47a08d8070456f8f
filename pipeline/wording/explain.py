"""Sentences that explain a move, one for each tag of ``pipeline.review.model.Tag``.

Several wordings of one sentence say the same; which one is taken depends on a
number that the caller derives from the game and the move, so that a report
does not repeat itself and the same game always reads the same.

Placeholders: ``me`` and ``you`` the mover's and the opponent's colour, ``point``
the point that the fact is about, ``group`` the stones that it is about (with
colour and number), ``count`` their number (``3子``), ``region`` a part of the
board, ``size`` about how many points, ``near`` the opponent's last move.
"""

from __future__ import annotations

from pipeline.wording import explain_lines
from pipeline.wording.terms import COLORS, half_points

REGIONS: dict[str, str] = {
    "upper_left": "左上角",
    "upper_side": "上边",
    "upper_right": "右上角",
    "left_side": "左边",
    "centre": "中腹",
    "right_side": "右边",
    "lower_left": "左下角",
    "lower_side": "下边",
    "lower_right": "右下角",
    "top": "上方",
    "bottom": "下方",
    "left": "左方",
    "right": "右方",
}

TAGS: dict[str, str] = {
    "unpunished": "对方未抓住",
    "missed_punishment": "未抓住对方失误",
    "missed_capture": "漏提子",
    "ignored_atari": "被打吃未救",
    "self_atari": "自紧气被提",
    "missed_ladder": "漏征吃",
    "missed_chase": "漏吃子",
    "broken_ladder": "征子不成立",
    "ladder_run": "征子中逃跑",
    "ko_started": "走成打劫",
    "ko_threat_too_small": "劫材太小",
    "ko_threat_ignored": "该应的劫材未应",
    "missed_connection": "断点未补",
    "missed_cut": "断点未断",
    "urgent_point": "漏急所",
    "urgent_area": "未走急处",
    "vital_point": "错过要点",
    "tenuki": "脱先过早",
    "overplay": "打入过深",
    "saving_dead_stones": "救死棋",
    "needless_defence": "多余的补棋",
    "too_small": "价值过小",
    "wrong_direction": "方向有误",
    "bad_exchange": "交换亏损",
    "move_order": "次序有误",
    "endgame_order": "官子次序",
    "endgame_size": "官子大小",
    "passed_too_early": "过早停手",
    "game_over": "终局后多走",
    "stones_lost": "棋被吃",
    "stones_shaky": "棋变危险",
    "stones_escaped": "放走对方",
    "stones_worse": "棋变弱",
    "stones_better": "帮对方走强",
    "refuted": "遭反击",
    "bad_trade": "得不偿失",
    "left_open": "别处受损",
    "better_move": "有更好的下法",
    "better_pass": "不如停一手",
} | explain_lines.TAGS
LOST_PREFIX = "lost_"

SENTENCES: dict[str, tuple[str, ...]] = {
    "missed_capture": ("{point}可以提掉{you}{count}，此手错过了。", "此时应在{point}提{you}{count}。"),
    "ignored_atari": (
        "{group}正被打吃，此手没有处理，{you}{point}即可提子。",
        "{group}只剩一气，应当先救，被{you}{point}提掉损失很大。",
    ),
    "self_atari": (
        "此手走后{me}{count}只剩一气，{you}{point}可以提掉。",
        "自紧一气，{you}下{point}就能提掉{me}{count}。",
    ),
    "missed_ladder": ("征子对{me}有利，{point}可以征吃{group}。", "{point}征吃{group}成立，此手错过了。"),
    "missed_chase": ("{point}打吃，{group}已逃不掉，此手放过了。", "此时{point}可以吃住{group}。"),
    "broken_ladder": (
        "征子不成立，{you}{point}长出后追不上。",
        "这个征子对{me}不利，{you}{point}可以逃出。",
    ),
    "ladder_run": (
        "{group}逃不出征子，{you}{point}继续征吃，越走损失越大。",
        "征子对{you}有利，{group}已走不掉，应当放弃。",
    ),
    "ko_started": ("此后{you}可在{point}提劫，走成打劫。", "此手之后成劫，{you}{point}先提。"),
    "ko_threat_too_small": (
        "这个劫材太小，{you}可以不应，在{point}消劫。",
        "作为劫材价值不够，{you}{point}消劫即可。",
    ),
    "ko_threat_ignored": ("{you}{near}这个劫材很大，应先在{point}应。", "消劫太急，{you}{near}应在{point}应。"),
    "missed_connection": (
        "{point}是{me}的断点，应先补上，不能让{you}切断。",
        "应先在{point}连上，被{you}断开就被分成两块。",
    ),
    "missed_cut": ("{point}是{you}的断点，应在此切断。", "应断在{point}，让{you}连上就没有机会了。"),
    "urgent_point": ("{point}是双方的急所，谁先走到差别很大。", "此时{point}对双方都是最急的一点，应当先占。"),
    "urgent_area": (
        "此时最急的是{region}{point}一带，{you}下一手也要走{near}，此手落在了别处。",
        "双方都应抢{region}：{me}先走{point}好，让{you}走到{near}就差了。",
    ),
    "vital_point": (
        "这里的要点是{point}，此手没有走到，被{you}占据就差了。",
        "位置对了，下法不对：{point}才是双方的要点。",
    ),
    "tenuki": (
        "{you}刚走了{near}，{region}还不能脱先，应在{point}应。",
        "此手脱先过早，{you}{near}之后应先走{region}的{point}。",
    ),
    "overplay": ("此手深入{you}的势力范围，难以成活。", "{region}{you}方势力强，这一子走得过深，难以活出。"),
    "saving_dead_stones": (
        "{group}本已难活，再走只会增加损失，应转向{point}。",
        "{group}已救不活，不宜再添子，{point}更大。",
    ),
    "needless_defence": ("此处已是{me}的稳固地盘，不必再补，应走{point}。", "这里的{me}空已经完整，{point}更大。"),
    "too_small": (
        "此处双方大体已定，价值不大，应转向{region}的{point}。",
        "这一带已没有多大价值，{region}的{point}更大。",
    ),
    "wrong_direction": ("方向有误，此时{region}{point}一带更大。", "此时大处在{region}，{point}一带应当先走。"),
    "bad_exchange": (
        "此手若与{you}{near}交换并不便宜，{region}{point}仍是下一手的要处。",
        "{you}{near}应后{me}没有便宜，不如直接走{point}。",
    ),
    "move_order": ("次序有误，应先走{point}，此处留待以后。", "此处可以走，但应先走{point}，次序不能颠倒。"),
    "endgame_order": ("次序有误，应先走{point}，再走此处。", "此处可以走，但应先走{point}。"),
    "endgame_size": (
        "此时最大的官子在{region}{point}，此手小了{size}。",
        "官子大小有误，{region}的{point}比此手大{size}。",
    ),
    "passed_too_early": ("此时还不能停手，{point}还值{size}。", "棋还没有下完，应走{point}，停一手亏{size}。"),
    "game_over": ("棋已下完，再走反而亏损，此时应当停手。", "双方都已无棋可下，此手是多余的。"),
    "stones_lost": ("{group}因此难以存活。", "{group}由此陷入死地。"),
    "stones_shaky": ("{group}变得不安定，生死成了问题。", "{group}的死活因此成了问题。"),
    "stones_escaped": ("本可吃住的{group}得以脱险。", "放走了本已被困的{group}。"),
    "stones_worse": ("{group}处境因此变坏。", "{group}比原来更弱了。"),
    "stones_better": ("{group}因此得到安定。", "{group}由此走强了。"),
    "refuted": (
        "此手之后{you}{point}是好应手，{me}在这一带损失{size}。",
        "{you}有{point}的好应手，这一带{me}亏{size}。",
    ),
    "bad_trade": (
        "此手在这里有所得，但{you}可转到{region}{point}，{me}在那里损失{size}，得不偿失。",
        "得不偿失：{me}这里得到便宜，但{you}可走{region}{point}，那一带{me}亏{size}。",
    ),
    "left_open": (
        "此手没有顾到{region}，{you}可走{point}，那一带{me}损失{size}。",
        "此手之后{you}可走{region}{point}，{me}在那一带亏{size}。",
    ),
    "better_move": (
        "此时应走{region}{point}{doing}，比此手好{size}。",
        "更好的一手是{region}{point}{doing}，两者相差{size}。",
    ),
    "better_pass": ("此手反而亏损，不如停一手。", "这里已不必走，停一手也比此手好。"),
    "lost": ("损失主要在{region}，{size}。", "{region}亏损最大，{size}。"),
} | explain_lines.SENTENCES
# Where the fact itself is less certain, or there is less to say.
DOUBTFUL: dict[str, tuple[str, ...]] = {
    "stones_lost": ("{group}凶多吉少。", "{group}处境危险，很难活出。"),
    "stones_escaped": ("{group}因此有了活路。", "{group}由此有了转机。"),
    "better_move": ("此时应走{region}{point}{doing}。", "更好的一手是{region}{point}{doing}。"),
    "lost": ("损失主要在{region}。", "亏损主要在{region}一带。"),
}
BY_PHASE: dict[tuple[str, str], tuple[str, ...]] = {
    ("urgent_point", "opening"): (
        "{region}{point}是双方必争的要点，应当先占。",
        "{point}对双方都是最大的一点，应当先占。",
    ),
    ("urgent_point", "endgame"): (
        "{point}对双方都是最大的官子，应当先收。",
        "官子应先走{point}，被{you}先走差别很大。",
    ),
} | explain_lines.BY_PHASE
# What the better move does, after its point; "" for nothing that the board proves.
DOINGS: dict[str, str] = {
    "captures": "，提{group}",
    "rescues": "，救出{group}",
    "ataris": "，打吃{group}",
    "connects": "，连接{me}两块棋",
    "cuts": "，断开{you}两块棋",
    "takes_corner": "，占空角",
    "big_point": "，占大场",
    "contact": "，紧靠{you}子",
    "": "",
}
SURE_LOSS = 0.6
LEAST_NAMED_POINTS = 3.0


def sentence(
    tag: str,
    mover: str,
    variant: int,
    *,
    point: str = "",
    stones: str = "",
    owner: str | None = None,
    count: int = 0,
    points: float = 0.0,
    region: str = "",
    phase: str = "",
    doing: str = "",
) -> str:
    """The sentence of a fact; ``""`` for a tag that has none of its own.

    Args:
        tag: a key of :data:`SENTENCES`.
        mover: colour of who played, ``"B"`` or ``"W"``.
        variant: chooses among wordings of the same meaning.
        point: the point that it is about.
        stones: one of the stones that it is about.
        owner: their colour.
        count: their number.
        points: size in points; of groups: how surely they are lost, 0..1.
        region: a key of :data:`REGIONS`.
        phase: a key of ``pipeline.wording.terms.PHASES``.
        doing: a key of :data:`DOINGS`.
    """
    wordings = BY_PHASE.get((tag, phase)) or SENTENCES.get(tag, ())
    doubtful = points < (SURE_LOSS if tag in ("stones_lost", "stones_escaped") else LEAST_NAMED_POINTS)
    if tag in DOUBTFUL and doubtful:
        wordings = DOUBTFUL[tag]
    if not wordings:
        return ""
    me, you, group = COLORS[mover], COLORS["W" if mover == "B" else "B"], _group(owner or mover, stones, count)
    return wordings[variant % len(wordings)].format(
        me=me,
        you=you,
        point=point,
        group=group,
        doing=DOINGS[doing].format(me=me, you=you, group=group),
        count=f"{count}子",
        region=REGIONS.get(region, ""),
        size=about(points),
        near=stones,
    )


def about(points: float) -> str:
    """``约3目``, to the half point below ten."""
    return "约" + half_points(round(points * 2) / 2 if points < 10 else round(points))


def tag_name(tag: str) -> str:
    """A stored tag in words: ``脱先过早``, ``损失在右下角``."""
    if tag.startswith(LOST_PREFIX) and tag.removeprefix(LOST_PREFIX) in REGIONS:
        return f"损失在{REGIONS[tag.removeprefix(LOST_PREFIX)]}"
    return TAGS.get(tag, tag)


def praised(number: int, color: str, vertex: str, prior: float, gap: float, *, brilliant: bool) -> str:
    """A move worth praising: ``prior`` 0..1 and ``gap`` in points as in ``pipeline.review.model.Praise``."""
    name = "妙手" if brilliant else "好棋"
    return f"{name}：第{number}手{COLORS[color]}{vertex}。不容易想到（直觉选择率{prior * 100:.0f}%），其他下法至少差{half_points(round(gap * 2) / 2)}。"


def overlooked(vertex: str, first: int, last: int, points: float, taken: tuple[int, str] | None, *, exact: bool) -> str:
    """A point that both players overlooked; ``taken``: number and colour of the move that played it."""
    end = f"直到第{taken[0]}手才被{COLORS[taken[1]]}走到" if taken else "终局也没有走到"
    spot = vertex if exact else vertex + "一带"
    return f"漏着：第{first}手至第{last}手，双方都没有看到{spot}（平均每次损失{about(points)}），{end}。"


def _group(owner: str, stones: str, count: int) -> str:
    return f"{COLORS[owner]}{stones}一子" if count == 1 else f"{COLORS[owner]}{stones}一带{count}子"
