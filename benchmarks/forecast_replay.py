"""The forecast on recorded runs: what it would have said at each tenth of the time, against what happened.

    PYTHONPATH=tests .venv/bin/python benchmarks/forecast.py --record RUN.jsonl ...
    PYTHONPATH=tests .venv/bin/python benchmarks/forecast_replay.py RUN.jsonl ...

A run takes minutes of the engine, its replay a second: a change of the
forecast is tried here first. ``jump`` is the largest change of the forecast end from one second to the
next between a tenth and nine tenths of the time, as a share of the whole.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from forecast_trace import Event, read_trace

from pipeline.forecast import UNMEASURED_PRINT, Forecast
from pipeline.go.record import GameRecord
from pipeline.needs import GamePlan, plan_of_positions
from pipeline.plan import AnalysisProfile, PositionRequest, Strategy, further_rounds

TENTHS = tuple(number / 10 for number in range(1, 10))


class Player:
    """Drives a forecast as the batch search does."""

    def __init__(self, games: Iterable[Event]) -> None:
        self._games = {event["game"]: event for event in games}
        self._forecast = Forecast({name: self._plan(event) for name, event in self._games.items()})
        self._outlooks: dict[str, list[list[PositionRequest]]] = {}

    def play(self, event: Event) -> float | None:
        """One event; returns what would be shown, in seconds, where the forecast is made."""
        forecast, game = self._forecast, event.get("game", "")
        match event["kind"]:
            case "planned":
                self._outlooks[game] = self._outlook(self._games[game], event)
            case "asked":
                forecast.planned(game, self._outlooks[game])
                forecast.asked(game, _request(event), event.get("threads", 0))
            case "answered":
                forecast.answered(game, _request(event), event["busy"])
            case "searched" if event["planned"]:
                forecast.finished(game)
            case "tick":
                threads = event.get("search", 1), event.get("visits_a_thread", 0)
                forecast.advance(event["busy"], event["at_once"], *threads)
                printing = event["print_seconds"] or UNMEASURED_PRINT
                return forecast.seconds_left(print_seconds=printing, publishing=event["publishing"])
        return None

    @staticmethod
    def _plan(event: Event) -> GamePlan:
        to_the_full = event["is_timed"]
        return plan_of_positions(
            event["turns"], event["points"], _profile(event), event["moments"], to_the_full=to_the_full
        )

    @staticmethod
    def _outlook(game: Event, event: Event) -> list[list[PositionRequest]]:
        if "outlook" in event:  # made up
            return [[PositionRequest(*request) for request in wanted] for wanted in event["outlook"]]
        if "printed" not in event:
            return [[PositionRequest(turn, visits, level) for turn, visits, level in event["wanted"]]]
        record = cast("GameRecord", SimpleNamespace(total_turns=game["turns"] - 1))
        done = {int(turn): visits for turn, visits in event["done"].items()}
        weights = {int(turn): weight for turn, weight in event["importance"].items()}
        return further_rounds(record, _profile(game), done, event["printed"], weights)


def _profile(game: Event) -> AnalysisProfile:
    return AnalysisProfile("recorded", game["visits"], game["quick"], Strategy(game["strategy"]))


def _request(event: Event) -> PositionRequest:
    return PositionRequest(event["turn"], event["visits"], event["level"])


def replay(events: Sequence[Event], make: Any = Player) -> list[tuple[float, float]]:
    """When something was forecast, in seconds from the beginning, and the seconds left that were forecast."""
    player = make([event for event in events if event["kind"] == "game"])
    started = events[-1]["started"]
    seen = []
    for event in events[:-1]:
        left = player.play(event)
        if left is not None:
            seen.append((event["at"] - started, left))
    return seen


def errors_of(seen: Sequence[tuple[float, float]], seconds: float, shares: Iterable[float]) -> list[float | None]:
    """At these shares of a run of so many seconds: (forecast - truth) / truth of the rest; ``None``: nothing said."""
    found: list[float | None] = []
    for share in shares:
        moment = share * seconds
        before = [item for item in seen if item[0] <= moment]
        if not before:
            found.append(None)
            continue
        said = before[-1][1] - (moment - before[-1][0])
        found.append((max(0.0, said) - (seconds - moment)) / (seconds - moment))
    return found


def largest_jump(seen: Sequence[tuple[float, float]], seconds: float) -> float:
    """Of the forecast end, from one forecast to the next, as a share of the whole time."""
    ends = [at + left for at, left in seen if 0.1 * seconds <= at <= 0.9 * seconds]
    return max((abs(b - a) for a, b in itertools.pairwise(ends)), default=0.0) / seconds


def line(name: str, events: Sequence[Event], make: Any = Player) -> str:
    """A run in one line."""
    seconds = events[-1]["ended"] - events[-1]["started"]
    seen = replay(events, make)
    texts = ["   -" if error is None else f"{error:+4.0%}" for error in errors_of(seen, seconds, (*TENTHS, 0.25, 0.75))]
    return f"{name:12} {seconds:6.0f} s  {' '.join(f'{text:>5}' for text in texts)}  {largest_jump(seen, seconds):.0%}"


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="+", type=Path)
    heads = " ".join(f"{share:>5.0%}" for share in (*TENTHS, 0.25, 0.75))
    print(f"{'':12} {'':8}  {heads}  jump")
    for path in parser.parse_args().traces:
        print(line(path.stem, read_trace(path)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
