"""The scheduler hands out each position once, in order, and never waits for nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from pipeline.evaluation import Evaluation
from pipeline.go.board import Color, Point
from pipeline.go.record import GameRecord, Move, Ruleset
from pipeline.plan import AnalysisProfile, PositionRequest, Strategy, next_requests
from pipeline.schedule import GameTask, Scheduler


def game(moves: int = 4) -> GameRecord:
    colors = [Color.BLACK, Color.WHITE]
    played = tuple(Move(colors[i % 2], Point(i % 9, i // 9)) for i in range(moves))
    return GameRecord(9, 9, played, 7.5, Ruleset.CHINESE)


def result(turn: int, visits: int) -> Evaluation:
    return Evaluation(turn, Color.BLACK, visits, 0.5, 0.0, 1.0, 0.5, 0.0, 0.0, 0.0, ())


UNIFORM = AnalysisProfile("net", 100, 0, Strategy.UNIFORM)
ADAPTIVE = AnalysisProfile("net", 100, 10, Strategy.ADAPTIVE)


def scheduler_of(tasks: Iterable[GameTask], printed: Callable[[GameTask], Iterable[int]] = lambda _: ()) -> Scheduler:
    def plan(task: GameTask) -> list[PositionRequest]:
        done = task.done_visits
        first = next_requests(task.record, task.profile, done)
        return first or next_requests(task.record, task.profile, done, printed(task))

    scheduler = Scheduler(plan)
    for task in tasks:
        scheduler.add(task)
    return scheduler


def drain(scheduler: Scheduler, visits_given: float = 1.0) -> list[tuple[str, int, int]]:
    asked = []
    while scheduler.open:
        item = scheduler.next()
        assert item is not None, "nothing to do, yet not finished"
        task, request = item
        asked.append((task.name, request.turn, request.visits))
        scheduler.answered(task, result(request.turn, int(request.visits * visits_given)))
    return asked


def test_uniform_asks_every_position_once_and_finishes_games_in_order():
    scheduler = scheduler_of([GameTask(game(), "a", UNIFORM), GameTask(game(2), "b", UNIFORM)])
    asked = drain(scheduler)
    assert asked == [("a", t, 100) for t in range(5)] + [("b", t, 100) for t in range(3)]
    assert [task.name for task in scheduler.finished()] == ["a", "b"]


def test_adaptive_deepens_only_what_the_report_prints():
    scheduler = scheduler_of([GameTask(game(), "a", ADAPTIVE)], lambda _: {1, 2})
    assert drain(scheduler) == [("a", t, 10) for t in range(5)] + [("a", 1, 100), ("a", 2, 100)]


def test_new_printed_positions_are_deepened_in_another_round():
    def printed(task: GameTask) -> set[int]:
        return {1, 3} if task.evaluations[1].visits >= 100 else {1}

    asked = drain(scheduler_of([GameTask(game(), "a", ADAPTIVE)], printed))
    assert [a for a in asked if a[2] == 100] == [("a", 1, 100), ("a", 3, 100)]


def test_stored_positions_are_not_asked_again():
    task = GameTask(game(), "a", UNIFORM, {t: result(t, 100) for t in (0, 1, 4)})
    assert [turn for _, turn, _ in drain(scheduler_of([task]))] == [2, 3]


def test_an_engine_that_stops_short_is_not_asked_for_ever():
    asked = drain(scheduler_of([GameTask(game(), "a", UNIFORM)]), visits_given=0.2)
    assert len(asked) == 5


def test_the_next_game_starts_while_the_first_waits_for_answers():
    scheduler = scheduler_of([GameTask(game(1), "a", UNIFORM), GameTask(game(1), "b", UNIFORM)])
    names = [scheduler.next()[0].name for _ in range(4)]
    assert names == ["a", "a", "b", "b"]
    assert scheduler.next() is None
    assert [task.name for task in scheduler.open] == ["a", "b"]


def test_a_fatal_refusal_gives_up_one_game_only():
    scheduler = scheduler_of([GameTask(game(3), "bad", UNIFORM), GameTask(game(1), "good", UNIFORM)])
    task, request = scheduler.next()
    scheduler.refused(task, request.turn, fatal=True)
    drain(scheduler)
    done = {task.name: task for task in scheduler.finished()}
    assert done["bad"].failed
    assert not done["good"].failed
    assert len(done["good"].evaluations) == 2


def test_one_side_only_needs_the_positions_around_its_moves():
    profile = replace(UNIFORM, side=Color.WHITE)
    record = game(7)
    lonely = replace(record, moves=(*record.moves, Move(Color.BLACK, None), Move(Color.BLACK, None)))
    asked = [turn for _, turn, _ in drain(scheduler_of([GameTask(lonely, "a", profile)]))]
    assert 7 not in asked
    assert 8 not in asked
    assert asked == [0, 1, 2, 3, 4, 5, 6, 9]


def half_way() -> tuple[Scheduler, GameTask]:
    """A game of which four positions are searched deeply and nothing waits; the first makes position 7 be printed."""

    def printed(task: GameTask) -> set[int]:
        return {1, 2, 3, 4, 7} if task.evaluations[1].visits >= 100 else {1, 2, 3, 4}

    task = GameTask(game(8), "a", ADAPTIVE)
    scheduler = scheduler_of([task], printed)
    while (item := scheduler.next()) and item[1].visits < 100:
        scheduler.answered(task, result(item[1].turn, 10))
    while scheduler.next():
        pass
    assert task.in_flight == {1, 2, 3, 4}
    return scheduler, task


def test_an_idle_engine_need_not_wait_for_the_last_answer_of_a_round():
    scheduler, task = half_way()
    assert scheduler.ahead() is None, "nothing new is known"
    scheduler.answered(task, result(1, 100))
    item = scheduler.ahead()
    assert item is not None
    assert item[1].turn == 7
    assert scheduler.demand == 4
    assert scheduler.ahead() is None
    for turn in (2, 3, 4, 7):
        scheduler.answered(task, result(turn, 100))
    assert [done.name for done in scheduler.finished()] == ["a"]


def test_what_is_being_searched_is_not_asked_for_again_more_deeply_at_the_same_time():
    half = AnalysisProfile("net", 100, 5, Strategy.ADAPTIVE)
    task = GameTask(game(8), "a", half)
    scheduler = Scheduler(plan_in_steps)
    scheduler.add(task)
    while (item := scheduler.next()) and item[1].visits < 50:
        scheduler.answered(task, result(item[1].turn, 5))
    assert scheduler.next() is not None
    assert task.in_flight == {1, 2}
    scheduler.answered(task, result(1, 50))
    item = scheduler.ahead()
    assert item is not None
    assert (item[1].turn, item[1].visits) == (1, 100)
    assert scheduler.next() is None, "2 is still searched less deeply"
    scheduler.answered(task, result(1, 100))
    scheduler.answered(task, result(2, 50))
    item = scheduler.next()
    assert item is not None
    assert (item[1].turn, item[1].visits) == (2, 100)


def plan_in_steps(task: GameTask) -> list[PositionRequest]:
    """Everything at 5 visits, then positions 1 and 2 at 50 and at 100."""
    done = task.done_visits
    steps = ((5, range(9)), (50, (1, 2)), (100, (1, 2)))
    rounds = ([PositionRequest(t, visits, "deep") for t in turns if done.get(t, 0) < visits] for visits, turns in steps)
    return next((wanted for wanted in rounds if wanted), [])


def test_a_game_is_not_planned_ahead_before_its_quick_pass_is_known():
    task = GameTask(game(3), "a", ADAPTIVE)
    scheduler = scheduler_of([task], lambda _: {1, 2})
    while scheduler.next():
        pass
    scheduler.answered(task, result(1, 10))
    scheduler.answered(task, result(2, 10))
    assert scheduler.ahead() is None


def test_a_game_that_is_given_up_is_not_planned_ahead():
    scheduler, task = half_way()
    scheduler.answered(task, result(1, 100))
    scheduler.refused(task, 2, fatal=True)
    assert scheduler.ahead() is None


TIMED = AnalysisProfile("net", 100, 20, Strategy.ADAPTIVE)  # without a middle budget


def timed(
    weights: dict[str, dict[int, float]], wanted: set[int], tasks: Iterable[GameTask], spare_at_once: int = 99
) -> Scheduler:
    """A scheduler with a deadline: ``wanted`` is planned, the rest is spare, each with its importance."""

    def weigh(task: GameTask, requests: list[PositionRequest]) -> list[PositionRequest]:
        return [replace(r, importance=weights[task.name].get(r.turn, 0.0)) for r in requests]

    def plan(task: GameTask) -> list[PositionRequest]:
        return weigh(task, next_requests(task.record, task.profile, task.done_visits, wanted))

    def spare(task: GameTask) -> list[PositionRequest]:
        every = replace(task.profile, strategy=Strategy.UNIFORM)
        return weigh(task, next_requests(task.record, every, task.done_visits))[:spare_at_once]

    scheduler = Scheduler(plan, spare)
    for task in tasks:
        scheduler.add(task)
    return scheduler


WEIGHTS = {"a": {0: 1.0, 1: 5.0, 2: 9.0}, "b": {0: 2.0, 1: 6.0, 2: 8.0}}


def test_up_to_a_deadline_games_are_searched_by_importance_over_all_of_them():
    scheduler = timed(WEIGHTS, {1}, [GameTask(game(2), "a", TIMED), GameTask(game(2), "b", TIMED)])
    asked = drain(scheduler)
    quick = [("a", 0, 20), ("a", 1, 20), ("a", 2, 20), ("b", 0, 20), ("b", 1, 20), ("b", 2, 20)]
    planned = [("b", 1, 100), ("a", 1, 100)]
    assert sorted(asked[:6]) == quick
    assert asked[6:8] == planned
    assert asked[8:] == [("a", 2, 100), ("b", 2, 100), ("b", 0, 100), ("a", 0, 100)]


def test_what_is_spare_is_planned_ahead_too_and_nothing_is_asked_twice():
    """A game gives a few positions at a time, and an engine with room for more would wait for the last of them."""
    task = GameTask(game(4), "a", TIMED)
    scheduler = timed({"a": {}}, {1}, [task], spare_at_once=2)
    for _ in range(5):
        _, request = scheduler.next()
        scheduler.answered(task, result(request.turn, request.visits))
    scheduler.answered(*answer_of(scheduler.next()))
    asked = [scheduler.next(), scheduler.next()]
    assert scheduler.next() is None
    assert scheduler.ahead() is None, "nothing new is known"
    task.park()
    scheduler.answered(*answer_of(asked[0]))
    more = []
    while item := scheduler.next() or scheduler.ahead():
        more.append(item)
    turns = [item[1].turn for item in [*asked, *more]]
    assert sorted(turns) == [0, 2, 3, 4]
    for item in [asked[1], *more]:
        scheduler.answered(*answer_of(item))
    assert list(scheduler.finished()) == [task]
    assert task.planned


def test_what_is_spare_is_searched_while_all_that_is_planned_is_in_the_engine():
    """The planner wants a position deeper that is being searched now; there is other work meanwhile."""
    middle = AnalysisProfile("net", 1000, 20, Strategy.ADAPTIVE)
    task = GameTask(game(6), "a", middle)
    scheduler = timed({"a": {}}, {1, 2}, [task])
    for _ in range(7):
        scheduler.answered(*answer_of(scheduler.next()))
    first, second = scheduler.next(), scheduler.next()
    assert scheduler.next() is None
    task.asked[second[1].turn] = 20  # it is searched less deeply than the planner wants by now
    scheduler.answered(*answer_of(first))
    task.fresh = 1
    ahead = scheduler.ahead()
    assert ahead is not None
    assert ahead[1].turn not in {first[1].turn, second[1].turn}


def test_a_game_that_was_finished_just_now_can_be_given_up():
    task = GameTask(game(2), "a", TIMED)
    scheduler = timed(WEIGHTS, {1}, [task])
    for _ in range(3):
        scheduler.answered(*answer_of(scheduler.next()))
    scheduler.close(task)
    assert scheduler.open == ()
    scheduler.drop(task)
    assert list(scheduler.finished()) == []


def answer_of(item: tuple[GameTask, PositionRequest]) -> tuple[GameTask, Evaluation]:
    return item[0], result(item[1].turn, item[1].visits)


def test_the_quick_pass_is_urgent_with_a_deadline():
    scheduler = timed(WEIGHTS, {1}, [GameTask(game(2), "a", TIMED)])
    for _ in range(3):
        task, request = scheduler.next(urgent=True)
        scheduler.answered(task, result(request.turn, request.visits))
    assert scheduler.next(urgent=True) is None
    assert scheduler.next() is not None


def test_a_closed_game_is_finished_when_its_last_answers_have_come():
    first, second = GameTask(game(2), "a", TIMED), GameTask(game(2), "b", TIMED)
    scheduler = timed(WEIGHTS, {1, 2}, [first, second])
    for _ in range(6):
        task, request = scheduler.next()
        scheduler.answered(task, result(request.turn, request.visits))
    task, request = scheduler.next()
    assert (task, request.turn) == (first, 2)
    assert scheduler.closing_order() == [first, second], "what is left of the first matters less"
    scheduler.close(first)
    assert list(scheduler.finished()) == []
    scheduler.answered(first, result(2, 100))
    assert list(scheduler.finished()) == [first]
    assert not first.planned, "position 1 was wanted, too"
    assert scheduler.open == (second,)


def test_what_was_in_flight_when_all_was_cut_does_not_count_as_searched():
    task = GameTask(game(2), "a", UNIFORM)
    scheduler = timed(WEIGHTS, set(), [task])
    asked = [scheduler.next()[1].turn for _ in range(3)]
    scheduler.answered(task, result(asked[0], 100))
    scheduler.close(task, at_once=True)
    assert list(scheduler.finished()) == [task]
    assert not task.planned
    assert task.done_visits == {asked[0]: 100}


def test_a_quick_pass_that_is_limited_searches_what_is_left_with_less_and_is_made_up_for_later():
    task = GameTask(game(), "a", replace(ADAPTIVE, quick_visits=40))
    scheduler = scheduler_of([task])
    first = scheduler.next()[1]
    task.limit_quick(0.25, least=6)
    rest = [scheduler.next()[1] for _ in range(4)]

    assert first.visits == 40
    assert [request.visits for request in rest] == [10] * 4
    task.limit_quick(0.5, least=6)
    assert task.profile.quick_visits == 10, "what was promised to be less is not asked for again"
    task.limit_quick(0.01, least=6)
    assert task.profile.quick_visits == 6
    for request in (first, *rest):
        scheduler.answered(task, result(request.turn, request.visits))
    assert task.make_up_quick()
    assert not task.make_up_quick()
    assert [r.visits for r in next_requests(task.record, task.profile, task.done_visits)] == [40] * 4


def test_a_quick_pass_is_never_limited_to_more_than_it_wants():
    task = GameTask(game(), "a", replace(ADAPTIVE, quick_visits=4))
    task.limit_quick(0.5, least=6)
    assert task.profile.quick_visits == 4
    assert not task.make_up_quick()
