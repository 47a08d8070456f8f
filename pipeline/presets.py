"""Budgets by purpose: the one table of presets, and the rule that joins it with the user's own numbers. Pure.

What a number of visits is worth (:data:`STRENGTH`) is the common experience with
KataGo's strong networks, not a measurement of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.plan import CPU_BUDGET, GPU_BUDGET, AnalysisProfile, Budget, Strategy, least_first_pass

PRESETS: Mapping[str, Budget] = MappingProxyType(
    {
        "quick": Budget(quick=16, full=128),
        "club": Budget(quick=128, full=2_048),
        "overnight": GPU_BUDGET,
        "research": Budget(quick=2_048, full=20_000, strategy=Strategy.UNIFORM),
    }
)

# Least visits of a position -> how strong the choice of a move is then (keys of the wording table).
STRENGTH: tuple[tuple[int, str], ...] = (
    (6, "4d"),
    (8, "5d"),
    (10, "6d"),
    (12, "7d"),
    (14, "8d"),
    (16, "9d"),
    (128, "amateur"),
    (2_048, "superhuman"),
    (10_000, "research"),
)


def strength(visits: int) -> str:
    """The key of the strength that so many visits reach; ``""`` below the table."""
    return next((key for least, key in reversed(STRENGTH) if visits >= least), "")


def base_budget(preset: str | None, *, is_gpu: bool) -> Budget:
    """The budget of a preset, otherwise the one that suits the hardware."""
    if preset is not None:
        return PRESETS[preset]
    return GPU_BUDGET if is_gpu else CPU_BUDGET


def resolve(base: Budget, *, visits: int | None, quick: int | None, strategy: str | None) -> Budget:
    """A base budget with the user's own numbers put in; each of them wins over the base.

    A first pass is only worth its visits where most positions get no more than
    that, so a uniform search has none unless the user asks for it. With a
    smaller full budget the first pass becomes smaller too, because it would eat
    up what is meant for the depth, but not so small that it misses mistakes.
    """
    chosen = Strategy(strategy) if strategy else base.strategy
    full = visits or base.full
    if quick is None:
        share = full * base.quick // base.full
        quick = max(min(base.quick, share), least_first_pass(full)) if chosen is Strategy.ADAPTIVE else 0
    return Budget(quick, full, chosen)


def profile_of(budget: Budget) -> AnalysisProfile:
    """A profile with this budget and no network, for forecasts."""
    return AnalysisProfile("", budget.full, budget.quick, budget.strategy)
