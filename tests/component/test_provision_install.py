"""Download, verify, extract, publish: whole or not at all."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest
from fakes.wheelhouse import FakeSource, NoNetwork, make_component, sha256

from pipeline.engine import components
from pipeline.engine.assets import Component, FileSpec, WheelSpec
from pipeline.engine.components import Phase, ProvisionStep, ignore_progress
from pipeline.errors import DependencyError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX permissions")


class Shelf(NamedTuple):
    root: Path
    first: Component
    second: Component
    source: FakeSource


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    first, wheel_1 = make_component(tmp_path / "src", "alpha", {"x/lib/one.so": b"one" * 1000, "x/two.so": b"two"})
    second, wheel_2 = make_component(tmp_path / "src", "beta", {"net.bin.gz": b"net" * 5000})
    return Shelf(tmp_path / "cache" / "engine", first, second, FakeSource({"alpha": wheel_1, "beta": wheel_2}))


def visible(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if path.name != ".lock"} if root.exists() else set()


def code_of(shelf: Shelf, source: object | None = None) -> str:
    with pytest.raises(DependencyError) as caught:
        components.install(shelf.root, (shelf.first,), source or shelf.source, ignore_progress)  # type: ignore[arg-type]
    assert caught.value.advice
    assert not components.is_installed(shelf.root, shelf.first)
    return caught.value.code


def test_only_the_named_files_are_kept_and_a_second_run_fetches_nothing(shelf: Shelf) -> None:
    done = components.install(shelf.root, (shelf.first, shelf.second), shelf.source, ignore_progress)
    assert done == (shelf.first, shelf.second)
    assert (shelf.root / "alpha" / "one.so").read_bytes() == b"one" * 1000
    assert {path.name for path in (shelf.root / "alpha").iterdir()} == {"one.so", "two.so", "stamp.json"}
    assert visible(shelf.root) == {"alpha", "beta"}
    assert components.install(shelf.root, (shelf.first, shelf.second), shelf.source, ignore_progress) == ()
    assert shelf.source.fetched == ["alpha==1.0", "beta==1.0"]


def test_progress_covers_every_phase_and_never_runs_backwards(shelf: Shelf) -> None:
    steps: list[ProvisionStep] = []
    components.install(shelf.root, (shelf.first, shelf.second), shelf.source, steps.append)
    for number, component in enumerate((shelf.first, shelf.second), 1):
        own = [step for step in steps if step.component == component.key]
        assert {step.number for step in own} == {number}
        assert {step.of for step in own} == {2}
        for phase in (Phase.DOWNLOAD, Phase.EXTRACT):
            done = [step.done for step in own if step.phase is phase]
            assert done == sorted(done)
            assert done[-1] == next(step.total for step in own if step.phase is phase)


def test_a_spoilt_wheel_is_refused(shelf: Shelf) -> None:
    def flip(_: WheelSpec, path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    shelf.source.before = flip
    assert code_of(shelf) == "provision.checksum"
    assert visible(shelf.root) == set()


def test_a_wheel_cut_short_is_refused(shelf: Shelf) -> None:
    shelf.source.before = lambda _, path: os.truncate(path, 100)
    assert code_of(shelf) == "provision.checksum"


def test_a_member_that_differs_is_refused_even_in_the_right_wheel(shelf: Shelf) -> None:
    rows = (dataclasses.replace(shelf.first.files[0], sha256=sha256(b"else")), *shelf.first.files[1:])
    odd = shelf._replace(first=dataclasses.replace(shelf.first, files=rows))
    assert code_of(odd) == "provision.checksum"
    assert visible(shelf.root) == set()


def test_a_member_that_is_missing_is_refused(shelf: Shelf) -> None:
    rows = (FileSpec("not/there.so", "there.so", 1, "0" * 64),)
    assert code_of(shelf._replace(first=dataclasses.replace(shelf.first, files=rows))) == "provision.checksum"


def test_an_interruption_leaves_nothing_and_the_next_run_goes_on(shelf: Shelf) -> None:
    def stop(wheel: WheelSpec, _: Path) -> None:
        if wheel.distribution == "beta":
            raise KeyboardInterrupt

    shelf.source.before = stop
    with pytest.raises(KeyboardInterrupt):
        components.install(shelf.root, (shelf.first, shelf.second), shelf.source, ignore_progress)
    assert visible(shelf.root) == {"alpha"}
    shelf.source.before = None
    assert components.install(shelf.root, (shelf.first, shelf.second), shelf.source, ignore_progress) == (shelf.second,)


def test_the_leftovers_of_a_killed_run_are_swept(shelf: Shelf) -> None:
    leftover = shelf.root / ".partial-dead" / "content"
    leftover.mkdir(parents=True)
    (leftover / "one.so").write_bytes(b"half")
    assert not components.is_installed(shelf.root, shelf.first)
    components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress)
    assert visible(shelf.root) == {"alpha"}


def test_no_network_says_so_and_leaves_nothing(shelf: Shelf) -> None:
    assert code_of(shelf, NoNetwork()) == "provision.network"
    assert visible(shelf.root) == set()


def test_too_little_space_is_said_before_anything_is_fetched(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(shelf.root.parent.parent)
    monkeypatch.setattr(components.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert code_of(shelf) == "provision.no_space"
    assert shelf.source.fetched == []


def test_a_disk_that_fills_up_on_the_way_says_so(shelf: Shelf) -> None:
    def full(_: WheelSpec, __: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    shelf.source.before = full
    assert code_of(shelf) == "provision.no_space"
    assert visible(shelf.root) == set()


def test_a_cache_that_cannot_be_written_says_so(shelf: Shelf) -> None:
    shelf.root.parent.mkdir(parents=True)
    shelf.root.write_bytes(b"a file where the folder should be")
    with pytest.raises(DependencyError) as caught:
        components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress)
    assert caught.value.code == "provision.cache_unwritable"
    assert str(shelf.root) in caught.value.message


def test_a_changed_table_row_replaces_the_folder(shelf: Shelf) -> None:
    components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress)
    smaller = dataclasses.replace(shelf.first, files=shelf.first.files[:1])
    assert not components.is_installed(shelf.root, smaller)
    components.install(shelf.root, (smaller,), shelf.source, ignore_progress)
    assert {path.name for path in (shelf.root / "alpha").iterdir()} == {"one.so", "stamp.json"}


def test_a_file_cut_short_later_is_noticed_by_the_cheap_check(shelf: Shelf) -> None:
    components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress)
    os.truncate(shelf.root / "alpha" / "one.so", 5)
    assert not components.is_installed(shelf.root, shelf.first)


def test_verify_finds_and_repairs_a_changed_byte(shelf: Shelf) -> None:
    components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress)
    path = shelf.root / "alpha" / "one.so"
    path.write_bytes(b"X" + path.read_bytes()[1:])
    assert components.is_installed(shelf.root, shelf.first)
    assert components.broken_files(shelf.root, shelf.first) == (path,)
    assert components.install(shelf.root, (shelf.first,), shelf.source, ignore_progress, verify=True) == (shelf.first,)
    assert components.broken_files(shelf.root, shelf.first) == ()


def test_two_at_once_fetch_once(shelf: Shelf) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold(_: WheelSpec, __: Path) -> None:
        inside.set()
        assert go_on.wait(20)

    shelf.source.before = hold
    steps: list[ProvisionStep] = []

    def second_progress(step: ProvisionStep) -> None:
        steps.append(step)
        go_on.set()

    arguments = (shelf.root, (shelf.first,), shelf.source)
    one = threading.Thread(target=components.install, args=(*arguments, ignore_progress))
    one.start()
    assert inside.wait(20)
    two = threading.Thread(target=components.install, args=(*arguments, second_progress))
    two.start()
    one.join(20)
    two.join(20)
    assert [step.phase for step in steps] == [Phase.WAIT]
    assert shelf.source.fetched == ["alpha==1.0"]
    assert components.is_installed(shelf.root, shelf.first)


def image_component(tmp_path: Path, script: str) -> tuple[Component, FakeSource]:
    """A component whose wheel holds a self-extracting image, here a shell script."""
    plain, wheel = make_component(tmp_path / "src", "gamma", {"app/katago": script.encode()})
    image = dataclasses.replace(plain.files[0], target="katago.AppImage", executable=True)
    inner = FileSpec("usr/bin/katago", "bin/katago", 4, hashlib.sha256(b"ELF\n").hexdigest(), executable=True)
    return dataclasses.replace(plain, image=image, files=(inner,)), FakeSource({"gamma": wheel})


@posix_only
def test_an_image_unpacks_itself(tmp_path: Path) -> None:
    script = "#!/bin/sh\nmkdir -p squashfs-root/usr/bin && echo ELF > squashfs-root/usr/bin/katago\n"
    component, source = image_component(tmp_path, script)
    components.install(tmp_path / "cache", (component,), source, ignore_progress)
    katago = tmp_path / "cache" / "gamma" / "bin" / "katago"
    assert os.access(katago, os.X_OK)
    assert not (tmp_path / "cache" / "gamma" / "katago.AppImage").exists()


@posix_only
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("#!/bin/sh\nexit 0\n", "provision.checksum"),
        ("#!/bin/sh\nexit 1\n", "provision.not_executable"),
        ("\x7fELF not a program", "provision.not_executable"),
        (
            "#!/bin/sh\nmkdir -p squashfs-root/usr/bin && echo BAD > squashfs-root/usr/bin/katago\n",
            "provision.checksum",
        ),
    ],
)
def test_an_image_that_does_not_unpack_is_refused(tmp_path: Path, script: str, code: str) -> None:
    component, source = image_component(tmp_path, script)
    with pytest.raises(DependencyError) as caught:
        components.install(tmp_path / "cache", (component,), source, ignore_progress)
    assert caught.value.code == code
    assert visible(tmp_path / "cache") == set()
