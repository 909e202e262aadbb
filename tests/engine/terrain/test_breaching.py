"""Breaching: cuts are the cheapest, nothing is raised, and with filling it lies nowhere above filling alone."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from real_ground import PROJECTED, real_heights

from shuibao.errors import Cancelled, InputError
from shuibao.terrain import breach_depressions, check_drainage, drainage, fill_depressions, flow_directions
from shuibao.terrain.kernels import breaching as kernels

HEIGHTS = st_numpy.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.one_of(st.integers(0, 6).map(float), st.just(np.nan)),
)


def walled_pit(wall=9.0, gap=5.0):
    """A pit at height 1 within a wall that has one lower gap two cells long to the east."""
    heights = np.full((7, 9), wall)
    heights[3, 3] = 1
    heights[3, 4:8] = gap
    heights[3, 8] = 0
    return heights


@given(heights=HEIGHTS, reach=st.sampled_from([None, 10.0, 25.0]))
@settings(max_examples=30, deadline=None)
def test_nothing_is_raised_and_breached_and_filled_is_nowhere_higher_than_filled(ground, heights, reach):
    dem = ground(heights)
    breached = breach_depressions(dem, max_length=reach)
    assert np.array_equal(np.isnan(breached), np.isnan(heights))
    known = ~np.isnan(heights)
    assert (breached.values[known] <= heights[known]).all()
    after, alone = fill_depressions(breached), fill_depressions(dem)
    assert (after.values[known] <= alone.values[known]).all()
    assert check_drainage(flow_directions(after)).drained_cells == known.sum()


@given(heights=HEIGHTS)
@settings(max_examples=25, deadline=None)
def test_without_a_limit_every_depression_is_breached_and_nothing_is_left_to_fill(ground, heights):
    breached = breach_depressions(ground(heights))
    assert breached.unbreached == 0
    assert fill_depressions(breached).equals(breached)


def test_the_cut_takes_the_gap_and_is_level_with_the_bottom(ground):
    heights = walled_pit()
    breached = breach_depressions(ground(heights)).values
    assert (breached[3, 3:8] == 1).all()
    changed = breached != heights
    assert np.array_equal(np.argwhere(changed), [[3, 4], [3, 5], [3, 6], [3, 7]])


def test_a_short_way_through_a_high_wall_is_taken_where_the_gap_costs_more(ground):
    heights = walled_pit(gap=8.5)
    breached = breach_depressions(ground(heights)).values
    assert (breached != heights).sum() < 4
    assert (breached[3, 4:] == heights[3, 4:]).all()


def test_the_dug_volume_is_the_least_of_all_ways_on_small_ground(ground, rng):
    for _ in range(8):
        heights = rng.integers(3, 9, size=(5, 5)).astype(np.float32)
        heights[2, 2] = 0
        dug = float((heights - breach_depressions(ground(heights)).values).sum())
        assert dug == pytest.approx(least_dig(heights))


def least_dig(heights):
    """The least sum of digging from the centre of a 5 by 5 ground to its edge, by relaxing until nothing changes."""
    cost = np.full(heights.shape, np.inf)
    cost[2, 2] = 0
    for _ in range(25):
        for row, col in itertools.product(range(5), range(5)):
            near = cost[max(row - 1, 0) : row + 2, max(col - 1, 0) : col + 2].min()
            cost[row, col] = min(cost[row, col], near + heights[row, col])
    edge = np.ones(heights.shape, bool)
    edge[1:-1, 1:-1] = False
    return cost[edge].min()


def test_a_depression_that_needs_a_longer_cut_stays_and_is_counted(ground):
    heights = np.full((13, 13), 9.0)
    heights[6, 6] = 1
    assert breach_depressions(ground(heights), max_length=40).unbreached == 1
    assert np.array_equal(breach_depressions(ground(heights), max_length=40), heights)
    assert breach_depressions(ground(heights), max_length=60).unbreached == 0


def test_a_higher_depression_uses_the_cut_of_a_lower_one(ground):
    heights = np.full((7, 12), 9.0)
    heights[3, 2], heights[3, 5] = 3, 1
    breached = breach_depressions(ground(heights)).values
    assert (breached == 1).any()
    assert breached[3, 3] == 3 or breached[2, 2] == 3 or (breached == 3).sum() >= 1
    assert fill_depressions(ground(breached)).equals(ground(breached))


def test_ground_that_drains_is_left_as_it_is(ground, rng):
    filled = fill_depressions(ground(rng.normal(size=(40, 30)).cumsum(0)))
    assert breach_depressions(filled).equals(filled)


def test_water_may_leave_beside_unknown_ground(ground):
    heights = np.full((9, 9), 9.0)
    heights[4, 4], heights[4, 6] = 1, np.nan
    breached = breach_depressions(ground(heights)).values
    assert breached[4, 5] == 1
    assert (breached != heights).sum() == 2


def test_the_same_ground_is_always_cut_the_same_way(ground, rng):
    dem = ground(np.round(rng.normal(size=(50, 50)) * 4))
    assert breach_depressions(dem).equals(breach_depressions(dem.copy()))


def test_turned_ground_is_dug_as_much(ground, rng):
    heights = rng.normal(size=(30, 30)).astype(np.float32)
    dug = [
        (z - breach_depressions(ground(z)).values).sum()
        for z in (heights, np.rot90(heights).copy(), heights[::-1].copy())
    ]
    np.testing.assert_allclose(dug, dug[0], rtol=1e-5)


def test_compiled_and_plain_agree(ground, rng, plain):
    heights = np.round(rng.normal(size=(12, 13)) * 4)
    heights[5, 5] = np.nan
    compiled = breach_depressions(ground(heights))
    plain(kernels, sys.modules["shuibao.terrain.breaching"])
    assert compiled.equals(breach_depressions(ground(heights)))


def test_progress_is_told_and_may_cancel(ground, rng):
    told = []
    dem = ground(rng.normal(size=(30, 30)))
    breach_depressions(dem, progress=lambda done, message: told.append(done))
    assert told[0] == 0
    assert told[-1] == 1

    def stop(done, message):
        raise Cancelled("the user stopped")

    with pytest.raises(Cancelled):
        breach_depressions(dem, progress=stop)


def test_a_length_that_is_none_is_refused(ground):
    with pytest.raises(InputError, match="max_length is -1"):
        breach_depressions(ground(np.ones((3, 3))), max_length=-1)


@pytest.mark.parametrize("name", PROJECTED)
def test_real_ground_breached_lies_below_real_ground_filled_and_drains(ground, name):
    heights, cell = real_heights(name)
    dem = ground(heights, cell)
    drained = drainage(dem, method="breach")
    known = ~np.isnan(heights)
    assert (drained.filled.values[known] <= fill_depressions(dem).values[known]).all()
    assert check_drainage(drained.directions).drained_cells == known.sum()
