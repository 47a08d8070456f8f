"""The Parquet dataset as its users meet it: published, found, loaded, and opened by other tools."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.errors import StoreError
from pipeline.evaluation import AnalysisInfo, Candidate, EngineIdentity, Evaluation
from pipeline.go.board import Color, Point
from pipeline.go.record import (
    Correction,
    GameInfo,
    GameRecord,
    Move,
    Player,
    Result,
    ResultKind,
    Ruleset,
    Source,
)
from pipeline.review.judge import judge
from pipeline.store import schema, tables
from pipeline.store.dataset import Dataset

ROOT = Path(__file__).parents[2]


def game(size: int = 19, count: int = 6, komi: float = 7.5, **changes: Any) -> GameRecord:
    points = [Point(col, row) for col in range(0, size, 2) for row in range(0, size, 2)][:count]
    moves = tuple(
        Move(Color.WHITE if index % 2 else Color.BLACK, point if index != 4 else None)
        for index, point in enumerate(points)
    )
    record = GameRecord(
        size,
        size,
        moves,
        komi,
        Ruleset.JAPANESE,
        handicap=2,
        setup_black=(Point(1, 1), Point(3, 3)),
        setup_white=(Point(5, 5),),
        info=GameInfo(
            black=Player("Zhang San", "3d", "zhang san"),
            white=Player("\u674e\u56db", "\u4e1a\u4f594\u6bb5", "\u674e\u56db"),
            date="2024-05-01",
            event="Club cup",
            round="2",
            place="Beijing",
            result=Result(ResultKind.POINTS, Color.WHITE, 3.5, "W+3.5"),
            handicap_text="x",
        ),
        corrections=(Correction("komi.assumed", "some text"),),
        source=Source("cup/game 1.sgf", "f" * 64, "gb18030", 1, 3),
    )
    return replace(record, **changes)


def evaluations(record: GameRecord, *, visits: int = 500, ownership: bool = True) -> dict[int, Evaluation]:
    area = record.width * record.height
    return {
        turn: Evaluation(
            turn,
            record.to_move(turn),
            visits,
            0.5 + turn / 64,
            turn * 0.5,
            10.25,
            0.5,
            0.25,
            0.125,
            2.5,
            tuple(
                Candidate(vertex, order, visits // (order + 2), 0.5, 0.5, 9.0, 0.25, 0.125, (vertex, "pass", "A1"))
                for order, vertex in enumerate(["A1", "pass", "C3"][: turn % 4])
            ),
            tuple(index % 201 - 100 for index in range(area)) if ownership else (),
            "deep",
            0.125,
        )
        for turn in range(record.total_turns + 1)
    }


def analysis(profile: str = "a" * 12, **changes: Any) -> AnalysisInfo:
    identity = EngineIdentity("1.18.1", "abcdef", "b18c384nbt", "0123456789abcdef", "cuda", "RTX 5070")
    info = AnalysisInfo(identity, profile, 500, 50, "uniform", "deep", 7, 3500, 12.5, "2026-11-22T06:40:00+08:00", None)
    return replace(info, **changes)


def publish(dataset: Dataset, record: GameRecord, info: AnalysisInfo) -> dict[int, Evaluation]:
    values = evaluations(record)
    dataset.publish(record, info, values, judge(record, values))
    return values


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return Dataset(tmp_path / "output" / "evaluations")


def files(dataset: Dataset) -> dict[str, list[str]]:
    return {
        folder: sorted(path.name for path in (dataset.root / folder).iterdir())
        for folder in ("positions", "moves", "games")
    }


@pytest.mark.parametrize("size", [9, 13, 19])
@pytest.mark.parametrize("ownership", [True, False])
def test_a_game_comes_back_as_it_was(dataset: Dataset, size: int, ownership: bool) -> None:
    record, info = game(size), analysis(side=Color.WHITE)
    values = evaluations(record, ownership=ownership)
    dataset.publish(record, info, values, judge(record, values))
    stored = dataset.load(record.game_id)
    assert stored.record == record
    assert stored.record.game_id == record.game_id
    assert stored.info == info
    assert stored.evaluations == values
    assert judge(stored.record, stored.evaluations) == judge(record, values)


def test_a_game_of_nothing(dataset: Dataset) -> None:
    record = GameRecord(19, 19, (), 7.5, Ruleset.CHINESE)
    dataset.publish(record, analysis(), {}, judge(record, {}))
    stored = dataset.load(record.game_id)
    assert (stored.record, stored.evaluations) == (record, {})


def test_positions_that_were_not_searched_have_no_row_and_their_moves_no_verdict(dataset: Dataset) -> None:
    record = game()
    values = evaluations(record)
    del values[3]
    dataset.publish(record, analysis(), values, judge(record, values))
    assert sorted(dataset.load(record.game_id).evaluations) == [0, 1, 2, 4, 5, 6]
    moves = pd.read_parquet(dataset.root / "moves")
    assert moves["move_number"].tolist() == [1, 2, 3, 4, 5, 6]
    assert moves["points_lost"].isna().tolist() == [False, False, True, True, False, False]


def test_file_names_that_are_not_unicode_do_not_stop_it(dataset: Dataset) -> None:
    record = game(source=Source("b\udcc6\udcd7.sgf", "f" * 64, "gb18030"))
    publish(dataset, record, analysis())
    assert dataset.load(record.game_id).record.source.file == "b??.sgf"


class TestCompleteness:
    def test_only_after_the_deep_pass(self, dataset: Dataset) -> None:
        record = game()
        assert not dataset.is_complete(record.game_id, "a" * 12)
        publish(dataset, record, analysis(level="quick"))
        assert not dataset.is_complete(record.game_id, "a" * 12)
        publish(dataset, record, analysis())
        assert dataset.is_complete(record.game_id, "a" * 12)
        assert not dataset.is_complete(record.game_id, "b" * 12)

    def test_ids_cannot_leave_the_folder(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        assert not dataset.is_complete("../games/*", "a" * 12)
        assert dataset.find("*") is None

    def test_games_file_is_the_last(self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(path: Path, table: pa.Table) -> None:
            raise StoreError("store.disk_full", path=path)

        record, write = game(), tables.write_table
        monkeypatch.setattr(
            tables, "write_table", lambda path, table: (refuse if path.parent.name == "games" else write)(path, table)
        )
        with pytest.raises(StoreError):
            publish(dataset, record, analysis())
        assert not dataset.is_complete(record.game_id, "a" * 12)
        assert dataset.list_games() == ()


class TestSuperseding:
    def names(self, dataset: Dataset) -> list[tuple[str, str]]:
        return [(header.profile_id, header.level) for header in dataset.list_games()]

    def test_deep_replaces_quick(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis(level="quick"))
        publish(dataset, game(), analysis())
        assert self.names(dataset) == [("a" * 12, "deep")]
        assert all(len(names) == 1 for names in files(dataset).values())

    def test_a_bigger_budget_replaces_a_smaller(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis("a" * 12, visits=500))
        publish(dataset, game(), analysis("b" * 12, visits=1000))
        assert self.names(dataset) == [("b" * 12, "deep")]
        assert all(len(names) == 1 for names in files(dataset).values())

    @pytest.mark.parametrize(
        "later",
        [
            {"visits": 400},
            {"side": Color.BLACK},
            {"strategy": "adaptive"},
            {"identity": EngineIdentity("1.18.1", "abcdef", "b28c512nbt", "fedcba", "cuda", "RTX 5070")},
        ],
    )
    def test_what_is_not_covered_stays(self, dataset: Dataset, later: dict[str, Any]) -> None:
        publish(dataset, game(), analysis("a" * 12))
        publish(dataset, game(), analysis("b" * 12, **later))
        assert sorted(self.names(dataset)) == [("a" * 12, "deep"), ("b" * 12, "deep")]

    def test_other_games_are_left_alone(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis("a" * 12))
        publish(dataset, game(komi=6.5), analysis("b" * 12, visits=1000))
        assert len(dataset.list_games()) == 2


class TestLookups:
    def test_header(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        (header,) = dataset.list_games()
        assert header.game_id == game().game_id
        assert header.network_key == analysis().identity.network_key
        assert (header.black_name, header.result, header.total_moves) == ("Zhang San", "W+3.5", 6)

    def test_find_by_network_and_budget(self, dataset: Dataset) -> None:
        record = game()
        other = EngineIdentity("1.18.1", "abcdef", "b28c512nbt", "fedcba", "cuda", "RTX 5070")
        publish(dataset, record, analysis("a" * 12, visits=500))
        publish(dataset, record, analysis("b" * 12, visits=2000, identity=other))
        found = dataset.find(record.game_id)
        assert found is not None
        assert found.profile_id == "b" * 12
        found = dataset.find(record.game_id, analysis().identity.network_key, 500)
        assert found is not None
        assert found.profile_id == "a" * 12
        assert dataset.find(record.game_id, analysis().identity.network_key, 501) is None

    def test_a_quick_pass_counts_with_its_own_budget(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis(level="quick"))
        assert dataset.find(game().game_id, min_visits=50) is not None
        assert dataset.find(game().game_id, min_visits=51) is None

    def test_load_takes_what_finished_last(self, dataset: Dataset) -> None:
        record = game()
        publish(dataset, record, analysis("a" * 12, finished_at="2026-11-22T06:40:00+08:00"))
        publish(dataset, record, analysis("b" * 12, visits=400, finished_at="2026-11-21T23:00:00+00:00"))
        assert dataset.load(record.game_id).info.profile_id == "b" * 12
        assert dataset.load(record.game_id, "a" * 12).info.profile_id == "a" * 12

    @pytest.mark.parametrize("text", ["zhang", "ZHANG san", "\u674e\u56db", "game 1.sgf"])
    def test_match_by_player_or_file(self, dataset: Dataset, text: str) -> None:
        publish(dataset, game(), analysis())
        assert [header.game_id for header in dataset.match(text)] == [game().game_id]

    def test_match_by_id(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        assert len(dataset.match(game().game_id[:6])) == 1
        assert dataset.match("nobody") == ()
        assert dataset.match("  ") == ()

    def test_unknown_game(self, dataset: Dataset) -> None:
        with pytest.raises(StoreError) as caught:
            dataset.load("0" * 16)
        assert caught.value.code == "store.no_game"


class TestDamage:
    def test_a_damaged_games_file_does_not_hide_the_others(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        publish(dataset, game(komi=6.5), analysis())
        path = dataset.root / "games" / f"{game().game_id}-{'a' * 12}.parquet"
        path.write_bytes(path.read_bytes()[:100])
        assert [header.game_id for header in dataset.list_games()] == [game(komi=6.5).game_id]

    @pytest.mark.parametrize("folder", ["positions", "moves"])
    def test_a_damaged_file_is_named(self, dataset: Dataset, folder: str) -> None:
        publish(dataset, game(), analysis())
        path = dataset.root / folder / f"{game().game_id}-{'a' * 12}.parquet"
        path.write_bytes(b"PAR1")
        with pytest.raises(StoreError) as caught:
            dataset.load(game().game_id)
        assert caught.value.code == "store.bad_dataset"
        assert str(path) in caught.value.message

    def rewrite(self, dataset: Dataset, folder: str, change: Any) -> None:
        path = dataset.root / folder / f"{game().game_id}-{'a' * 12}.parquet"
        pq.write_table(change(pq.ParquetFile(path).read()), path)

    def test_a_newer_schema_is_refused(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        newer = {**(schema.POSITIONS.metadata or {}), schema.VERSION_KEY: b"99"}
        self.rewrite(dataset, "positions", lambda table: table.replace_schema_metadata(newer))
        with pytest.raises(StoreError) as caught:
            dataset.load(game().game_id)
        assert caught.value.code == "store.newer_schema"

    def test_an_older_file_lacks_columns_and_still_loads(self, dataset: Dataset) -> None:
        publish(dataset, game(), analysis())
        self.rewrite(dataset, "moves", lambda table: table.drop_columns(["complexity", "decided"]))
        self.rewrite(dataset, "positions", lambda table: table.drop_columns(["raw_st_wr_error", "ownership"]))
        stored = dataset.load(game().game_id)
        assert stored.record == game()
        assert stored.evaluations[3].ownership == ()


def test_every_column_says_what_it_is() -> None:
    for table in schema.TABLES.values():
        for field in table:
            assert field.metadata[b"description"], field.name


def test_the_file_says_who_wrote_it(dataset: Dataset) -> None:
    publish(dataset, game(), analysis())
    for folder, wanted in schema.TABLES.items():
        (path,) = (dataset.root / folder).iterdir()
        with pq.ParquetFile(path) as file:
            assert file.schema_arrow.equals(wanted, check_metadata=True)


def test_a_temporary_file_does_not_disturb_readers(dataset: Dataset) -> None:
    publish(dataset, game(), analysis())
    for folder in ("positions", "moves", "games"):
        (dataset.root / folder / ".0123456789abcdef.tmp").write_bytes(b"half")
    assert len(pd.read_parquet(dataset.root / "moves")) == 6
    assert ds.dataset(dataset.root / "positions").count_rows() == 7
    assert pl.scan_parquet(dataset.root / "games" / "*.parquet").collect().height == 1


class TestOtherTools:
    """Boards of all sizes in one dataset, opened by the tools that the documentation names."""

    @pytest.fixture(autouse=True)
    def published(self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
        for size in (9, 13, 19):
            publish(dataset, game(size), analysis())
        monkeypatch.chdir(dataset.root.parents[1])

    def test_duckdb(self, dataset: Dataset) -> None:
        query = "select turn, candidates[1].move, ownership[81] from 'output/evaluations/positions/*.parquet'"
        rows = duckdb.sql(query + " where turn = 3").fetchall()
        assert rows == [(3, "A1", 80 - 100)] * 3

    def test_polars(self) -> None:
        frame = pl.read_parquet("output/evaluations/positions/*.parquet")
        assert frame.height == 21
        assert frame["ownership"].dtype == pl.Array(pl.Int8, 361)

    def test_pandas(self) -> None:
        frame = pd.read_parquet("output/evaluations/positions")
        assert len(frame) == 21
        assert {len(row) for row in frame["ownership"]} == {361}

    def examples(self, language: str) -> list[str]:
        text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
        return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)

    def test_documented_sql(self) -> None:
        (query,) = self.examples("sql")
        rows = duckdb.sql(query).fetchall()
        assert {row[0] for row in rows} == {"Zhang San", "\u674e\u56db"}
        assert sum(row[2] for row in rows) == 18

    def test_documented_python(self, capsys: pytest.CaptureFixture[str]) -> None:
        polars_example, pandas_example = self.examples("python")
        for example in (polars_example, pandas_example):
            exec(compile(example, "docs/formats.md", "exec"), {})
        printed = capsys.readouterr().out
        assert "cup/game 1.sgf" in printed
        assert game().game_id in printed

    def test_documentation_names_every_column(self) -> None:
        text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
        missing = [name for table in schema.TABLES.values() for name in table.names if f"`{name}`" not in text]
        assert missing == []


def test_arrow_is_not_imported_to_find_that_everything_is_done(dataset: Dataset) -> None:
    publish(dataset, game(), analysis())
    program = (
        "import sys; from pathlib import Path; from pipeline.store.dataset import Dataset; "
        f"print(Dataset(Path({str(dataset.root)!r})).is_complete({game().game_id!r}, {'a' * 12!r}), "
        "any(name.startswith('pyarrow') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["True", "False"]
