"""Encoders of analysis inside SGF, as the common programs read it.

Three dialects that ignore each other and so fit into one file:

* ``KT`` (KaTrain): three base64 gzip blobs a node, values in Black's view;
* ``LZ`` / ``LZOP`` (LizzieYzy, LizGoban): text, values of the side to move,
  but the winrate of line 1 is that of the side that just moved;
* ``SBKV`` / ``SBKS`` (Sabaki): plain numbers in Black's view.

Every function is pure and deterministic: equal input gives equal bytes.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import struct
import unicodedata
from dataclasses import dataclass

from pipeline.evaluation import Candidate, Evaluation
from pipeline.go.board import PASS, Color, parse_vertex
from pipeline.go.sgf_write import point_to_sgf

KT_VERSION = "1.0"
ADDITIONAL_MOVE_ORDER = 999
MAX_TEXT = 20_000
MAX_SIMPLE_TEXT = 300

# KaTrain strips what stands between these when it loads a comment.
_HANGUL_FILLER = "\u3164"


@dataclass(frozen=True, slots=True)
class Played:
    """The move played in a position and what the search after it says.

    ``prior`` is the network's policy for it, 0..1.
    """

    vertex: str
    after: Evaluation
    prior: float = 0.0


def clean(text: str, limit: int) -> str:
    """Text without control, format and surrogate characters, at most ``limit`` characters long."""
    kept = (
        char
        for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        if char == "\n" or (char != _HANGUL_FILLER and unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    )
    short = "".join(kept)
    return short if len(short) <= limit else short[: limit - 1] + "…"


def escape_text(text: str) -> str:
    """An SGF *Text* value: line breaks stay."""
    return clean(text, MAX_TEXT).replace("\\", "\\\\").replace("]", "\\]")


def escape_simple(text: str) -> str:
    """An SGF *SimpleText* value: one line."""
    line = " ".join(clean(text, MAX_SIMPLE_TEXT).split())
    return line.replace("\\", "\\\\").replace("]", "\\]")


def sgf_vertex(vertex: str, width: int, height: int) -> str:
    """SGF coordinates of a GTP vertex.

    Raises:
        ValueError: not a vertex of this board.
    """
    return point_to_sgf(parse_vertex(vertex, width, height), height)


def number(value: float, digits: int) -> str:
    """A decimal with ``digits`` places that is never a negative zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def black_winrate(winrate: float) -> str:
    """``SBKV``: Black's winrate (0..1) in percent, two decimals."""
    return number(100.0 * winrate, 2)


def black_lead(score_lead: float) -> str:
    """``SBKS``: Black's lead in points, two decimals."""
    return number(score_lead, 2)


def kt_values(evaluation: Evaluation, played: Played | None = None) -> tuple[str, str, str]:
    """The three values of ``KT``: ownership, policy, search result; all in Black's view.

    Ownership is packed as half floats in -1..1, row by row from the top left,
    and is empty when the evaluation has none. The policy is always empty: the
    dataset keeps the priors of the candidates only. As in KaTrain, the move
    played stands among the moves with the values of the search after it.
    """
    owners = [value / 100.0 for value in evaluation.ownership]
    ownership = struct.pack(f"<{len(owners)}e", *owners) if owners else b""
    root: dict[str, object] = {
        "winrate": round(evaluation.winrate, 6),
        "scoreLead": round(evaluation.score_lead, 4),
        "scoreStdev": round(evaluation.score_stdev, 4),
        "visits": evaluation.visits,
        "currentPlayer": evaluation.to_move.value,
    }
    # Older results may lack the network's own opinion.
    if math.isfinite(evaluation.raw_winrate) and math.isfinite(evaluation.raw_score_lead):
        root |= {"rawWinrate": round(evaluation.raw_winrate, 6), "rawLead": round(evaluation.raw_score_lead, 4)}
    main = {"moves": _kt_moves(evaluation, played), "root": root, "completed": True}
    text = json.dumps(main, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return _blob(ownership), _blob(b""), _blob(text.encode("ascii"))


def _kt_moves(evaluation: Evaluation, played: Played | None) -> dict[str, dict[str, object]]:
    moves: dict[str, dict[str, object]] = {}
    for order, candidate in enumerate(evaluation.candidates):
        moves[candidate.move] = {
            "move": candidate.move,
            "order": order,
            "visits": candidate.visits,
            "winrate": round(candidate.winrate, 6),
            "scoreLead": round(candidate.score_lead, 4),
            "scoreStdev": round(candidate.score_stdev, 4),
            "lcb": round(candidate.lcb, 6),
            "prior": round(candidate.prior, 6),
            "pv": list(candidate.pv) or [candidate.move],
        }
    if played is None:
        return moves
    known = evaluation.candidate(played.vertex)
    if known is None or known.visits < played.after.visits:
        reply = played.after.best
        entry = moves.setdefault(
            played.vertex, {"move": played.vertex, "order": ADDITIONAL_MOVE_ORDER, "prior": round(played.prior, 6)}
        )
        entry.update(
            visits=played.after.visits,
            winrate=round(played.after.winrate, 6),
            scoreLead=round(played.after.score_lead, 4),
            scoreStdev=round(played.after.score_stdev, 4),
            pv=[played.vertex, *(reply.pv if reply else ())],
        )
    return moves


def _blob(data: bytes) -> str:
    return base64.standard_b64encode(gzip.compress(data, mtime=0)).decode("ascii")


def lz_value(evaluation: Evaluation, engine: str) -> str:
    """The value of ``LZ`` (``LZOP`` on the root), ready to stand between brackets.

    Line 1: ``engine winrate visits score stdev`` where the winrate (percent)
    is that of the side that just moved and the score that of the side to
    move. Line 2: the candidates joined by `` info ``, the ownership and a
    closing `` info ``, all for the side to move; empty without candidates,
    since LizzieYzy fails on a line that holds none. Visits are plain integers.
    """
    mover = evaluation.to_move
    just_moved = mover.opponent
    name = "".join(char for char in engine if char.isascii() and (char.isalnum() or char in ".-_+")) or "KataGo"
    first = " ".join(
        (
            name,
            number(100.0 * evaluation.winrate_for(just_moved), 1),
            str(evaluation.visits),
            number(evaluation.score_for(mover), 2),
            number(evaluation.score_stdev, 2),
        )
    )
    searched = [c for c in evaluation.candidates if c.visits > 0]
    if not searched:
        return first + "\n"
    second = " info ".join(_lz_candidate(candidate, mover) for candidate in searched)
    if evaluation.ownership:
        second += " ownership " + " ".join(number(mover.sign * value / 100.0, 2) for value in evaluation.ownership)
    return f"{first}\n{second} info "


def _lz_candidate(candidate: Candidate, mover: Color) -> str:
    own = candidate.for_(mover)
    return (
        f"move {own.move} visits {own.visits} winrate {round(10_000 * own.winrate)} "
        f"prior {round(10_000 * own.prior)} scoreMean {number(own.score_lead, 2)} pv {' '.join(own.pv or (own.move,))}"
    )


def is_pass(vertex: str) -> bool:
    """Whether a GTP vertex is a pass."""
    return vertex.lower() == PASS
