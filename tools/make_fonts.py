"""Make the fonts in ``templates/fonts`` from the npm packages they come from.

    python tools/make_fonts.py SC_PACKAGE.tgz KR_PACKAGE.tgz [TARGET_FOLDER]

The packages are ``@expo-google-fonts/noto-sans-sc`` and ``noto-sans-kr``,
version 0.4.3 (``npm pack`` fetches them). The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# 通用规范汉字表 (2013) outside GBK and outside the ranges below: its characters of CJK Extension A.
TABLE_2013_EXTENSION_A = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬"
    "䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)
SYMBOLS = "●○◎◉▲△▼▽■□◆◇★☆✓✔✕✖×→←↑↓↗↘↙↖⇒〓—…−½¼¾⅓⅔‰№℃㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉㊣◯⬤①②③④⑤⑥⑦⑧⑨⑩"
RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x017F),  # Latin-1, Latin Extended-A
    (0x01CD, 0x01DC),  # pinyin with tone marks
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
NOTICE = "Subset of Noto Sans {script}, renamed; layout features for vertical text and hinting removed."


@dataclass(frozen=True, slots=True)
class Target:
    """One font file: which package member it is cut from, and what it is called."""

    package: str  # "SC" or "KR"
    member: str
    family: str
    style: str
    weight: int

    @property
    def file_name(self) -> str:
        """For example ``FupanSans-Bold.ttf``."""
        return f"{self.family.replace(' ', '')}-{self.style}.ttf"


TARGETS = (
    Target("SC", "package/400Regular/NotoSansSC_400Regular.ttf", "Fupan Sans", "Regular", 400),
    Target("SC", "package/700Bold/NotoSansSC_700Bold.ttf", "Fupan Sans", "Bold", 700),
    Target("KR", "package/400Regular/NotoSansKR_400Regular.ttf", "Fupan Hangul", "Regular", 400),
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
    script = {"SC": "SC", "KR": "KR"}[target.package]
    for name_id in (3, 7, 10, 16, 17, 21, 22, 25):
        table.removeNames(nameID=name_id)
    entries = {
        1: target.family,
        2: target.style,
        3: f"{version};{target.file_name.removesuffix('.ttf')}",
        4: target.family if target.style == "Regular" else f"{target.family} {target.style}",
        6: target.file_name.removesuffix(".ttf"),
        10: NOTICE.format(script=script),
    }
    for name_id, text in entries.items():
        table.removeNames(nameID=name_id)
        table.setName(text, name_id, 3, 1, 0x409)


def build(package: bytes, target: Target) -> bytes:
    """Cut one font out of an npm package."""
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        member = archive.extractfile(target.member)
        if member is None:
            raise SystemExit(f"{target.member} is not in the package")
        source = member.read()
    options = subset.Options()
    options.hinting = False
    options.layout_features = FEATURES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables = [*options.drop_tables, "vhea", "vmtx", "STAT", "gasp", "prep", "BASE"]
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    version = font["name"].getDebugName(5).split(";")[0].removeprefix("Version ")
    wanted = sans_repertoire() if target.package == "SC" else hangul_repertoire()
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted & set(font.getBestCmap()))
    cutter.subset(font)
    rename(font, target, version)
    font["OS/2"].usWeightClass = target.weight
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def main() -> int:
    """Write the fonts and the licence beside them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sc_package", type=Path)
    parser.add_argument("kr_package", type=Path)
    parser.add_argument("target", type=Path, nargs="?", default=Path(__file__).parents[1] / "templates" / "fonts")
    args = parser.parse_args()
    packages = {"SC": args.sc_package.read_bytes(), "KR": args.kr_package.read_bytes()}
    args.target.mkdir(parents=True, exist_ok=True)
    for target in TARGETS:
        data = build(packages[target.package], target)
        (args.target / target.file_name).write_bytes(data)
        sys.stdout.write(f"{target.file_name}: {len(data):,} bytes\n")
    with tarfile.open(args.sc_package, mode="r:gz") as archive:
        licence = archive.extractfile("package/LICENSE_FONT")
        if licence is not None:
            text = licence.read().decode("utf-8").replace("\r\n", "\n")
            (args.target / "OFL.txt").write_text(text.rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
