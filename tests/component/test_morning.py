"""The morning summary: what a night brought, as the teacher finds it in the morning."""

from __future__ import annotations

import json
import re
import signal
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pypdfium2
import pytest
from fakes.program import Running, fupan, set_up, sgf
from fakes.workplace import Workplace

from pipeline.errors import ConfigError
from pipeline.go.board import Color
from pipeline.morning import default_since, gather, parse_since, write_overview
from pipeline.report.morning_view import FailureLine, GameLine, Night, OpenLine, SideLine, Work, build_morning
from pipeline.report.render import Renderer
from pipeline.review.judge import judge
from pipeline.settings import Settings
from pipeline.store.dataset import Dataset

NOW = datetime(2026, 11, 22, 7, 3).astimezone()
HOSTILE = '<script>alert("1")</script>'


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


def text_of(pdf: bytes) -> str:
    """Without spaces and line ends: the text wraps where the column ends."""
    return re.sub(r"\s+", "", "".join(pages(pdf)))


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name == "href"]


def line(number: int, group: str = "甲班", **changes: object) -> GameLine:
    values: dict[str, object] = {
        "number": f"{number:08x}",
        "group": group,
        "black": SideLine("张三", "2d", 0.54, 87, 12.3),
        "white": SideLine("李四", "3段", None, 120, 0.4),
        "result": ("points", "B", 3.5),
        "moves": 213,
        "level": "deep",
        **changes,
    }
    return GameLine(**values)  # type: ignore[arg-type]


def night(*games: GameLine, **changes: object) -> Night:
    return Night(default_since(NOW), NOW, games, **changes)  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return set_up(tmp_path)


def test_a_night_ends_with_its_summary_in_place(place):
    inbox = place / "inbox"
    for group, number, black in (
        ("甲班", 1, "张三"),
        ("甲班", 2, HOSTILE),
        ("周三 & 周五", 3, "王五"),
        ("", 4, "赵六"),
    ):
        (inbox / group).mkdir(exist_ok=True)
        (inbox / group / f"第{number}局.sgf").write_bytes(sgf(number, black=black))
    (inbox / "甲班" / "又一份.sgf").write_bytes(sgf(1, black="张三"))
    (inbox / "坏.sgf").write_text("<html>404</html>")

    done = fupan(place, "watch", "inbox", "--once")

    assert done.returncode == 7, done.stderr
    output = place / "output"
    assert "今日概览.pdf（完成 4 盘；没有成功：1个文件读不了）" in done.stderr
    text = text_of((output / "今日概览.pdf").read_bytes())
    assert "完成4盘（深度版4）" in text
    assert "坏.sgf为空或不是SGF棋谱" in text
    assert "请确认下载完整" in text
    assert "甲班（2盘）output/reports/甲班" in text
    assert "周三&周五（1盘）output/reports/周三&周五" in text
    assert "未分班（1盘）output/reports" in text
    assert "<script>ale" in text, "shown as it is written"
    assert "还没做完无" in text
    assert "重复1个文件" in text
    assert "KataGo1.18.1" in text
    page = Links((output / "今日概览.html").read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert len(page.found) == 4
    for folder, name in ((output, "今日概览"), (output / "概览", datetime.now().astimezone().date().isoformat())):
        for address in Links((folder / f"{name}.html").read_text(encoding="utf-8")).found:
            assert (folder / unquote(address)).resolve().is_file(), address
    assert not list(output.rglob(".*.tmp"))


def test_what_failed_and_what_waits_is_named_with_what_to_do(place):
    for number in (1, 2):
        (place / "inbox" / f"第{number}局.sgf").write_bytes(sgf(number, black=f"黑{number}"))
    done = fupan(place, "watch", "inbox", "--once", faults="error_with_id=5")
    assert done.returncode == 7, done.stderr
    text = text_of((place / "output" / "今日概览.pdf").read_bytes())
    assert "没有成功2盘对局" in text
    assert text.count("第1局.sgf（快速版）") == 1
    assert "怎么办" in text
    assert "这段时间没有完成的对局" in text


def test_the_summary_is_there_while_the_watch_goes_on_and_after_it_is_ended(place):
    output = place / "output"
    with Running(place, "watch", "inbox") as running:
        running.wait_for("正在守候")
        (place / "inbox" / "一.sgf").write_bytes(sgf(1, black="张三"))
        running.wait_for("今日概览写好了")
        assert "张三" in text_of((output / "今日概览.pdf").read_bytes())
        (place / "inbox" / "二.sgf").write_bytes(sgf(2, black="王五"))
        running.wait_for("快速版 二.sgf")
        assert running.stop(signal.SIGTERM) == 143
    assert "王五" in text_of((output / "今日概览.pdf").read_bytes())


def test_games_of_a_review_are_in_it_too(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf", black="张三", white="李四")
    nothing = work.run("overview")
    assert nothing.returncode == 0
    assert not (work.output / "今日概览.pdf").exists()
    assert work.review().returncode == 0
    made = json.loads(work.run("overview", "--json").stdout)
    assert made["done"] == 1
    assert made["failed_games"] == made["failed_files"] == made["open_games"] == 0
    assert "张三" in text_of((tmp_path / made["pdf"]).read_bytes())
    wrong = work.run("overview", "--since", "gestern")
    assert wrong.returncode == 3
    assert "2026-11-20" in wrong.stderr

    settings = Settings.model_validate({"output": {"folder": work.output}})
    stored = Dataset(work.output / "evaluations")
    game = stored.load(stored.list_games()[0].game_id)
    review = judge(game.record, game.evaluations)
    now = datetime.now().astimezone()
    found = gather(settings, default_since(now), now).games[0]
    for side, color in ((found.black, Color.BLACK), (found.white, Color.WHITE)):
        assert side.match == pytest.approx(review.summary(color).overall.match_rate, abs=1e-4)
        own = [move for move in review.moves if move.player is color]
        worst = max(own, key=lambda move: move.points_lost)
        assert side.worst_loss == pytest.approx(worst.points_lost, abs=1e-3)
        assert side.worst_move == worst.move_number
    assert not gather(settings, now + timedelta(hours=1), now).games


def test_a_summary_of_another_day_is_kept(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")
    assert work.review().returncode == 0
    settings = Settings.model_validate({"output": {"folder": work.output}})
    now = datetime.now().astimezone()
    write_overview(settings, now=now)
    kept = work.output / "概览" / f"{now.date().isoformat()}.pdf"
    first = kept.read_bytes()
    later = now + timedelta(days=1)
    write_overview(settings, now=later, since=now - timedelta(days=1))
    assert kept.read_bytes() == first
    assert (work.output / "概览" / f"{later.date().isoformat()}.pdf").is_file()


def test_a_damaged_file_of_the_dataset_is_left_out(tmp_path):
    work = Workplace(tmp_path)
    work.put("一.sgf")
    assert work.review().returncode == 0
    name = "f" * 32 + "-" + "0" * 12 + ".parquet"
    for folder in ("games", "moves"):
        (work.output / "evaluations" / folder / name).write_bytes(b"PAR1 not really")
    now = datetime.now().astimezone()
    settings = Settings.model_validate({"output": {"folder": work.output}})
    assert len(gather(settings, default_since(now), now).games) == 1


def test_many_games_fill_pages_that_repeat_the_head_and_stay_the_same():
    games = [
        line(number, group="甲班" if number <= 100 else "乙班", report=f"reports/{number}.pdf")
        for number in range(1, 151)
    ]
    view = build_morning(night(*games), club="星火围棋社")
    pdf, copy = Renderer().render_morning(view, ups=("", "../"))
    found = pages(pdf)
    assert len(found) == 4
    for page in found[:-1]:
        assert "最大失误" in page
        assert "星火围棋社" in page
    text = re.sub(r"\s+", " ", " ".join(found))
    assert all(f"{number:08x}" in text for number in range(1, 151))
    assert Renderer().render_morning(view) == (pdf,), "the same bytes again"
    assert Renderer().render_morning(view, ups=("../",)) == (copy,)


@pytest.mark.parametrize(
    "name", [HOSTILE, "\u202egnp.exe\u0000", "名" * 500, "😀👨\u200d👩\u200d👧", "𠮷野", "a\u0301" * 60, ""]
)
def test_hostile_names_break_no_page(name):
    shown = night(
        line(1, name, black=SideLine(name, name, 0.5, 3, 1.0), report="reports/a.pdf"),
        failures=(FailureLine(name, "deep", name, name), FailureLine(name, "", name, name)),
        open=(OpenLine(name, "quick", "running", 12),),
        open_games=1,
        work=Work(100, 10, 3.0, (name,)),
        troubles=(name,),
    )
    renderer = Renderer()
    view = build_morning(shown, club=name)
    assert pages(*renderer.render_morning(view))
    page = Links(renderer.render_morning_page(view).decode("utf-8"))
    assert "script" not in page.tags
    assert page.found == ["reports/a.pdf"]


def test_a_line_says_what_there_is_to_say():
    shown = night(line(1), line(2, level="quick", result=("resign", "W", None)), line(3, level="partial"))
    view = build_morning(shown)
    row, other, cut_short = (row.cells for row in view.groups[0].rows)
    assert row == ("□1", "张三 2段", "李四 3段", "黑胜3目半", "213", "54%", "—", "87手 12.3目", "—", "深度", "00000001")
    assert other[3] == "白中盘胜"
    assert other[9] == "快速"
    assert cut_short[9] == "限时"
    assert [field.value for field in view.facts[:4]] == [
        "11月21日 12:00 至 11月22日 07:03",
        "3盘（深度版1，限时版1，快速版1）",
        "无",
        "无",
    ]


def test_the_list_of_what_waits_is_cut_and_says_so():
    waiting = tuple(OpenLine(f"{number}.sgf", "deep", "queued", 0) for number in range(40))
    view = build_morning(night(open=waiting, open_games=40, seconds_left=4800.0))
    assert len(view.open) == 25
    assert "16项" in view.open[-1]
    assert view.facts[3].value == "40盘，预计还需1小时20分"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("06:30", NOW.replace(hour=6, minute=30)),
        ("18:00", NOW.replace(day=21, hour=18, minute=0)),
        ("2026-11-20", NOW.replace(day=20, hour=0, minute=0)),
        ("2026-11-20T18:00", NOW.replace(day=20, hour=18, minute=0)),
    ],
)
def test_the_moment_from_which_to_count(text, expected):
    assert parse_since(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "25:00", "gestern", "12:"])
def test_a_moment_that_is_none(text):
    with pytest.raises(ConfigError):
        parse_since(text, NOW)


def test_by_default_it_counts_from_yesterday_noon():
    assert default_since(NOW).date() == date(2026, 11, 21)
    assert default_since(NOW).hour == 12


def test_reading_the_queue_changes_nothing(place):
    (place / "inbox" / "一.sgf").write_bytes(sgf(1))
    assert fupan(place, "watch", "inbox", "--once").returncode == 0
    state = place / "output" / "state" / "fupan.db"
    before = state.read_bytes()
    (place / "output" / "今日概览.pdf").unlink()
    state.chmod(0o444)
    assert fupan(place, "overview").returncode == 0
    assert state.read_bytes() == before
    assert (place / "output" / "今日概览.pdf").is_file()
