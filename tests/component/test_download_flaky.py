"""Downloads over a bad line: what is here already is kept, and nothing wrong gets through."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.webshop import Shop, open_shop

from pipeline.engine.addresses import socks_proxy
from pipeline.engine.download import Downloader, Patience
from pipeline.errors import ConfigError, DependencyError

DATA = bytes(range(256)) * 2000
SUM = hashlib.sha256(DATA).hexdigest()
FILE = "/releases/engine.zip"
HALF = len(DATA) // 2


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as running:
        running.files[FILE] = DATA
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "downloads"


def loader(folder: Path, attempts: int = 4, mirror: str = "") -> Downloader:
    return Downloader(folder, mirror=mirror, patience=Patience(0.5, attempts, 1.0), sleep=lambda _: None)


def get(one: Downloader, url: str, **changes: object) -> Path:
    asked = {"size": len(DATA), "sha256": SUM, "limit": 1_000_000, "on_bytes": lambda *_: None} | changes
    return one.fetch(url, **asked)  # type: ignore[arg-type]


def broken_off(shop: Shop, folder: Path, path: str = FILE, **changes: object) -> None:
    """Leave half of the file behind."""
    shop.breaks[path] = 1
    with pytest.raises(DependencyError) as caught:
        get(loader(folder, attempts=1), shop.url(path), **changes)
    assert caught.value.code == "install.network"
    shop.asked.clear()


@pytest.mark.parametrize("kind", ["weak", "untagged"])
def test_a_server_without_a_usable_tag_is_resumed_all_the_same(shop: Shop, folder: Path, kind: str) -> None:
    getattr(shop, kind).add(FILE)
    shop.breaks[FILE] = 3
    assert get(loader(folder), shop.url(FILE)).read_bytes() == DATA
    assert shop.sent[FILE] == len(DATA)


def test_without_a_sum_the_date_serves_where_the_tag_is_weak(shop: Shop, folder: Path) -> None:
    shop.weak.add(FILE)
    shop.breaks[FILE] = 2
    assert get(loader(folder), shop.url(FILE), sha256=None, size=None).read_bytes() == DATA
    assert shop.sent[FILE] == len(DATA)


def test_without_a_sum_and_without_a_tag_it_starts_again(shop: Shop, folder: Path) -> None:
    shop.untagged.add(FILE)
    broken_off(shop, folder, sha256=None, size=None)
    other = b"another file" * 40_000
    shop.files[FILE] = other
    assert get(loader(folder), shop.url(FILE), sha256=None, size=None).read_bytes() == other
    assert shop.ranges(FILE) == [""]


def test_another_mirror_goes_on_with_what_the_first_one_sent(shop: Shop, folder: Path) -> None:
    broken_off(shop, folder)
    mirror = f"{shop.address.partition('//')[2]}={shop.url('/elsewhere')}"
    shop.files["/elsewhere" + FILE] = DATA
    assert get(loader(folder, mirror=mirror), shop.url(FILE)).read_bytes() == DATA
    assert shop.ranges("/elsewhere" + FILE) == [f"bytes={HALF}-"]


def test_parts_that_do_not_fit_together_are_fetched_once_more(shop: Shop, folder: Path) -> None:
    shop.untagged.add(FILE)
    old = bytes(reversed(DATA))
    shop.files[FILE] = old
    broken_off(shop, folder)
    shop.files[FILE] = DATA
    assert get(loader(folder), shop.url(FILE)).read_bytes() == DATA
    assert shop.ranges(FILE) == [f"bytes={HALF}-", ""]


def test_a_wrong_file_is_not_fetched_for_ever(shop: Shop, folder: Path) -> None:
    shop.untagged.add(FILE)
    shop.files[FILE] = bytes(reversed(DATA))
    broken_off(shop, folder)
    with pytest.raises(DependencyError) as caught:
        get(loader(folder), shop.url(FILE))
    assert caught.value.code == "install.checksum"
    assert len(shop.asked) == 2


def test_a_login_page_takes_nothing_away(shop: Shop, folder: Path) -> None:
    """A hotel's network answers everything with its own page."""
    broken_off(shop, folder)
    shop.files[FILE] = b"<html>please log in</html>"
    with pytest.raises(DependencyError) as caught:
        get(loader(folder), shop.url(FILE))
    assert caught.value.code == "install.wrong_length"
    assert str(len(DATA)) in caught.value.message
    shop.files[FILE] = DATA
    shop.asked.clear()
    assert get(loader(folder), shop.url(FILE)).read_bytes() == DATA
    assert shop.ranges(FILE) == [f"bytes={HALF}-"]


def test_an_answer_without_a_length_that_ends_early_is_resumed(shop: Shop, folder: Path) -> None:
    shop.lengthless.add(FILE)
    shop.breaks[FILE] = 2
    assert get(loader(folder), shop.url(FILE)).read_bytes() == DATA
    assert shop.sent[FILE] == len(DATA)


@pytest.mark.parametrize("size", [len(DATA), None])
def test_a_file_that_was_fetched_but_not_yet_installed_is_not_fetched_again(
    shop: Shop, folder: Path, size: int | None
) -> None:
    get(loader(folder), shop.url(FILE), size=size)
    shop.asked.clear()
    assert get(loader(folder), shop.url(FILE), size=size).read_bytes() == DATA
    assert shop.asked == []


def test_a_killed_run_between_the_last_byte_and_the_check_loses_nothing(shop: Shop, folder: Path) -> None:
    path = get(loader(folder), shop.url(FILE), size=None)
    path.with_suffix(".json").write_text(json.dumps({"address": shop.url(FILE), "tag": "x"}), encoding="utf-8")
    shop.asked.clear()
    assert get(loader(folder), shop.url(FILE), size=None).read_bytes() == DATA
    assert shop.asked == []


def test_where_nobody_answers_it_gives_up_sooner_than_on_a_bad_line(folder: Path) -> None:
    told: list[str] = []
    one = Downloader(
        folder,
        patience=Patience(0.5, attempts=6, first_wait=1.0, knocks=3),
        sleep=lambda _: None,
        on_break=lambda name, detail, seconds: told.append(f"{name} {detail} {seconds > 0}"),
    )
    with pytest.raises(DependencyError) as caught:
        get(one, "http://127.0.0.1:9/engine.zip")
    assert caught.value.code == "install.network"
    assert told == ["engine.zip Connection refused True"] * 2


@pytest.mark.parametrize("target", ["file:///etc/passwd", "/releases/engine.zip"])
def test_a_redirect_that_leads_nowhere_is_named_at_once(shop: Shop, folder: Path, target: str) -> None:
    shop.redirects[FILE] = target
    with pytest.raises(DependencyError) as caught:
        get(loader(folder), shop.url(FILE))
    assert caught.value.code == "install.bad_redirect"
    assert target in caught.value.message


def test_a_socks_proxy_is_named_when_nothing_comes_through(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "socks5://me:secret@127.0.0.1:1080")
    with pytest.raises(DependencyError) as caught:
        get(loader(folder, attempts=1), "http://127.0.0.1:9/engine.zip")
    assert caught.value.code == "install.socks"
    assert "socks5://127.0.0.1:1080" in caught.value.message
    assert "secret" not in caught.value.message
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert socks_proxy("http://127.0.0.1:9/engine.zip") == ""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:7890")
    assert socks_proxy("https://github.com/x") == ""


def test_the_environments_http_proxy_is_used(shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", shop.address)
    shop.files["http://far.example/engine.zip"] = DATA
    assert get(loader(folder), "http://far.example/engine.zip").read_bytes() == DATA


def test_an_address_as_people_paste_it_is_asked_for_properly(shop: Shop, folder: Path) -> None:
    shop.files["/%E6%9D%83%E9%87%8D%20b28/engine.zip"] = DATA
    assert get(loader(folder), shop.url("/权重 b28/engine.zip")).read_bytes() == DATA


@pytest.mark.parametrize("url", ["https://[half/engine.zip", "https://host:port/engine.zip", "https://:80/engine.zip"])
def test_an_address_that_cannot_be_one_is_refused(folder: Path, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        get(loader(folder), url)
    assert caught.value.code == "install.bad_address"
    with pytest.raises(ConfigError):
        loader(folder, mirror=url)
