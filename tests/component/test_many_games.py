"""Statistics over many games and exports, from published games to the tables that a user sees."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.report_games import Sample, random_game

from pipeline import cli
from pipeline.go.board import Color
from pipeline.go.record import GameInfo, Player, Result, ResultKind
from pipeline.review.accuracy import accuracy
from pipeline.store import schema
from pipeline.store.dataset import Dataset
from pipeline.store.many_games import Answer, ManyGames, Selection

EVERYTHING = Selection()
WANG, LI, ZHAO = "王小明", "李华", "=1+1"


def played(seed: int, black: str, white: str, date: str, mistakes: tuple[int, ...], event: str = "春季杯") -> Sample:
    made = random_game(9, 30, seed, mistakes=mistakes)
    info = GameInfo(
        black=Player(black, "3k", black.casefold()),
        white=Player(white, "", white.casefold()),
        date=date,
        event=event,
        result=Result(ResultKind.RESIGN, Color.WHITE if len(mistakes) % 2 else Color.BLACK),
    )
    moves = tuple(
        replace(move, tags=("tenuki", "lost_top")) if move.points_lost > 1 else move for move in made.review.moves
    )
    return replace(made, record=replace(made.record, info=info), review=replace(made.review, moves=moves))


GAMES = (
    played(1, WANG, LI, "2026-01-10", (3, 9)),
    played(2, LI, WANG, "2026-02-11", (4,)),
    played(3, WANG, ZHAO, "2026-02-20", (5, 6, 7)),
    played(4, WANG, LI, "", (), event="练习"),
)


def publish(output: Path, *games: Sample, **info: Any) -> None:
    dataset = Dataset(output / "evaluations")
    for made in games:
        dataset.publish(made.record, replace(made.info, **info), made.evaluations, made.review)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    publish(tmp_path / "out", *GAMES)
    return tmp_path / "out"


def ask(output: Path, selection: Selection = EVERYTHING) -> tuple[int, ManyGames]:
    many = ManyGames(output / "evaluations", output / "state")
    return many.refresh(selection), many


def table(answers: tuple[Answer, ...], name: str) -> list[dict[str, Any]]:
    (found,) = [answer for answer in answers if answer.name == name]
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def student(output: Path, name: str, selection: Selection = EVERYTHING) -> tuple[Answer, ...]:
    _, many = ask(output, selection)
    (player,) = many.find_players(name)
    return many.student(player)


def records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


class TestNumbers:
    def test_a_player_as_counted_by_hand(self, output: Path) -> None:
        own = [
            move
            for game, color in zip(GAMES, (Color.BLACK, Color.WHITE, Color.BLACK, Color.BLACK), strict=True)
            for move in game.review.moves
            if move.player is color
        ]
        (found,) = table(student(output, WANG), "summary")
        assert (found["games"], found["won"], found["lost"]) == (4, 3, 1)
        assert (found["since"], found["until"]) == ("2026-01-10", "2026-02-20")
        assert found["moves"] == len(own)
        assert found["mean_loss"] == pytest.approx(sum(max(0.0, m.points_lost) for m in own) / len(own), rel=1e-5)
        assert found["accuracy"] == pytest.approx(accuracy((m.points_lost_root, m.complexity) for m in own), rel=1e-5)
        mistakes = sum(m.points_lost >= 3 for m in own)
        assert found["mistakes_per_100"] == pytest.approx(100 * mistakes / len(own))

    def test_months_phases_tags_and_worst_moves(self, output: Path) -> None:
        answers = student(output, WANG)
        assert [(row["month"], row["games"]) for row in table(answers, "months")] == [
            ("", 1),
            ("2026-01", 1),
            ("2026-02", 2),
        ]
        assert {row["phase"] for row in table(answers, "phases")} == {"opening", "middle"}
        (tag,) = table(answers, "tags")
        assert (tag["tag"], tag["times"]) == ("tenuki", 5)
        worst = table(answers, "worst")
        assert len(worst) == 5
        assert {row["colour"] for row in worst} == {"B", "W"}
        assert {row["zone"] for row in table(answers, "zones")} <= {"corner", "side", "centre"}
        assert sum(row["share_of_loss"] for row in table(answers, "zones")) == pytest.approx(1.0)

    def test_mistakes_are_counted_where_they_were_played(self, output: Path) -> None:
        def part(index: int) -> int:
            return 0 if index * 3 < 8 else 2 if index * 3 > 16 else 1

        rows = (("lower_left", "lower_side", "lower_right"), ("left_side", "centre", "right_side"))
        names = (*rows, ("upper_left", "upper_side", "upper_right"))
        expected: Counter[str] = Counter()
        for game, color in zip(GAMES, (Color.BLACK, Color.WHITE, Color.BLACK, Color.BLACK), strict=True):
            for move, judged in zip(game.record.moves, game.review.moves, strict=True):
                if judged.player is color and judged.points_lost >= 3 and move.point is not None:
                    expected[names[part(move.point.row)][part(move.point.col)]] += 1
        found = table(student(output, WANG), "regions")
        assert {row["region"]: row["mistakes"] for row in found if row["mistakes"]} == dict(expected)
        assert sum(row["share_of_mistakes"] for row in found) == pytest.approx(1.0)

    def test_everybody(self, output: Path) -> None:
        games, many = ask(output)
        rows = {row["player"]: row for row in table(many.overview(), "players")}
        assert games == 4
        assert {name: row["games"] for name, row in rows.items()} == {WANG: 4, LI: 3, ZHAO: 1}

    def test_an_empty_dataset(self, tmp_path: Path) -> None:
        games, many = ask(tmp_path)
        assert games == 0
        assert table(many.overview(), "players") == []
        assert many.find_players(WANG) == ()


class TestSelection:
    @pytest.mark.parametrize(
        ("selection", "games"),
        [
            (Selection(), 4),
            (Selection(since="2026-02"), 2),
            (Selection(until="2026-01"), 1),
            (Selection(since="2026", until="2026"), 3),
            (Selection(since="2026-02-11", until="2026-02-11"), 1),
            (Selection(event="春"), 3),
            (Selection(event="' OR 1=1 --"), 0),
        ],
    )
    def test_dates_and_events(self, output: Path, selection: Selection, games: int) -> None:
        assert ask(output, selection)[0] == games

    def test_a_name_in_part(self, output: Path) -> None:
        _, many = ask(output)
        assert [player.name for player in many.find_players("小明")] == [WANG]
        assert len(many.find_players("")) == 3


class TestCache:
    def test_new_and_removed_games_are_noticed(self, output: Path) -> None:
        assert ask(output)[0] == 4
        publish(output, played(5, WANG, LI, "2026-03-01", (3,)))
        assert ask(output)[0] == 5
        for folder in ("games", "moves", "positions"):
            next((output / "evaluations" / folder).glob(f"{GAMES[0].record.game_id}*")).unlink()
        assert ask(output)[0] == 4

    def test_a_game_that_was_judged_anew_is_read_anew(self, output: Path) -> None:
        before = table(student(output, WANG), "tags")[0]["times"]
        made = GAMES[0]
        untagged = tuple(replace(move, tags=()) for move in made.review.moves)
        publish(output, replace(made, review=replace(made.review, moves=untagged)))
        assert table(student(output, WANG), "tags")[0]["times"] == before - 2

    def test_two_analyses_of_a_game_count_once(self, output: Path) -> None:
        other = replace(GAMES[0].info.identity, network="another", network_sha256="1" * 64)
        publish(output, GAMES[0], profile_id="ffffffffffff", identity=other, visits=20000)
        assert ask(output)[0] == 4
        assert table(student(output, WANG), "summary")[0]["moves"] == 60

    def test_a_damaged_cache_is_made_again(self, output: Path) -> None:
        assert ask(output)[0] == 4
        (cache,) = (output / "state").glob("many-games*")
        cache.write_bytes(b"PAR1 no more")
        assert ask(output)[0] == 4

    def test_a_damaged_game_is_left_out(self, output: Path) -> None:
        next((output / "evaluations" / "moves").glob("*.parquet")).write_bytes(b"broken")
        assert ask(output)[0] == 3

    def test_a_newer_dataset_is_refused(self, output: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
        monkeypatch.setattr("pipeline.store.many_games.SCHEMA_VERSION", schema.SCHEMA_VERSION - 1)
        assert cli.run(["stats", "--output", str(output)]) == 6
        assert "升级" in capfd.readouterr().err


class TestCommands:
    def test_a_student_in_the_terminal(self, output: Path, capfd: Any) -> None:
        assert cli.run(["student", "小明", "--output", str(output)]) == 0
        shown = capfd.readouterr().out
        assert "共 4 盘对局" in shown
        assert "脱先过早" in shown
        assert "2026-02" in shown
        assert "None" not in shown

    def test_json_and_csv(self, output: Path, capfd: Any) -> None:
        assert cli.run(["stats", "--json", "--output", str(output)]) == 0
        found = json.loads(capfd.readouterr().out)
        assert found["games"] == 4
        assert found["players"][0]["player"] == WANG
        assert cli.run(["stats", "--csv", "--output", str(output)]) == 0
        rows = list(csv.reader(io.StringIO(capfd.readouterr().out)))
        assert rows[0] == ["# players"]
        assert rows[1][0] == "player"
        assert "'" + ZHAO in {row[0] for row in rows}, "a name must not become a formula"

    @pytest.mark.parametrize(("name", "text"), [("谁也不是", "没有找到棋手"), ("", "对应多位棋手")])
    def test_names_that_do_not_fit(self, output: Path, name: str, text: str, capfd: Any) -> None:
        assert cli.run(["student", name, "--output", str(output)]) == 3
        assert text in capfd.readouterr().err

    def test_nothing_there(self, tmp_path: Path, capfd: Any) -> None:
        assert cli.run(["stats", "--output", str(tmp_path / "none")]) == 0
        assert "还没有" in capfd.readouterr().out
        assert cli.run(["export", str(tmp_path / "x"), "--output", str(tmp_path / "none")]) == 3


class TestExport:
    def test_csv_opens_in_a_spreadsheet(self, output: Path, tmp_path: Path) -> None:
        assert cli.run(["export", str(tmp_path / "x"), "--output", str(output)]) == 0
        raw = (tmp_path / "x" / "games.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        games = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
        assert {game["black_name"] for game in games} == {WANG, LI}
        assert "'" + ZHAO in {game["white_name"] for game in games}
        moves = records(tmp_path / "x" / "moves.csv")
        assert len(moves) == 120
        assert {move["tags"] for move in moves} == {"", "tenuki lost_top"}
        positions = records(tmp_path / "x" / "positions.csv")
        assert len(positions) == 124
        assert positions[0]["best"]
        assert not any(path.name.startswith(".") for path in (tmp_path / "x").iterdir())

    def test_json_holds_everything(self, output: Path, tmp_path: Path) -> None:
        assert cli.run(["export", str(tmp_path / "x"), "--format", "json", "--output", str(output)]) == 0
        positions = json.loads((tmp_path / "x" / "positions.json").read_text(encoding="utf-8"))
        assert positions[0]["candidates"][0]["pv"]

    def test_a_workbook(self, output: Path, tmp_path: Path) -> None:
        arguments = ["export", str(tmp_path / "x"), "--format", "xlsx", "--table", "moves", "--output", str(output)]
        assert cli.run(arguments) == 0
        assert [path.name for path in (tmp_path / "x").iterdir()] == ["moves.xlsx"]
        with zipfile.ZipFile(tmp_path / "x" / "moves.xlsx") as book:
            assert book.testzip() is None
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row>") == 121
        assert "tenuki lost_top" in sheet

    @pytest.mark.parametrize(("option", "value"), [("--format", "doc"), ("--table", "players")])
    def test_unknown_words_are_named(self, output: Path, tmp_path: Path, option: str, value: str, capfd: Any) -> None:
        assert cli.run(["export", str(tmp_path / "x"), option, value, "--output", str(output)]) == 3
        assert value in capfd.readouterr().err

    def test_a_damaged_file_is_told(self, output: Path, tmp_path: Path) -> None:
        shutil.copy(__file__, output / "evaluations" / "games" / "0123456789abcdef-0123456789ab.parquet")
        assert cli.run(["export", str(tmp_path / "x"), "--output", str(output)]) == 6
