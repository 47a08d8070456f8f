"""The summary of a run that goes on for months keeps its counts, not every game."""

from pathlib import Path

from pipeline.outcome import MOST_WARNINGS, GameOutcome, RunSummary, Status


def test_a_batch_keeps_every_game():
    summary = RunSummary()
    for number in range(3000):
        summary.add(GameOutcome(f"{number}.sgf", Status.DONE, report=Path("a.pdf")))
    assert len(summary.outcomes) == summary.games == summary.count(Status.DONE) == 3000


def test_a_watch_of_many_nights_keeps_counts_and_the_newest_games():
    summary = RunSummary(keeps=10)
    for number in range(1000):
        status = Status.FAILED if number % 100 == 0 else Status.DONE
        summary.add(GameOutcome(f"{number}.sgf", status))

    assert (summary.games, summary.count(Status.FAILED), summary.count(Status.DONE)) == (1000, 10, 990)
    assert summary.outcomes[-1].name == "999.sgf"
    assert 10 <= len(summary.outcomes) <= 20


def test_a_warning_is_kept_once_and_endless_ones_are_not():
    summary = RunSummary()
    assert [summary.warn("a"), summary.warn("a"), summary.warn("b")] == [True, False, True]
    for number in range(1000):
        summary.warn(f"query {number}")
    assert len(summary.warnings) == MOST_WARNINGS
