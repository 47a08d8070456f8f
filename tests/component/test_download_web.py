"""Downloads from a real web server on this machine: whole, resumed, bounded, checked, mirrored."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.webshop import Shop, open_shop

from pipeline.engine.addresses import mirrored
from pipeline.engine.download import Downloader, Patience
from pipeline.errors import ConfigError, DependencyError

DATA = bytes(range(256)) * 2000
SUM = hashlib.sha256(DATA).hexdigest()
FILE = "/releases/engine.zip"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as running:
        running.files[FILE] = DATA
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def loader(tmp_path: Path, waits: list[float]) -> Downloader:
    patience = Patience(timeout=0.5, attempts=4, first_wait=1.0)
    return Downloader(tmp_path / "downloads", patience=patience, sleep=waits.append)


def get(loader: Downloader, url: str, **changes: object) -> Path:
    asked = {"size": len(DATA), "sha256": SUM, "limit": 1_000_000, "on_bytes": lambda *_: None} | changes
    return loader.fetch(url, **asked)  # type: ignore[arg-type]


def code_of(loader: Downloader, url: str, **changes: object) -> str:
    with pytest.raises(DependencyError) as caught:
        get(loader, url, **changes)
    assert caught.value.advice
    return caught.value.code


def test_a_file_arrives_whole_and_progress_ends_at_its_size(shop: Shop, loader: Downloader) -> None:
    seen: list[tuple[int, int]] = []
    path = get(loader, shop.url(FILE), on_bytes=lambda done, of: seen.append((done, of)))
    assert path.read_bytes() == DATA
    assert seen == sorted(seen)
    assert seen[-1] == (len(DATA), len(DATA))


def test_a_broken_connection_is_resumed_where_it_broke(shop: Shop, loader: Downloader, waits: list[float]) -> None:
    shop.breaks[FILE] = 3
    assert get(loader, shop.url(FILE)).read_bytes() == DATA
    spans = shop.ranges(FILE)
    assert spans[0] == ""
    assert spans[1:] == [
        f"bytes={len(DATA) // 2}-",
        f"bytes={len(DATA) * 3 // 4}-",
        f"bytes={len(DATA) * 7 // 8}-",
    ]
    assert shop.sent[FILE] == len(DATA)
    assert len(waits) == 3


def test_what_an_earlier_run_left_is_used_by_the_next(
    shop: Shop, loader: Downloader, tmp_path: Path, waits: list[float]
) -> None:
    shop.breaks[FILE] = 1
    shop.refuses[FILE] = []
    impatient = Downloader(tmp_path / "downloads", patience=Patience(0.5, 1, 0.0), sleep=waits.append)
    assert code_of(impatient, shop.url(FILE)) == "install.network"
    assert get(loader, shop.url(FILE)).read_bytes() == DATA
    assert shop.ranges(FILE) == ["", f"bytes={len(DATA) // 2}-"]


def test_a_file_that_changed_in_between_is_fetched_from_its_beginning(
    shop: Shop, loader: Downloader, tmp_path: Path
) -> None:
    shop.breaks[FILE] = 1
    impatient = Downloader(tmp_path / "downloads", patience=Patience(0.5, 1, 0.0), sleep=lambda _: None)
    code_of(impatient, shop.url(FILE), size=None, sha256=None)
    other = b"another file" * 40_000
    shop.files[FILE] = other
    assert get(loader, shop.url(FILE), size=None, sha256=None).read_bytes() == other
    assert shop.ranges(FILE) == ["", f"bytes={len(DATA) // 2}-"]


def test_a_server_without_ranges_is_asked_for_everything_again(shop: Shop, loader: Downloader) -> None:
    shop.breaks[FILE] = 1
    shop.deaf.add(FILE)
    assert get(loader, shop.url(FILE)).read_bytes() == DATA


def test_a_server_that_falls_silent_is_left_and_asked_again(shop: Shop, loader: Downloader, waits: list[float]) -> None:
    shop.stalls[FILE] = 1
    assert get(loader, shop.url(FILE)).read_bytes() == DATA
    assert len(waits) == 1


def test_waits_grow_and_the_server_may_ask_for_longer_ones(shop: Shop, loader: Downloader, waits: list[float]) -> None:
    shop.refuses[FILE] = [503, 502, 429]
    assert get(loader, shop.url(FILE)).read_bytes() == DATA
    assert len(waits) == 3
    assert all(later > earlier for earlier, later in itertools.pairwise(waits))
    assert max(waits) <= 60


def test_it_gives_up_after_as_many_attempts_as_agreed(shop: Shop, loader: Downloader, waits: list[float]) -> None:
    shop.refuses[FILE] = [503] * 99
    assert code_of(loader, shop.url(FILE)) == "install.network"
    assert len(shop.asked) == 4
    assert len(waits) == 3


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_final_refusal_is_not_repeated(shop: Shop, loader: Downloader, status: int) -> None:
    shop.refuses[FILE] = [status]
    with pytest.raises(DependencyError) as caught:
        get(loader, shop.url(FILE))
    assert caught.value.code == "install.refused"
    assert str(status) in caught.value.message
    assert len(shop.asked) == 1


def test_nobody_there_is_a_network_error(loader: Downloader) -> None:
    assert code_of(loader, "http://127.0.0.1:9/nothing.zip") == "install.network"


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": len(DATA) - 1, "limit": len(DATA)}])
def test_a_wrong_file_is_refused_and_not_kept(
    shop: Shop, loader: Downloader, tmp_path: Path, change: dict[str, object]
) -> None:
    assert code_of(loader, shop.url(FILE), **change) in {"install.checksum", "install.wrong_length"}
    shop.asked.clear()
    assert get(loader, shop.url(FILE)).read_bytes() == DATA
    assert shop.ranges(FILE) == [""]


@pytest.mark.parametrize("lengthless", [False, True])
def test_a_file_beyond_the_limit_is_not_taken(shop: Shop, loader: Downloader, tmp_path: Path, lengthless: bool) -> None:
    if lengthless:
        shop.lengthless.add(FILE)
    assert code_of(loader, shop.url(FILE), size=None, sha256=None, limit=300_000) == "install.too_large"
    assert not list((tmp_path / "downloads").glob("*.part"))


def test_what_was_begun_long_ago_is_removed(shop: Shop, loader: Downloader, tmp_path: Path) -> None:
    old, young = tmp_path / "downloads" / "a.part", tmp_path / "downloads" / "b.part"
    old.parent.mkdir()
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    get(loader, shop.url(FILE))
    assert not old.exists()
    assert young.exists()


def test_redirects_are_followed(shop: Shop, loader: Downloader) -> None:
    shop.redirects["/latest"] = shop.url(FILE)
    shop.breaks[FILE] = 1
    assert get(loader, shop.url("/latest")).read_bytes() == DATA


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_away_from_the_web_are_refused(shop: Shop, loader: Downloader, target: str) -> None:
    shop.redirects["/latest"] = target
    with pytest.raises(DependencyError):
        get(loader, shop.url("/latest"))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "engine.zip", "https://"])
def test_only_web_addresses_are_fetched(loader: Downloader, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        get(loader, url)
    assert caught.value.code == "install.bad_address"


def test_a_mirror_serves_in_place_of_github(shop: Shop, tmp_path: Path) -> None:
    origin = "https://github.com/lightvector/KataGo/releases/download/v1/engine.zip"
    shop.files[f"/gh/{origin}"] = DATA
    loader = Downloader(tmp_path / "downloads", mirror=shop.url("/gh/"))
    assert get(loader, origin).read_bytes() == DATA


GITHUB = "https://github.com/a/b/x.zip"
ELSEWHERE = "https://media.katagotraining.org/n.bin.gz"


@pytest.mark.parametrize(
    ("url", "mirror", "asked"),
    [
        (GITHUB, "", GITHUB),
        (GITHUB, "https://m.example/", "https://m.example/" + GITHUB),
        (GITHUB, "https://m.example", "https://m.example/" + GITHUB),
        (ELSEWHERE, "https://m.example/", ELSEWHERE),
        (ELSEWHERE, "https://m.example/?u={url}", "https://m.example/?u=" + ELSEWHERE),
        (GITHUB, "github.com=https://m.example/gh", "https://m.example/gh/a/b/x.zip"),
        (ELSEWHERE, "github.com=https://m.example", ELSEWHERE),
        (
            ELSEWHERE,
            "github.com=https://m.example, media.katagotraining.org=http://n.example:8080/k",
            "http://n.example:8080/k/n.bin.gz",
        ),
    ],
)
def test_the_three_spellings_of_a_mirror(url: str, mirror: str, asked: str) -> None:
    assert mirrored(url, mirror) == asked


@pytest.mark.parametrize("mirror", ["m.example", "ftp://m.example/", "github.com=m.example", "file:///{url}"])
def test_a_mirror_that_is_no_address_is_refused_before_anything_is_fetched(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(ConfigError):
        Downloader(tmp_path, mirror=mirror)
