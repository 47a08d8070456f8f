"""A publisher without pages: the dataset is written as always, and a word stands for the report."""

from __future__ import annotations

from pathlib import Path

from pipeline.publish import Folders, Publisher
from pipeline.store.dataset import StoredGame


class Printer(Publisher):
    """``printed``: the game id and the level of each report, in their order."""

    def __init__(self, folders: Folders) -> None:
        super().__init__(folders, printed_on="2026-11-22")
        self.printed: list[tuple[str, str]] = []

    def print_report(self, game: StoredGame, *_: object, **__: object) -> Path:  # type: ignore[override]
        """Nothing is drawn."""
        self.printed.append((game.record.game_id, game.info.level))
        return Path(f"{game.record.game_id}.pdf")
