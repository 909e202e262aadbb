"""Slope length: planes of known answer whatever way they fall, every cut-off shown to act and not to act."""

import math
import sys

import numba
import numpy as np
import pandas as pd
import pytest
from real_ground import PROJECTED, real_heights

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import layer
from shuibao.tables import Table, load
from shuibao.terrain import channels, drainage, flow_directions, slope, slope_length
from shuibao.terrain.kernels import dispersal, facet_length, infinity, slope_length_tiles
from shuibao.terrain.kernels import slope_length as kernels

CELL = 5.0
UNIT_PLOT = 22.13
NO_CUTOFFS = Table("none", load("slope_length_cutoffs").rows[:0])
ROUTINGS = ["d8", "facets"]


def roof(angle, fall, noise=0.0):
    """Heights of two planes that fall from a ridge, and each cell's distance to the ridge and along it [m]."""
    rows, cols = np.mgrid[-90:90, -90:90] + 0.5
    x, y, turned = cols * CELL, -rows * CELL, math.radians(fall)
    from_ridge, along = np.abs(x * math.sin(turned) + y * math.cos(turned)), x * math.cos(turned) - y * math.sin(turned)
    rough = np.random.default_rng(7).normal(size=x.shape) * noise
    return 500 - math.tan(math.radians(angle)) * from_ridge + rough, from_ridge, along


def mean_length_factor(lengths, cells, m):
    """Mean L of the segments by Foster and Wischmeier."""
    upper, lower = (part.values[cells].astype(np.float64) for part in (lengths.upper, lengths.lower))
    return ((lower ** (m + 1) - upper ** (m + 1)) / ((lower - upper) * UNIT_PLOT**m)).mean()


def rusle_exponent(angle):
    sine = math.sin(math.radians(angle))
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    return beta / (1 + beta)


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("fall", [0, 30, 45])
@pytest.mark.parametrize("angle", [2, 5, 10, 20, 30])
def test_a_plane_has_its_true_mean_length_factor_whatever_way_it_falls(ground, angle, fall, routing):
    heights, from_ridge, along = roof(angle, fall)
    dem = ground(heights, CELL)
    lengths = slope_length(dem, flow_directions(dem), max_length=None, routing=routing)
    whole = 300.0
    cells = (from_ridge < whole) & (np.abs(along) < 40)
    for m in (0.2, 0.3, 0.4, 0.5, rusle_exponent(angle)):
        assert mean_length_factor(lengths, cells, m) == pytest.approx((whole / UNIT_PLOT) ** m, rel=0.02)


@pytest.mark.parametrize("fall", [0, 15, 30, 45, 75, 90])
def test_the_middle_of_every_segment_of_a_plane_lies_where_it_is(ground, fall):
    heights, from_ridge, along = roof(12, fall)
    dem = ground(heights, CELL)
    lengths = slope_length(dem, flow_directions(dem), max_length=None)
    cells = (from_ridge < 300) & (np.abs(along) < 40)
    middle = (lengths.upper.values + lengths.lower.values)[cells] / 2
    assert np.abs(middle - from_ridge[cells]).max() < CELL
    assert abs((middle - from_ridge[cells]).mean()) < 0.5


def test_on_d8_ways_between_two_directions_and_rough_ground_break_a_plane_and_on_facets_hardly(ground):
    def share_of_truth(fall, noise, routing):
        heights, from_ridge, along = roof(10, fall, noise)
        drained = drainage(ground(heights, CELL))
        lengths = slope_length(drained.filled, drained.directions, max_length=None, cutoffs=NO_CUTOFFS, routing=routing)
        return mean_length_factor(lengths, (from_ridge < 300) & (np.abs(along) < 100), 0.5) / (300 / UNIT_PLOT) ** 0.5

    assert share_of_truth(22.5, 0, "d8") < 0.6
    assert share_of_truth(22.5, 0, "facets") == pytest.approx(1, abs=0.02)
    assert share_of_truth(30, 0.1, "d8") < 0.7
    assert share_of_truth(30, 0.1, "facets") == pytest.approx(1, abs=0.06)
    assert share_of_truth(0, 0.3, "d8") < 0.5 < 0.75 < share_of_truth(0, 0.3, "facets")


@pytest.mark.parametrize("routing", ROUTINGS)
def test_a_cone_is_as_long_as_its_radius(ground, routing):
    rows, cols = np.mgrid[-60:61, -60:61]
    radius = np.hypot(rows, cols) * CELL
    dem = ground(1000 - 0.3 * radius, CELL)
    lengths = slope_length(dem, flow_directions(dem), max_length=None, routing=routing)
    axes = ((rows == 0) | (cols == 0) | (np.abs(rows) == np.abs(cols))) & (radius > 50) & (radius < 250)
    middle = (lengths.upper.values + lengths.lower.values) / 2
    np.testing.assert_allclose(middle[axes], radius[axes], rtol=0.07)
    everywhere = (radius > 50) & (radius < 250)
    assert (middle[everywhere] <= radius[everywhere] * 1.06 + CELL).all()


def test_a_straight_slope_of_four_cells_by_hand(ground):
    dem = ground([[40, 30, 20, 10]] * 3)
    lengths = slope_length(dem, flow_directions(dem))
    np.testing.assert_allclose(lengths.upper.values[1], [0, 10, 20, 30])
    np.testing.assert_allclose(lengths.lower.values[1], [10, 20, 30, 40])
    assert lengths.lower.attrs["quantity"] == "slope_length"
    assert lengths.upper.attrs["quantity"] == "upper_slope_length"


def test_a_diagonal_slope_counts_true_diagonals(ground):
    rows, cols = np.mgrid[:6, :6]
    dem = ground(100.0 - 8 * (rows + cols))
    lengths = slope_length(dem, flow_directions(dem), max_length=None)
    np.testing.assert_allclose(np.diag(lengths.upper)[:5], 10 * math.sqrt(2) * np.arange(5), rtol=1e-6)


def test_the_longest_donor_counts(ground):
    heights = [[90, 99, 99, 99], [80, 70, 60, 50], [99, 99, 65, 99], [99, 99, 99, 99]]
    codes = ground(
        np.array([[2, 4, 3, 3], [0, 0, 0, 8], [6, 6, 6, 6], [6, 6, 6, 6]], np.uint8), quantity="flow_direction"
    )
    lengths = slope_length(ground(heights), codes, max_length=None, cutoffs=NO_CUTOFFS)
    wanted = lengths.lower.values[1, 1]
    assert lengths.lower.values[2, 2] != wanted
    assert lengths.upper.values[1, 2] == max(wanted, lengths.lower.values[2, 2], lengths.lower.values[0, 3])


@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_cap_slides_the_last_whole_segment_and_never_lets_a_segment_vanish(ground, routing):
    dem = ground(roof(10, 0)[0], CELL)
    free = slope_length(dem, flow_directions(dem), max_length=None, routing=routing)
    capped = slope_length(dem, flow_directions(dem), max_length=100, routing=routing)
    short = free.lower.values <= 100
    np.testing.assert_array_equal(capped.lower.values[short], free.lower.values[short])
    np.testing.assert_array_equal(capped.upper.values[short], free.upper.values[short])
    assert (capped.lower.values[~short] == 100).all()
    assert (~short).any()
    np.testing.assert_allclose(
        (capped.lower - capped.upper).values[~short], (free.lower - free.upper).values[~short], rtol=1e-4
    )


def test_a_cell_wider_than_the_cap_is_one_segment_of_the_cap(ground):
    lengths = slope_length(
        ground([[40, 30, 20, 10]] * 3, 250.0), ground(np.full((3, 4), 0, np.uint8), 250.0, "flow_direction")
    )
    assert (lengths.upper == 0).all()
    assert (lengths.lower == 100).all()


def falling(angles):
    """A strip that falls eastwards from cell to cell at given angles [degrees]: its heights and its angles [rad]."""
    steps = 10 * np.tan(np.radians(angles))
    heights = 500 - np.concatenate([[0], np.cumsum(steps[:-1])])
    return np.tile(heights, (3, 1)), np.tile(np.radians(angles), (3, 1)).astype(np.float32)


@pytest.mark.parametrize(
    ("first", "then", "cut"),
    [
        (20, 9.9, True),
        (20, 10.1, False),
        (4, 2.7, True),
        (4, 2.9, False),
        (6, 2.9, True),
        (6, 3.1, False),
        (5, 2.6, False),
        (2, 30, False),
    ],
)
def test_the_slope_ends_where_its_angle_falls_by_the_factor_of_its_range(ground, first, then, cut):
    heights, angles = falling([first, first, then, then])
    dem, angle = ground(heights), ground(angles, quantity="slope_angle")
    codes = ground(np.array([[0, 0, 0, 8]] * 3, np.uint8), quantity="flow_direction")
    upper = slope_length(dem, codes, angle=angle).upper.values[1]
    np.testing.assert_allclose(upper, [0, 10, 0, 10] if cut else [0, 10, 20, 30])
    np.testing.assert_allclose(
        slope_length(dem, codes, angle=angle, cutoffs=NO_CUTOFFS).upper.values[1], [0, 10, 20, 30]
    )


def test_other_cutoffs_can_be_handed_in(ground):
    heights, angles = falling([20, 20, 15, 15])
    strict = Table("mine", pd.DataFrame({"slope_from_deg": [0], "slope_to_deg": [90], "factor": [0.9]}))
    dem, codes = ground(heights), ground(np.array([[0, 0, 0, 8]] * 3, np.uint8), quantity="flow_direction")
    angle = ground(angles, quantity="slope_angle")
    assert slope_length(dem, codes, angle=angle).upper.values[1, 2] == 20
    assert slope_length(dem, codes, angle=angle, cutoffs=strict).upper.values[1, 2] == 0


@pytest.mark.parametrize("routing", ROUTINGS)
def test_channels_take_nothing_in_and_hand_nothing_down(ground, routing):
    dem = ground([[60, 50, 40, 30, 20, 10]] * 3)
    codes = flow_directions(dem)
    marks = np.zeros((3, 6), np.uint8)
    marks[:, 3] = 1
    marks[0, 0] = 255
    channel = ground(marks, quantity="channel").assign_attrs(nodata=255)
    np.testing.assert_allclose(slope_length(dem, codes, routing=routing).upper.values[1], [0, 10, 20, 30, 40, 50])
    cut = slope_length(dem, codes, channels=channel, routing=routing)
    np.testing.assert_allclose(cut.upper.values[1], [0, 10, 20, 0, 0, 10])
    np.testing.assert_allclose(cut.lower.values[1, 3], 10)
    np.testing.assert_allclose(
        cut.upper.values[0], cut.upper.values[1], err_msg="an unknown channel cell is not a channel"
    )


@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_slope_ends_at_the_border_of_a_parcel_and_at_unknown_parcels(ground, routing):
    dem = ground([[60, 50, 40, 30, 20, 10]] * 3)
    codes = flow_directions(dem)
    parcels = ground(np.array([[7, 7, 9, 9, 0, 0]] * 3, np.int32), quantity="place").assign_attrs(nodata=0)
    upper = slope_length(dem, codes, parcels=parcels, routing=routing).upper.values[1]
    np.testing.assert_allclose(upper, [0, 10, 0, 10, 0, 10])
    one = ground(np.full((3, 6), 5, np.int32), quantity="place")
    np.testing.assert_allclose(slope_length(dem, codes, parcels=one, routing=routing).upper.values[1, 5], 50)


@pytest.mark.parametrize("routing", ROUTINGS)
def test_a_barrier_is_a_segment_of_its_own_and_ends_the_slope(ground, routing):
    dem = ground([[60, 50, 40, 30, 20, 10]] * 3)
    road = ground(np.array([[0, 0, 1, 0, 0, 0]] * 3, np.uint8), quantity="measure").astype(bool)
    upper = slope_length(dem, flow_directions(dem), barriers=road, routing=routing).upper.values[1]
    np.testing.assert_allclose(upper, [0, 10, 0, 0, 10, 20])
    np.testing.assert_allclose(
        slope_length(dem, flow_directions(dem), barriers=road & False, routing=routing).upper.values[1, 5], 50
    )


@pytest.mark.parametrize("routing", ROUTINGS)
def test_no_slope_slips_diagonally_through_a_thin_line(ground, routing):
    rows, cols = np.mgrid[:8, :8]
    dem = ground(200.0 - 8 * (rows + cols))
    line = layer((rows + cols == 8).astype(np.uint8), dem.odc.geobox, "measure")
    assert not ((rows == cols) & (rows + cols == 7)).any()
    codes = flow_directions(dem)
    shifted = layer((rows + cols == 7).astype(np.uint8), dem.odc.geobox, "measure")
    for barrier, below in ((line, (5, 5)), (shifted, (4, 4))):
        free = slope_length(dem, codes, max_length=None, routing=routing).upper.values[below]
        cut = slope_length(dem, codes, max_length=None, barriers=barrier, routing=routing).upper.values[below]
        assert free > 50
        assert cut < 15


@pytest.mark.parametrize("routing", ROUTINGS)
def test_turning_and_mirroring_the_ground_turns_and_mirrors_the_lengths(ground, rng, routing):
    rows, cols = np.mgrid[:40, :33]
    heights = (900 - 4 * np.hypot(rows - 18, cols - 15) + 0.9 * rng.uniform(-1, 1, rows.shape)).astype(np.float32)
    heights[10:14, 20] = np.nan

    def lengths(z):
        dem = ground(np.ascontiguousarray(z), CELL)
        found = slope_length(dem, flow_directions(dem), max_length=None, routing=routing)
        return found.upper.values, found.lower.values

    for move in (np.rot90, np.fliplr, np.flipud):
        for there, here in zip(lengths(move(heights)), lengths(heights), strict=True):
            np.testing.assert_allclose(there, move(here), rtol=1e-6)


def test_the_unknown_stays_unknown_and_ends_the_slope(ground):
    heights = np.tile(np.arange(60.0, 0, -10), (3, 1))
    heights[1, 3] = np.nan
    dem = ground(heights)
    lengths = slope_length(dem, flow_directions(dem))
    assert np.array_equal(np.isnan(lengths.lower), np.isnan(heights))
    assert np.array_equal(np.isnan(lengths.upper), np.isnan(heights))
    assert lengths.lower.values[0, 5] > 40


@pytest.mark.parametrize("routing", ROUTINGS)
def test_compiled_and_plain_agree(ground, rng, plain, routing):
    drained = drainage(ground(rng.normal(size=(11, 12)) * 3 - np.arange(12) * 4))
    cuts = {
        "angle": slope(drained.filled),
        "channels": ground((rng.random((11, 12)) < 0.1).astype(np.uint8), quantity="channel"),
        "barriers": ground((rng.random((11, 12)) < 0.1).astype(np.uint8), quantity="measure"),
        "parcels": ground(np.array([[1] * 7 + [2] * 5] * 11), quantity="place"),
    }
    compiled = slope_length(drained.filled, drained.directions, routing=routing, **cuts)
    plain(kernels, slope_length_tiles, facet_length, dispersal, infinity, sys.modules["shuibao.terrain.slope_length"])
    interpreted = slope_length(drained.filled, drained.directions, routing=routing, **cuts)
    np.testing.assert_allclose(compiled.upper, interpreted.upper, rtol=1e-6)
    np.testing.assert_allclose(compiled.lower, interpreted.lower, rtol=1e-6)


def test_what_cannot_be_right_is_refused_with_a_reason(ground):
    dem = ground([[40, 30, 20, 10]] * 3)
    codes = flow_directions(dem)
    with pytest.raises(InputError, match="Are these degrees"):
        slope_length(dem, codes, angle=ground(np.full((3, 4), 30.0), quantity="slope_angle"))
    with pytest.raises(InputError, match="max_length is 0"):
        slope_length(dem, codes, max_length=0)
    with pytest.raises(InputError, match="expected one of d8, facets"):
        slope_length(dem, codes, routing="mfd")
    with pytest.raises(InputError, match="in a circle"):
        slope_length(dem, ground(np.array([[0, 4, 0, 4]] * 3, np.uint8), quantity="flow_direction"), cutoffs=NO_CUTOFFS)
    with pytest.raises(InputError, match="expected integers"):
        slope_length(dem, codes, parcels=dem)
    with pytest.raises(CoordinateError, match="differs"):
        slope_length(dem, ground(np.zeros((3, 5), np.uint8), quantity="flow_direction"))


@pytest.mark.parametrize("name", PROJECTED)
def test_on_real_ground_every_known_cell_is_a_segment_within_the_cap(ground, name):
    heights, cell = real_heights(name)
    drained = drainage(ground(heights, cell))
    water = channels(drained.contributing_cells, 100 * cell**2)
    for routing in ROUTINGS:
        lengths = slope_length(
            drained.filled, drained.directions, channels=water, max_length=10 * cell, routing=routing
        )
        upper, lower = lengths.upper.values, lengths.lower.values
        known = ~np.isnan(heights)
        assert np.array_equal(~np.isnan(lower), known)
        assert (upper[known] >= 0).all()
        assert (lower[known] <= np.float32(10 * cell)).all()
        assert ((lower - upper)[known] > 0.7 * cell).all()
        assert (upper[water.values == 1] == 0).all()
        assert (upper[known] == 0).mean() < 0.9


def test_facets_read_longer_slopes_than_d8_on_real_ground(ground):
    heights, cell = real_heights("pre_runout_DEM.asc")
    drained = drainage(ground(heights, cell))
    d8, facets = (
        slope_length(drained.filled, drained.directions, routing=routing).lower.values for routing in ROUTINGS
    )
    assert np.nanmean(facets) > np.nanmean(d8)


@pytest.mark.parametrize("routing", ROUTINGS)
def test_the_number_of_threads_changes_no_bit(ground, rng, routing):
    drained = drainage(ground(rng.normal(size=(70, 60)).cumsum(0)))
    many = slope_length(drained.filled, drained.directions, routing=routing)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = slope_length(drained.filled, drained.directions, routing=routing)
    finally:
        numba.set_num_threads(before)
    assert many.upper.identical(one.upper)
    assert many.lower.identical(one.lower)
