"""Verdicts on moves, with values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import Color, Point
from pipeline.go.record import GameInfo, GameRecord, Move, Result, ResultKind, Ruleset
from pipeline.review.category import categorize
from pipeline.review.judge import JudgeOptions, judge
from pipeline.review.key_moments import KeyMomentRule
from pipeline.review.loss import estimate_loss, search_weight
from pipeline.review.model import MoveCategory, MoveReview, Phase
from pipeline.review.phases import open_share, phase_starts
from pipeline.review.turning import lead_changes


def candidate(move: str, order: int, visits: int, winrate: float, score: float, prior: float = 0.1) -> Candidate:
    return Candidate(move, order, visits, winrate, score, 10.0, winrate - 0.02, prior, (move,))


def evaluation(
    turn: int,
    to_move: Color,
    winrate: float = 0.5,
    score: float = 0.0,
    candidates: tuple[Candidate, ...] = (),
    *,
    visits: int = 1000,
    ownership: tuple[int, ...] = (),
) -> Evaluation:
    return Evaluation(
        turn, to_move, visits, winrate, score, 10.0, winrate, score, 0.1, 1.0, candidates, ownership=ownership
    )


def game(*points: Point | None, size: int = 19, info: GameInfo | None = None) -> GameRecord:
    colors = [Color.BLACK, Color.WHITE]
    moves = tuple(Move(colors[index % 2], point) for index, point in enumerate(points))
    return GameRecord(size, size, moves, 7.5, Ruleset.CHINESE, info=info or GameInfo())


def scattered(count: int, size: int = 19) -> list[Point]:
    """Points in a fixed order that never touch each other's neighbours early on."""
    return [Point(col, row) for row in range(1, size, 4) for col in range(1, size, 4)][:count]


def curve(record: GameRecord, values: list[tuple[float, float]]) -> dict[int, Evaluation]:
    """Evaluations with these (winrate, score) pairs; the search looked at the corner T1 only."""
    return {
        turn: evaluation(
            turn, record.to_move(turn), winrate, score, (candidate("T1", 0, 900, winrate, score, prior=0.2),)
        )
        for turn, (winrate, score) in enumerate(values)
    }


def reviewed(record: GameRecord, values: list[tuple[float, float]]) -> tuple[MoveReview, ...]:
    return judge(record, curve(record, values)).moves


class TestLoss:
    def test_two_searches_alone_when_the_move_was_hardly_searched(self) -> None:
        before = evaluation(
            4, Color.BLACK, 0.60, 5.0, (candidate("Q16", 0, 900, 0.64, 6.0), candidate("D4", 1, 9, 0.1, -20.0))
        )
        after = evaluation(5, Color.WHITE, 0.45, 1.0, (candidate("R4", 0, 900, 0.41, 0.0),))
        loss = estimate_loss(Color.BLACK, "D4", before, after)
        # values all but halfway between root and first choice: 5.5 and 0.5 points, 62 % and 43 %
        assert loss.points == pytest.approx(5.0, abs=0.01)
        assert loss.winrate == pytest.approx(0.19, abs=0.001)
        assert loss.points_root == pytest.approx(4.0)
        assert loss.winrate_root == pytest.approx(0.15)
        assert loss.points_search is None

    def test_a_position_without_moves_has_its_root_value(self) -> None:
        before = evaluation(4, Color.BLACK, 0.60, 5.0)
        after = evaluation(5, Color.WHITE, 0.45, 1.0)
        assert estimate_loss(Color.BLACK, "D4", before, after).points == pytest.approx(4.0)

    def test_both_estimates_join_by_the_visits_behind_them(self) -> None:
        before = evaluation(
            4, Color.BLACK, 0.60, 5.0, (candidate("Q16", 0, 700, 0.62, 6.0), candidate("D4", 1, 250, 0.58, 4.0))
        )
        after = evaluation(5, Color.WHITE, 0.50, 1.0)
        loss = estimate_loss(Color.BLACK, "D4", before, after)
        # w = 250 / (250 + 0.5 * 1000) = 1/3; search 6 - 4 = 2; two searches 5.5 - 1 = 4.5
        assert search_weight(250, 1000) == pytest.approx(1 / 3)
        assert loss.points_search == pytest.approx(2.0)
        assert loss.points_root == pytest.approx(4.0)
        assert loss.points == pytest.approx(11 / 3, abs=0.01)
        assert loss.winrate == pytest.approx(0.04 / 3 + 0.11 * 2 / 3, abs=0.001)

    def test_white_loses_when_black_gains(self) -> None:
        before = evaluation(5, Color.WHITE, 0.40, -3.0, (candidate("Q16", 0, 900, 0.38, -4.0),))
        after = evaluation(6, Color.BLACK, 0.55, 2.0)
        loss = estimate_loss(Color.WHITE, "D4", before, after)
        assert loss.points == pytest.approx(5.5, abs=0.01)
        assert loss.winrate == pytest.approx(0.16, abs=0.001)

    def test_a_first_choice_with_few_visits_hardly_counts_beside_the_root(self) -> None:
        before = evaluation(4, Color.BLACK, 0.50, 5.0, (candidate("Q16", 0, 5, 0.9, 25.0),))
        after = evaluation(5, Color.WHITE, 0.50, 5.0)
        # share 5 / (5 + 5) / 2 = 1/4 of the 20 points that the first choice seems to bring
        assert estimate_loss(Color.BLACK, "D4", before, after).points == pytest.approx(5.0)

    def test_first_choice_is_no_loss_whatever_the_next_search_says(self) -> None:
        before = evaluation(4, Color.BLACK, 0.60, 5.0, (candidate("Q16", 0, 900, 0.61, 5.5),))
        after = evaluation(5, Color.WHITE, 0.30, -4.0)
        loss = estimate_loss(Color.BLACK, "Q16", before, after)
        assert loss.points == 0.0
        assert loss.winrate == 0.0
        assert loss.points_root == pytest.approx(9.0)

    def test_a_gain_of_the_first_choice_is_kept_signed(self) -> None:
        before = evaluation(4, Color.BLACK, 0.60, 5.0, (candidate("Q16", 0, 1000, 0.60, 5.0),))
        after = evaluation(5, Color.WHITE, 0.70, 7.0)
        assert estimate_loss(Color.BLACK, "Q16", before, after).points == pytest.approx(-2.0 / 3)  # w = 2/3

    def test_mirror_image_of_the_first_choice_is_a_first_choice(self) -> None:
        twins = (candidate("R16", 0, 42, 0.5, 0.1), candidate("R4", 1, 42, 0.5, 0.1))
        record = game(Point(16, 3))
        review = judge(
            record, {0: evaluation(0, Color.BLACK, 0.5, 0.1, twins), 1: evaluation(1, Color.WHITE, 0.3, -3.0)}
        )
        assert review.moves[0].rank == 1
        assert review.moves[0].category is MoveCategory.BEST
        assert review.moves[0].visits_ratio == 1.0


class TestCategory:
    @pytest.mark.parametrize(
        ("points", "expected"),
        [
            (-1.0, MoveCategory.GOOD),
            (0.49, MoveCategory.GOOD),
            (0.5, MoveCategory.SMALL_LOSS),
            (1.5, MoveCategory.SLACK),
            (3.0, MoveCategory.MISTAKE),
            (6.0, MoveCategory.BLUNDER),
            (12.0, MoveCategory.HUGE_BLUNDER),
        ],
    )
    def test_points_decide_in_an_open_game(self, points: float, expected: MoveCategory) -> None:
        assert categorize(points, 0.0, 0.5, is_first=False) is expected

    def test_one_point_that_flips_the_game_is_a_mistake(self) -> None:
        assert categorize(1.0, 0.60, 0.80, is_first=False) is MoveCategory.MISTAKE

    def test_winrate_raises_by_two_classes_at_most(self) -> None:
        assert categorize(0.3, 0.90, 0.95, is_first=False) is MoveCategory.SLACK

    def test_winrate_noise_without_points_raises_nothing(self) -> None:
        assert categorize(0.1, 0.09, 0.5, is_first=False) is MoveCategory.GOOD

    @pytest.mark.parametrize(
        ("lost", "before", "expected"),
        [
            (0.005, 0.999, MoveCategory.SLACK),  # still 99.4 %: two classes down
            (0.010, 0.985, MoveCategory.MISTAKE),  # still 97.5 %: one
            (0.005, 0.009, MoveCategory.SLACK),  # lost before it
            (0.010, 0.029, MoveCategory.MISTAKE),
            (0.030, 0.980, MoveCategory.BLUNDER),  # 95 %: no longer decided
        ],
    )
    def test_eight_points_in_a_decided_game(self, lost: float, before: float, expected: MoveCategory) -> None:
        assert categorize(8.0, lost, before, is_first=False) is expected

    def test_a_decided_game_never_makes_a_loss_good(self) -> None:
        assert categorize(1.6, 0.0, 0.999, is_first=False) is MoveCategory.SMALL_LOSS
        assert categorize(0.6, 0.0, 0.999, is_first=False) is MoveCategory.SMALL_LOSS

    def test_first_choice_is_best(self) -> None:
        assert categorize(20.0, 0.5, 0.5, is_first=True) is MoveCategory.BEST


class TestMissingEvaluations:
    def test_moves_beside_a_gap_are_left_out(self) -> None:
        record = game(*scattered(4))
        evaluations = curve(record, [(0.5, 0.0)] * 5)
        del evaluations[2]
        review = judge(record, evaluations)
        assert [move.move_number for move in review.moves] == [1, 4]
        assert review.winrates == (0.5, 0.5, None, 0.5, 0.5)
        assert review.black.overall.moves == 1
        assert review.white.overall.moves == 1

    def test_nothing_searched_is_an_empty_review(self) -> None:
        review = judge(game(*scattered(3)), {})
        assert review.moves == ()
        assert review.black.overall.mean_loss is None
        assert review.black.overall.accuracy is None
        assert review.losing_move is None

    def test_a_game_without_moves(self) -> None:
        record = game()
        review = judge(record, {0: evaluation(0, Color.BLACK)})
        assert review.moves == ()
        assert review.phase_starts == ()
        assert review.winrates == (0.5,)

    def test_a_position_without_candidates(self) -> None:
        record = game(None)
        review = judge(record, {0: evaluation(0, Color.BLACK), 1: evaluation(1, Color.WHITE)})
        assert review.moves[0].rank is None
        assert review.moves[0].best_vertex == ""


class TestForced:
    def position(self, *candidates: Candidate) -> MoveReview:
        record = game(Point(3, 3))
        evaluations = {0: evaluation(0, Color.BLACK, candidates=candidates), 1: evaluation(1, Color.WHITE)}
        return judge(record, evaluations).moves[0]

    def test_prior_above_nine_tenths_and_played(self) -> None:
        others = candidate("Q4", 1, 50, 0.4, -1.0, 0.05)
        assert self.position(candidate("D4", 0, 900, 0.5, 0.0, 0.91), others).forced
        assert not self.position(candidate("D4", 0, 900, 0.5, 0.0, 0.90), others).forced

    def test_the_only_move_searched(self) -> None:
        assert self.position(candidate("D4", 0, 900, 0.5, 0.0, 0.5)).forced

    def test_a_forced_move_that_was_missed_is_not_excused(self) -> None:
        assert not self.position(candidate("Q4", 0, 900, 0.5, 0.0, 0.99)).forced


class TestSettled:
    def review(self, root_score_after: float, search_score: float) -> MoveReview:
        record = game(Point(3, 3))
        before = evaluation(
            0, Color.BLACK, 0.5, 0.0, (candidate("Q16", 0, 500, 0.5, 0.0), candidate("D4", 1, 300, 0.5, search_score))
        )
        return judge(record, {0: before, 1: evaluation(1, Color.WHITE, 0.5, root_score_after)}).moves[0]

    def test_estimates_in_neighbouring_classes_are_settled(self) -> None:
        assert self.review(-2.0, -1.0).settled

    def test_estimates_two_classes_apart_are_not(self) -> None:
        assert not self.review(-4.0, -1.0).settled


class TestLosingMove:
    def test_the_last_flip_by_the_loser(self) -> None:
        record = game(*scattered(6))
        values = [(0.5, 0.0), (0.6, 1.0), (0.4, -1.0), (0.6, 1.0), (0.55, 0.5), (0.3, -4.0), (0.2, -5.0)]
        review = judge(record, curve(record, values))
        assert review.lead_changes == (2, 3, 5)
        assert review.losing_move == 5  # Black's third move: 55 % -> 30 %

    def test_a_game_that_slipped_away_has_none(self) -> None:
        record = game(*scattered(4))
        values = [(0.55, 0.4), (0.52, 0.2), (0.51, 0.2), (0.46, -0.3), (0.44, -0.4)]
        assert judge(record, curve(record, values)).losing_move is None

    def test_lead_that_never_changed_has_none(self) -> None:
        record = game(*scattered(3))
        assert judge(record, curve(record, [(0.9, 9.0), (0.8, 7.0), (0.8, 7.0), (0.6, 2.0)])).losing_move is None

    def test_a_game_lost_on_time_while_ahead_has_none(self) -> None:
        info = GameInfo(result=Result(ResultKind.TIME, Color.BLACK))
        record = game(*scattered(2), info=info)
        values = [(0.6, 1.0), (0.3, -3.0), (0.2, -4.0)]
        assert judge(record, curve(record, values)).losing_move is None
        assert judge(replace(record, info=GameInfo()), curve(record, values)).losing_move == 1

    def test_exactly_even_leaves_the_lead(self) -> None:
        assert lead_changes([0.6, 0.5, 0.6, None, 0.4, 0.5]) == (4,)


class TestPhases:
    def test_open_share_of_one_centre_stone(self) -> None:
        board = game(Point(9, 9)).board_at(1)
        assert open_share(board) == pytest.approx(1 - 25 / 361)

    @pytest.mark.parametrize(("size", "latest"), [(19, 73), (13, 34), (9, 17)])
    def test_opening_ends_when_a_fifth_of_the_board_is_taken(self, size: int, latest: int) -> None:
        # Two solid blocks at the bottom: the rest stays open for as long as can be.
        points = [Point(col, row) for row in (0, 2, 4, 6) for col in range(size)]
        record = game(*points[: latest + 5], size=size)
        assert phase_starts(record, {})[1] == (Phase.MIDDLE, latest + 1)

    def test_opening_ends_early_when_no_big_points_are_left(self) -> None:
        # One stone in each 5x5 block (16 on 19x19), then forcing moves beside them.
        first = [Point(col, row) for row in (2, 7, 12, 16) for col in (2, 7, 12, 16)]
        record = game(*first, *[Point(p.col + 1, p.row) for p in first])
        (_, opening), (phase, number) = phase_starts(record, {})
        assert opening == 1
        assert phase is Phase.MIDDLE
        assert number == 30  # 29 stones are 8 % of 361 points

    def test_endgame_when_ownership_is_clear(self) -> None:
        record = game(*[Point(col, row) for row in (0, 2, 4, 6) for col in range(9)], size=9)
        clear = tuple([90] * 81)
        doubtful = tuple([30] * 81)
        evaluations = {
            turn: evaluation(turn, record.to_move(turn), ownership=clear if turn >= 25 else doubtful)
            for turn in range(record.total_turns + 1)
        }
        assert phase_starts(record, evaluations)[-1] == (Phase.ENDGAME, 26)

    def test_a_short_calm_is_no_endgame(self) -> None:
        record = game(*[Point(col, row) for row in (0, 2, 4, 6) for col in range(9)], size=9)
        evaluations = {
            turn: evaluation(turn, record.to_move(turn), ownership=tuple([90 if turn in {25, 26, 27} else 30] * 81))
            for turn in range(record.total_turns + 1)
        }
        assert [phase for phase, _ in phase_starts(record, evaluations)] == [Phase.OPENING, Phase.MIDDLE]

    def test_without_ownership_katrains_forty_per_cent(self) -> None:
        record = game(*[Point(col, row) for row in (0, 2, 4, 6) for col in range(9)], size=9)
        assert phase_starts(record, {})[-1] == (Phase.ENDGAME, 34)  # 33 stones are 40 % of 81


class TestKeyMoments:
    def losses(self, *numbers_and_points: tuple[int, float], total: int = 40) -> list[tuple[float, float]]:
        """A curve on which only these moves lose points (5 % for each point)."""
        lost = dict(numbers_and_points)
        values = [(0.5, 0.0)]
        for number in range(1, total + 1):
            sign = 1 if number % 2 else -1
            rate, score = values[-1]
            values.append((rate - sign * lost.get(number, 0.0) * 0.02, score - sign * lost.get(number, 0.0)))
        return values

    def chosen(self, *numbers_and_points: tuple[int, float], rule: KeyMomentRule | None = None) -> list[int]:
        record = game(*spread_points(40))
        options = JudgeOptions(rule or KeyMomentRule())
        review = judge(record, curve(record, self.losses(*numbers_and_points)), options)
        return [moment.move_number for moment in review.key_moments]

    def test_the_worst_of_each_player_in_game_order(self) -> None:
        found = self.chosen((3, 4.0), (10, 2.0), (21, 7.0), (30, 5.0), rule=KeyMomentRule(per_player=1))
        assert found == [21, 30]

    def test_small_losses_are_not_told(self) -> None:
        assert self.chosen((3, 0.4), (10, 0.9)) == []

    def test_least_class_is_adjustable(self) -> None:
        assert self.chosen((3, 2.0), (21, 7.0), rule=KeyMomentRule(least=MoveCategory.BLUNDER)) == [21]

    def test_numbers_run_in_game_order_and_stand_on_the_moves(self) -> None:
        record = game(*spread_points(40))
        review = judge(record, curve(record, self.losses((3, 2.0), (10, 9.0), (21, 5.0))))
        assert [(m.number, m.move_number) for m in review.key_moments] == [(1, 3), (2, 10), (3, 21)]
        assert {m.move_number: m.key_moment for m in review.moves if m.key_moment} == {3: 1, 10: 2, 21: 3}

    def test_a_mistake_that_went_unpunished_is_one_moment(self) -> None:
        record = game(*spread_points(40))
        review = judge(record, curve(record, self.losses((9, 8.0), (10, 7.0))))
        (moment,) = review.key_moments
        assert (moment.move_number, moment.also) == (9, (10,))
        assert "unpunished" in review.moves[8].tags
        assert "missed_punishment" in review.moves[9].tags

    def test_an_answer_that_gives_back_little_is_its_own_moment(self) -> None:
        assert self.chosen((9, 8.0), (10, 2.0)) == [9, 10]

    def test_two_moves_of_one_local_fight_are_one_moment(self) -> None:
        points: list[Point | None] = list(spread_points(40))
        points[8], points[12] = Point(18, 18), Point(16, 17)
        record = game(*points)
        review = judge(record, curve(record, self.losses((9, 8.0), (13, 5.0))))
        assert [m.move_number for m in review.key_moments] == [9]

    def test_the_same_moves_far_apart_are_two(self) -> None:
        points: list[Point | None] = list(spread_points(40))
        points[8], points[12] = Point(18, 18), Point(0, 17)
        record = game(*points)
        review = judge(record, curve(record, self.losses((9, 8.0), (13, 5.0))))
        assert [m.move_number for m in review.key_moments] == [9, 13]

    def test_decided_games_come_last(self) -> None:
        record = game(*spread_points(40))
        values = self.losses((3, 4.0))[:10] + [(0.995, 40.0)] * 31
        values[9] = (0.995, 40.0)
        values[21:] = [(0.992, 28.0)] * 20  # move 21 loses 12 points and nothing of the game
        review = judge(record, curve(record, values), JudgeOptions(KeyMomentRule(per_player=1)))
        assert [m.move_number for m in review.key_moments if m.player is Color.BLACK] == [3]


def spread_points(count: int) -> list[Point]:
    """Neighbours in time are far apart on the board."""
    grid = [Point(col, row) for row in range(0, 16, 2) for col in range(0, 16, 2)]
    return [grid[(index * 27) % len(grid)] for index in range(count)]


class TestStatistics:
    def test_by_hand(self) -> None:
        record = game(*[Point(3, 3), Point(15, 15), Point(3, 15), None])
        first = (candidate("D4", 0, 600, 0.5, 0.0, 0.5), candidate("Q16", 1, 300, 0.5, -0.5, 0.3))
        third = (
            candidate("Q4", 0, 500, 0.45, -1.0, 0.5),
            candidate("R4", 1, 300, 0.45, -1.0, 0.2),
            candidate("D16", 2, 125, 0.40, -3.0, 0.2),
        )
        evaluations = {
            0: evaluation(0, Color.BLACK, 0.50, 0.0, first),
            1: evaluation(1, Color.WHITE, 0.50, 0.0),
            2: evaluation(2, Color.BLACK, 0.45, -1.0, third),
            3: evaluation(3, Color.WHITE, 0.35, -5.0),
            4: evaluation(4, Color.BLACK, 0.55, 1.0),
        }
        review = judge(record, evaluations)
        black = review.black.overall
        # Move 3: w = 125 / (125 + 500) = 0.2; points 0.2 * 2 + 0.8 * 4, winrate 0.2 * 0.05 + 0.8 * 0.10
        assert black.total_loss == pytest.approx(3.6)
        assert black.mean_loss == pytest.approx(1.8)
        assert black.mean_winrate_loss == pytest.approx(0.09 / 2)
        assert black.match_rate == pytest.approx((1 + 125 / 500) / 2)
        assert black.top1_rate == pytest.approx(0.5)
        assert black.top3_rate == pytest.approx(1.0)
        assert dict(black.category_counts)[MoveCategory.BEST] == 1
        assert dict(black.category_counts)[MoveCategory.MISTAKE] == 1
        # White: move 2 gains one point (clipped), move 4 loses six.
        assert review.white.overall.total_loss == pytest.approx(6.0)
        assert review.moves[1].points_lost == pytest.approx(-1.0)
        assert review.white.overall.match_rate == 0.0

    def test_segments_of_fifty_cover_the_game(self) -> None:
        record = game(*[None] * 112)
        review = judge(record, curve(record, [(0.5, 0.0)] * 113))
        assert [(first, last, stats.moves) for first, last, stats in review.black.by_segment] == [
            (1, 50, 25),
            (51, 100, 25),
            (101, 112, 6),
        ]

    def test_phases_add_up_to_the_game(self) -> None:
        record = game(*[Point(col, row) for row in range(0, 18, 2) for col in range(19)])
        review = judge(record, curve(record, [(0.5, 0.0)] * (record.total_turns + 1)))
        parts = [stats.moves for _, stats in review.black.by_phase]
        assert all(parts)
        assert sum(parts) == review.black.overall.moves


def test_a_pass_that_the_reader_put_in_is_nobodys_mistake() -> None:
    record = game(Point(3, 3), None, Point(15, 15))
    values = [(0.5, 0.0), (0.5, 0.0), (0.9, 15.0), (0.9, 15.0)]
    passed = judge(record, curve(record, values))
    assert passed.moves[1].points_lost > 10
    put_in = (record.moves[0], replace(record.moves[1], inserted=True), record.moves[2])
    told = judge(replace(record, moves=put_in), curve(record, values))
    assert [move.move_number for move in told.moves] == [1, 3]
    assert 2 not in {moment.move_number for moment in told.key_moments}
