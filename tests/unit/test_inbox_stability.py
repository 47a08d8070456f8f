"""A file counts as finished when it has stopped changing, and not before."""

from pipeline.inbox.stability import SettleTracker, Signature

A = Signature(100, 1)


def test_a_file_settles_after_the_time_and_not_at_first_sight():
    tracker = SettleTracker(2.0)
    assert tracker.observe({"a.sgf": A}, 0.0) == []
    assert tracker.observe({"a.sgf": A}, 1.9) == []
    assert tracker.observe({"a.sgf": A}, 2.0) == ["a.sgf"]


def test_a_growing_file_starts_to_settle_anew_with_every_change():
    tracker = SettleTracker(2.0)
    for second in range(10):
        assert tracker.observe({"a.sgf": Signature(100 + second, second)}, second) == []
    last = Signature(109, 9)
    assert tracker.observe({"a.sgf": last}, 10.5) == []
    assert tracker.observe({"a.sgf": last}, 11.0) == ["a.sgf"]


def test_a_change_of_time_alone_is_a_change():
    tracker = SettleTracker(2.0)
    tracker.observe({"a.sgf": A}, 0.0)
    assert tracker.observe({"a.sgf": Signature(100, 2)}, 3.0) == []


def test_an_empty_file_is_given_ten_times_as_long():
    tracker = SettleTracker(2.0)
    empty = Signature(0, 1)
    tracker.observe({"a.sgf": empty}, 0.0)
    assert tracker.observe({"a.sgf": empty}, 19.0) == []
    assert tracker.observe({"a.sgf": empty}, 20.0) == ["a.sgf"]


def test_a_file_that_went_and_came_back_settles_anew():
    tracker = SettleTracker(2.0)
    tracker.observe({"a.sgf": A}, 0.0)
    tracker.observe({}, 1.0)
    assert tracker.observe({"a.sgf": A}, 3.0) == []


def test_what_failed_is_tried_again_later_and_later():
    tracker = SettleTracker(1.0, retry_first=5.0, retry_max=15.0)
    tracker.observe({"a.sgf": A}, 0.0)
    tried = []
    for second in range(1, 60):
        if tracker.observe({"a.sgf": A}, float(second)):
            tried.append(second)
            tracker.postpone("a.sgf", float(second))
    assert tried == [1, 6, 16, 31, 46]


def test_files_do_not_wait_for_each_other():
    tracker = SettleTracker(2.0)
    tracker.observe({"a.sgf": A}, 0.0)
    listing = {"a.sgf": A, "b.sgf": A}
    assert tracker.observe(listing, 2.0) == ["a.sgf"]
