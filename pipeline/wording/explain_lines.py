"""Sentences and names for what the best lines show, by the tags of ``pipeline.review.explain_lines``; also net and ladder breaker.

Placeholders as in ``pipeline.wording.explain``; ``near`` is the other point that a fact names.
What the opponent could play is told as possible, never as played.
"""

from __future__ import annotations

TAGS: dict[str, str] = {
    "missed_net": "漏枷吃",
    "missed_breaker": "漏引征",
    "caught_next": "送吃",
    "hit_by_atari": "遭打吃",
    "cut_by_reply": "留下断点",
    "still_urgent": "要点未占",
    "shared_point": "让出好点",
    "next_taken": "让对方先占",
    "needless_answer": "跟着应",
    "only_move": "错过唯一的一手",
    "lost_sente": "失先手",
    "neglected": "漏看要处",
    "near_miss": "位置有偏差",
    "unanswered": "落后手",
}

SENTENCES: dict[str, tuple[str, ...]] = {
    "missed_net": ("{point}可以枷吃{group}，此手错过了。", "此时{point}一枷，{group}就走不掉了。"),
    "missed_breaker": (
        "{group}征子不利，{point}可以引征，此手没有顾到。",
        "应走{point}引征，{you}就征不住{group}。",
    ),
    "caught_next": (
        "此手之后{you}下{point}打吃，{group}已逃不掉。",
        "{you}{point}一打吃，{group}就走不掉了。",
    ),
    "hit_by_atari": (
        "此手之后{you}可在{point}打吃{group}。",
        "{you}{point}打吃，{group}就只剩一气。",
    ),
    "cut_by_reply": (
        "此手留下断点，{you}可断在{point}，{group}与其余的棋分开。",
        "{you}断在{point}，就把{group}与其余的棋分开了，此手没有顾到。",
    ),
    "still_urgent": (
        "{point}是双方的要点，此手没有占，{you}走{near}之后就轮到这里。",
        "应先占{point}，{you}走{near}之后，随后也会走到这里。",
    ),
    "shared_point": (
        "{point}也是{me}的好点，与{near}差不多，此手却留给了{you}。",
        "{me}走{near}或{point}都可以，此手两处都没有走，{you}会先占{point}。",
    ),
    "next_taken": (
        "{me}先走{point}，接着还可以走{near}；此手之后，{near}就归{you}先走。",
        "应走{point}，下一步再走{near}；此手之后{you}会先走{near}。",
    ),
    "needless_answer": (
        "{you}{near}此时不必应，应脱先走{region}{point}。",
        "不必跟着{you}{near}走，{region}{point}更大。",
    ),
    "only_move": (
        "此时只有{point}一手，走别处至少差{size}。",
        "{point}是此时唯一的一手，其他下法至少亏{size}。",
    ),
    "lost_sente": (
        "此手{you}可以不应；若走{point}，{you}要在{near}应。",
        "走{point}，{you}要应在{near}；此手{you}却可以不应。",
    ),
    "neglected": (
        "此手没有顾到{region}，不走{point}，{me}在那里要少{size}。",
        "最要紧的是{region}，应走{point}，此手让{me}在那里少了{size}。",
    ),
    "near_miss": (
        "应走在这一带的{point}，此手位置不对，这里少了{size}。",
        "同在这一带，{point}才是正着，此手让这里少了{size}。",
    ),
    "unanswered": (
        "此手{you}可以不应，转到{region}走{point}。",
        "{you}对此手可以不理，去走{region}{point}。",
    ),
}
BY_PHASE: dict[tuple[str, str], tuple[str, ...]] = {
    ("lost_sente", "endgame"): (
        "{point}是先手官子，{you}要在{near}应；此手{you}可以不应，落了后手。",
        "应先走{point}，{you}要在{near}应，是先手；此手{you}可以不应。",
    ),
}
