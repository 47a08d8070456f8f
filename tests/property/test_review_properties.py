"""What must hold of every review, whatever the engine says."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import PASS, Color, Point, parse_vertex, vertex_name
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.review.category import categorize, severity
from pipeline.review.confidence import points_error
from pipeline.review.judge import judge
from pipeline.review.loss import estimate_loss, is_first_choice
from pipeline.review.model import GameReview, MoveCategory, MoveReview, MoveStats, Tag

SIZE = 9
AREA = SIZE * SIZE

# Multiples of powers of two: 1 - x and -x are exact, so that symmetry can be tested with equality.
rates = st.integers(0, 1024).map(lambda n: n / 1024)
scores = st.integers(-640, 640).map(lambda n: n / 16)
visit_counts = st.integers(1, 4096)


@st.composite
def games(draw: st.DrawFn) -> tuple[GameRecord, dict[int, Evaluation]]:
    """A 9x9 game with evaluations for most of its positions."""
    count = draw(st.integers(0, 12))
    cells = draw(st.permutations([Point(col, row) for col in range(0, SIZE, 2) for row in range(0, SIZE, 2)]))
    first = draw(st.sampled_from(list(Color)))
    moves = tuple(
        Move(first if index % 2 == 0 else first.opponent, cells[index] if draw(st.integers(0, 9)) else None)
        for index in range(count)
    )
    record = GameRecord(SIZE, SIZE, moves, 6.5, Ruleset.CHINESE, first_to_play=first)
    evaluations = {turn: draw(evaluation(record, turn)) for turn in range(count + 1) if draw(st.integers(0, 9))}
    return record, evaluations


@st.composite
def evaluation(draw: st.DrawFn, record: GameRecord, turn: int) -> Evaluation:
    played = [record.moves[turn].vertex] if turn < record.total_turns else []
    vertices = draw(st.lists(st.sampled_from(["A1", "J9", "E6", "B1", "J1", PASS, *played]), max_size=3, unique=True))
    candidates = tuple(
        Candidate(
            vertex,
            order,
            draw(visit_counts),
            draw(rates),
            draw(scores),
            10.0,
            draw(rates),
            draw(rates),
            (vertex,),
        )
        for order, vertex in enumerate(vertices)
    )
    seed = draw(st.integers(0, 200))
    ownership = tuple(seed * (index + 1) % 201 - 100 for index in range(AREA)) if seed else ()
    return Evaluation(
        turn,
        record.to_move(turn),
        draw(visit_counts),
        draw(rates),
        draw(scores),
        10.0,
        0.5,
        0.0,
        0.1,
        1.0,
        candidates,
        ownership,
    )


def swapped(record: GameRecord, evaluations: dict[int, Evaluation]) -> tuple[GameRecord, dict[int, Evaluation]]:
    moves = tuple(Move(move.color.opponent, move.point) for move in record.moves)
    values = {
        turn: replace(
            value,
            to_move=value.to_move.opponent,
            winrate=1 - value.winrate,
            score_lead=-value.score_lead,
            candidates=tuple(c.for_(Color.WHITE) for c in value.candidates),
            ownership=tuple(-owner for owner in value.ownership),
        )
        for turn, value in evaluations.items()
    }
    return replace(record, moves=moves, first_to_play=record.first_to_play.opponent), values


def mirrored_vertex(vertex: str) -> str:
    point = parse_vertex(vertex, SIZE, SIZE)
    return vertex_name(None if point is None else Point(SIZE - 1 - point.col, point.row))


def mirrored_tag(tag: str) -> str:
    if tag == Tag.LEFT_OPEN:
        return tag  # not a side of the board
    return tag.replace("left", "\0").replace("right", "left").replace("\0", "right")


def unexplained(moves: tuple[MoveReview, ...]) -> tuple[MoveReview, ...]:
    return tuple(replace(move, tags=(), facts=()) for move in moves)


def mirrored(record: GameRecord, evaluations: dict[int, Evaluation]) -> tuple[GameRecord, dict[int, Evaluation]]:
    moves = tuple(Move(m.color, parse_vertex(mirrored_vertex(m.vertex), SIZE, SIZE)) for m in record.moves)
    values = {
        turn: replace(
            value,
            candidates=tuple(
                replace(c, move=mirrored_vertex(c.move), pv=tuple(map(mirrored_vertex, c.pv))) for c in value.candidates
            ),
            ownership=tuple(value.ownership[row * SIZE + SIZE - 1 - col] for row in range(SIZE) for col in range(SIZE))
            if value.ownership
            else (),
        )
        for turn, value in evaluations.items()
    }
    return replace(record, moves=moves), values


def all_stats(review: GameReview) -> list[MoveStats]:
    return [
        stats
        for player in (review.black, review.white)
        for stats in (
            player.overall,
            *(stats for _, stats in player.by_phase),
            *(stats for _, _, stats in player.by_segment),
        )
    ]


@settings(deadline=None, max_examples=40)
@given(games())
def test_swapping_the_colours_swaps_the_players_and_nothing_else(
    case: tuple[GameRecord, dict[int, Evaluation]],
) -> None:
    review, twin = judge(*case), judge(*swapped(*case))
    assert twin.moves == tuple(
        replace(
            move,
            player=move.player.opponent,
            facts=tuple(replace(fact, owner=fact.owner and fact.owner.opponent) for fact in move.facts),
        )
        for move in review.moves
    )
    assert twin.black.overall == review.white.overall
    assert twin.white.overall == review.black.overall
    assert twin.losing_move == review.losing_move
    assert twin.lead_changes == review.lead_changes
    assert twin.phase_starts == review.phase_starts


@settings(deadline=None, max_examples=40)
@given(games())
def test_mirroring_the_board_changes_vertices_only(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    review, twin = judge(*case), judge(*mirrored(*case))
    for move, image in zip(review.moves, twin.moves, strict=True):
        assert sorted(map(mirrored_tag, move.tags)) == sorted(image.tags)
        assert sorted((f.tag, f.count) for f in move.facts) == sorted((f.tag, f.count) for f in image.facts)
    assert unexplained(twin.moves) == tuple(
        replace(
            move,
            vertex=mirrored_vertex(move.vertex),
            best_vertex=mirrored_vertex(move.best_vertex) if move.best_vertex else "",
        )
        for move in unexplained(review.moves)
    )
    assert (twin.black, twin.white, twin.key_moments) == (review.black, review.white, review.key_moments)


@settings(deadline=None, max_examples=40)
@given(games())
def test_statistics_add_up(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    review = judge(*case)
    for player in (review.black, review.white):
        whole = player.overall
        own = [move for move in review.moves if move.player is player.player]
        assert whole.moves == len(own) == sum(count for _, count in whole.category_counts)
        assert whole.moves == sum(stats.moves for _, stats in player.by_phase)
        assert whole.moves == sum(stats.moves for _, _, stats in player.by_segment)
        assert math.isclose(whole.total_loss, sum(stats.total_loss for _, stats in player.by_phase), abs_tol=1e-6)
        assert math.isclose(whole.total_loss, sum(max(0.0, move.points_lost) for move in own), abs_tol=1e-6)
        assert whole.free_moves == sum(not move.forced for move in own)


@settings(deadline=None, max_examples=40)
@given(games())
def test_every_figure_is_in_its_range(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    for stats in all_stats(judge(*case)):
        assert stats.total_loss >= 0
        for rate in (stats.match_rate, stats.top1_rate, stats.top3_rate, stats.free_match_rate):
            assert rate is None or 0 <= rate <= 1
        if stats.moves:
            assert stats.accuracy is not None
            assert 0 <= stats.accuracy <= 100
            assert stats.top1_rate is not None
            assert stats.top3_rate is not None
            assert stats.top1_rate <= stats.top3_rate
        else:
            assert stats.mean_loss is stats.accuracy is stats.match_rate is None


@settings(deadline=None, max_examples=40)
@given(games())
def test_verdicts_are_consistent(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    record, evaluations = case
    review = judge(record, evaluations)
    for move in review.moves:
        assert math.isfinite(move.points_lost)
        assert math.isfinite(move.winrate_lost)
        assert (move.category is MoveCategory.BEST) == (move.rank == 1)
        if move.rank == 1:
            assert move.points_lost <= 0
            assert move.visits_ratio == 1
        elif move.points_lost_search is not None:
            before, after = (
                (
                    evaluation.score_lead,
                    evaluation.score_lead if evaluation.best is None else evaluation.best.score_lead,
                )
                for evaluation in (evaluations[move.move_number - 1], evaluations[move.move_number])
            )
            two_searches = [(here - there) * move.player.sign for here in before for there in after]
            estimates = (*two_searches, move.points_lost_search)
            assert min(estimates) - 1e-9 <= move.points_lost <= max(estimates) + 1e-9
        assert move.rank == 1 or not move.forced


@settings(deadline=None, max_examples=40)
@given(games())
def test_key_moments_are_real_and_numbered_in_game_order(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    review = judge(*case)
    by_number = {move.move_number: move for move in review.moves}
    assert [moment.number for moment in review.key_moments] == list(range(1, len(review.key_moments) + 1))
    numbers = [moment.move_number for moment in review.key_moments]
    assert numbers == sorted(set(numbers))
    told = [n for moment in review.key_moments for n in (moment.move_number, *moment.also)]
    assert len(told) == len(set(told))
    for moment in review.key_moments:
        assert severity(by_number[moment.move_number].category) >= severity(MoveCategory.SLACK)
        assert by_number[moment.move_number].key_moment == moment.number
    for color in Color:
        assert sum(moment.player is color for moment in review.key_moments) <= 5


@given(
    st.floats(-20, 40),
    st.floats(0, 20),
    st.floats(-0.5, 1),
    st.floats(0, 0.5),
    rates,
)
def test_losing_more_is_never_a_better_class(
    points: float, more_points: float, winrate: float, more_winrate: float, before: float
) -> None:
    lesser = categorize(points, winrate, before, is_first=False)
    greater = categorize(points + more_points, winrate + more_winrate, before, is_first=False)
    assert severity(greater) >= severity(lesser)


@st.composite
def single_moves(draw: st.DrawFn) -> tuple[Evaluation, Evaluation]:
    """The searches before and after a move of Black's to A1."""
    record = GameRecord(SIZE, SIZE, (Move(Color.BLACK, Point(0, 0)),), 6.5, Ruleset.CHINESE)
    return draw(evaluation(record, 0)), draw(evaluation(record, 1))


@given(single_moves(), st.integers(0, 640).map(lambda n: n / 16), st.integers(0, 512).map(lambda n: n / 1024))
def test_the_worse_the_position_after_the_greater_the_loss(
    case: tuple[Evaluation, Evaluation], points: float, winrate: float
) -> None:
    before, after = case
    worse = replace(
        after,
        score_lead=after.score_lead - points,
        winrate=after.winrate - winrate,
        candidates=tuple(
            replace(c, score_lead=c.score_lead - points, winrate=c.winrate - winrate) for c in after.candidates
        ),
    )
    less, more = (estimate_loss(Color.BLACK, "A1", before, value) for value in (after, worse))
    assert more.points >= less.points
    assert more.winrate >= less.winrate
    assert more.points_root == less.points_root + points


@given(single_moves(), st.integers(0, 640).map(lambda n: n / 16))
def test_the_better_the_first_choice_the_greater_the_loss(case: tuple[Evaluation, Evaluation], points: float) -> None:
    before, after = case
    best = before.best
    if best is None or best.move == "A1":
        return
    richer = replace(before, candidates=(replace(best, score_lead=best.score_lead + points), *before.candidates[1:]))
    less, more = (estimate_loss(Color.BLACK, "A1", value, after).points for value in (before, richer))
    assert more >= less or is_first_choice("A1", before)


@given(single_moves(), st.integers(-640, 640).map(lambda n: n / 16))
def test_komi_moves_no_loss(case: tuple[Evaluation, Evaluation], komi: float) -> None:
    shifted = [
        replace(
            value,
            score_lead=value.score_lead + komi,
            candidates=tuple(replace(c, score_lead=c.score_lead + komi) for c in value.candidates),
        )
        for value in case
    ]
    here, there = estimate_loss(Color.BLACK, "A1", *case), estimate_loss(Color.BLACK, "A1", *shifted)
    assert math.isclose(here.points, there.points, abs_tol=1e-9)
    assert here.search_weight == there.search_weight


def turned(record: GameRecord, evaluations: dict[int, Evaluation]) -> tuple[GameRecord, dict[int, Evaluation]]:
    """The board seen from its side: columns and rows change places."""

    def vertex(name: str) -> str:
        point = parse_vertex(name, SIZE, SIZE)
        return vertex_name(None if point is None else Point(point.row, point.col))

    moves = tuple(Move(m.color, parse_vertex(vertex(m.vertex), SIZE, SIZE)) for m in record.moves)
    values = {
        turn: replace(
            value,
            candidates=tuple(replace(c, move=vertex(c.move), pv=tuple(map(vertex, c.pv))) for c in value.candidates),
            # Row by row from the top left: the diagonal of this mirror runs from the lower left corner.
            ownership=tuple(
                value.ownership[(SIZE - 1 - col) * SIZE + SIZE - 1 - row] for row in range(SIZE) for col in range(SIZE)
            )
            if value.ownership
            else (),
        )
        for turn, value in evaluations.items()
    }
    return replace(record, moves=moves), values


@settings(deadline=None, max_examples=40)
@given(games())
def test_turning_the_board_changes_no_verdict(case: tuple[GameRecord, dict[int, Evaluation]]) -> None:
    review, twin = judge(*case), judge(*turned(*case))
    for move, image in zip(review.moves, twin.moves, strict=True):
        assert (move.category, move.points_lost, move.winrate_lost, move.confidence, move.points_error) == (
            image.category,
            image.points_lost,
            image.winrate_lost,
            image.confidence,
            image.points_error,
        )
        assert sorted((f.tag, f.count) for f in move.facts) == sorted((f.tag, f.count) for f in image.facts)
    assert (twin.black, twin.white, twin.key_moments) == (review.black, review.white, review.key_moments)


@settings(deadline=None, max_examples=40)
@given(games(), st.integers(2, 64))
def test_more_visits_are_never_less_sure(case: tuple[GameRecord, dict[int, Evaluation]], factor: int) -> None:
    record, evaluations = case
    deeper = {turn: replace(value, visits=value.visits * factor) for turn, value in evaluations.items()}
    for move in judge(record, evaluations).moves:
        if move.points_lost_search is None:
            before, after = move.move_number - 1, move.move_number
            shallow = points_error(move, evaluations[before], evaluations[after], 2.0)
            assert points_error(move, deeper[before], deeper[after], 2.0) < shallow
        assert 0.5 <= move.confidence <= 1
