"""All 140 files of the shared corpus, where it lies: read as the manifest says, or refused with a reason."""

from __future__ import annotations

import csv

import pytest
from sgfmill import sgf_grammar

from pipeline.errors import GameError
from pipeline.go.charset import decode
from pipeline.go.defaults import ReadDefaults
from pipeline.go.formats import read_game_file
from pipeline.go.record import Ruleset
from pipeline.go.scan import scan

# Files that hold no game to analyse, and why.
REFUSED = {
    "SabakiHQ__sgf/tests__sgf__no-ca.sgf": "game.problem",
    "cameron-martin__tsumego-solver/src__test_sgfs__puzzles__true_ultrasimple1.sgf": "game.problem",
    "featurecat__go-dataset_fox9d/9k__1531205531010001271.sgf": "game.empty",
    "herzbube__libsgfcplusplus/test__test-files__encoding-traditionalchinese-big5.sgf": "game.no_moves",
    "herzbube__libsgfcplusplus/test__test-files__escaping.sgf": "game.bad_coordinate",
    "herzbube__littlego/sgf__Illegal games__illegal-setup.sgf": "game.problem",
    "herzbube__littlego/sgf__Illegal games__not-enough-handicap-stones.sgf": "game.no_moves",
    "issues/aki65-65_multigo-double-AB.sgf": "game.problem",
    "derived/SZ-21.sgf": "game.board_size",
    "derived/SZ-37.sgf": "game.board_size",
    "derived/deep-nesting-20000.sgf": "game.no_moves",
    "derived/empty.sgf": "game.empty",
    "derived/gomoku-GM4.sgf": "game.not_go",
    "derived/html-error-page.sgf": "game.not_sgf",
    "derived/no-moves.sgf": "game.no_moves",
    "derived/nul-bytes-only.sgf": "game.empty",
}
# Moves read differ from the manifest's raw count: handicap stones taken, passes inserted, cut at an illegal move.
CUT_OR_MENDED = ("handicap.leading_moves", "moves.", "setup.inside_game", "sgf.no_open_paren", "file.collection")
# Reads to the same game as derived/base_utf8.sgf, whatever was done to the file.
SAME_AS_BASE = (
    "101weiqi_unescaped-bracket-in-comment",
    "B-and-W-in-one-node",
    "CA-empty",
    "CA-unknown_cp9999",
    "PL-X",
    "RU-中国规则",
    "KM-3.75",
    "KM-7目半",
    "KM-7.5目",
    "KM-3又3-4子",
    "SZ-0",
    "SZ-text",
    "big5_no-CA",
    "double-mojibake_utf8-as-latin1",
    "fullwidth-semicolon",
    "gbk_but_CA-utf8",
    "gbk_no-CA",
    "gzip-named-sgf",
    "junk-before-and-after",
    "lowercase-properties",
    "missing-close-paren",
    "missing-open-paren",
    "mojibake_utf8-read-as-gbk",
    "name-100-chars",
    "name-with-control-chars-and-emoji",
    "swap-names-with-rank",
    "two-root-variations",
    "unclosed_bracket_in_name",
    "utf16le_bom",
    "utf8_bom",
    "utf8_but_CA-gb2312",
    "utf8_no-CA",
)
KOMI = {
    "375": 7.5,
    "325": 6.5,
    "275": 5.5,
    "225": 4.5,
    "750": 7.5,
    "650": 6.5,
    "550": 5.5,
    "450": 4.5,
    "50": 0.5,
}


@pytest.fixture(scope="module")
def manifest(corpus):
    if corpus is None:
        pytest.skip("the corpus does not lie beside this checkout")
    with (corpus / "manifest.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def read(corpus, row):
    path = corpus / row["file"]
    return read_game_file(path.read_bytes(), file=path.name)


def test_every_file_is_read_or_refused_as_expected(corpus, manifest):
    refused = {}
    for row in manifest:
        try:
            read(corpus, row)
        except GameError as error:
            refused[row["file"]] = error.code
    assert refused == REFUSED
    assert len(manifest) == 140


def test_moves_komi_and_charset_are_those_of_the_manifest(corpus, manifest):
    wrong = []
    for row in manifest:
        if row["file"] in REFUSED:
            continue
        record = read(corpus, row)[0]
        codes = [c.code for c in record.corrections]
        if (
            row["moves"]
            and int(row["moves"]) != record.total_turns
            and not any(code.startswith(CUT_OR_MENDED) for code in codes)
        ):
            wrong.append((row["file"], "moves", record.total_turns))
        raw = row["komi_raw"]
        if raw in KOMI and record.komi != KOMI[raw]:
            wrong.append((row["file"], "komi", record.komi))
        damaged = "utf8-damaged" in row["oddity"]
        if damaged != ("charset.damaged" in codes):
            wrong.append((row["file"], "damage not told", codes))
        names = record.info.black.name + record.info.white.name + record.info.event
        if "\ufffd" in names or ("□" in names) > damaged + ("japanese_bad" in row["file"]):
            wrong.append((row["file"], "names", names))
    assert wrong == []


def test_the_same_game_has_one_identity_in_every_disguise(corpus):
    if corpus is None:
        pytest.skip("the corpus does not lie beside this checkout")
    base = read_game_file((corpus / "derived" / "base_utf8.sgf").read_bytes(), file="base")[0]
    for name in SAME_AS_BASE:
        record = read_game_file((corpus / "derived" / f"{name}.sgf").read_bytes(), file=name)[0]
        assert record.game_id == base.game_id, name


def test_server_formats_agree_with_the_sgf_of_the_same_game(corpus):
    if corpus is None:
        pytest.skip("the corpus does not lie beside this checkout")
    folder = corpus / "9beach__analyze-sgf"
    gib, sgf = (
        read_game_file(
            (folder / f"test__examples__t-gb2312.{s}").read_bytes(),
            file=f"x.{s}",
            defaults=ReadDefaults(forced_ruleset=Ruleset.KOREAN),
        )[0]
        for s in ("gib", "sgf")
    )
    assert gib.game_id == sgf.game_id
    assert (gib.info.black, gib.info.date) == (sgf.info.black, sgf.info.date)


def test_main_lines_agree_with_sgfmill_wherever_it_can_read(corpus, manifest):
    """sgfmill is strict and well kept: on files it accepts, the main line must be the same."""
    compared = 0
    for row in manifest:
        data = (corpus / row["file"]).read_bytes()
        if not row["file"].lower().endswith(".sgf") or "lowercase-properties" in row["file"] or not data.strip(b"\0"):
            continue
        text = decode(data).text
        try:
            expected = sgf_grammar.parse_sgf_collection(text.encode("utf-8"))[0]
        except ValueError:
            continue
        ours = scan(text, max_games=1_000)[0]
        if ours.notes:
            continue
        theirs = [dict(node) for node in sgf_grammar.main_sequence_iter(expected)]
        assert len(ours.nodes) == len(theirs), row["file"]
        for mine, other in zip(ours.nodes, theirs, strict=True):
            for key in ("B", "W", "AB", "AW", "KM", "PB", "RE"):
                assert [v.encode() for v in mine.get(key, [])] == other.get(key, []), (row["file"], key)
        compared += 1
    assert compared > 80
