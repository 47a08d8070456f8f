"""Made games with made evaluations and verdicts, for tests of the report. All numbers are deterministic."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.evaluation import AnalysisInfo, Candidate, EngineIdentity, Evaluation
from pipeline.go.board import Board, Color, IllegalPlay, Point, parse_vertex
from pipeline.go.record import GameInfo, GameRecord, Move, Player, Result, ResultKind, Ruleset
from pipeline.review.model import GameReview, KeyMoment, MoveCategory, MoveReview, MoveStats, Phase, PlayerSummary

BOUNDS = (0.5, 1.5, 3.0, 6.0, 12.0)
CLASSES = tuple(MoveCategory)[1:]

INFO = AnalysisInfo(
    identity=EngineIdentity("1.16.4", "0123abc", "b18c384nbt-test", "0" * 64, "opencl", "Test GPU"),
    profile_id="0123456789ab",
    visits=10000,
    quick_visits=500,
    strategy="adaptive",
    level="deep",
    positions=25,
    total_visits=120000,
    engine_seconds=60.0,
    finished_at="2026-11-22T06:40:00+08:00",
)

OPENING = (
    *("Q16", "D4", "D16", "Q4", "C6", "F3", "R6", "R9", "R4", "R3", "R5", "Q3"),
    *("S7", "R12", "F17", "C10", "C12", "E10", "C8", "C14", "D14", "C13", "D13", "pass"),
)


@dataclass(frozen=True)
class Sample:
    """Everything that a report is made from."""

    record: GameRecord
    evaluations: Mapping[int, Evaluation]
    review: GameReview
    info: AnalysisInfo = field(default=INFO)


def made_game() -> Sample:
    """24 moves with two mistakes of Black, one of White, a losing move and a pass."""
    moves = tuple(
        Move(Color.BLACK if i % 2 == 0 else Color.WHITE, parse_vertex(v, 19, 19)) for i, v in enumerate(OPENING)
    )
    info = GameInfo(
        black=Player("张三", "2d", "张三"),
        white=Player("李四", "3段", "李四"),
        date="2026-11-21",
        event="星火杯",
        round="第一轮",
        result=Result(ResultKind.POINTS, Color.WHITE, 3.5, "W+3.5"),
    )
    record = GameRecord(19, 19, moves, 7.5, Ruleset.CHINESE, info=info)
    losses = {8: 4.0, 13: 8.0, 21: 3.5}
    made = sample(record, losses, key={8: 20.0, 13: 40.0, 21: 10.0}, losing=13)
    after = made.evaluations[13]
    line = ("S5", "S6", "S4", "S3", "T5", "T3")
    best = replace(after.candidates[0], move=line[0], pv=line)
    return replace(made, evaluations={**made.evaluations, 13: replace(after, candidates=(best,))})


def random_game(size: int = 19, length: int = 120, seed: int = 1, mistakes: Sequence[int] = ()) -> Sample:
    """Random legal moves with mistakes at the given move numbers."""
    source = random.Random(seed)
    board = Board(size, size)
    moves: list[Move] = []
    color = Color.BLACK
    while len(moves) < length:
        point = Point(source.randrange(size), source.randrange(size))
        try:
            board.play(color, point)
        except IllegalPlay:
            continue
        moves.append(Move(color, point))
        color = color.opponent
    info = GameInfo(Player("甲"), Player("乙"), result=Result(ResultKind.RESIGN, Color.WHITE))
    record = GameRecord(size, size, tuple(moves), 7.5, Ruleset.CHINESE, info=info)
    return sample(record, dict.fromkeys(mistakes, 7.0), key=dict.fromkeys(mistakes, 7.0))


def sample(
    record: GameRecord, losses: Mapping[int, float], *, key: Mapping[int, float], losing: int | None = None
) -> Sample:
    """Evaluations and verdicts for a record: move number -> points lost, and the key moments' importance."""
    score = [0.5]
    for number, move in enumerate(record.moves, start=1):
        score.append(score[-1] - move.color.sign * losses.get(number, 0.0))
    rates = [1 / (1 + math.exp(-s / 5)) for s in score]
    evaluations = {turn: _evaluation(record, turn, score[turn], rates[turn]) for turn in range(len(score))}
    numbers = {move: i for i, move in enumerate(sorted(key), start=1)}
    reviews = tuple(
        _verdict(record, number, losses.get(number, 0.0), rates, evaluations[number - 1], numbers.get(number))
        for number in range(1, record.total_turns + 1)
    )
    moments = tuple(KeyMoment(i, number, record.moves[number - 1].color, key[number]) for number, i in numbers.items())
    half = max(2, record.total_turns // 2)
    review = GameReview(
        moves=reviews,
        black=_summary(Color.BLACK, reviews),
        white=_summary(Color.WHITE, reviews),
        key_moments=moments,
        winrates=tuple(rates),
        score_leads=tuple(score),
        phase_starts=((Phase.OPENING, 1), (Phase.MIDDLE, half)),
        losing_move=losing,
    )
    return Sample(record, evaluations, review)


def renamed(made: Sample, black: str, white: str, **info: str) -> Sample:
    """The same game between other people."""
    changed = replace(made.record.info, black=Player(black), white=Player(white), **info)
    return replace(made, record=replace(made.record, info=changed))


def _evaluation(record: GameRecord, turn: int, score: float, rate: float) -> Evaluation:
    color, board = record.to_move(turn), record.board_at(turn)
    empty = [
        Point(col, row)
        for row in range(record.height)
        for col in range(record.width)
        if Point(col, row) not in board.stones
    ]
    spots = [empty[(turn * 7 + step * 31) % len(empty)] for step in range(12)] if empty else []
    pv = tuple(dict.fromkeys(Move(color, spot).vertex for spot in spots))
    candidates = (Candidate(pv[0], 0, 900, rate, score, 8.0, rate, 0.5, pv),) if pv else ()
    return Evaluation(turn, color, 1000, rate, score, 8.0, rate, score, 0.1, 1.0, candidates)


def _verdict(
    record: GameRecord, number: int, loss: float, rates: Sequence[float], before: Evaluation, key: int | None
) -> MoveReview:
    move = record.moves[number - 1]
    drop = (rates[number - 1] - rates[number]) * move.color.sign
    category = CLASSES[sum(loss >= bound for bound in BOUNDS)]
    return MoveReview(
        move_number=number,
        player=move.color,
        vertex=move.vertex,
        points_lost=loss,
        winrate_lost=drop,
        points_lost_root=loss,
        points_lost_search=None,
        winrate_lost_root=drop,
        winrate_lost_search=None,
        category=category,
        rank=None,
        phase=Phase.OPENING if number < max(2, record.total_turns // 2) else Phase.MIDDLE,
        key_moment=key,
        best_vertex=before.candidates[0].move if before.candidates else "",
    )


def _summary(color: Color, reviews: Sequence[MoveReview]) -> PlayerSummary:
    own = [r for r in reviews if r.player is color]
    phases = tuple((phase, _stats([r for r in own if r.phase is phase])) for phase in Phase)
    return PlayerSummary(color, _stats(own), phases, ())


def _stats(reviews: Sequence[MoveReview]) -> MoveStats:
    count = len(reviews)
    total = sum(r.points_lost for r in reviews)
    counts = tuple((category, sum(r.category is category for r in reviews)) for category in MoveCategory)
    if not count:
        return MoveStats(0, 0.0, None, None, None, None, None, None, counts, 0, None, None)
    mean_drop = sum(r.winrate_lost for r in reviews) / count
    return MoveStats(count, total, total / count, mean_drop, 0.5, 0.4, 0.75, 88.0, counts, count, 0.4, 0.75)
