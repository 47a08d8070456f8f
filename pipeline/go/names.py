"""Which player of a game a name means. Pure."""

from __future__ import annotations

import unicodedata

from pipeline.go.board import Color
from pipeline.go.record import Player


def side_of(black: Player, white: Player, name: str) -> Color | None:
    """The player called so: by the whole name first, else by a part of it; ``None`` for nobody or both."""
    wanted = _folded(name)
    if not wanted:
        return None
    players = ((Color.BLACK, black), (Color.WHITE, white))
    for fits in (_is_called, _contains):
        found = [color for color, player in players if fits(player, wanted)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_called(player: Player, wanted: str) -> bool:
    return wanted in {_folded(player.name), _folded(player.identity)}


def _contains(player: Player, wanted: str) -> bool:
    return wanted in _folded(player.name) or wanted in _folded(player.identity)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
