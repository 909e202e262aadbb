"""Progress runs from 0 to 1 through all parts of a work, and can stop it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import Cancelled
from shuibao.progress import part, silent

SHARE = st.floats(0, 1)


class Heard(list):
    """A callback that keeps what it is told."""

    def __call__(self, done, message):
        self.append((done, message))


def test_a_part_fills_its_share_of_the_whole():
    heard = Heard()
    half = part(heard, 0.2, 0.6)
    for done in (0.0, 0.5, 1.0):
        half(done, "carving")
    assert [d for d, _ in heard] == pytest.approx([0.2, 0.4, 0.6])
    assert {m for _, m in heard} == {"carving"}


def test_a_part_of_a_part_lies_within_it():
    heard = Heard()
    inner = part(part(heard, 0.5, 1.0), 0.0, 0.5)
    inner(0.0, "begin")
    inner(1.0, "end")
    assert heard == [(0.5, "begin"), (0.75, "end")]


def test_parts_set_end_to_end_cover_the_whole_without_a_step_back():
    heard = Heard()
    bounds = [0.0, 0.1, 0.45, 0.9, 1.0]
    for start, end in itertools.pairwise(bounds):
        step = part(heard, start, end)
        for k in range(5):
            step(k / 4, "…")
    done = [d for d, _ in heard]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 1.0)


@given(start=SHARE, end=SHARE, done=SHARE)
def test_a_part_never_leaves_its_bounds(start, end, done):
    start, end = sorted((start, end))
    heard = Heard()
    part(heard, start, end)(done, "")
    assert start - 1e-12 <= heard[0][0] <= end + 1e-12


def test_silence_takes_any_report_and_says_nothing(capsys):
    assert silent(0.5, "half way") is None
    part(silent, 0.0, 0.5)(1.0, "half way")
    assert capsys.readouterr() == ("", "")


def test_a_callback_that_cancels_stops_the_work_through_every_part():
    def stop(done, message):
        raise Cancelled("stopped by the user")

    inner = part(part(stop, 0.0, 0.5), 0.0, 0.5)
    with pytest.raises(Cancelled, match="stopped by the user"):
        inner(0.1, "carving")
