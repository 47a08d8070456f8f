"""Why a game cannot be read, before it is known which file it came from."""

from __future__ import annotations

from pipeline.errors import GameError


class ReadError(Exception):
    """A refusal inside the reader; its code is that of the :class:`GameError` it becomes."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def of_file(self, file: str) -> GameError:
        """The error for the user, naming the file."""
        return GameError(self.code, file=file, **self.params)
