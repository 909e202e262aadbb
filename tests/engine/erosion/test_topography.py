"""L, S and LS of whole pieces of ground whose answer is known.

The ground is a roof of two planes that fall to both sides of a ridge, whichever way the ridge runs across the grid. A
point s metres below the ridge has the slope length s, so L of the point is (m + 1) (s / 22.13)^m: the truth, written
here without the engine.
"""

import itertools

import numpy as np
import pytest
from real_ground import PROJECTED, real_heights

from shuibao import terrain
from shuibao.erosion import segment_topography, slope_factor, slope_length_factor, topographic_factor
from shuibao.erosion.kernels.flow_advance import advance_of, inlet_areas
from shuibao.erosion.kernels.topography import topography_cells
from shuibao.erosion.length import length_exponents
from shuibao.erosion.slope import slope_pieces
from shuibao.errors import InputError

CELL, HALF = 5.0, 350.0
UNIT = 22.13


def across(fall_degrees, make_layer):
    """Distances from the ridge and along it [m] of every cell's centre, for a ridge across the fall."""
    n = int(2 * HALF / CELL) + 1
    rows, cols = np.mgrid[0:n, 0:n]
    x, y = (cols - (n - 1) / 2) * CELL, ((n - 1) / 2 - rows) * CELL
    a = np.radians(fall_degrees)
    return x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)


def true_exponent_and_steepness(equations, degrees):
    theta, sine = np.radians(degrees), np.sin(np.radians(degrees))
    if equations == "csle":
        m = 0.2 if degrees <= 1 else 0.3 if degrees <= 3 else 0.4 if degrees <= 5 else 0.5
        return m, 10.8 * sine + 0.03 if degrees < 5 else 16.8 * sine - 0.5 if degrees < 10 else 21.9 * sine - 0.96
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    return beta / (1 + beta), 10.8 * sine + 0.03 if np.tan(theta) < 0.09 else 16.8 * sine - 0.5


def true_length_factor(m, distance, fall_degrees):
    """L of every cell, the mean over 64 points in it."""
    a, places = np.radians(fall_degrees), ((np.arange(8) + 0.5) / 8 - 0.5) * CELL
    points = [distance + i * np.cos(a) + j * np.sin(a) for i, j in itertools.product(places, places)]
    return np.mean([(m + 1) * (np.abs(s) / UNIT) ** m for s in points], axis=0)


@pytest.mark.parametrize("fall", [0, 30, 45])
@pytest.mark.parametrize("degrees", [2, 4, 9.5, 12, 20, 30])
def test_planes_have_the_analytic_factors(degrees, fall, make_layer):
    s, t = across(fall, make_layer)
    dem = make_layer(1000 - np.tan(np.radians(degrees)) * np.abs(s), "elevation", cell=CELL)
    drainage = terrain.drainage(dem)
    inside = (np.abs(s) > 2 * CELL) & (np.abs(s) < 210) & (np.abs(t) < 150)  # beyond, flow comes from outside the grid
    for method in ("csle_segments", "rusle_segments", "desmet_govers", "rusle_desmet_govers"):
        m, S = true_exponent_and_steepness("rusle" if "rusle" in method else "csle", degrees)
        L = true_length_factor(m, s, fall)[inside].mean()
        found = topographic_factor(dem, drainage, method=method, max_length=None)
        means = [float(layer.values[inside].mean()) for layer in (found.L, found.S, found.LS)]
        assert means == pytest.approx([L, S, L * S], rel=0.02), method


def rough(make_layer, seed, shape=(60, 60)):
    """A slope without depressions, so that nothing but the ground decides where it drains."""
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]]
    noise = np.random.default_rng(seed).uniform(0, 1.5, shape)
    return make_layer(2000 - 2.3 * rows - 1.1 * cols + noise, "elevation")


TURNS = {
    "by a quarter": lambda cells: np.rot90(cells),
    "by half": lambda cells: np.rot90(cells, 2),
    "mirrored": lambda cells: cells[:, ::-1],
    "transposed": lambda cells: cells.T,
}


@pytest.mark.parametrize("method", ["csle_segments", "desmet_govers"])
@pytest.mark.parametrize("turn", TURNS)
def test_turning_the_ground_turns_the_factors_with_it(method, turn, make_layer):
    ground = rough(make_layer, 17)
    turned = make_layer(np.ascontiguousarray(TURNS[turn](ground.values)), "elevation")
    before, after = (topographic_factor(dem, terrain.drainage(dem), method=method) for dem in (ground, turned))
    assert np.allclose(TURNS[turn](before.LS.values), after.LS.values, rtol=2e-4, equal_nan=True)
    assert np.nanstd(after.LS.values) > 0.1


def test_a_shorter_longest_slope_lowers_the_factor(make_layer):
    dem = rough(make_layer, 18)
    drainage = terrain.drainage(dem)
    for method in ("csle_segments", "desmet_govers"):
        short, long = (topographic_factor(dem, drainage, method=method, max_length=m).L for m in (50, 200))
        assert (short.values <= long.values * (1 + 1e-6)).all()
        assert short.mean() < long.mean()


def test_a_parcel_border_ends_a_slope(make_layer):
    s, _ = across(0, make_layer)
    dem = make_layer(1000 - 0.2 * np.abs(s), "elevation", cell=CELL)
    parcels = make_layer((np.abs(s) // 50).astype(np.int32), "place", cell=CELL)
    drainage = terrain.drainage(dem)
    whole, cut = (topographic_factor(dem, drainage, **ends).L for ends in ({}, {"parcels": parcels}))
    assert cut.max() < whole.max()
    assert cut.max() == pytest.approx(1.5 * (50 / UNIT) ** 0.5, rel=0.06)


def test_ends_of_slopes_are_not_lost_in_silence(make_layer):
    dem = rough(make_layer, 19)
    with pytest.raises(InputError, match=r"method desmet_govers: ends of slopes \['parcels'\]; expected none"):
        topographic_factor(dem, terrain.drainage(dem), method="desmet_govers", parcels=dem)


def test_an_unknown_method_is_refused(make_layer):
    dem = rough(make_layer, 20)
    with pytest.raises(InputError, match=r"method 'invest'.*csle_segments"):
        topographic_factor(dem, terrain.drainage(dem), method="invest")


def test_other_equations_can_be_chosen(make_layer):
    dem = rough(make_layer, 21)
    drainage = terrain.drainage(dem)
    angle = terrain.slope(dem)
    found = topographic_factor(dem, drainage, branches="nearing1997", exponents="liu2000")
    assert np.array_equal(found.S.values, slope_factor(angle, "nearing1997").values, equal_nan=True)
    assert not np.array_equal(found.L.values, topographic_factor(dem, drainage).L.values)


def test_unknown_ground_has_no_factor(make_layer):
    dem = rough(make_layer, 22)
    dem.values[20:24, 30:33] = np.nan
    found = topographic_factor(dem, terrain.drainage(dem))
    assert np.isnan(found.LS.values[20:24, 30:33]).all()
    assert np.isnan(found.LS.values).sum() == 12


@pytest.mark.parametrize("name", [*PROJECTED, "wangmaogou_edge_dem_1arcsec.tif"])
def test_real_ground_has_factors_everywhere_and_the_methods_are_akin(name, make_layer):
    heights, cell = real_heights(name)
    dem = make_layer(heights, "elevation", cell=cell)
    drainage = terrain.drainage(dem)
    segments, areas = (topographic_factor(dem, drainage, method=m) for m in ("csle_segments", "desmet_govers"))
    for found in (segments, areas):
        assert np.array_equal(np.isnan(found.LS.values), np.isnan(heights))
        assert np.nanmin(found.L.values) > 0
        assert np.nanmax(found.L.values) < 1.5 * (100 / UNIT) ** 0.5  # L of the last point of the longest slope
        assert 0.03 <= np.nanmin(found.S.values) <= np.nanmax(found.S.values) < 21.9
    assert 0.9 < np.nanmean(areas.LS.values) / np.nanmean(segments.LS.values) < 1.6


def test_one_pass_gives_what_the_single_functions_give(make_layer):
    rng = np.random.default_rng(23)
    upper = make_layer(rng.uniform(0, 90, (30, 40)), "upper_slope_length", provenance="synthetic")
    lower = make_layer(upper.values + 10, "slope_length")
    angle = make_layer(rng.uniform(0, 0.9, (30, 40)), "slope_angle")
    angle.values[3, 3] = np.nan
    found = segment_topography(upper, lower, angle)
    assert np.array_equal(found.L.values, slope_length_factor(upper, lower, angle).values, equal_nan=True)
    assert np.array_equal(found.S.values, slope_factor(angle).values, equal_nan=True)
    assert np.allclose(found.LS.values, found.L.values * found.S.values, rtol=1e-6, equal_nan=True)
    assert {a.attrs["provenance"] for a in (found.L, found.S, found.LS)} == {"synthetic"}


def test_degrees_are_refused(make_layer):
    length = make_layer([5.0], "slope_length")
    with pytest.raises(InputError, match="Are these degrees"):
        segment_topography(length, length, make_layer([25.0], "slope_angle"))


@pytest.mark.parametrize("fall", [0, 20, 45, 70, 90])
def test_the_advance_of_divided_flow_lies_between_its_bounds(fall):
    """On a plane water passes from half a diagonal to a whole one a step; along the rows alone it is one cell."""
    rows, cols = np.mgrid[0:5, 0:5]
    a = np.radians(fall)
    heights = 100 - 0.1 * (cols * np.sin(a) - rows * np.cos(a))
    assert 0.8 < advance_of(heights, 2, 2, a, 1.1) < 1.2
    assert advance_of(heights, 2, 2, a, 100.0) == pytest.approx(
        max(np.cos(a), np.sin(a), np.sqrt(2) * np.cos(a - np.pi / 4)), rel=0.3
    )


def test_compiled_and_plain_agree():
    rng = np.random.default_rng(24)
    angle = rng.uniform(0, 1, (6, 7)).astype(np.float32)
    angle[2, 2] = np.nan
    upper = rng.uniform(0, 90, (6, 7)).astype(np.float32)
    m, results = length_exponents("csle"), []
    for kernel in (topography_cells, topography_cells.py_func):
        out = [np.empty_like(angle) for _ in range(3)]
        kernel(upper, upper + np.float32(10), angle, slope_pieces("csle"), m.classes, m.ratio, m.unit_length, *out)
        results.append(out)
    assert np.allclose(*results, rtol=1e-6, equal_nan=True)
    heights, cells = rng.uniform(0, 9, (6, 7)).astype(np.float32), rng.uniform(1, 50, (6, 7))
    areas = [np.empty((6, 7)) for _ in range(2)]
    inlet_areas(heights, cells, angle * 6, 10.0, 1.1, areas[0])
    inlet_areas.py_func(heights, cells, angle * 6, 10.0, 1.1, areas[1])
    assert np.allclose(*areas, rtol=1e-6)
