"""The annotated SGF by the rules of the programs that read it, taken from their own sources.

LizzieYzy: ``src/main/java/featurecat/lizzie/rules/SGFParser.java`` of ``yzyray/lizzieyzy`` (properties ``LZ`` and
``LZOP``). Sabaki: ``src/modules/sabaki.js`` (``winrateData``, ``scoreLeadData``) and ``src/modules/gametree.js``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from fakes.report_games import made_game

from pipeline.go.board import Color
from pipeline.report.annotated import annotated_sgf

MADE = made_game()
DATA = annotated_sgf(MADE.record, MADE.evaluations, MADE.review, MADE.info, version="1.2.3").decode("utf-8")


def properties(text: str) -> Iterator[tuple[str, str]]:
    """What both readers see, in the order of the file: ``(``, ``)``, ``;`` and each value with its name."""
    name, index = "", 0
    while index < len(text):
        char = text[index]
        if char in "();":
            name = ""
            yield char, ""
        elif char == "[":
            value = []
            index += 1
            while text[index] != "]":
                index += text[index] == "\\"
                value.append(text[index])
                index += 1
            yield name, "".join(value)
            if text[index + 1 : index + 2] != "[":
                name = ""
        elif not char.isspace():
            name += char
        index += 1


def main_line(text: str) -> Iterator[tuple[str, str]]:
    """The properties up to where the first line of play ends: branches come after the game."""
    for name, value in properties(text):
        if name == ")":
            return
        yield name, value


@dataclass
class LizzieNode:
    """What LizzieYzy keeps of a position."""

    to_move: Color = Color.BLACK
    winrate: float | None = None
    visits: int = 0
    score: float | None = None
    moves: list[str] = field(default_factory=list)


def lizzie(text: str) -> list[LizzieNode]:
    """The main line as LizzieYzy loads it.

    A value belongs to the position on the board when it is met, so ``LZ`` must
    follow its move; the first ``LZ`` met before any move shifts all others by
    one. ``LZOP`` counts only where nothing was played yet. Java's ``split``
    drops empty strings at the end, and a sixth word of line 1 would be taken
    for the dynamic komi of the engine.
    """
    nodes = [LizzieNode()]
    for name, value in main_line(text):
        if name in ("B", "W"):
            nodes.append(LizzieNode(Color(name).opponent))
        elif name in ("LZ", "LZOP"):
            assert (name == "LZOP") == (len(nodes) == 1), "a value that LizzieYzy gives to another position"
            lines = value.split("\n")
            while lines and not lines[-1]:
                lines.pop()
            words = lines[0].split(" ")
            assert len(words) == 5
            node = nodes[-1]
            node.winrate = 100 - float(words[1])
            node.visits = int(words[2])
            node.score = float(words[3])
            if len(lines) > 1:
                node.moves = [part.split()[1] for part in lines[1].split("info ") if part.strip()]
    return nodes


def test_lizzieyzy_gives_every_value_to_its_position() -> None:
    """Winrate and lead of a position are those of the side that is to move there."""
    nodes = lizzie(DATA)
    assert len(nodes) == MADE.record.total_turns + 1
    for turn, node in enumerate(nodes):
        evaluation = MADE.evaluations[turn]
        mover = MADE.record.to_move(turn)
        if turn:
            assert node.to_move is mover
        assert node.visits == evaluation.visits
        assert node.winrate == pytest.approx(100 * evaluation.winrate_for(mover), abs=0.051)
        assert node.score == pytest.approx(evaluation.score_for(mover), abs=0.006)
        assert node.moves == [c.move for c in evaluation.candidates]


def test_sabaki_finds_blacks_values_and_its_own_marks() -> None:
    """The curve takes the first ``SBKV`` and ``SBKS`` of each node, Black's percent and Black's points."""
    turn = -1
    seen: dict[str, list[float]] = {"SBKV": [], "SBKS": []}
    for name, value in main_line(DATA):
        turn += name == ";"
        if name in seen:
            assert len(seen[name]) == turn, "one value a node"
            seen[name].append(float(value))
        if name in ("BM", "TE"):
            assert value in ("1", "2")
        if name in ("DO", "IT"):
            assert value == ""
    evaluations = [MADE.evaluations[i] for i in range(turn + 1)]
    assert seen["SBKV"] == [pytest.approx(100 * e.winrate, abs=0.006) for e in evaluations]
    assert seen["SBKS"] == [pytest.approx(e.score_lead, abs=0.006) for e in evaluations]


def test_the_threshold_of_branches_can_be_set() -> None:
    """Fewer branches where only larger losses are shown; key moments keep theirs."""
    counts = [
        annotated_sgf(
            MADE.record, MADE.evaluations, MADE.review, MADE.info, version="1", variation_threshold=threshold
        ).count(b"\n(")
        for threshold in (0.0, 1.5, 100.0)
    ]
    assert counts[0] >= counts[1] >= counts[2]
