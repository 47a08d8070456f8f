"""The fonts that we bring: coverage, names, licence, and widths that the drawings rely on."""

import pytest
from fontTools.ttLib import TTFont

from pipeline.report import fontmetrics

SANS = ("FupanSans-Regular.ttf", "FupanSans-Bold.ttf")


@pytest.fixture(scope="module")
def fonts(project_root):
    folder = project_root / "templates" / "fonts"
    opened = {path.name: TTFont(path, lazy=True) for path in sorted(folder.glob("*.ttf"))}
    yield opened
    for font in opened.values():
        font.close()


def gbk_hanzi():
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                char = bytes([lead, trail]).decode("gbk")
            except UnicodeDecodeError:
                continue
            if "\u4e00" <= char <= "\u9fff":
                found.add(char)
    return found


@pytest.mark.parametrize("name", SANS)
def test_every_hanzi_of_gbk_can_be_printed(fonts, name):
    covered = fonts[name].getBestCmap()
    hanzi = gbk_hanzi()
    assert len(hanzi) == 20902
    assert not {char for char in hanzi if ord(char) not in covered}


@pytest.mark.parametrize("name", SANS)
@pytest.mark.parametrize(
    "text",
    [
        "申真谞仲邑菫洪旼杓尹畯相喆燚垚㛃䶮㑇𬶨",
        "●○▲△▼▽■□◆◇★☆✓×→←↑↓①⑩⑳㊀〓—…−½¼¾‰％＝「」《》，。、；：？！·",
        "ÀéßœŁżŠğẤơĀǎǒΩλЖяЄあんアンＡ０",
        "".join(map(chr, range(0x20, 0x7F))),
    ],
)
def test_names_and_signs_can_be_printed(fonts, name, text):
    covered = fonts[name].getBestCmap()
    assert not [char for char in text if ord(char) not in covered]


def test_korean_names_can_be_printed(fonts):
    covered = fonts["FupanHangul-Regular.ttf"].getBestCmap()
    assert sum(0xAC00 <= code <= 0xD7A3 for code in covered) == 2350
    assert all(ord(char) in covered for char in "이세돌신진서박정환")


def test_there_is_one_file_for_each_family_weight_and_style(fonts):
    keys = [(f["name"].getDebugName(1), f["OS/2"].usWeightClass) for f in fonts.values()]
    assert sorted(keys) == [("Fupan Hangul", 400), ("Fupan Sans", 400), ("Fupan Sans", 700)]


def test_reserved_names_are_not_used_and_the_licence_is_there(fonts, project_root):
    for font in fonts.values():
        for name_id in (1, 4, 6, 16):
            assert "source" not in (font["name"].getDebugName(name_id) or "").lower()
        assert "Open Font License" in font["name"].getDebugName(13)
        assert font["OS/2"].fsType == 0
    assert "SIL OPEN FONT LICENSE" in (project_root / "templates" / "fonts" / "OFL.txt").read_text(encoding="utf-8")


def test_the_fonts_are_static_truetype_of_bearable_size(fonts, project_root):
    for font in fonts.values():
        assert "glyf" in font
        assert "fvar" not in font
    assert sum(p.stat().st_size for p in (project_root / "templates" / "fonts").glob("*.ttf")) < 18_000_000


@pytest.mark.parametrize(("name", "bold"), [(SANS[0], False), (SANS[1], True)])
def test_the_widths_that_drawings_use_are_those_of_the_font(fonts, name, bold):
    font = fonts[name]
    cmap, advances, per_em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    for char in [*map(chr, range(0x20, 0x7F)), "−", "±", "黑", "目", "①", "△"]:
        expected = advances[cmap[ord(char)]][0] / per_em
        assert fontmetrics.char_width(char, bold=bold) == pytest.approx(expected), char
    assert font["OS/2"].sCapHeight / per_em == pytest.approx(fontmetrics.CAP_HEIGHT)
