"""Help pages wholly in Chinese: typer writes their frame in English and offers no catalogue for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from pipeline.wording import cli as words


def in_chinese(page: str) -> str:
    """A help page with the words of its frame translated."""
    for english, chinese in words.HELP_FRAME.items():
        page = re.sub(english, chinese, page, flags=re.MULTILINE)
    return page


class _Command(TyperCommand):
    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]  # typer's own, vendored type
        """The page of one command."""
        return in_chinese(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]  # as above
        """The page of a group of commands."""
        return in_chinese(super().get_help(ctx))


class Application(typer.Typer):
    """A ``typer.Typer`` whose help pages are Chinese throughout."""

    def __init__(self, **options: Any) -> None:
        merged: dict[str, Any] = {"cls": _Group, "add_completion": False, "rich_markup_mode": None, **options}
        super().__init__(**merged)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        """As ``typer.Typer.command``."""
        options = {"cls": _Command} | options
        return super().command(name, **options)
