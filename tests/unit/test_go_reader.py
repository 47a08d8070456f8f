"""What a club sees of the reader: right moves, komi, names and result, and every correction said aloud."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from fakes.plain_sgf import write_sgf

from pipeline.errors import GameError
from pipeline.go.board import Color, vertex_name
from pipeline.go.charset import decode
from pipeline.go.formats import read_game_file
from pipeline.go.record import ResultKind, Ruleset
from pipeline.go.sgf import ReadDefaults, read_sgf

MOVES = ";B[pd];W[dp];B[pp];W[dd];B[fq];W[cn]"


def game(properties: str = "KM[7.5]RU[Chinese]", moves: str = MOVES, defaults: ReadDefaults | None = None):
    text = f"(;GM[1]SZ[19]PB[a]PW[b]{properties}{moves})"
    return read_sgf(text.encode(), file="x.sgf", defaults=defaults or ReadDefaults())[0]


def codes(record) -> list[str]:
    return [c.code for c in record.corrections]


def refused(data: bytes | str, file: str = "x.sgf") -> GameError:
    with pytest.raises(GameError) as caught:
        read_game_file(data.encode() if isinstance(data, str) else data, file=file)
    assert file in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("properties", "komi", "code"),
    [
        ("RU[Chinese]KM[375]", 7.5, "komi.scaled"),
        ("RU[Chinese]KM[325]", 6.5, "komi.scaled"),
        ("RU[Japanese]KM[650]", 6.5, "komi.scaled"),
        ("RU[Japanese]KM[450]", 4.5, "komi.scaled"),
        ("RU[Japanese]KM[50]", 0.5, "komi.scaled"),
        ("RU[Chinese]KM[350]", 7.0, "komi.scaled_ambiguous"),
        ("RU[Japanese]KM[350]", 3.5, "komi.scaled"),
        ("RU[Japanese]KM[65]", 6.5, "komi.scaled"),
        ("RU[Chinese]KM[3.75]", 7.5, "komi.stones"),
        ("RU[Chinese]KM[3又3/4子]", 7.5, "komi.worded"),
        ("RU[Chinese]KM[黑贴3又3/4子]", 7.5, "komi.worded"),
        ("RU[Chinese]KM[七目半]", 7.5, "komi.worded"),
        ("RU[Chinese]KM[黑贴７.５目]", 7.5, "komi.worded"),
        ("RU[Chinese]KM[不贴目]", 0.0, "komi.worded"),
        ("RU[Korean]KM[6집반]", 6.5, "komi.worded"),
        ("RU[Japanese]KM[6,5]", 6.5, "komi.comma"),
        ("RU[Japanese]KM[6.3]", 6.5, "komi.rounded"),
        ("RU[Japanese]KM[]KO[黒6目半]", 6.5, "komi.worded"),
        ("RU[Chinese]KO[7.5]", 7.5, "komi.other_field"),
        ("RU[Japanese]KM[]EV[分先:黑贴5目半]", 5.5, "komi.other_field"),
        ("RU[Chinese]KM[-6.50]", -6.5, "komi.negative"),
        ("RU[Chinese]KM[37.5]", 37.5, "komi.unusual"),
        ("RU[Chinese]KM[乱写]", 7.5, "komi.unreadable"),
        ("RU[Chinese]KM[99999]", 7.5, "komi.unreadable"),
        ("RU[Chinese]", 7.5, "komi.missing"),
        ("RU[Japanese]", 6.5, "komi.missing"),
        ("RU[Japanese]DT[1986-05-01]", 5.5, "komi.missing"),
        ("RU[Japanese]DT[1934-05-01]", 0.0, "komi.missing"),
        ("RU[Japanese]HA[吴先相先.先]", 0.0, "komi.missing"),
        ("RU[Japanese]KM[0]", 0.0, "komi.zero_kept"),
        ("RU[Japanese]KM[0]AP[GNU Go:3.8]AP[foxwq]", 6.5, "komi.fox_zero"),
        ("RU[Chinese]KM[0]HA[0]TM[60]TC[3]TT[30]", 7.5, "komi.fox_zero"),
    ],
)
def test_komi_is_understood_and_the_correction_said(properties, komi, code):
    record = game(properties)
    assert record.komi == komi
    assert code in codes(record)


def test_a_plain_komi_needs_no_word():
    record = game("KM[7.5]RU[Chinese]")
    assert record.komi == 7.5
    assert record.corrections == ()
    assert ("komi", "KM[7.5]") in record.source.read_from


@pytest.mark.parametrize("properties", ["HA[1]KM[0]RU[Japanese]AP[foxwq]", "HA[2]AB[pd][dp]KM[0]RU[Japanese]AP[foxwq]"])
def test_fox_handicap_keeps_komi_zero(properties):
    assert game(properties, ";W[dd];B[pp]" if "AB" in properties else MOVES).komi == 0


def test_the_users_komi_and_rules_win_and_are_named():
    record = game(defaults=ReadDefaults(forced_komi=6.5, forced_ruleset=Ruleset.JAPANESE))
    assert (record.komi, record.ruleset) == (6.5, Ruleset.JAPANESE)
    assert codes(record) == ["rules.forced", "komi.forced"]


@pytest.mark.parametrize(
    ("written", "ruleset", "silent"),
    [
        ("Chinese", Ruleset.CHINESE, True),
        ("中国规则", Ruleset.CHINESE, True),
        ("数子", Ruleset.CHINESE, True),
        ("Japanese Rules", Ruleset.JAPANESE, True),
        ("jp", Ruleset.JAPANESE, True),
        ("韩国", Ruleset.KOREAN, True),
        ("AGA", Ruleset.AGA, True),
        ("GOE", Ruleset.ING, True),
        ("NZ", Ruleset.NEW_ZEALAND, True),
        ("Tromp/Taylor", Ruleset.TROMP_TAYLOR, True),
        ("Group tax?", Ruleset.CHINESE, False),
        ("", Ruleset.CHINESE, False),
    ],
)
def test_rules(written, ruleset, silent):
    record = game(f"KM[7.5]RU[{written}]")
    assert record.ruleset is ruleset
    assert (record.corrections == ()) is silent


@pytest.mark.parametrize(
    ("written", "kind", "winner", "margin"),
    [
        ("B+R", ResultKind.RESIGN, "B", None),
        ("W+Time", ResultKind.TIME, "W", None),
        ("W+F", ResultKind.FORFEIT, "W", None),
        ("W+12.5", ResultKind.POINTS, "W", 12.5),
        ("B+", ResultKind.WIN, "B", None),
        ("W+0.02", ResultKind.WIN, "W", None),
        ("B+0.0", ResultKind.WIN, "B", None),
        ("W+4.25", ResultKind.POINTS, "W", 8.5),
        ("0", ResultKind.DRAW, None, None),
        ("Draw", ResultKind.DRAW, None, None),
        ("Void", ResultKind.VOID, None, None),
        ("?", ResultKind.UNKNOWN, None, None),
        ("黑中盘胜", ResultKind.RESIGN, "B", None),
        ("共246手 白胜4目", ResultKind.POINTS, "W", 4.0),
        ("黑胜1/4子", ResultKind.POINTS, "B", 0.5),
        ("白胜5又1/4子", ResultKind.POINTS, "W", 10.5),
        ("黑12.5目胜", ResultKind.POINTS, "B", 12.5),
        ("黑胜2目半", ResultKind.POINTS, "B", 2.5),
        ("黑胜半目", ResultKind.POINTS, "B", 0.5),
        ("白认输/黑胜", ResultKind.RESIGN, "B", None),
        ("白超时", ResultKind.TIME, "B", None),
        ("白超时胜", ResultKind.TIME, "W", None),
        ("黑不战胜", ResultKind.FORFEIT, "B", None),
        ("和棋", ResultKind.DRAW, None, None),
        ("打挂", ResultKind.UNKNOWN, None, None),
        ("格中盘胜", ResultKind.UNKNOWN, None, None),
        ("226수 백불계승", ResultKind.RESIGN, "W", None),
        ("294수 흑0.5집승", ResultKind.POINTS, "B", 0.5),
        ("257手完、黒中押し勝ち", ResultKind.RESIGN, "B", None),
        ("White resigns.", ResultKind.RESIGN, "B", None),
        ("W+timeout", ResultKind.TIME, "W", None),
    ],
)
def test_results(written, kind, winner, margin):
    result = game(f"KM[7.5]RU[Chinese]RE[{written}]").info.result
    assert (result.kind, result.winner, result.margin) == (kind, winner, margin)
    assert result.raw == written


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2013-8-26", "2013-08-26"),
        ("1932.04.06", "1932-04-06"),
        ("1933年7月(棋道连载)", "1933-07"),
        ("2012年11月22日 下午 6:3", "2012-11-22"),
        ("20240501", "2024-05-01"),
        ("昭和8年10月16日", "1933-10-16"),
        ("2024-02-31", "2024-02"),
        ("昨天", "昨天"),
    ],
)
def test_dates(written, iso):
    assert game(f"KM[7.5]RU[Chinese]DT[{written}]").info.date == iso


@pytest.mark.parametrize(
    ("name", "rank", "shown", "shown_rank", "identity"),
    [
        ("吴清源 四段", "", "吴清源", "四段", "吴清源"),
        ("李四(3段)", "3段", "李四", "3段", "李四"),
        ("张三[5段\\]", "", "张三", "5段", "张三"),
        ("林心诚9段", "9段", "林心诚", "9段", "林心诚"),
        ("foo3d", "", "foo3d", "", "foo3d"),
        ("Ｋａｔａ　Ｇｏ", "9p", "Ｋａｔａ Ｇｏ", "9p", "katago"),
        ("黑方", "", "黑方", "", ""),
        ("張三", "P9段", "張三", "P9段", "張三"),
        ("a\u202eb\u200bc", "", "abc", "", "abc"),
    ],
)
def test_names_are_cleaned_and_compared(name, rank, shown, shown_rank, identity):
    text = f"(;KM[7.5]RU[Chinese]PW[b]PB[{name}]BR[{rank}]{MOVES})"
    black = read_sgf(text.encode())[0].info.black
    assert (black.name, black.rank, black.identity) == (shown, shown_rank, identity)


def test_fox_handicap_stones_in_the_second_node():
    record = game("KM[0]HA[3]RU[Japanese]AP[foxwq]", ";AB[pd][dp][dd];W[pp];B[nq]")
    assert [vertex_name(p) for p in record.setup_black] == ["D4", "D16", "Q16"]
    assert (record.handicap, record.first_to_play, record.corrections) == (3, Color.WHITE, ())


def test_missing_handicap_stones_are_added_by_the_custom_of_the_time():
    def stones(date: str) -> list[str]:
        record = game(f"KM[0]RU[Japanese]HA[6]DT[{date}]", ";W[nq];B[cf];W[fc]")
        assert "handicap.stars_added" in codes(record)
        return [vertex_name(p) for p in record.setup_black]

    assert stones("2019-01-01") == ["D4", "D10", "D16", "Q4", "Q10", "Q16"]
    assert stones("2015-01-01") == ["D4", "D16", "K4", "K16", "Q4", "Q16"]


def test_three_stones_leave_the_lower_right_empty():
    record = game("KM[0]RU[Japanese]HA[3]", ";W[pp];B[nq]")
    assert [vertex_name(p) for p in record.setup_black] == ["D4", "D16", "Q16"]


def test_black_moves_at_the_start_are_handicap():
    record = game("KM[0.5]RU[Chinese]HA[0]", ";B[pd];B[dp];B[pp];W[dd];B[fc]")
    assert (record.handicap, len(record.setup_black), record.total_turns) == (3, 3, 2)
    assert "handicap.leading_moves" in codes(record)


def test_stones_rule_over_the_number():
    record = game("KM[0]RU[Chinese]HA[4]AB[pd][dp]", ";W[dd];B[pp]")
    assert record.handicap == 2
    assert "handicap.count" in codes(record)


def test_a_missing_pass_is_inserted():
    record = game(moves=";B[pd];W[dp];B[pp];B[fq];W[dd]")
    assert [m.vertex for m in record.moves] == ["Q16", "D4", "Q4", "pass", "F3", "D16"]
    assert record.corrections[-1].text == "同一方连下两手，中间按对方停一手处理（第 4 手，共 1 处，计入手数）"


@pytest.mark.parametrize(
    ("moves", "last", "code"),
    [
        (";B[pd];W[dp];B[pd]", 2, "moves.occupied"),
        (";B[ab];W[qq];B[ba];W[aa]", 3, "moves.suicide"),
        (";B[pd];W[zz]", 1, "moves.off_board"),
        (";B[pd];W[dp];B[?]", 2, "moves.bad_coordinate"),
        (";B[pd];W[dp];AB[qq]B[pp]", 2, "setup.inside_game"),
        (";B[cd];W[dd];B[bc];W[ec];B[cb];W[db];B[qq];W[cc];B[dc];W[cc]", 9, "moves.ko"),
    ],
)
def test_the_game_is_read_up_to_the_move_that_makes_no_sense(moves, last, code):
    record = game(moves=moves)
    assert record.total_turns == last
    assert code in codes(record)
    assert str(last) in record.corrections[-1].text


def test_passes_stay_moves_also_after_two_of_them():
    record = game(moves=";B[pd];W[tt];B[];W[dd]")
    assert [m.vertex for m in record.moves] == ["Q16", "pass", "pass", "D16"]


def test_rectangles_and_human_coordinates():
    record = read_sgf(b"(;SZ[13:19]KM[7];B[A19];W[N1])")[0]
    assert (record.width, record.height) == (13, 19)
    assert [m.vertex for m in record.moves] == ["A19", "N1"]
    assert "coords.a1" in codes(record)


def test_the_main_line_is_the_first_child_everywhere():
    record = game(moves=";B[pd](;W[dp](;B[pp])(;B[qq]))(;W[dd];B[cc])")
    assert [m.vertex for m in record.moves] == ["Q16", "D4", "Q4"]
    assert codes(record) == ["sgf.variations"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"(KM[7.5]RU[cn]PB[a]PW[b]{MOVES})", "sgf.no_semicolon"),
        (f";GM[1]KM[7.5]RU[cn]PB[a]PW[b]{MOVES})", "sgf.no_open_paren"),
        (f"(;KM[7.5]RU[cn]PB[a]PW[b]{MOVES}", "sgf.unclosed"),
        (f"(;KM[7.5]RU[cn]PB[a]PW[b]C[黑1[星]好]{MOVES})", "sgf.unescaped_bracket"),
        (f"(;KM[7.5]RU[cn]PB[a PW[b]{MOVES})", "sgf.unclosed_value"),
        (f"(;KM[7.5]RU[cn]PB[a]PW[b]{MOVES})".replace(";", "；"), "sgf.fullwidth"),
        (f"(;km[7.5]ru[cn]pb[a]pw[b]{MOVES.lower()})", "sgf.lowercase"),
        (f"(;KM[7.5]\\r\\nRU[cn]\\r\\nPB[a]PW[b]{MOVES})", "sgf.literal_breaks"),
    ],
)
def test_broken_files_give_the_same_game_and_a_note(text, code):
    record = read_sgf(text.encode())[0]
    assert record.game_id == game().game_id
    assert (record.info.black.name, record.info.white.name) == ("a", "b")
    assert codes(record) == [code]


def test_collections_are_split_and_a_bad_game_is_named():
    one = f"(;PB[a]KM[7.5]RU[Chinese]{MOVES})"
    records = read_sgf((one + "\n(;PB[leer])\n" + one.replace("fq", "fp")).encode(), file="all.sgf")
    assert [(r.source.index, r.source.games_in_file) for r in records] == [(0, 3), (2, 3)]
    assert any(c.code == "file.game_skipped" and "第 2 局" in c.text for c in records[0].corrections)
    with pytest.raises(GameError) as caught:
        read_sgf((one * 4).encode(), defaults=ReadDefaults(max_games=3))
    assert caught.value.code == "game.too_many_games"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "game.empty"),
        (b"\x00" * 300, "game.empty"),
        ("<!DOCTYPE html><body>404 没有找到</body>", "game.not_sgf"),
        (b"\x89PNG\r\n\x1a\n(;B[pd])", "game.not_sgf"),
        ("(;GM[4]SZ[15];B[hh];W[hi])", "game.not_go"),
        ("(;SZ[21];B[pd];W[dp])", "game.board_size"),
        ("(;SZ[19]PB[a])", "game.no_moves"),
        ("(;SZ[19]AB[aa][bb]AW[cc])", "game.problem"),
        ("(;SZ[19]AB[aa][bb][cc]AW[dd][ee][ff];B[gg];W[hh])", "game.problem"),
        ("(;SZ[5]AB[ba][ab]AW[aa];B[cc])", "game.illegal_setup"),
        ("(;SZ[9]AB[cc];W[cc];B[dd];W[ee])", "game.illegal_start"),
        ("(;AP[Fupan:0.1.0]KM[7.5];B[pd];W[dp])", "game.own_output"),
        (b" " * 4_000_001, "game.too_large"),
        (b"PK\x03\x04rubbish", "game.bad_archive"),
        (b"\x1f\x8brubbish", "game.bad_archive"),
    ],
)
def test_what_is_no_game_is_refused_with_a_reason(data, code):
    assert refused(data).code == code


def sample_text() -> str:
    return f"(;KM[7.5]RU[Chinese]PB[古力]BR[九段]PW[柯洁]WR[九段]RE[黑中盘胜]{MOVES})"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5", "cp932", "cp949"])
def test_encodings_are_recognised_without_a_label(codec):
    names = {
        "big5": ("張栩", "黑中盤勝"),
        "cp932": ("井山ゆうた", "黒中押し勝ち"),
        "cp949": ("이세돌", "흑불계승"),
    }
    name, result = names.get(codec, ("古力", "黑中盘胜"))
    text = sample_text().replace("古力", name).replace("柯洁", name).replace("黑中盘胜", result)
    if codec == "cp949":
        text = text.replace("九段", "9단")
    record = read_sgf(text.encode(codec))[0]
    assert (record.info.black.name, record.info.result.kind) == (name, ResultKind.RESIGN)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (f"(;CA[UTF-8]PB[古力]{MOVES})".encode("gb18030"), "古力"),
        (f"(;CA[gb2312]PB[古力]{MOVES})".encode(), "古力"),
        (f"(;CA[rot13]PB[古力]{MOVES})".encode(), "古力"),
        (f"(;PB[Jörg Müller]{MOVES})".encode("cp1252"), "Jörg Müller"),
        (f"(;PB[Jörg Müller]{MOVES})".encode(), "Jörg Müller"),
        (f"(;PB[檀啸]{MOVES})".encode("gb18030"), "檀啸"),
        (f"(;PB[許皓鋐]BR[九段]{MOVES})".encode("big5"), "許皓鋐"),
        (sample_text().encode().decode("gb18030", "replace").encode(), "古力"),
        (sample_text().encode("gb18030").decode("latin-1").encode(), "古力"),
        (sample_text().encode().decode("latin-1").encode(), "古力"),
        (sample_text().encode().replace("古".encode(), b"\xe5?"), "□力"),
    ],
)
def test_wrong_labels_and_garbled_text(data, name):
    assert read_sgf(data)[0].info.black.name == name


def test_a_declared_codec_is_never_looked_up_by_name():
    assert decode(b"(;CA[punycode]PB[" + b"\xb9\xc5\xc1\xa6" + b"])").charset == "gb18030"


def test_gib():
    text = (
        "\\HS\n\\[GAMEBLACKNAME=甲(2段)\\]\n\\[GAMEWHITENAME=乙 (3段)\\]\n"
        "\\[GAMEINFOMAIN=GBKIND:2,GRLT:1,ZIPSU:35,GONGJE:65,TCNT:2\\]\n\\[GAMETAG=S0,C2015:02:07:08:44,I:x\\]\n"
        "\\HE\n\\GS\n2 1 0\n3 0 &4\nINI 0 1 0 &4\nSTO 0 2 1 15 3\nSTO 0 3 2 3 15\n\\GE\n"
    )
    record = read_game_file(text.encode("gb18030"), file="x.gib")[0]
    assert [m.vertex for m in record.moves] == ["Q16", "D4"]
    assert (record.komi, record.info.date, record.info.black.name, record.info.white.rank) == (
        6.5,
        "2015-02-07",
        "甲",
        "3段",
    )
    assert (record.info.result.winner, record.info.result.margin) == (Color.WHITE, 3.5)


def test_ngf():
    lines = ["Rated game", "19", "ace  7D*", "p81587  5D*", "www.cyberoro.com", "2", "0", "0", "20170316 [09:51]", "5"]
    lines += ["White wins by  resign!", "2", "PMABWQRRQ", "PMACBEEEE"]
    record = read_game_file("\r\n".join(lines).encode(), file="x.ngf")[0]
    assert [m.vertex for m in record.moves] == ["Q3", "D16"]
    assert (record.handicap, record.komi, record.info.date) == (2, 0.0, "2017-03-16")
    assert (record.info.white.name, record.info.white.rank) == ("ace", "7d*")
    assert record.info.result.kind is ResultKind.RESIGN


def test_ugf():
    text = (
        "[Header]\nDate=2019/03/08,22:09:00\nRule=JPN\nSize=19\nHdcp=0,6.50\nWinner=B,C\n"
        "PlayerB=甲,7d,,someone@example.org\nPlayerW=yinni,8d,,\n[Data]\nQP,B1,1,0\nDP,W1,2,0\nYA,B1,3,0\n[ReviewNode]\n"
    )
    record = read_game_file(text.encode("gb18030"), file="x.ugi")[0]
    assert [m.vertex for m in record.moves] == ["R16", "D16", "pass"]
    assert (record.komi, record.ruleset, record.info.black.rank) == (6.5, Ruleset.JAPANESE, "7d")
    assert "example.org" not in write_sgf(record)
    assert record.info.result.kind is ResultKind.RESIGN


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def test_member_names_in_gbk_as_chinese_windows_writes_them():
    data = zipped({"AAAA.sgf": sample_text().encode()}).replace(b"AAAA", "古力".encode("gb18030"))
    assert read_game_file(data, file="club.zip")[0].source.file == "club.zip/古力.sgf"


def test_zip_of_games_with_a_bad_one():
    data = zipped({"a.sgf": sample_text().encode(), "folder/b.sgf": b"(;PB[x])", "readme.txt": b"hello"})
    records = read_game_file(data, file="club.zip")
    assert [r.source.file for r in records] == ["club.zip/a.sgf"]
    assert any(c.code == "file.member_skipped" and "b.sgf" in c.text for c in records[0].corrections)


def test_zip_bombs_and_empty_archives_are_refused():
    assert refused(zipped({"a.sgf": b" " * 3_900_000}), "x.zip").code == "game.archive_limits"
    assert refused(zipped({"a.txt": b"x"}), "x.zip").code == "game.empty_archive"


def test_gzip_is_read_within_limits():
    assert read_game_file(gzip.compress(sample_text().encode()), file="x.sgf")[0].total_turns == 6
    assert refused(gzip.compress(b" " * 5_000_000)).code == "game.too_large"


def test_what_we_write_is_plain_and_complete():
    record = game("KM[375]RU[Chinese]HA[2]AB[pd][dp]RE[W+R]DT[2024-05-01]EV[a\\]b]", ";W[dd];B[pp];W[]")
    text = write_sgf(record)
    again = read_sgf(text.encode())[0]
    assert again.game_id == record.game_id
    assert (again.info.result.kind, again.info.event, again.info.date) == (ResultKind.RESIGN, "a]b", "2024-05-01")
    assert again.corrections == ()
