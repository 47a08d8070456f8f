"""Analyse the suite and report how right the verdicts are.

    cd benchmarks && ../.venv/bin/python -m evidence.run DATABASE [--network FILE]
        [--position-visits 400] [--quick 20] [--full 100] [--level strong|kyu] [--report]

``DATABASE`` keeps the raw evaluations: a run that was stopped goes on where it
stood, and ``--report`` judges what is there without an engine. Of the games only
the positions around labelled moves are searched: all of them to the quick budget,
then those where the verdict is a 缓手 or worse, or is not settled, to the full one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from evidence.score import MISTAKE, SLACK, PositionResult, Verdict, game_verdicts, position_result, separation, table
from evidence.search import Archive, Wanted, search
from evidence.suite import Game, Position, games, positions
from pipeline.engine.provision import find_setup


def main() -> None:
    """Read the command line, search what is missing, print the report."""
    args = _arguments()
    setup = find_setup(network=args.network)
    if setup is None:
        raise SystemExit("no engine and network here: run `./fupan engine install`")
    archive = Archive(args.database, setup.network.name)
    made = positions()
    known = [game for game in games() if args.level in (None, game.level)]
    try:
        if not args.report:
            logs = Path(tempfile.mkdtemp(prefix="evidence-"))
            search(archive, _made(made, args.position_visits), setup=setup, logs=logs)
            search(archive, _around(known, args.quick), setup=setup, logs=logs)
            search(archive, _deepened(archive, known, args.full), setup=setup, logs=logs)
        print("\n".join(report(archive, made, known, details=args.details)))
    finally:
        archive.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Evidence that the verdicts are right")
    parser.add_argument("database", type=Path)
    parser.add_argument("--network", type=Path, help="network file; default: the provisioned one (b15c192)")
    parser.add_argument("--position-visits", type=int, default=400)
    parser.add_argument("--quick", type=int, default=20)
    parser.add_argument("--full", type=int, default=100)
    parser.add_argument("--level", choices=("strong", "kyu"), help="only games of this level")
    parser.add_argument("--report", action="store_true", help="judge what is stored; no engine")
    parser.add_argument("--details", action="store_true", help="list what was missed and what was flagged wrongly")
    return parser.parse_args()


def _made(made: Sequence[Position], visits: int) -> Iterator[Wanted]:
    for position in made:
        yield Wanted(position.record, position.turn, visits)
        for vertex in position.wrong:
            yield Wanted(position.after(vertex), position.turn + 1, visits)


def _around(known: Sequence[Game], visits: int) -> Iterator[Wanted]:
    """The positions beside labelled moves; those of what was found fault with in any game come first."""
    for numbers in (lambda game: (*game.mistakes, *game.doubted), lambda game: game.praised):
        for game in known:
            for turn in sorted({turn for number in numbers(game) for turn in (number - 1, number)}):
                yield Wanted(game.record, turn, visits)


def _deepened(archive: Archive, known: Sequence[Game], visits: int) -> Iterator[Wanted]:
    for game in known:
        for verdict in game_verdicts(game, archive.of(game.record)):
            if verdict.ours >= SLACK or verdict.katrain >= SLACK or not verdict.review.settled:
                number = verdict.review.move_number
                yield Wanted(game.record, number - 1, visits)
                yield Wanted(game.record, number, visits)


def report(archive: Archive, made: Sequence[Position], known: Sequence[Game], *, details: bool = False) -> list[str]:
    """The figures as Markdown."""
    results = [result for position in made if (result := position_result(position, archive.of)) is not None]
    verdicts = [(game, game_verdicts(game, archive.of(game.record))) for game in known]
    lines = [f"Made positions searched: {len(results)} of {len(made)}; {_visits(archive, made, known)}", ""]
    if results:
        lines += [*_positions(results), ""]
    for level in ("strong", "kyu"):
        rows = [
            (label, [v for game, found in verdicts if game.level == level for v in found if v.label == label])
            for label in ("mistake", "doubted", "praised")
        ]
        if any(found for _, found in rows):
            count = sum(bool(found) for game, found in verdicts if game.level == level)
            lines += [*table(f"{count} games, level {level}", rows), ""]
    lines += _separation([v for _, found in verdicts for v in found])
    if details:
        lines += _details(results, [v for _, found in verdicts for v in found])
    return lines


def _separation(verdicts: Sequence[Verdict]) -> list[str]:
    faulted = [v for v in verdicts if v.label != "praised"]
    praised = [v for v in verdicts if v.label == "praised"]
    ours = separation(faulted, praised, lambda review: review.points_lost)
    katrain = separation(faulted, praised, lambda review: review.points_lost_root)
    if ours is None or katrain is None:
        return []
    return [
        f"Chance that a faulted move ({len(faulted)}) lost more than a praised one ({len(praised)}): "
        f"ours {ours:.2f}, KaTrain's rule {katrain:.2f}.",
        "",
    ]


def _visits(archive: Archive, made: Sequence[Position], known: Sequence[Game]) -> str:
    records = [position.record for position in made] + [game.record for game in known]
    counts = Counter(e.visits // 10 * 10 for record in records for e in archive.of(record).values())
    return "positions by visits: " + ", ".join(f"{visits}+: {count}" for visits, count in sorted(counts.items()))


def _positions(results: Sequence[PositionResult]) -> list[str]:
    wrong = [(result, verdict) for result in results for verdict in result.wrong]
    told = sum(result.told(verdict) for result, verdict in wrong)
    explained = sum(bool(verdict.review.facts) for _, verdict in wrong)
    untrue = sum(bool(result.untrue(verdict)) for result, verdict in wrong)
    kinds = sorted({result.position.kind for result in results})
    rows = [(kind, [v for r, v in wrong if r.position.kind == kind]) for kind in kinds]
    return [
        *table("wrong moves in made positions", [*rows, ("all", [v for _, v in wrong])]),
        "",
        f"Right answer is the first choice: {sum(r.found for r in results)} of {len(results)}. "
        f"Of {len(wrong)} wrong moves {told} have a fitting explanation, {len(wrong) - explained} have none, "
        f"{untrue} an untrue one.",
    ]


def _details(results: Sequence[PositionResult], verdicts: Sequence[Verdict]) -> list[str]:
    lines = []
    for result in results:
        for verdict in result.wrong:
            if not result.found or verdict.ours < MISTAKE or not result.told(verdict) or result.untrue(verdict):
                best = verdict.review.best_vertex
                lines.append(f"{_line(verdict)}; first choice {best}, right {' '.join(result.position.right)}")
    lines += [_line(v) for v in verdicts if v.label != "praised" and v.ours < SLACK]
    lines += [_line(v) for v in verdicts if v.label == "praised" and v.ours >= SLACK]
    return lines


def _line(verdict: Verdict) -> str:
    review = verdict.review
    search = "-" if review.points_lost_search is None else f"{review.points_lost_search:.1f}"
    return (
        f"{verdict.label} {verdict.name} {review.player} {review.vertex}: {review.category}, "
        f"{review.points_lost:.1f} points ({review.points_lost_root:.1f} root, {search} search), "
        f"{100 * review.winrate_lost:.0f} %, {'settled' if review.settled else 'unsettled'}, "
        f"tags {' '.join(review.tags) or '-'}"
    )


if __name__ == "__main__":
    main()
