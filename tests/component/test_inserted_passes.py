"""A record in which the reader put in one pass and the file holds another: from the file to the report."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.evaluation import AnalysisInfo, Candidate, EngineIdentity, Evaluation
from pipeline.go.board import Color
from pipeline.go.record import GameRecord
from pipeline.go.sgf import ReadDefaults, read_sgf
from pipeline.plan import needed_turns
from pipeline.report.annotated import annotated_sgf
from pipeline.report.sentences import moment
from pipeline.report.view import ReportOptions, build_view
from pipeline.review.judge import judge
from pipeline.review.model import GameReview
from pipeline.store.dataset import Dataset

INSERTED, GENUINE = 4, 8
# Black moves twice in a row (moves 3 and 5); move 8 is a pass of White's own.
FILE = "(;GM[1]SZ[19]KM[7.5]RU[Chinese]PB[a]PW[b];B[pd];W[dp];B[pp];B[fq];W[dd];B[qn];W[];B[cn];W[jj])"
# Each pass costs White 16 points.
LEADS = (0.0, 0.0, 0.0, 0.0, 16.0, 16.0, 16.0, 16.0, 32.0, 32.0, 32.0)


@pytest.fixture
def record() -> GameRecord:
    return read_sgf(FILE.encode(), file="x.sgf", defaults=ReadDefaults())[0]


def searched(record: GameRecord) -> dict[int, Evaluation]:
    found = {}
    for turn, lead in enumerate(LEADS):
        winrate = 0.5 + lead / 64
        best = Candidate("K16", 0, 90, winrate, lead, 5.0, winrate, 0.25, ("K16", "K4", "D10"))
        color = record.to_move(turn)
        found[turn] = Evaluation(turn, color, 100, winrate, lead, 5.0, winrate, lead, 0.125, 1.0, (best,))
    return found


def analysed() -> AnalysisInfo:
    identity = EngineIdentity("1.18.1", "abcdef", "b18", "0123456789abcdef", "cuda", "GPU")
    return AnalysisInfo(identity, "a" * 12, 100, 0, "uniform", "deep", 11, 1100, 1.0, "2026-11-22T06:40:00+08:00")


def judged(record: GameRecord) -> GameReview:
    return judge(record, searched(record))


def published(folder: Path, record: GameRecord) -> Dataset:
    dataset = Dataset(folder)
    dataset.publish(record, analysed(), searched(record), judged(record))
    return dataset


def test_the_record_says_which_pass_the_file_lacks(record: GameRecord) -> None:
    assert [m.vertex for m in record.moves].count("pass") == 2
    assert [number for number, m in enumerate(record.moves, start=1) if m.inserted] == [INSERTED]
    assert record.inserted_passes == 1


def test_whether_a_pass_stood_in_the_file_makes_no_other_game(record: GameRecord) -> None:
    complete = read_sgf(FILE.replace("B[pp];B[fq]", "B[pp];W[];B[fq]").encode(), file="x.sgf")[0]
    assert complete.inserted_passes == 0
    assert complete.game_id == record.game_id


def test_only_the_pass_that_was_put_in_is_nobodys_mistake(record: GameRecord) -> None:
    review = judged(record)
    numbers = {move.move_number: move for move in review.moves}
    assert INSERTED not in numbers
    assert numbers[GENUINE].points_lost == pytest.approx(16.0)
    assert GENUINE in {moment.move_number for moment in review.key_moments}
    assert review.white.overall.moves == 4
    assert review.white.overall.total_loss == pytest.approx(16.0)


def test_a_review_of_one_side_does_not_search_for_a_verdict_on_it(record: GameRecord) -> None:
    assert needed_turns(record, Color.WHITE) == [0, 1, 2, 5, 6, 7, 8, 9, 10]


def test_the_dataset_keeps_it(record: GameRecord, tmp_path: Path) -> None:
    stored = published(tmp_path, record).load(record.game_id)
    assert stored.record.moves == record.moves
    assert judge(stored.record, stored.evaluations) == judged(record)


def test_a_file_from_before_the_column_is_read_by_the_rule_of_its_time(record: GameRecord, tmp_path: Path) -> None:
    dataset = published(tmp_path, record)
    (path,) = (tmp_path / "moves").glob("*.parquet")
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["inserted"]), path)
    old = dataset.load(record.game_id).record
    assert [number for number, m in enumerate(old.moves, start=1) if m.inserted] == [INSERTED, GENUINE]


def test_without_a_correction_no_pass_of_an_old_file_was_put_in(tmp_path: Path) -> None:
    whole = read_sgf(FILE.replace("B[pp];B[fq]", "B[pp];W[];B[fq]").encode(), file="x.sgf")[0]
    dataset = published(tmp_path, whole)
    (path,) = (tmp_path / "moves").glob("*.parquet")
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["inserted"]), path)
    assert dataset.load(whole.game_id).record.inserted_passes == 0


def test_the_report_tells_it_from_a_pass_of_the_game(record: GameRecord) -> None:
    view = build_view(
        record, searched(record), judged(record), analysed(), ReportOptions(), printed_on="2026-11-22T00:00:00+08:00"
    )
    notes = [note for row in view.record for figure in row for note in figure.notes]
    assert f"{INSERTED}＝补停手" in notes
    assert f"{GENUINE}＝停一手" in notes
    assert "10手（含补上的停一手1处）" in [field.value for field in view.game]


def test_the_move_before_it_was_not_answered_by_a_pass(record: GameRecord) -> None:
    evaluations = searched(record)
    best = Candidate("pass", 0, 90, 0.5, 0.0, 5.0, 0.5, 0.3, ("pass",))
    after = evaluations[INSERTED - 1]
    evaluations[INSERTED - 1] = Evaluation(after.turn, after.to_move, 100, 0.5, 0.0, 5.0, 0.5, 0.0, 0.1, 1.0, (best,))
    review = judged(record)
    (before,) = [move for move in review.moves if move.move_number == INSERTED - 1]
    assert moment(record, evaluations, review, before).endswith("白方最强的应手是停一手。")


def test_the_annotated_record_says_so_at_the_move(record: GameRecord) -> None:
    data = annotated_sgf(record, searched(record), judged(record), analysed(), version="1.0").decode()
    nodes = data.split("\n;W[]")
    assert len(nodes) == 3
    assert "原棋谱没有这一手" in nodes[1].split("\n;")[0]
    assert "原棋谱没有这一手" not in nodes[2]
