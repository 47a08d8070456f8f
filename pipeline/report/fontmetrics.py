"""Widths of our own font, so that drawings can place text without a layout engine.

All lengths are in em (fraction of the font size). The numbers repeat the
``hmtx`` table of ``templates/fonts/FupanSans-*.ttf``; a test compares them.
"""

from __future__ import annotations

FAMILY = "FupanSans"
CAP_HEIGHT = 0.733  # capitals and digits, both weights
_UNITS = 1000
_FIRST = 0x20

# fmt: off
_REGULAR = (
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392,
    555, 555, 555, 555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474,
    946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812, 723, 742,
    633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559,
    606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606,
    620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555,
)
_BOLD = (
    227, 370, 574, 590, 590, 963, 740, 325, 378, 378, 507, 590, 325, 370, 325, 387,
    590, 590, 590, 590, 590, 590, 590, 590, 590, 590, 325, 325, 590, 590, 590, 514,
    1007, 641, 681, 656, 714, 615, 585, 717, 757, 330, 568, 686, 578, 853, 749, 770,
    667, 770, 682, 624, 625, 748, 619, 915, 627, 580, 613, 378, 387, 378, 590, 567,
    626, 591, 644, 527, 644, 581, 372, 597, 640, 304, 306, 604, 315, 964, 641, 626,
    644, 644, 437, 495, 421, 637, 576, 863, 562, 574, 511, 378, 296, 378, 590,
)
# fmt: on
_OTHERS = {"−": (555, 590)}


def char_width(char: str, *, bold: bool = False) -> float:
    """Advance width of one character in em; a full em for what is not in the table (hanzi are)."""
    index = ord(char) - _FIRST
    table = _BOLD if bold else _REGULAR
    if 0 <= index < len(table):
        return table[index] / _UNITS
    if char in _OTHERS:
        return _OTHERS[char][bold] / _UNITS
    return 1.0


def text_width(text: str, *, bold: bool = False) -> float:
    """Width of a line of text in em, without kerning."""
    return sum(char_width(char, bold=bold) for char in text)
