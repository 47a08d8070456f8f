"""The annotated game record: one SGF that opens with its analysis in KaTrain, LizzieYzy and Sabaki.

Analysis stands on every node of the game (``KT``, ``LZ``, ``SBKV``, ``SBKS``),
comments and marks on the notable moves, and what should have been played as
real branches beside them. Marks:

* ``BM[1]`` 失误 and 恶手, ``BM[2]`` 大恶手, ``DO`` 缓手 that is noted;
* ``TE[1]`` a first choice with a prior below 10 %, not forced, when every
  other candidate costs at least 1.5 points;
* ``HO[1]`` key moments, ``HO[2]`` 败着;
* ``MA`` on the best point and ``SQ`` on those that cost at most half a point
  more than it, as KaTrain marks them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.evaluation import AnalysisInfo, Candidate, Evaluation
from pipeline.go.board import Board, Color, IllegalPlay, parse_vertex
from pipeline.go.record import GameRecord, Move, Result, ResultKind, Ruleset
from pipeline.go.sgf_write import point_to_sgf, result_to_sgf
from pipeline.report import sgf_formats as sgf
from pipeline.review.model import GameReview, MoveCategory, MoveReview
from pipeline.wording import sgf as words
from pipeline.wording import terms

PRAISE_PRIOR = 0.10
PRAISE_GAP = 1.5
NEAR_BEST_POINTS = 0.5
NEAR_BEST_SHARE = 0.05  # of the best candidate's visits: fewer say nothing
MAX_NEAR_BEST = 4

_RULES = {
    Ruleset.CHINESE: "Chinese",
    Ruleset.CHINESE_OGS: "Chinese",
    Ruleset.CHINESE_KGS: "Chinese",
    Ruleset.JAPANESE: "Japanese",
    Ruleset.KOREAN: "Korean",
    Ruleset.AGA: "AGA",
    Ruleset.NEW_ZEALAND: "NZ",
    Ruleset.TROMP_TAYLOR: "Tromp-Taylor",
    Ruleset.ING: "GOE",
}
_BAD = {
    MoveCategory.SLACK: "DO[]",
    MoveCategory.MISTAKE: "BM[1]",
    MoveCategory.BLUNDER: "BM[1]",
    MoveCategory.HUGE_BLUNDER: "BM[2]",
}


@dataclass(frozen=True, slots=True)
class _Game:
    record: GameRecord
    evaluations: Mapping[int, Evaluation]
    verdicts: Mapping[int, MoveReview]
    review: GameReview
    info: AnalysisInfo
    threshold: float
    max_variation_moves: int

    @property
    def engine(self) -> str:
        return f"KataGo-{self.info.identity.version}"

    def has_branch(self, verdict: MoveReview) -> bool:
        """Whether the best line stands beside the move: it lost more than the threshold, or the report names it."""
        return (
            verdict.points_lost > self.threshold
            or verdict.key_moment is not None
            or verdict.move_number == self.review.losing_move
        )

    def is_notable(self, verdict: MoveReview) -> bool:
        mistakes = {MoveCategory.MISTAKE, MoveCategory.BLUNDER, MoveCategory.HUGE_BLUNDER}
        return self.has_branch(verdict) or verdict.category in mistakes


def annotated_sgf(
    record: GameRecord,
    evaluations: Mapping[int, Evaluation],
    review: GameReview,
    info: AnalysisInfo,
    *,
    version: str,
    variation_threshold: float = 1.5,
    max_variation_moves: int = 12,
) -> bytes:
    """The game with its analysis as UTF-8 SGF (FF4).

    Args:
        record: the game.
        evaluations: turn -> result, Black's view; a turn without one gets a node without analysis.
        review: verdicts on its moves.
        info: how it was analysed.
        version: this program's version, for ``AP``.
        variation_threshold: a move that loses more points than this gets the best line as a branch; so do
            key moments and the move that lost the game.
        max_variation_moves: longest branch, in moves.

    Returns:
        The bytes of one file; equal input gives equal bytes.
    """
    game = _Game(
        record,
        {turn: _writable(found, record) for turn, found in evaluations.items() if not found.implausible()},
        {verdict.move_number: verdict for verdict in review.moves},
        review,
        info,
        variation_threshold,
        max_variation_moves,
    )
    parts = ["(", _root(game, version)]
    branches: list[str] = []
    board = record.board_at(0)
    for number, move in enumerate(record.moves, start=1):
        verdict = game.verdicts.get(number)
        branch = _variation(game, verdict, board) if verdict and game.has_branch(verdict) else ""
        if branch:
            parts.append("\n(")
            branches.append(branch)
        parts.append(_move_node(game, number, move, verdict))
        board.play(move.color, move.point, allow_ko=True)
    parts.extend(f")\n({branch})" for branch in reversed(branches))
    parts.append(")\n")
    return "".join(parts).encode("utf-8")


def _writable(evaluation: Evaluation, record: GameRecord) -> Evaluation:
    """The evaluation without candidates and ownership that no reader could load."""
    ownership = evaluation.ownership if len(evaluation.ownership) == record.width * record.height else ()
    candidates = tuple(c for c in evaluation.candidates if _is_writable(c, record))
    return replace(evaluation, candidates=candidates, ownership=ownership)


def _is_writable(candidate: Candidate, record: GameRecord) -> bool:
    numbers = (candidate.winrate, candidate.score_lead, candidate.score_stdev, candidate.lcb, candidate.prior)
    if not all(math.isfinite(value) for value in numbers):
        return False
    try:
        for vertex in (candidate.move, *candidate.pv):
            parse_vertex(vertex, record.width, record.height)
    except ValueError:
        return False
    return True


def _root(game: _Game, version: str) -> str:
    record, info = game.record, game.record.info
    size = str(record.width) if record.width == record.height else f"{record.width}:{record.height}"
    properties = [
        "FF[4]GM[1]CA[UTF-8]",
        f"AP[Fupan:{sgf.escape_simple(version).replace(':', '-')}]KTV[{sgf.KT_VERSION}]",
        f"SZ[{size}]KM[{record.komi:g}]RU[{_RULES.get(record.ruleset, record.ruleset.value)}]",
    ]
    if record.handicap >= 2:
        properties.append(f"HA[{record.handicap}]")
    for name, points in (("AB", record.setup_black), ("AW", record.setup_white)):
        if points:
            properties.append(name + "".join(f"[{point_to_sgf(point, record.height)}]" for point in points))
    properties.append(f"PL[{record.to_move(0)}]\n")
    texts = (
        ("PB", info.black.name),
        ("BR", info.black.rank),
        ("PW", info.white.name),
        ("WR", info.white.rank),
        ("DT", info.date),
        ("EV", info.event),
        ("RO", info.round),
        ("PC", info.place),
        ("RE", _result(info.result)),
    )
    properties.extend(f"{name}[{sgf.escape_simple(text)}]" for name, text in texts if text)
    properties.append(f"C[{sgf.escape_text(_root_comment(game))}]")
    return "\n;" + "".join(properties) + _analysis(game, 0, "LZOP")


def _result(result: Result) -> str:
    return result_to_sgf(result) if result.raw or result.kind is not ResultKind.UNKNOWN else ""


def _root_comment(game: _Game) -> str:
    record, review, info = game.record, game.review, game.info
    players = []
    for color, player in ((Color.BLACK, record.info.black), (Color.WHITE, record.info.white)):
        stats = review.summary(color).overall
        if stats.moves:
            players.append(
                words.player_line(
                    color.value,
                    player.name,
                    moves=stats.moves,
                    mean_loss=stats.mean_loss,
                    match_rate=stats.match_rate,
                    top1_rate=stats.top1_rate,
                    accuracy=stats.accuracy,
                    counts=[(category.value, count) for category, count in stats.category_counts],
                )
            )
    moments = [
        words.key_line(moment.number, moment.move_number, moment.player.value, verdict.vertex, verdict.points_lost)
        for moment in review.key_moments
        if (verdict := game.verdicts.get(moment.move_number))
    ]
    return words.root_comment(
        rules=words.terms_line(record.handicap, record.komi, record.info.handicap_text, record.ruleset.value),
        players=players,
        key_moments=moments,
        losing=words.losing_line(review.losing_move) if review.losing_move else "",
        corrections=[correction.text for correction in record.corrections],
        engine=game.engine,
        network=info.identity.network,
        visits=info.visits,
        level=info.level,
        positions=info.positions,
        total_visits=info.total_visits,
        finished_at=info.finished_at,
        threshold=game.threshold,
    )


def _analysis(game: _Game, turn: int, lz_name: str) -> str:
    """Properties of the position after ``turn`` moves; empty when it was not searched."""
    evaluation = game.evaluations.get(turn)
    if evaluation is None:
        return ""
    played = None
    following = game.evaluations.get(turn + 1)
    if turn < game.record.total_turns and following is not None:
        verdict = game.verdicts.get(turn + 1)
        played = sgf.Played(game.record.moves[turn].vertex, following, verdict.played_prior if verdict else 0.0)
    blobs = "".join(f"[{value}]" for value in sgf.kt_values(evaluation, played))
    return (
        f"\nSBKV[{sgf.black_winrate(evaluation.winrate)}]SBKS[{sgf.black_lead(evaluation.score_lead)}]"
        f"\n{lz_name}[{sgf.lz_value(evaluation, game.engine)}]"
        f"\nKT{blobs}"
    )


def _move_node(game: _Game, number: int, move: Move, verdict: MoveReview | None) -> str:
    text = f"\n;{move.color}[{point_to_sgf(move.point, game.record.height)}]"
    if move.inserted:
        text += f"C[{sgf.escape_text(words.INSERTED_PASS)}]"
    if verdict is not None:
        if game.is_notable(verdict):
            text += _marks(game, verdict) + f"C[{sgf.escape_text(_comment(game, verdict))}]"
        elif _is_praised(game.evaluations.get(number - 1), verdict):
            praise = words.move_head(number, move.color.value, move.vertex, []) + "\n" + words.PRAISED
            text += f"TE[1]C[{sgf.escape_text(praise)}]"
    return text + _analysis(game, number, "LZ")


def _is_praised(before: Evaluation | None, verdict: MoveReview) -> bool:
    if before is None or verdict.rank != 1 or verdict.forced or verdict.played_prior >= PRAISE_PRIOR:
        return False
    scores = [candidate.for_(verdict.player).score_lead for candidate in before.candidates]
    return len(scores) >= 2 and scores[0] - max(scores[1:]) >= PRAISE_GAP


def _marks(game: _Game, verdict: MoveReview) -> str:
    marks = _BAD.get(verdict.category, "")
    if verdict.move_number == game.review.losing_move:
        marks += "HO[2]"
    elif verdict.key_moment is not None:
        marks += "HO[1]"
    before = game.evaluations.get(verdict.move_number - 1)
    best = before.best if before else None
    if before is None or best is None:
        return marks
    width, height = game.record.width, game.record.height
    top = best.for_(verdict.player).score_lead
    near = [
        candidate.move
        for candidate in before.candidates[1:]
        if candidate.move != verdict.vertex
        and not sgf.is_pass(candidate.move)
        and candidate.visits >= NEAR_BEST_SHARE * best.visits
        and top - candidate.for_(verdict.player).score_lead <= NEAR_BEST_POINTS
    ][:MAX_NEAR_BEST]
    if best.move != verdict.vertex and not sgf.is_pass(best.move):
        marks += f"MA[{sgf.sgf_vertex(best.move, width, height)}]"
    if near:
        marks += "SQ" + "".join(f"[{sgf.sgf_vertex(vertex, width, height)}]" for vertex in near)
    return marks


def _comment(game: _Game, verdict: MoveReview) -> str:
    names = [terms.CATEGORIES[verdict.category.value]]
    if verdict.key_moment is not None:
        names.append(words.KEY_MOMENT.format(number=verdict.key_moment))
    if verdict.move_number == game.review.losing_move:
        names.append(terms.LOSING_MOVE)
    lines = [
        words.move_head(verdict.move_number, verdict.player.value, verdict.vertex, names),
        words.loss(verdict.points_lost, verdict.winrate_lost, settled=verdict.settled),
    ]
    before, after = game.evaluations.get(verdict.move_number - 1), game.evaluations.get(verdict.move_number)
    if before and before.best and before.best.move != verdict.vertex:
        best = before.best
        lines.append(words.best_line(best.pv or (best.move,), best.winrate, best.score_lead))
    if after:
        lines.append(words.after(after.winrate, after.score_lead, after.visits))
        if after.best:
            lines.append(words.refutation(after.to_move.value, after.best.pv or (after.best.move,)))
    lines.extend(words.TAGS[tag] for tag in verdict.tags if tag in words.TAGS)
    return "\n".join(lines)


def _variation(game: _Game, verdict: MoveReview, board: Board) -> str:
    """The best line instead of a move, as far as it is legal from ``board``; empty when there is none."""
    before = game.evaluations.get(verdict.move_number - 1)
    best = before.best if before else None
    if best is None or best.move == verdict.vertex:
        return ""
    position, color, nodes = board.copy(), verdict.player, list[str]()
    for vertex in (best.pv or (best.move,))[: max(1, game.max_variation_moves)]:
        try:
            point = parse_vertex(vertex, position.width, position.height)
            position.play(color, point)
        except (ValueError, IllegalPlay):
            break
        head = "" if nodes else _variation_head(verdict, best)
        nodes.append(f"\n;{color}[{point_to_sgf(point, position.height)}]{head}")
        color = color.opponent
    return "".join(nodes)


def _variation_head(verdict: MoveReview, best: Candidate) -> str:
    comment = words.variation_comment(verdict.move_number, best.move, best.winrate, best.score_lead, best.visits)
    return (
        f"N[{sgf.escape_simple(words.RECOMMENDED)}]C[{sgf.escape_text(comment)}]"
        f"SBKV[{sgf.black_winrate(best.winrate)}]SBKS[{sgf.black_lead(best.score_lead)}]"
    )
