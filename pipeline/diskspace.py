"""How much room on the disk the work needs. Pure; all figures in bytes.

Measured over the sample games (444 positions of five games at the budget of a
machine without a GPU): a game takes about 110 kB of PDF and 60 kB of tables, a
position 570 bytes of Parquet, 3,300 bytes of annotated SGF and, until the game
is published, up to 1,000 bytes in the state database. Deeper searches have
longer variations, and a file is written beside the one that it replaces;
the figures below are therefore half as large again.
"""

from __future__ import annotations

from dataclasses import dataclass

GAME_BYTES = 300_000
POSITION_BYTES = 8_000
MARGIN_SHARE = 0.1
MARGIN_BYTES = 20_000_000


def bytes_needed(games: int, positions: int) -> int:
    """Room that games which are not finished will take, with all their files."""
    return games * GAME_BYTES + positions * POSITION_BYTES


@dataclass(frozen=True, slots=True)
class SpaceRule:
    """Work stops when less than ``reserve`` bytes are free, and goes on only when clearly more are.

    The gap between both keeps work from starting and stopping every second.
    """

    reserve: int

    @property
    def enough_again(self) -> int:
        """Free bytes at which work goes on after it was stopped."""
        return self.reserve + min(MARGIN_BYTES, int(self.reserve * MARGIN_SHARE))

    def is_low(self, free: int, *, was_low: bool) -> bool:
        """Whether work has to wait."""
        return free < (self.enough_again if was_low else self.reserve)
