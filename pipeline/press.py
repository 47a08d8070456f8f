"""The press: from a judged game to the bytes of its report, its annotated record and its page for telephones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

import pipeline
from pipeline.review.model import GameReview
from pipeline.store.dataset import StoredGame

# Drawing and setting pages takes long to import, and whoever only hands out orders does not need it.
if TYPE_CHECKING:
    from pipeline.report.options import ReportOptions
    from pipeline.report.render import Renderer


@dataclass(frozen=True, slots=True)
class PrintOrder:
    """All that the files of one game are made from.

    ``printed_on``: the date on the page, ISO 8601. ``sgf_branches``: loss in points from which on a mistake
    gets its variations in the annotated SGF. ``booklet`` and ``page``: whether these are wanted too.
    """

    game: StoredGame
    review: GameReview
    options: ReportOptions
    printed_on: str
    sgf_branches: float
    booklet: bool = False
    page: bool = False


@dataclass(frozen=True, slots=True)
class PrintedGame:
    """The files of one game, as they are written. ``page`` is one HTML file for a telephone."""

    pdf: bytes
    sgf: bytes
    booklet: bytes | None = None
    page: bytes | None = None


class Press(Protocol):
    """Whoever sets the pages."""

    def warm_up(self) -> None:
        """Load what the first order would have to wait for.

        Raises:
            DependencyError: WeasyPrint's system libraries or our fonts are missing.
            RenderError: the press is out of order.
        """

    def print(self, order: PrintOrder) -> PrintedGame:
        """Make the files of a game.

        Raises:
            DependencyError: WeasyPrint's system libraries or our fonts are missing.
            RenderError: the pages cannot be set.
        """

    def close(self) -> None:
        """Give back what it holds; the next order begins anew. Safe to call twice."""


class OwnPress:
    """Sets the pages in this process. Not for several threads at a time."""

    @cached_property
    def _renderer(self) -> Renderer:
        from pipeline.report.render import Renderer  # noqa: PLC0415 - see above

        return Renderer()

    def warm_up(self) -> None:
        """As :meth:`Press.warm_up`."""
        self._renderer.warm_up()

    def print(self, order: PrintOrder) -> PrintedGame:
        """As :meth:`Press.print`."""
        from pipeline.report.annotated import annotated_sgf  # noqa: PLC0415 - see above
        from pipeline.report.booklet import impose  # noqa: PLC0415
        from pipeline.report.view import build_view  # noqa: PLC0415

        game, review, options = order.game, order.review, order.options
        given = game.record, game.evaluations, review, game.info
        build = partial(build_view, *given, options, printed_on=order.printed_on)
        view = build()
        if strange := self._renderer.unprintable(view):
            view = build(unprintable=strange)
        pdf = self._renderer.render_pdf(view)
        sgf = annotated_sgf(*given, version=pipeline.__version__, variation_threshold=order.sgf_branches)
        page = None
        if order.page:
            screen = build_view(*given, replace(options, screen=True), printed_on=order.printed_on)
            page = self._renderer.render_page(screen)
        return PrintedGame(pdf, sgf, impose(pdf) if order.booklet else None, page)

    def close(self) -> None:
        """As :meth:`Press.close`: fonts and templates stay, they are shared with nothing else."""
