"""The counts of the histogram can be told apart."""

from __future__ import annotations

import re

import pytest

from pipeline.report.histogram import loss_histogram

DIGIT_EM = 0.555


@pytest.mark.parametrize("width", [51.0, 60.0, 72.0])
@pytest.mark.parametrize("count", [8, 56, 128])
def test_the_counts_of_no_two_bars_touch(width: float, count: int) -> None:
    svg = loss_histogram([("好手", count, count)] * 7, width_mm=width, height_mm=25.0)
    found = re.search(r'<text x="([^"]*)" y="[^"]*" font-size="([^"]*)"[^>]*>([0-9]*)</text>', svg)
    assert found is not None
    places, size = [float(x) for x in found[1].split()], float(found[2])
    digits = len(str(count))
    assert found[3] == str(count) * 14
    for first in range(0, len(places) - digits, digits):
        end = places[first + digits - 1] + DIGIT_EM * size
        assert places[first + digits] - end >= 0.1
