"""The dashboard: what it shows, what it serves, and what it refuses."""

from __future__ import annotations

import http.client
import io
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import uvicorn
from fakes.program import Running, fupan, set_up, sgf
from PIL import Image

from pipeline.dashboard.pages import Site, create_app
from pipeline.dashboard.serve import LOOPBACK_NAMES, server_config
from pipeline.settings import Settings
from pipeline.thumbnails import Thumbnails

HOSTILE = "<img src=x onerror=alert(1)>"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class Page(HTMLParser):
    """Tags, and what the links and pictures of a page lead to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def addresses(self, ending: str) -> list[str]:
        found = [attrs.get("href") or attrs.get("src") or "" for _, attrs in self.tags]
        return [address for address in dict.fromkeys(found) if address.partition("?")[0].endswith(ending)]


class Served:
    """The dashboard of an output folder on a free port."""

    def __init__(self, output: Path, *, hosts: frozenset[str] = LOOPBACK_NAMES, any_address: bool = False) -> None:
        settings = Settings.model_validate({"output": {"folder": output}, "report": {"club": "星火围棋社"}})
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        app = create_app(Site(settings, hosts, any_address))
        self._server = uvicorn.Server(server_config(app))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        self._listening = listening

    def get(self, path: str, method: str = "GET", host: str | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", f"127.0.0.1:{self.port}" if host is None else host)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def page(self, path: str = "/") -> Page:
        return Page(self.get(path).text)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)
        self._listening.close()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder after a night with two classes, a name that is markup, and a file that is no game."""
    place = set_up(tmp_path_factory.mktemp("night"))
    inbox = place / "inbox"
    (place / "fupan.toml").write_text("[report]\nhtml = true\n", encoding="utf-8")
    for group, number, black in (("甲班", 1, "张三"), ("甲班", 2, HOSTILE), ("", 3, "王五")):
        (inbox / group).mkdir(exist_ok=True)
        (inbox / group / f"第{number}局.sgf").write_bytes(sgf(number, black=black))
    (inbox / f"坏 {HOSTILE.replace('/', '')}.sgf").write_text("<html>404</html>")
    done = fupan(place, "watch", "inbox", "--once")
    assert done.returncode == 7, done.stderr
    return place / "output"


@pytest.fixture
def served(night: Path) -> Iterator[Served]:
    serving = Served(night)
    yield serving
    serving.close()


def test_the_page_shows_queue_failures_and_reports(served):
    answer = served.get("/")
    assert answer.status == 200
    text = answer.text
    assert "星火围棋社" in text
    assert "队列里的都做完了" in text
    assert "为空或不是 SGF 棋谱" in text
    assert "请确认下载完整" in text
    assert "张三" in text
    assert "甲班 · 深度版" in text
    page = Page(text)
    assert len(page.addresses(".pdf")) == 4, "three reports and the summary"
    assert len(page.addresses(".png")) == 3
    assert [tag for tag, attrs in page.tags if any(name.startswith("on") for name in attrs)] == []
    assert [attrs for tag, attrs in page.tags if tag == "img" and not (attrs["src"] or "").startswith("/report/")] == []


def test_everything_that_the_page_leads_to_is_there(served):
    page = served.page()
    kinds = {".pdf": "application/pdf", ".html": "text/html; charset=utf-8", ".png": "image/png"}
    kinds |= {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
    for ending, kind in kinds.items():
        addresses = page.addresses(ending)
        assert addresses, ending
        for address in addresses:
            answer = served.get(address)
            assert (answer.status, answer.headers["content-type"]) == (200, kind), address
    pdf = served.get(page.addresses(".pdf")[-1])
    assert pdf.body.startswith(b"%PDF-")
    picture = Image.open(io.BytesIO(served.get(page.addresses(".png")[0]).body))
    assert picture.width == 360
    assert len(picture.convert("L").getcolors() or ()) > 4, "a page, and no empty sheet"


def test_the_links_of_the_morning_summary_lead_to_the_reports(served):
    summary = Page(served.get("/overview.html").text)
    assert len(summary.addresses(".pdf")) == 3
    assert all(served.get(address).status == 200 for address in summary.addresses(".pdf") + summary.addresses(".html"))


def test_reports_are_found_by_name_and_class(served):
    assert len(served.page("/?q=%E5%BC%A0%E4%B8%89").addresses(".png")) == 1
    assert len(served.page("/?q=%E7%94%B2%E7%8F%AD").addresses(".png")) == 2
    assert "没有找到" in served.get("/?q=nobody").text
    hostile = served.get("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&page=-5")
    assert hostile.status == 200
    assert [attrs for tag, attrs in Page(hostile.text).tags if tag == "script"] == [
        {"src": "/script.js", "defer": None}
    ]
    for page in ("0", "99999999999999999999", "x", "%00", "%D9%A1"):
        assert served.get(f"/?page={page}").status == 200


def test_the_state_for_programs_is_that_of_the_command(served, night):
    state = json.loads(served.get("/status.json").text)
    assert state["format"] == 1
    assert state["counts"]["deep"]["done"] == 3
    said = json.loads(fupan(night.parent, "status", "--json").stdout)
    assert said.keys() == state.keys()
    assert said["counts"] == state["counts"]


SECRETS = (
    "/../../../../../../etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/report/../state/fupan.db",
    "/report/..%2F..%2Fstate%2Ffupan.db.pdf",
    "/report/%2e%2e/%2e%2e/fupan.toml.html",
    "/overview/../../fupan.toml",
    "/overview/..%2f..%2ffupan.toml.html",
    "/overview/2026-11-22%00.pdf",
    "/overview/9999-99-99.pdf",
    "/overview.db",
    "/report/.pdf",
    "/report/fupan.pdf",
    "/report/" + "0" * 20 + ".pdf",
    "/report/" + "a" * 5000 + ".pdf",
    "/state/fupan.db",
    "/output/state/fupan.db",
    "/reports/",
    "/style.css/../../fupan.toml",
    "//etc/passwd",
    "/logs/fupan.log",
    "/%c0%ae%c0%ae/etc/passwd",
)


@pytest.mark.parametrize("path", SECRETS)
def test_nothing_else_can_be_had(served, path):
    answer = served.get(path)
    assert answer.status == 404, path
    assert b"root:" not in answer.body
    assert b"SQLite" not in answer.body


def test_a_link_out_of_the_output_is_not_followed(night, tmp_path):
    output = tmp_path / "output"
    shutil.copytree(night, output)
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"%PDF-1.7 secret")
    (output / "reports" / "x_y_00000001.pdf").symlink_to(secret)
    (output / "reports" / "甲班2").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "z_w_00000002.pdf").write_bytes(b"%PDF-1.7 secret")
    (output / "reports" / "x_y_00000003.pdf").mkdir()
    (output / "今日概览.html").unlink()
    (output / "今日概览.html").symlink_to(secret)
    serving = Served(output)
    try:
        assert len(serving.page().addresses(".png")) == 3
        assert serving.get("/overview.html").status == 404
    finally:
        serving.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_it_only_shows(served, method):
    assert served.get("/", method).status == 405


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8361", "127.0.0.1.evil.example", "", "192.168.1.20", "localhost.evil.example:80"],
)
def test_a_name_that_was_bent_to_this_machine_gets_nothing(served, host):
    answer = served.get("/", host=host)
    assert answer.status == 421
    assert "张三" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8361", "LOCALHOST", "[::1]:8361"])
def test_our_own_names_are_answered(served, host):
    assert served.get("/", host=host).status == 200


def test_open_to_the_network_it_answers_to_addresses_and_its_own_name(night):
    serving = Served(night, hosts=LOOPBACK_NAMES | {"schule"}, any_address=True)
    try:
        for host in ("192.168.1.20:8361", "[fe80::1]", "schule:80"):
            assert serving.get("/", host=host).status == 200
        assert serving.get("/", host="evil.example").status == 421
    finally:
        serving.close()


def test_headers_are_strict(served):
    page = served.page()
    addresses = [
        "/",
        "/nothing",
        "/overview.html",
        "/status.json",
        page.addresses(".pdf")[-1],
        page.addresses(".html")[-1],
    ]
    for address in addresses:
        headers = served.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
    own = served.get("/").headers["content-security-policy"]
    assert "unsafe" not in own
    assert "default-src 'none'" in own
    assert served.get(addresses[-1]).headers["content-security-policy"].startswith("sandbox allow-scripts;")


def test_before_anything_was_done_it_says_how_to_begin(tmp_path):
    serving = Served(tmp_path / "output")
    try:
        text = serving.get("/").text
        assert "还没有棋谱进来" in text
        assert "还没有报告" in text
        assert json.loads(serving.get("/status.json").text)["counts"]["quick"]["done"] == 0
    finally:
        serving.close()
    assert not (tmp_path / "output").exists(), "looking makes nothing"


def test_a_damaged_queue_is_named_and_the_reports_stay(night, tmp_path):
    output = tmp_path / "output"
    shutil.copytree(night, output)
    for leftover in (output / "state").glob("fupan.db-*"):
        leftover.unlink()
    (output / "state" / "fupan.db").write_bytes(b"no database at all" * 100)
    serving = Served(output)
    try:
        answer = serving.get("/")
        assert answer.status == 200
        assert "状态数据库" in answer.text
        assert len(Page(answer.text).addresses(".png")) == 3
        assert serving.get("/status.json").status == 503
    finally:
        serving.close()


def test_what_is_being_written_holds_nobody_up(served, night):
    with sqlite3.connect(night / "state" / "fupan.db", isolation_level=None, timeout=0) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE jobs SET state = 'failed'")
        assert json.loads(served.get("/status.json").text)["counts"]["deep"]["done"] == 3
        writer.execute("ROLLBACK")


def test_it_runs_beside_the_watch_and_ends_when_told_to(tmp_path):
    place = set_up(tmp_path)
    with (
        Running(place, "watch", "inbox", faults="slow=400") as watching,
        Running(place, "dashboard", "--port", "0", "--club", "星火围棋社") as running,
    ):
        running.wait_for("在浏览器里打开")
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", running.said)
        assert found
        assert "没有密码" not in running.said

        def get(path: str) -> str:
            connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
            connection.request("GET", path)
            answer = connection.getresponse().read().decode("utf-8")
            connection.close()
            return answer

        (place / "inbox" / "一.sgf").write_bytes(sgf(1, black="张三"))
        watching.wait_for(lambda: '<progress max="100"' in get("/"))
        watching.wait_for(lambda: "Fake GPU" in get("/"))
        watching.wait_for(lambda: json.loads(get("/status.json"))["visits_per_second"] > 0)
        state = json.loads(get("/status.json"))
        if state["running"]:
            assert state["running"][0]["seconds_left"] is not None
        watching.wait_for("深度版 一.sgf")
        watching.wait_for(lambda: "张三 乙" in get("/"))
        assert running.stop(signal.SIGINT) == 0
        assert "Traceback" not in running.said
        watching.stop(signal.SIGTERM)


def test_a_port_that_is_taken_is_named(tmp_path):
    place = set_up(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = fupan(place, "dashboard", "--port", str(other.getsockname()[1]))
    assert done.returncode == 3
    assert "--port" in done.stderr
    wrong = fupan(place, "dashboard", "--host", "256.1.2.3.invalid", "--port", "0")
    assert wrong.returncode == 3
    assert "--host" in wrong.stderr


def test_pictures_are_kept_until_the_report_changes(night, tmp_path):
    pdf = tmp_path / "report.pdf"
    shutil.copy(next((night / "reports").rglob("*.pdf")), pdf)
    thumbnails = Thumbnails(tmp_path / "cache")
    first = thumbnails.of(pdf)
    assert first
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert Thumbnails(tmp_path / "cache").of(pdf) == first
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    assert thumbnails.of(pdf)
    assert len(list((tmp_path / "cache").iterdir())) == 1, "the old one is gone"
    pdf.write_bytes(b"no PDF")
    assert thumbnails.of(pdf) is None
    assert thumbnails.of(tmp_path / "gone.pdf") is None
    (tmp_path / "file").write_bytes(b"")
    shutil.copy(next((night / "reports").rglob("*.pdf")), pdf)
    assert Thumbnails(tmp_path / "file" / "cache").of(pdf), "kept in memory where the folder cannot be made"


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_browser_shows_it(served, tmp_path):
    flags = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}"),
        *("--window-size=390,844", "--enable-logging=stderr", "--virtual-time-budget=12000", "--dump-dom"),
    )
    done = subprocess.run(
        [str(BROWSER), *flags, f"http://127.0.0.1:{served.port}/"],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert "CONSOLE" not in done.stderr, "neither policy nor script complains"
    assert 'id="lost" class="lost" hidden' in done.stdout, "the page was fetched again"
    assert done.stdout.count('class="picture"') == 3
    assert "张三" in done.stdout
