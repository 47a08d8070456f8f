"""What the engine says of one position. Winrate and score are Black's view, always."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from pipeline.go.board import Color


@dataclass(frozen=True, slots=True)
class Candidate:
    """One move that the search considered.

    ``winrate`` 0..1, ``score_lead`` in points, ``lcb`` 0..1: in Black's view
    when stored. ``order`` 0 is the engine's choice. ``pv`` starts with
    ``move``; vertices are GTP names.
    """

    move: str
    order: int
    visits: int
    winrate: float
    score_lead: float
    score_stdev: float
    lcb: float
    prior: float
    pv: tuple[str, ...] = ()

    def for_(self, color: Color) -> Self:
        """The same candidate in ``color``'s view."""
        if color is Color.BLACK:
            return self
        return type(self)(
            self.move,
            self.order,
            self.visits,
            1.0 - self.winrate,
            -self.score_lead,
            self.score_stdev,
            1.0 - self.lcb,
            self.prior,
            self.pv,
        )


@dataclass(frozen=True, slots=True)
class HumanMove:
    """How likely players of the mover's rank play a move, 0..1, by a human-style network."""

    move: str
    probability: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Search result of the position after ``turn`` moves, Black's view.

    ``ownership`` has width x height values in -100..100 (percent, Black
    positive), row by row from the top left, or is empty. ``raw_*`` is the
    network's opinion before any search, ``raw_st_*`` its own short-term
    uncertainty. ``engine_seconds`` is this position's share of search time.
    ``level`` names the pass that made it (``quick`` or ``deep``). ``human`` are the moves
    of players of the mover's rank, likeliest first, with the first choice and the
    move of the game among them; empty without a human-style network or a rank.
    """

    turn: int
    to_move: Color
    visits: int
    winrate: float
    score_lead: float
    score_stdev: float
    raw_winrate: float
    raw_score_lead: float
    raw_st_wr_error: float
    raw_st_score_error: float
    candidates: tuple[Candidate, ...]
    ownership: tuple[int, ...] = ()
    level: str = "deep"
    engine_seconds: float = 0.0
    human: tuple[HumanMove, ...] = ()

    def human_chance(self, move: str) -> float | None:
        """How likely players of the mover's rank play a move, 0..1; ``None`` when that is not known."""
        return next((h.probability for h in self.human if h.move == move), None)

    @property
    def best(self) -> Candidate | None:
        """The engine's first choice; ``None`` when there is no legal move but none was searched."""
        return self.candidates[0] if self.candidates else None

    def candidate(self, move: str) -> Candidate | None:
        """The candidate for a vertex, if it was searched."""
        return next((c for c in self.candidates if c.move == move), None)

    def winrate_for(self, color: Color) -> float:
        """Winrate 0..1 in ``color``'s view."""
        return self.winrate if color is Color.BLACK else 1.0 - self.winrate

    def score_for(self, color: Color) -> float:
        """Score lead in points in ``color``'s view."""
        return self.score_lead * color.sign

    def implausible(self) -> str | None:
        """Why this result cannot be true, or ``None``."""
        numbers = (self.winrate, self.score_lead, self.score_stdev)
        if not all(math.isfinite(x) for x in numbers):
            return "not a finite number"
        if not -0.001 <= self.winrate <= 1.001:
            return f"winrate {self.winrate}"
        if abs(self.score_lead) > 1000:
            return f"score lead {self.score_lead}"
        if self.visits < 1:
            return f"visits {self.visits}"
        return None


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Who searched: stored with every result."""

    version: str
    git_hash: str
    network: str  # the network's name, e.g. g170e-b15c192-s1672170752-d466197061
    network_sha256: str
    backend: str  # e.g. opencl, cuda, tensorrt, eigen, or unknown
    device: str  # e.g. NVIDIA GeForce RTX 5070, or the CPU's name

    @property
    def network_key(self) -> str:
        """Name and content of the network: evaluations are comparable only within one key."""
        return f"{self.network}@{self.network_sha256[:12]}"


@dataclass(frozen=True, slots=True)
class AnalysisInfo:
    """How one game was analysed. ``finished_at`` is ISO 8601 with offset; times in seconds."""

    identity: EngineIdentity
    profile_id: str
    visits: int  # budget of a position at full depth
    quick_visits: int
    strategy: str
    level: str  # deepest finished level: quick or deep
    positions: int
    total_visits: int
    engine_seconds: float
    finished_at: str
    side: Color | None = None
