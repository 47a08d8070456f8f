"""Problems out of mistakes: which positions, which choices, how hard, and when they come again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from fakes.report_games import Sample, made_game

from pipeline.evaluation import Candidate
from pipeline.go.board import Color
from pipeline.report.options import Coordinates, ReportOptions
from pipeline.report.workbook_view import SourceProblem, WorkbookView, build_workbook
from pipeline.review.problems import Problem, problems_of
from pipeline.review.repetition import INTERVALS, HandedOut, choose, handed_out

TODAY = date(2026, 11, 22)


def candidate(move: str, order: int, score: float, *, visits: int = 200, prior: float = 0.2) -> Candidate:
    return Candidate(move, order, visits, 0.5, score, 8.0, 0.5, prior, (move, "A1", "B1"))


def with_candidates(made: Sample, number: int, *candidates: Candidate) -> Sample:
    before = replace(made.evaluations[number - 1], candidates=candidates)
    return replace(made, evaluations={**made.evaluations, number - 1: before})


def three() -> Sample:
    """The made game with the answers of its three mistakes far from each other."""
    return with_candidates(made_game(), 21, candidate("C17", 0, 10.0))


def problem_at(made: Sample, number: int) -> Problem:
    return next(p for p in problems_of(made.record, made.evaluations, made.review) if p.turn == number - 1)


def test_mistakes_become_problems_of_their_player() -> None:
    made = three()
    both = problems_of(made.record, made.evaluations, made.review)
    white = problems_of(made.record, made.evaluations, made.review, Color.WHITE)
    assert [(p.turn + 1, p.color) for p in both] == [(8, "W"), (13, "B"), (21, "B")]
    assert [p.turn + 1 for p in white] == [8]
    assert both[1].played == "S7"
    assert both[1].refutation[:3] == ("S7", "S5", "S6")


def test_choices_differ_in_value_and_place() -> None:
    # Move 13 is Black's and cost 8 points.
    made = with_candidates(
        made_game(),
        13,
        candidate("S5", 0, 10.0),
        candidate("S4", 1, 7.0),  # wrong, but beside the answer
        candidate("C17", 2, 9.5),  # as good
        candidate("K10", 3, 6.0),  # wrong by 4
        candidate("K3", 4, 1.0),  # worse still
        candidate("B2", 5, 7.9, visits=2),  # hardly searched
    )
    problem = problem_at(made, 13)
    assert [c.vertex for c in problem.choices] == ["K10", "S7", "S5"]
    assert [c.loss for c in problem.choices] == [4.0, 8.0, 0.0]
    assert problem.also == ("C17",)


def test_white_choices_are_measured_in_whites_view() -> None:
    made = with_candidates(
        made_game(), 8, candidate("C3", 0, -6.0), candidate("K10", 1, -2.0), candidate("R17", 2, -9.0)
    )
    problem = problem_at(made, 8)
    assert {c.vertex: c.loss for c in problem.choices}["K10"] == pytest.approx(4.0)


@pytest.mark.parametrize(("prior", "number", "stars"), [(0.5, 8, 1), (0.2, 8, 2), (0.01, 8, 3), (0.01, 13, 3)])
def test_stars_tell_how_hidden_the_answer_is(prior: float, number: int, stars: int) -> None:
    sign = 1 if number == 13 else -1
    made = with_candidates(made_game(), number, candidate("C3", 0, 9.0 * sign, prior=prior))
    assert problem_at(made, number).stars == stars


def test_a_decided_game_makes_no_problems() -> None:
    made = made_game()
    decided = replace(made.review, moves=tuple(replace(m, decided=True) for m in made.review.moves))
    assert problems_of(made.record, made.evaluations, decided) == ()


def test_the_same_answer_again_is_the_same_problem() -> None:
    made = made_game()
    for number in (13, 21):
        made = with_candidates(made, number, candidate("A19", 0, 10.0))
    assert [p.turn + 1 for p in problems_of(made.record, made.evaluations, made.review)] == [8, 13]


def test_the_costliest_come_first_and_each_position_once() -> None:
    made = three()
    found = problems_of(made.record, made.evaluations, made.review)
    chosen = choose([*found, *found], {}, TODAY, 10)
    assert [p.turn + 1 for p in chosen] == [13, 8, 21]
    assert choose(found, {}, TODAY, 2) == chosen[:2]


def test_problems_come_again_after_growing_intervals() -> None:
    made = three()
    found = problems_of(made.record, made.evaluations, made.review)
    history = handed_out({}, found, TODAY)
    assert choose(found, history, TODAY, 9) == ()
    assert handed_out(history, found, TODAY) == history
    day = TODAY
    for interval in INTERVALS:
        assert choose(found, history, day + timedelta(interval - 1), 9) == ()
        day += timedelta(interval)
        assert len(choose(found, history, day, 9)) == 3
        history = handed_out(history, found, day)


def test_due_problems_come_before_new_ones() -> None:
    made = three()
    found = problems_of(made.record, made.evaluations, made.review)
    light = found[2]
    history = {light.position: HandedOut(1, TODAY - timedelta(30))}
    assert choose(found, history, TODAY, 2)[0] is light


def book(made: Sample, *, choices: bool = True, **options: object) -> WorkbookView:
    sources = [SourceProblem(made.record, p) for p in problems_of(made.record, made.evaluations, made.review)]
    return build_workbook(
        sources,
        ReportOptions(**options),  # type: ignore[arg-type]
        student="张三",
        printed_on="2026-11-22",
        choices=choices,
    )


def bold_letters(svg: str) -> list[str]:
    """What stands on the board itself: numbers and letters are bold, coordinates are not."""
    return sorted("".join(re.findall(r'font-weight="700"[^>]*>([^<]*)<', svg)))


def test_every_problem_has_its_answer() -> None:
    view = book(three())
    numbers = [p.number for row in view.problems for p in row]
    assert numbers == [1, 2, 3]
    assert sorted(a.number for a in view.answers) == numbers
    assert [p.heading for row in view.problems for p in row] == ["第1题　白先", "第2题　黑先", "第3题　黑先"]


def test_a_problem_does_not_show_its_answer() -> None:
    made = with_candidates(made_game(), 13, candidate("S5", 0, 10.0), candidate("K10", 1, 5.0))
    marked = book(made).problems[0][1]
    plain = book(made, choices=False).problems[0][1]
    assert bold_letters(marked.figure.svg) == ["A", "B", "C"]
    assert bold_letters(plain.figure.svg) == []
    assert "好" in plain.question


def test_answers_name_points_as_the_boards_do() -> None:
    view = book(made_game(), coordinates=Coordinates.CHINESE)
    assert not any("S7" in line for answer in view.answers for line in answer.lines)
    assert any("18十三" in line for answer in view.answers for line in answer.lines)
