"""Wheels by address out of the index that pip is set to, resumed; pip for everything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.webshop import Shop, open_shop
from fakes.wheelhouse import make_component

from pipeline.engine import components
from pipeline.engine.assets import Component, WheelSpec
from pipeline.engine.components import Phase, ProvisionStep, ignore_progress
from pipeline.engine.download import FOLDER, Downloader, Patience
from pipeline.engine.wheel_index import IndexSource, find_wheel, indexes, parse_settings, pip_settings
from pipeline.errors import DependencyError

WHEEL = "/packages/ab/cd/nvidia_cudnn_cu12-1.0-py3-none-any.whl"
PAGE = "/simple/nvidia-cudnn-cu12/"


class NoPip:
    """A pip that only notes that it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, wheel: WheelSpec, folder: Path, on_bytes: Callable[[int], None]) -> Path:
        self.asked.append(wheel.requirement)
        raise DependencyError("provision.not_offered", name=wheel.requirement)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as running:
        yield running


@pytest.fixture
def part(tmp_path: Path, shop: Shop) -> Component:
    """A component whose wheel the shop has, beside its page."""
    component, wheel = make_component(tmp_path / "w", "nvidia-cudnn-cu12", {"lib/libcudnn.so.9": b"cudnn" * 50_000})
    shop.files[WHEEL] = wheel.read_bytes()
    html(shop, component)
    return component


def html(shop: Shop, component: Component) -> None:
    shop.types[PAGE] = "text/html"
    shop.files[PAGE] = (
        '<!DOCTYPE html><html><body><a href="../../packages/other.whl#sha256=00">other</a>'
        f'<a href="../..{WHEEL}#sha256={component.wheel.sha256}" data-requires-python="&gt;=3">it</a></body></html>'
    ).encode()


def source(tmp_path: Path, shop: Shop, pip: NoPip, attempts: int = 4, **settings: str) -> IndexSource:
    folder = tmp_path / "cache" / FOLDER
    patience = Patience(0.5, attempts, 1.0)
    return IndexSource(
        folder,
        pip=pip,
        settings=lambda: {"index-url": shop.url("/simple/")} | settings,
        downloader=Downloader(folder, patience=patience, sleep=lambda _: None),
    )


def test_a_wheel_that_breaks_off_is_resumed_within_a_run_and_by_the_next(
    tmp_path: Path, shop: Shop, part: Component
) -> None:
    root, pip = tmp_path / "cache", NoPip()
    shop.breaks[WHEEL] = 1
    with pytest.raises(DependencyError) as caught:
        components.install(root, (part,), source(tmp_path, shop, pip, attempts=1), ignore_progress)
    assert caught.value.code == "provision.interrupted"
    assert part.wheel.requirement in caught.value.message
    shop.breaks[WHEEL] = 1
    components.install(root, (part,), source(tmp_path, shop, pip), ignore_progress)
    assert (root / part.key / "libcudnn.so.9").read_bytes() == b"cudnn" * 50_000
    assert shop.sent[WHEEL] == part.wheel.size
    assert pip.asked == []
    assert list((root / FOLDER).iterdir()) == []


def test_an_interruption_while_unpacking_does_not_cost_the_download(
    tmp_path: Path, shop: Shop, part: Component
) -> None:
    root, pip = tmp_path / "cache", NoPip()

    def stop(step: ProvisionStep) -> None:
        if step.phase is Phase.EXTRACT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        components.install(root, (part,), source(tmp_path, shop, pip), stop)
    assert not (root / part.key).exists()
    components.install(root, (part,), source(tmp_path, shop, pip), ignore_progress)
    assert shop.sent[WHEEL] == part.wheel.size


def test_progress_counts_what_an_earlier_run_brought(tmp_path: Path, shop: Shop, part: Component) -> None:
    shop.breaks[WHEEL] = 1
    with pytest.raises(DependencyError):
        components.install(tmp_path / "cache", (part,), source(tmp_path, shop, NoPip(), attempts=1), ignore_progress)
    seen: list[int] = []
    source(tmp_path, shop, NoPip()).fetch(part.wheel, tmp_path, seen.append)
    assert seen[0] == part.wheel.size // 2
    assert seen[-1] == part.wheel.size


def test_the_index_may_answer_in_json(tmp_path: Path, shop: Shop, part: Component) -> None:
    shop.types[PAGE] = "application/vnd.pypi.simple.v1+json"
    files = [
        {"filename": "other.whl", "url": "x.whl", "hashes": {}},
        {"filename": "it.whl", "url": shop.url(WHEEL), "hashes": {"sha256": part.wheel.sha256}},
    ]
    shop.files[PAGE] = json.dumps({"meta": {"api-version": "1.0"}, "name": "it", "files": files}).encode()
    pip = NoPip()
    components.install(tmp_path / "cache", (part,), source(tmp_path, shop, pip), ignore_progress)
    assert pip.asked == []


def test_a_page_behind_a_redirect_is_the_one_that_links_refer_to(tmp_path: Path, shop: Shop, part: Component) -> None:
    shop.files["/mirror/web" + PAGE] = shop.files.pop(PAGE)
    shop.files["/mirror/web" + WHEEL] = shop.files.pop(WHEEL)
    shop.redirects[PAGE] = shop.url("/mirror/web" + PAGE)
    pip = NoPip()
    components.install(tmp_path / "cache", (part,), source(tmp_path, shop, pip), ignore_progress)
    assert pip.asked == []


def test_the_second_index_is_looked_into_as_well(tmp_path: Path, shop: Shop, part: Component) -> None:
    settings = {"index-url": shop.url("/empty"), "extra-index-url": f"{shop.url('/none')}\n{shop.url('/simple')}"}
    pip = NoPip()
    components.install(tmp_path / "cache", (part,), source(tmp_path, shop, pip, **settings), ignore_progress)
    assert pip.asked == []


@pytest.mark.parametrize("trouble", ["no page", "no sum", "no file", "other length", "other bytes", "password"])
def test_pip_does_what_cannot_be_done_here(tmp_path: Path, shop: Shop, part: Component, trouble: str) -> None:
    settings = {}
    if trouble == "no page":
        del shop.files[PAGE]
    elif trouble == "no sum":
        shop.files[PAGE] = f'<a href="../..{WHEEL}">it</a>'.encode()
    elif trouble == "no file":
        del shop.files[WHEEL]
    elif trouble == "other length":
        shop.files[WHEEL] = b"<html>log in</html>"
    elif trouble == "other bytes":
        shop.files[WHEEL] = bytes(len(shop.files[WHEEL]))
    else:
        settings = {"index-url": shop.url("/simple").replace("//", "//me:secret@")}
    pip = NoPip()
    with pytest.raises(DependencyError) as caught:
        components.install(tmp_path / "cache", (part,), source(tmp_path, shop, pip, **settings), ignore_progress)
    assert caught.value.code == "provision.not_offered"
    assert pip.asked == [part.wheel.requirement]
    assert not (tmp_path / "cache" / part.key).exists()


def test_a_wheel_on_the_users_own_shelf_is_left_to_pip(tmp_path: Path, shop: Shop, part: Component) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    pip = NoPip()
    components.install(
        tmp_path / "a", (part,), source(tmp_path, shop, pip, **{"find-links": str(shelf)}), ignore_progress
    )
    assert pip.asked == []
    (shelf / WHEEL.rsplit("/", 1)[-1]).touch()
    with pytest.raises(DependencyError):
        components.install(
            tmp_path / "b", (part,), source(tmp_path, shop, pip, **{"find-links": str(shelf)}), ignore_progress
        )
    assert pip.asked == [part.wheel.requirement]


def test_the_settings_of_pip_are_read_in_its_own_order() -> None:
    text = """global.index-url='https://a.example/simple'
global.trusted-host='a.example'
install.index-url='https://not-for-download.example/simple'
download.index-url='https://b.example/simple'
:env:.extra-index-url="https://c.example/simple\\nhttps://d.example/simple"
global.broken=what
a line of something else
"""
    settings = parse_settings(text)
    assert settings["index-url"] == "https://b.example/simple"
    assert indexes(settings) == [
        "https://b.example/simple",
        "https://c.example/simple",
        "https://d.example/simple",
    ]
    assert indexes({}) == ["https://pypi.org/simple"]
    assert indexes({"no-index": "true"}) == []
    assert indexes({"index-url": "file:///shelf/simple"}) == []


def test_the_real_pip_tells_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.ini"
    config.write_text("[global]\nindex-url = https://m.example/simple\nproxy = http://127.0.0.1:1\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    settings = pip_settings()
    assert settings["index-url"] == "https://m.example/simple"
    assert settings["proxy"] == "http://127.0.0.1:1"


@pytest.mark.parametrize("page", ["", "{", "[]", "{}", '{"files": [1]}', '{"files": null}', "<a href>", "\x00<<<"])
def test_a_page_that_is_none_has_no_wheel(page: str) -> None:
    assert find_wheel(page, "https://a.example/simple/x/", "0" * 64) == ""


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://a.example/x.whl", "data:text/plain,x"])
def test_only_web_addresses_are_followed(target: str) -> None:
    assert find_wheel(f'<a href="{target}#sha256={"0" * 64}">x</a>', "https://a.example/simple/x/", "0" * 64) == ""
