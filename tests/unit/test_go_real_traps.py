"""Traps that real files of clubs and servers held, each shown by a small file written anew."""

from __future__ import annotations

import pytest

from pipeline.errors import GameError
from pipeline.go.defaults import ReadDefaults
from pipeline.go.formats import read_game_file
from pipeline.go.record import ResultKind, Ruleset
from pipeline.go.sgf import read_sgf
from pipeline.go.text import identity
from pipeline.inbox.intake import with_aliases

MOVES = ";B[pd];W[dp];B[pp];W[dd];B[fq];W[cn]"
FOX = "AP[foxwq]TM[60]TC[3]TT[30]"


def game(properties: str, moves: str = MOVES, defaults: ReadDefaults | None = None):
    text = f"(;GM[1]SZ[19]PB[a]PW[b]{properties}{moves})"
    return read_sgf(text.encode(), file="x.sgf", defaults=defaults or ReadDefaults())[0]


def codes(record) -> list[str]:
    return [c.code for c in record.corrections]


def test_a_variation_in_the_middle_of_the_line_does_not_end_it():
    """Live commentary of Cyberoro and Sina: the variation repeats the game, the line goes on behind it."""
    record = read_sgf(
        b"(\nTE[x]\nKO[7.5]\nPB[a]\nPW[b]\n;B[pd];W[dp];B[pp];W[dd](RN[1]PT[5];B[pd];W[dp];B[pp];W[dd];B[qq])C[text]\n"
        b";B[fq];W[cn](RN[2]PT[7];B[pd];W[dp](;B[aa])(;B[bb]));B[cf])"
    )[0]
    assert [m.vertex for m in record.moves] == ["Q16", "D4", "Q4", "D16", "F3", "C6", "C14"]
    assert "sgf.variations" in codes(record)


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("(;B[pd](;W[dp];B[pp])(;W[dd])C[end])", ["Q16", "D4", "Q4"]),
        ("(;B[pd](;W[dp];B[pp])(;W[dd]);)", ["Q16", "D4", "Q4"]),
        ("(;B[pd](;W[dp](;B[pp];W[qq])(;B[cc]))(;W[dd];B[aa]))", ["Q16", "D4", "Q4", "R3"]),
        ("((;B[pd];W[dp]);B[aa])", ["Q16", "D4"]),
        ("(;B[pd]();W[dp])", ["Q16", "D4"]),
    ],
)
def test_the_first_variation_stays_the_main_line_where_no_move_follows_it(text, moves):
    assert [m.vertex for m in read_sgf(text.encode())[0].moves] == moves


def test_a_swallowed_bracket_that_another_program_escaped_again():
    record = read_sgf(("(;BR[9段\nWR\\[8段\nKM\\[6.5]PW[乙]PB[甲]RU[Japanese]" + MOVES + ")").encode())[0]
    assert (record.info.black.rank, record.info.white.rank, record.komi) == ("9段", "8段", 6.5)
    assert "sgf.unclosed_value" in codes(record)


@pytest.mark.parametrize(
    ("properties", "name", "rank", "said"),
    [
        ("PB[我9段]BR[3段]" + FOX, "我9段", "3段", False),
        ("PB[我9段]BR[9段]" + FOX, "我9段", "9段", False),
        ("PB[我9段]BR[3段]", "我9段", "3段", False),
        ("PB[常昊八段]", "常昊", "八段", True),
        ("PB[常昊八段]BR[八段]", "常昊", "八段", True),
        ("PB[业余2级]", "业余2级", "", False),
        ("PB[吴清源 三段格]", "吴清源", "三段格", False),
        ("PB[前田陈尔 六段']", "前田陈尔", "六段", False),
        ("PB[本因坊秀哉 名人]", "本因坊秀哉", "名人", False),
        ("PB[赵治勋  棋圣]BR[9 dan]", "赵治勋", "9 dan", False),
        ("PB[名人]", "名人", "", False),
    ],
)
def test_only_what_is_a_rank_is_taken_off_a_name(properties, name, rank, said):
    record = read_sgf(f"(;KM[7.5]RU[Chinese]{properties}{MOVES})".encode())[0]
    assert (record.info.black.name, record.info.black.rank) == (name, rank)
    assert ("name.rank" in codes(record)) == said


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("202003-8-2", "2003-08-02"),
        ("92-1-23", "1992-01-23"),
        ("80年5月1日", "1980-05-01"),
        ("990906", "1999-09-06"),
        ("12.28.98", "1998-12-28"),
        ("13/5/95", "1995-05-13"),
        ("28.12.1998", "1998-12-28"),
        ("12/28/1998", "1998-12-28"),
        ("3/4/1998", "1998"),
        ("1999 04 12", "1999-04-12"),
        ("November 9, 1999", "1999-11-09"),
        ("29th September 2012", "2012-09-29"),
        ("198-8-15", "198-8-15"),
        ("12-5", "12-5"),
    ],
)
def test_dates_as_old_files_write_them(written, iso):
    assert game(f"KM[7.5]RU[Chinese]DT[{written}]").info.date == iso


@pytest.mark.parametrize(
    ("properties", "komi", "code"),
    [
        ("KM[6]RU[Chinese]EV[SinaGo 升降级对局]RE[白棋中盘胜!]", 6.5, "komi.sina"),
        ("KM[6]RU[Chinese]RE[白棋7.5目胜!]", 6.5, "komi.half_lost"),
        ("KM[0]RU[Japanese]RE[B+3.5]", 6.5, "komi.zero_disproved"),
        ("KM[0]HA[2]AB[pd][dp]RU[Japanese]RE[W+3.5]", 0.5, "komi.half_lost"),
        ("KM[5.5]RU[Japanese]RE[B+5]", 5.5, "komi.result_mismatch"),
        ("RU[Japanese]DT[1935]RE[共295手 黑胜半目]", 0.0, "komi.result_mismatch"),
    ],
)
def test_a_result_with_half_a_point_proves_whole_komi_wrong(properties, komi, code):
    record = game(properties, ";W[dd];B[pp]" if "AB[" in properties else MOVES)
    assert record.komi == komi
    assert [c for c in codes(record) if c in ("komi.zero_kept", code)] == [code]


@pytest.mark.parametrize(
    "properties",
    [
        "KM[6]RE[W+7]",
        "KM[6.5]RE[B+0.5]",
        "KM[7.5]RE[白胜2又1/4子]",
        "KM[0]RE[B+2]",
        "KM[6]RE[W+R]",
        "KM[6]HA[2]AB[pd][dp]EV[SinaGo 升降级对局]RE[W+R]",
    ],
)
def test_komi_that_agrees_with_the_result_is_left_alone(properties):
    record = game(properties + "RU[Chinese]", ";W[dd];B[pp]" if "AB[" in properties else MOVES)
    assert f"{record.komi:g}" == properties[3 : properties.index("]")]
    assert not {"komi.half_lost", "komi.sina", "komi.zero_disproved", "komi.result_mismatch"} & set(codes(record))


def test_the_users_komi_is_not_disproved():
    record = game("KM[6]RU[Chinese]RE[W+7.5]", defaults=ReadDefaults(forced_komi=6.0))
    assert record.komi == 6.0
    assert codes(record) == []


@pytest.mark.parametrize(
    ("properties", "margin"),
    [
        ("KM[7.5]RE[W+2.5]", 2.5),
        ("KM[375]RE[W+2.25]", 4.5),
        ("KM[0]HA[2]AB[pd][dp]RE[B+12.5]", 25.0),
        ("KM[0]HA[2]AB[pd][dp]RE[B+25]", 25.0),
    ],
)
def test_margins_are_in_stones_only_where_that_can_be(properties, margin):
    """Under Chinese rules the Fox server writes 子; a file of the same look with plain points exists too."""
    record = game(properties + "RU[Chinese]" + FOX, ";W[dd];B[pp]" if "AB[" in properties else MOVES)
    assert record.info.result.margin == margin


@pytest.mark.parametrize(("written", "winner"), [("W", "W"), ("B", "B"), ("black", "B")])
def test_a_result_that_names_only_the_winner(written, winner):
    result = game(f"KM[7.5]RU[Chinese]RE[{written}]").info.result
    assert (result.kind, result.winner) == (ResultKind.WIN, winner)


def test_json_escapes_in_titles_of_fox():
    assert game("KM[7.5]RU[Chinese]EV[围甲\\u003c讲解\\u003e]").info.event == "围甲<讲解>"


def test_a_problem_of_nobody_against_nobody_is_no_game():
    text = "(;GM[1]SZ[19]PB[Black]PW[White]AB[aa][bb][cc]AW[dd][ee][ff];B[gg];W[hh])"
    with pytest.raises(GameError) as caught:
        read_sgf(text.encode())
    assert caught.value.code == "game.problem"


@pytest.mark.parametrize("codec", ["iso2022_jp", "hz"])
def test_encodings_of_old_mail(codec):
    name = {"iso2022_jp": "井山裕太", "hz": "古力"}[codec]
    assert read_sgf(f"(;PB[{name}]KM[6.5]RU[Japanese]{MOVES})".encode(codec))[0].info.black.name == name


def test_korean_read_as_latin():
    garbled = "(;PB[dust]BR[1급]EV[승강급 대국]KM[6.5]".encode("cp949").decode("latin-1") + MOVES + ")"
    record = read_sgf(garbled.encode())[0]
    assert (record.info.event, record.info.black.rank) == ("승강급 대국", "1급")
    assert "charset.mojibake" in codes(record)


def test_gib_of_the_present_tygem_app():
    text = (
        "\\HS\n\\[GAMEINFOMAIN=GBKIND:3,GRLT:0,ZIPSU:35,GONGJE:65,TCNT:2,LINE:13,AUSZ:0\\]\n"
        "\\[GAMEINFOSUB=GNAMEF:0,GNAME:rank game,GDATE:2025-01-18-16-38-32,GPLC:tygem\\]\n"
        "\\[WUSERINFO=WID:white1,WLV:11,WNICK:w,WNCD:2\\]\n\\[BUSERINFO=BID:black1,BLV:19,BNICK:b,BNCD:3\\]\n"
        "\\[GAMETAG=S0,C2025-01-18-16-38-32,I:white1\\]\n"
        "\\HE\n\\GS\n2 1 0\n3 0 &4\nINI 0 1 0 &4\nSTO 0 2 1 9 3\nSTO 0 3 2 3 9\n\\GE\n"
    )
    record = read_game_file(text.encode(), file="x.gib")[0]
    assert (record.width, [m.vertex for m in record.moves]) == (13, ["K10", "D4"])
    assert (record.info.black.name, record.info.black.rank) == ("black1", "2d")
    assert (record.info.white.name, record.info.white.rank) == ("white1", "7k")
    assert (record.info.date, record.info.event, record.komi) == ("2025-01-18", "rank game", 6.5)
    assert record.ruleset is Ruleset.KOREAN
    assert "rules.korean_server" in codes(record)


def test_the_users_rules_win_over_those_of_the_server():
    text = "\\HS\n\\[GAMEBLACKNAME=a\\]\n\\HE\nINI 0 1 0 &4\nSTO 0 2 1 15 3\n"
    defaults = ReadDefaults(forced_ruleset=Ruleset.CHINESE)
    record = read_game_file(text.encode(), file="x.gib", defaults=defaults)[0]
    assert record.ruleset is Ruleset.CHINESE
    assert "rules.korean_server" not in codes(record)


@pytest.mark.parametrize("written", ["張栩", "張栩 九段", "ＺＨＡＮＧ ＸＵ", "zhang xu"])
def test_an_alias_joins_spellings_that_the_reader_keeps_apart(written):
    """Traditional and simplified characters are two names until the user says that they are one."""
    record = game("KM[7.5]RU[Chinese]")
    spelt = read_sgf(f"(;PB[{written}]PW[b]KM[7.5]RU[Chinese]{MOVES})".encode())[0]
    assert spelt.info.black.identity != identity("张栩")
    known = with_aliases(spelt, {"張栩": "张栩", "Zhang Xu": "张栩"})
    assert known.info.black.identity == identity("张栩")
    assert known.info.black.name == spelt.info.black.name
    assert known.game_id == record.game_id


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5", "cp932", "hz"])
def test_one_game_in_every_encoding_is_one_game(codec):
    text = f"(;PB[山田太郎]PW[小林光一]RE[黑胜1目]C[白先手中小大]KM[6]RU[Japanese]{MOVES})"
    text = text.replace("胜", "勝") if codec in ("big5", "cp932") else text
    record = read_sgf(text.replace("黑", "黒").encode(codec) if codec == "cp932" else text.encode(codec))[0]
    assert record.game_id == game("KM[6]RU[Japanese]").game_id
    assert (record.info.black.name, record.info.result.margin) == ("山田太郎", 1.0)
