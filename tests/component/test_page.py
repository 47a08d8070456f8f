"""The report for telephones: one file that needs nothing else and lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fakes.report_games import Sample, made_game, renamed

from pipeline.report.render import Renderer
from pipeline.report.view import ReportOptions, build_view

HOSTILE = '"></script><script>document.title="broken"</script><img src=x onerror="document.title=\'broken\'">'
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def page_of(made: Sample, **options: object) -> str:
    chosen = ReportOptions(screen=True, **options)  # type: ignore[arg-type]
    view = build_view(made.record, made.evaluations, made.review, made.info, chosen, printed_on="2026-11-22")
    return Renderer().render_page(view).decode("utf-8")


class Elements(HTMLParser):
    """Start tags and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_nothing_is_loaded_from_elsewhere() -> None:
    elements = Elements(page_of(made_game())).found
    for tag, attributes in elements:
        assert tag not in {"link", "iframe", "object", "embed", "base"}
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
    assert "http" not in re.sub(r'xmlns="[^"]*"|http-equiv|"http://www.w3.org/2000/svg"', "", page_of(made_game()))


def test_the_policy_allows_exactly_our_script_and_style() -> None:
    html = page_of(made_game())
    policy = next(a["content"] or "" for tag, a in Elements(html).found if "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        text = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert text
        digest = base64.b64encode(hashlib.sha256(text[1].encode("utf-8")).digest()).decode("ascii")
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_markup_in_a_name_stays_text() -> None:
    html = page_of(renamed(made_game(), HOSTILE, HOSTILE), club=HOSTILE, student=HOSTILE)
    assert html.count("<script>") == 1
    assert not any(tag == "img" for tag, _ in Elements(html).found)


def test_every_figure_can_be_stepped_and_the_game_too() -> None:
    boards = [a for tag, a in Elements(page_of(made_game())).found if "data-replay" in a]
    # Two figures of each of the three key moments, the punishment of the costliest, and the whole game.
    assert len(boards) == 8


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("name", ["张三", HOSTILE])
def test_a_browser_runs_it(tmp_path: Path, name: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(page_of(renamed(made_game(), name, name)), encoding="utf-8")
    flags = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}"),
        *("--window-size=390,844", "--enable-logging=stderr", "--dump-dom"),
    )
    done = subprocess.run(
        [str(BROWSER), *flags, page.as_uri()],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert "CONSOLE" not in done.stderr
    assert "<title>broken" not in done.stdout
    assert "<output>24/24</output>" in done.stdout
    # The script has unlocked the buttons and drawn the whole game's board anew.
    assert 'class="controls" hidden' not in done.stdout
