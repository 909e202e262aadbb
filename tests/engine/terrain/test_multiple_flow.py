"""Divided flow: nothing is lost, planes and cones have known answers, no direction is preferred."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from real_ground import PROJECTED, real_heights

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import cell_areas
from shuibao.terrain import (
    drainage,
    fill_depressions,
    flow_accumulation,
    flow_accumulation_infinity,
    flow_accumulation_multiple,
    flow_directions,
)
from shuibao.terrain.kernels import dispersal, infinity, multiple_flow

BOTH = pytest.mark.parametrize("accumulation", [flow_accumulation_multiple, flow_accumulation_infinity])
HEIGHTS = st_numpy.arrays(
    np.float32,
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    elements=st.one_of(st.integers(0, 6).map(float), st.just(np.nan)),
)


def hill(rng, shape=(40, 33)):
    """A rough hill without depressions, flats or ties."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    return (900 - 4 * np.hypot(rows - 18.3, cols - 15.2) + 0.9 * rng.uniform(-1, 1, shape)).astype(np.float32)


@pytest.mark.parametrize("function", [flow_accumulation_multiple, flow_accumulation_infinity])
@given(heights=HEIGHTS)
@settings(max_examples=25, deadline=None)
def test_what_is_put_on_the_ground_leaves_it_at_the_outlets(ground, function, heights):
    filled = fill_depressions(ground(heights))
    directions = flow_directions(filled)
    sums = function(filled, directions=directions)
    known = ~np.isnan(heights)
    assert np.array_equal(~np.isnan(sums.values), known)
    assert sums.values[directions.values == 8].sum() == pytest.approx(known.sum(), rel=1e-9)
    assert (sums.values[known] >= 1).all()


@BOTH
def test_weights_are_summed_and_conserved(ground, rng, accumulation):
    filled = fill_depressions(ground(rng.normal(size=(30, 30)).cumsum(0)))
    directions = flow_directions(filled)
    area = cell_areas(filled.odc.geobox)
    sums = accumulation(filled, weights=area, directions=directions)
    assert sums.attrs["quantity"] == "contributing_area"
    assert sums.values[directions.values == 8].sum() == pytest.approx(float(area.sum()), rel=1e-12)
    assert sums.imbalance < 1e-12


@BOTH
def test_an_unknown_weight_makes_what_lies_below_it_unknown(ground, rng, accumulation):
    filled = ground(hill(rng))
    weights = filled.copy(data=np.ones(filled.shape, np.float32))
    weights[18, 20] = np.nan
    sums = accumulation(filled, weights=weights).values
    assert np.isnan(sums[18, 20])
    assert np.isnan(sums[18, 24:]).any()
    assert not np.isnan(sums[18, :15]).any()


def test_a_cell_shares_its_water_by_the_slopes_to_its_lower_neighbours(ground):
    heights = np.full((3, 3), 20.0)
    heights[1, 1], heights[1, 2], heights[2, 2] = 10, 6, 4
    for exponent in (1.0, 1.1, 4.0):
        east, corner = 4.0**exponent, (6 / math.sqrt(2)) ** exponent
        sums = flow_accumulation_multiple(ground(heights), exponent=exponent).values
        one = flow_accumulation_multiple(ground(heights), exponent=exponent, weights=only_centre(ground)).values
        assert one[1, 2] == pytest.approx(east / (east + corner), rel=1e-6)
        assert one[2, 2] == pytest.approx(1.0, rel=1e-6)
        assert sums[2, 2] > sums[1, 2]


def only_centre(ground):
    weights = np.zeros((3, 3), np.float32)
    weights[1, 1] = 1
    return ground(weights)


@pytest.mark.parametrize("fall", [0, 10, 22.5, 30, 45, 80])
def test_flow_angles_of_a_plane_share_by_angle(ground, fall):
    rows, cols = np.mgrid[:3, :3]
    towards = math.radians(fall)
    dem = ground(100 - 10 * (cols * math.cos(towards) + rows * math.sin(towards)))
    share = flow_accumulation_infinity(dem, weights=only_centre(ground)).values
    side, turned = (share[1, 2], fall) if fall <= 45 else (share[2, 1], 90 - fall)
    assert side == pytest.approx(1 - turned / 45, abs=2e-5)


def mean_step(fall, shares):
    """Mean step of water down a plane, projected on its fall, in cells; `shares`: north-east, east, south-east, south."""
    turns, lengths = np.array([-1, 0, 1, 2]) * math.pi / 4, np.array([math.sqrt(2), 1, math.sqrt(2), 1])
    return (np.array(shares) * np.cos(fall - turns) * lengths).sum()


@pytest.mark.parametrize("fall", [0, 30, 45])
def test_area_on_a_plane_is_the_distance_to_its_top_over_the_mean_step_of_its_water(ground, fall):
    rows, cols = np.mgrid[-60:60, -60:60] + 0.5
    towards = math.radians(fall)
    down = cols * math.cos(towards) + rows * math.sin(towards)
    along = -cols * math.sin(towards) + rows * math.cos(towards)
    dem = ground(1000 - np.abs(down))
    cells = (down > 10) & (down < 35) & (np.abs(along) < 8)
    slopes = np.cos(towards - np.array([-1, 0, 1, 2]) * math.pi / 4).clip(1e-9)
    by_slope = slopes**1.1 / (slopes**1.1).sum()
    by_angle = (0, 1 - fall / 45, fall / 45, 0)
    for accumulation, shares in ((flow_accumulation_infinity, by_angle), (flow_accumulation_multiple, by_slope)):
        specific = (accumulation(dem).values - 0.5) * mean_step(towards, shares)
        assert (specific[cells] / down[cells]).mean() == pytest.approx(1, abs=0.05)


@BOTH
def test_water_of_a_cone_spreads_all_round(ground, accumulation):
    rows, cols = np.mgrid[-30:31, -30:31]
    radius = np.hypot(rows, cols)
    sums = accumulation(ground(1000 - 5 * radius)).values
    ring = (radius > 20) & (radius < 21)
    assert sums[ring].mean() < 20
    assert sums[ring].max() < 4 * sums[ring].mean()


@BOTH
def test_turning_and_mirroring_the_ground_turns_and_mirrors_the_accumulation(ground, rng, accumulation):
    heights = hill(rng)
    heights[10:14, 20] = np.nan
    here = accumulation(ground(heights)).values
    for move in (np.rot90, np.fliplr, np.flipud, np.transpose):
        there = accumulation(ground(np.ascontiguousarray(move(heights)))).values
        np.testing.assert_allclose(there, move(here), rtol=1e-9)


@BOTH
def test_a_filled_lake_drains_by_d8_through_its_spill(ground, accumulation):
    heights = np.full((7, 9), 50.0)
    heights[1:-1, 1:-1] = 10
    heights[3, 8] = 20
    filled = fill_depressions(ground(heights))
    directions = flow_directions(filled)
    sums = accumulation(filled, directions=directions).values
    assert sums[3, 8] >= 35
    assert accumulation(filled).equals(accumulation(filled, directions=directions))


def test_a_steep_exponent_approaches_d8(ground, rng):
    dem = ground(hill(rng))
    d8 = flow_accumulation(flow_directions(dem)).values
    mfd = flow_accumulation_multiple(dem, exponent=400).values
    assert np.median(np.abs(mfd / d8 - 1)) < 0.02


@BOTH
def test_compiled_and_plain_agree(ground, rng, plain, accumulation):
    heights = np.round(rng.normal(size=(10, 11)) * 3)
    heights[4, 4] = np.nan
    filled = fill_depressions(ground(heights))
    directions = flow_directions(filled)
    compiled = accumulation(filled, directions=directions)
    plain(infinity, multiple_flow, dispersal, sys.modules["shuibao.terrain.multiple_flow"])
    np.testing.assert_allclose(compiled, accumulation(filled, directions=directions), rtol=1e-5)


def test_the_result_says_how_it_was_made(ground, rng):
    dem = ground(hill(rng))
    mfd, infinite = flow_accumulation_multiple(dem, exponent=2), flow_accumulation_infinity(dem)
    assert mfd.attrs["algorithm"].startswith("MFD")
    assert mfd.attrs["exponent"] == 2
    assert infinite.attrs["algorithm"].startswith("D-infinity")
    assert mfd.attrs["flat_rule"] == infinite.attrs["flat_rule"]
    assert mfd.dtype == infinite.dtype == np.float64


def test_what_cannot_be_done_is_refused_with_a_reason(ground):
    flat = ground(np.full((4, 4), 3.0))
    with pytest.raises(InputError, match="exponent 0"):
        flow_accumulation_multiple(flat, exponent=0)
    circle = ground(np.array([[0, 4, 0, 4]] * 4, np.uint8), quantity="flow_direction")
    for accumulation in (flow_accumulation_multiple, flow_accumulation_infinity):
        with pytest.raises(InputError, match="in a circle"):
            accumulation(flat, directions=circle)
        with pytest.raises(CoordinateError, match="differs"):
            accumulation(flat, weights=ground(np.ones((4, 5))))


@BOTH
@pytest.mark.parametrize("name", PROJECTED)
def test_real_ground_loses_nothing(ground, name, accumulation):
    heights, cell = real_heights(name)
    drained = drainage(ground(heights, cell))
    sums = accumulation(drained.filled, directions=drained.directions)
    assert sums.values[drained.directions.values == 8].sum() == pytest.approx((~np.isnan(heights)).sum(), rel=1e-9)
    assert np.array_equal(np.isnan(sums.values), np.isnan(heights))
