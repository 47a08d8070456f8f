"""Make the fonts in ``templates/fonts`` from the npm packages they come from.

    python tools/make_fonts.py SC.tgz KR.tgz LATIN.tgz [TARGET_FOLDER]

The packages are ``@expo-google-fonts/noto-sans-sc`` 0.4.3, ``noto-sans-kr``
0.4.3 and ``noto-sans`` 0.4.2 (``npm pack`` fetches them). The Latin package
fills what the Chinese one lacks, such as the letters of Polish and Turkish
names. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# 通用规范汉字表 (2013) outside GBK and outside the ranges below: its characters of CJK Extension A.
TABLE_2013_EXTENSION_A = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬"
    "䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)
SYMBOLS = "●○◎◉▲△▼▽■□◆◇★☆✓✔✕✖×→←↑↓↗↘↙↖⇒〓—…−½¼¾⅓⅔‰№℃㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉㊣◯⬤①②③④⑤⑥⑦⑧⑨⑩"
RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x024F),  # Latin-1, Latin Extended-A and -B
    (0x1E00, 0x1EFF),  # Latin Extended Additional (Vietnamese)
    (0x0370, 0x045F),  # Greek, Cyrillic
    (0x2010, 0x203B),  # general punctuation
    (0x2100, 0x214F),  # letterlike
    (0x2150, 0x218F),  # number forms
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x2460, 0x24FF),  # enclosed alphanumerics
    (0x2500, 0x25FF),  # box drawing, geometric shapes
    (0x2600, 0x2667),  # miscellaneous symbols
    (0x2776, 0x2793),  # circled digits, black
    (0x3000, 0x30FF),  # CJK punctuation, kana
    (0x3220, 0x33FF),  # enclosed and squared CJK
    (0x4E00, 0x9FFF),  # CJK unified ideographs
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0xFF00, 0xFFEF),  # full-width and half-width forms
    (0x20000, 0x3FFFF),  # the rare ideographs that the source font has
)
FEATURES = ["ccmp", "liga", "calt", "kern", "mark", "mkmk", "palt", "halt", "fwid", "hwid", "pwid"]
NOTICE = "Subset of {source}, renamed; layout features for vertical text and hinting removed."


@dataclass(frozen=True, slots=True)
class Target:
    """One font file: which package member it is cut from, what fills its gaps, and what it is called."""

    package: str  # "SC" or "KR"
    member: str
    filler: str  # member of the Latin package, or ""
    family: str
    style: str
    weight: int
    source: str

    @property
    def file_name(self) -> str:
        """For example ``FupanSans-Bold.ttf``."""
        return f"{self.family.replace(' ', '')}-{self.style}.ttf"


def _sans(style: str, weight: int) -> Target:
    folder = f"package/{weight}{style}"
    return Target(
        "SC",
        f"{folder}/NotoSansSC_{weight}{style}.ttf",
        f"{folder}/NotoSans_{weight}{style}.ttf",
        "Fupan Sans",
        style,
        weight,
        "Noto Sans SC with letters of Noto Sans",
    )


TARGETS = (
    _sans("Regular", 400),
    _sans("Bold", 700),
    Target("KR", "package/400Regular/NotoSansKR_400Regular.ttf", "", "Fupan Hangul", "Regular", 400, "Noto Sans KR"),
)


def double_byte_repertoire(codec: str, leads: range, trails: range) -> set[int]:
    """Code points of every two-byte pair of a legacy codec."""
    found: set[int] = set()
    for lead in leads:
        for trail in trails:
            try:
                found |= {ord(char) for char in bytes([lead, trail]).decode(codec)}
            except UnicodeDecodeError:
                continue
    return found


def sans_repertoire() -> set[int]:
    """What Fupan Sans shall cover, as far as the source font has it."""
    chars = double_byte_repertoire("gbk", range(0x81, 0xFF), range(0x40, 0xFF))
    for first, last in RANGES:
        chars.update(range(first, last + 1))
    chars.update(map(ord, TABLE_2013_EXTENSION_A + SYMBOLS))
    return chars


def hangul_repertoire() -> set[int]:
    """The 2,350 syllables of KS X 1001, the compatibility letters and the space."""
    pairs = double_byte_repertoire("euc_kr", range(0xA1, 0xFF), range(0xA1, 0xFF))
    return {c for c in pairs if 0xAC00 <= c <= 0xD7A3 or 0x3131 <= c <= 0x318E} | {0x20}


def rename(font: TTFont, target: Target, version: str) -> None:
    """Give the font its own names; copyright and licence entries stay as they are."""
    table = font["name"]
    for name_id in (3, 7, 10, 16, 17, 21, 22, 25):
        table.removeNames(nameID=name_id)
    entries = {
        1: target.family,
        2: target.style,
        3: f"{version};{target.file_name.removesuffix('.ttf')}",
        4: target.family if target.style == "Regular" else f"{target.family} {target.style}",
        6: target.file_name.removesuffix(".ttf"),
        10: NOTICE.format(source=target.source),
    }
    for name_id, text in entries.items():
        table.removeNames(nameID=name_id)
        table.setName(text, name_id, 3, 1, 0x409)


def member(package: bytes, name: str) -> bytes:
    """One file of an npm package."""
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        handle = archive.extractfile(name)
        if handle is None:
            raise SystemExit(f"{name} is not in the package")
        return handle.read()


def cut(data: bytes, wanted: set[int]) -> TTFont:
    """The part of a font that these characters need."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = FEATURES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.glyph_names = True
    options.recalc_timestamp = False
    options.drop_tables = [*options.drop_tables, "vhea", "vmtx", "STAT", "gasp", "prep", "BASE"]
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted & set(font.getBestCmap()))
    cutter.subset(font)
    return font


def fill(font: TTFont, data: bytes, wanted: set[int]) -> None:
    """Take the characters that the font still lacks from another one of the same em."""
    missing = wanted - set(font.getBestCmap())
    other = TTFont(io.BytesIO(data))
    if other["head"].unitsPerEm != font["head"].unitsPerEm:
        raise SystemExit("the fonts differ in units per em")
    outlines, widths = other.getGlyphSet(), other["hmtx"]
    for code, name in sorted(other.getBestCmap().items()):
        if code not in missing:
            continue
        recording = DecomposingRecordingPen(outlines)
        outlines[name].draw(recording)
        pen = TTGlyphPen(None)
        recording.replay(pen)
        added = f"filler{code:04X}"
        font["glyf"][added] = pen.glyph()
        font["hmtx"][added] = widths[name]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = added
    font["name"].setName(f"{font['name'].getDebugName(0)} {other['name'].getDebugName(0)}", 0, 3, 1, 0x409)


def build(packages: dict[str, bytes], target: Target) -> bytes:
    """Make one font out of the npm packages."""
    wanted = sans_repertoire() if target.package == "SC" else hangul_repertoire()
    font = cut(member(packages[target.package], target.member), wanted)
    version = font["name"].getDebugName(5).split(";")[0].removeprefix("Version ")
    if target.filler:
        fill(font, member(packages["LATIN"], target.filler), wanted)
    rename(font, target, version)
    font["OS/2"].usWeightClass = target.weight
    font["post"].formatType = 3.0  # glyph names are of no use in print
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def licence(packages: dict[str, bytes]) -> str:
    """The OFL with the copyright lines of both sources."""
    ours, filler = (
        member(packages[key], "package/LICENSE_FONT").decode("utf-8").replace("\r\n", "\n") for key in ("SC", "LATIN")
    )
    return f"{filler.splitlines()[0]}\n{ours.rstrip()}\n"


def main() -> int:
    """Write the fonts and the licence beside them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sc_package", type=Path)
    parser.add_argument("kr_package", type=Path)
    parser.add_argument("latin_package", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=Path(__file__).parents[1] / "templates" / "fonts")
    args = parser.parse_args()
    packages = {
        "SC": args.sc_package.read_bytes(),
        "KR": args.kr_package.read_bytes(),
        "LATIN": args.latin_package.read_bytes(),
    }
    args.target.mkdir(parents=True, exist_ok=True)
    for target in TARGETS:
        data = build(packages, target)
        (args.target / target.file_name).write_bytes(data)
        sys.stdout.write(f"{target.file_name}: {len(data):,} bytes\n")
    (args.target / "OFL.txt").write_text(licence(packages), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
