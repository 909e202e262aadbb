"""Slope and aspect: planes are exact to their last cell, the unknown stays unknown, no direction is preferred."""

import math

import numpy as np
import pytest
from real_ground import real_heights

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import aspect, slope
from shuibao.terrain.kernels import slope as kernels

CELL = 5.0


def plane(angle, fall, shape=(24, 31)):
    """Heights of a plane falling at `angle` degrees towards `fall` degrees clockwise from north."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    x, y = cols * CELL, -rows * CELL
    towards = math.radians(fall)
    return 100 - math.tan(math.radians(angle)) * (x * math.sin(towards) + y * math.cos(towards))


@pytest.mark.parametrize("angle", [2, 10, 20, 30])
@pytest.mark.parametrize("fall", [0, 30, 45, 137, 270])
def test_a_plane_has_its_slope_and_aspect_in_every_cell_edges_included(ground, angle, fall):
    dem = ground(plane(angle, fall), CELL)
    np.testing.assert_allclose(np.degrees(slope(dem)), angle, atol=1e-3)
    np.testing.assert_allclose(np.degrees(aspect(dem)), fall, atol=3e-2 if fall else 360)
    np.testing.assert_allclose(np.cos(aspect(dem)), math.cos(math.radians(fall)), atol=1e-3)


@pytest.mark.parametrize("fall", [0, 45, 90, 135, 180, 225, 270, 315])
def test_the_steepest_descent_of_a_plane_that_falls_along_a_neighbour_is_its_slope_even_at_the_lower_edge(ground, fall):
    steepest = np.degrees(slope(ground(plane(20, fall), CELL), "steepest")).values
    off_corner = np.ones(steepest.shape, bool)
    off_corner[[0, 0, -1, -1], [0, -1, 0, -1]] = False
    np.testing.assert_allclose(steepest[off_corner], 20, atol=1e-3)


def test_the_steepest_descent_of_a_plane_between_two_neighbours_is_less_than_its_slope(ground):
    found = np.degrees(slope(ground(plane(20, 22.5), CELL), "steepest")).values[1:-1, 1:-1]
    np.testing.assert_allclose(
        found, math.degrees(math.atan(math.tan(math.radians(20)) * math.cos(math.pi / 8))), atol=1e-3
    )


def test_a_hole_of_unknown_cells_leaves_the_slope_around_it_exact_and_stays_unknown(ground):
    heights = plane(15, 30)
    heights[8:13, 10:14] = np.nan
    heights[3, 3] = np.nan
    found = slope(ground(heights, CELL)).values
    assert np.array_equal(np.isnan(found), np.isnan(heights))
    np.testing.assert_allclose(np.degrees(found[~np.isnan(heights)]), 15, atol=1e-3)


@pytest.mark.parametrize("method", ["horn", "steepest"])
def test_a_lonely_cell_has_no_slope_rather_than_a_level_one(ground, method):
    heights = np.full((5, 5), np.nan)
    heights[2, 2] = 7
    assert np.isnan(slope(ground(heights), method)).all()
    assert np.isnan(aspect(ground(heights))).all()


def test_a_single_row_of_cells_spans_no_plane_but_two_rows_do(ground):
    assert np.isnan(slope(ground([[3, 2, 1, 0]]))).all()
    np.testing.assert_allclose(slope(ground([[30, 20, 10, 0]] * 2)), math.pi / 4, atol=1e-6)


def test_level_ground_has_slope_zero_and_no_aspect(ground):
    dem = ground(np.full((6, 7), 12.0))
    assert (slope(dem) == 0).all()
    assert (slope(dem, "steepest") == 0).all()
    assert np.isnan(aspect(dem)).all()


def test_a_pit_falls_nowhere_and_a_peak_falls_everywhere(ground):
    heights = np.full((3, 3), 10.0)
    heights[1, 1] = 0
    assert slope(ground(heights), "steepest").values[1, 1] == 0
    assert slope(ground(-heights), "steepest").values[1, 1] == pytest.approx(math.pi / 4)


def test_a_cone_has_one_slope_and_falls_away_from_its_top(ground):
    rows, cols = np.mgrid[-40:41, -40:41]
    radius = np.hypot(rows, cols) * CELL
    dem = ground(1000 - math.tan(math.radians(25)) * radius, CELL)
    away = np.arctan2(cols, -rows) % (2 * math.pi)
    far = radius > 60
    np.testing.assert_allclose(np.degrees(slope(dem).values[far]), 25, atol=0.15)
    turned = np.angle(np.exp(1j * (aspect(dem).values - away)))
    assert np.abs(turned[far]).max() < math.radians(0.5)


@pytest.mark.parametrize("method", ["horn", "steepest"])
def test_turning_and_mirroring_the_ground_turns_and_mirrors_its_slope(ground, rng, method):
    heights = rng.normal(size=(17, 23)).cumsum(0) * 3
    heights[5, 6:9] = np.nan
    here = slope(ground(heights), method).values
    for move in (np.rot90, np.fliplr, np.flipud, np.transpose):
        there = slope(ground(np.ascontiguousarray(move(heights))), method).values
        np.testing.assert_allclose(there, move(here), rtol=1e-5, atol=1e-6)


def test_the_arctangent_is_right_to_single_precision():
    x = np.concatenate([np.linspace(0, 3, 300), np.logspace(0, 6, 50), [0, 1]]).astype(np.float32)
    found = np.array([kernels.arctangent.py_func(v) for v in x])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.arctan(x.astype(np.float64)), rtol=3e-7, atol=1e-9)


def test_compiled_and_plain_agree_to_the_last_bits_of_single_precision(ground, rng, plain):
    heights = rng.normal(size=(9, 11)) * 20
    heights[4, 5] = np.nan
    dem = ground(heights)

    def everything():
        return slope(dem).values, slope(dem, "steepest").values, aspect(dem).values

    def plainly():
        out = [np.empty(dem.shape, np.float32) for _ in range(3)]
        for kernel, cells in zip(
            (kernels.horn_angles, kernels.steepest_angles, kernels.horn_aspects), out, strict=True
        ):
            kernel(dem.values, 10.0, cells)
        return out

    compiled = everything()
    plain(kernels)
    for fast, slow in zip(compiled, plainly(), strict=True):
        np.testing.assert_allclose(fast, slow, rtol=5e-7)


def test_the_slope_is_a_layer_in_radians_that_remembers_synthetic_ground(ground):
    dem = ground(plane(10, 0), CELL)
    assert slope(dem).attrs["units"] == "rad"
    assert slope(dem).dtype == np.float32
    assert slope(dem).attrs["provenance"] == "derived"
    assert slope(dem.assign_attrs(provenance="synthetic")).attrs["provenance"] == "synthetic"


def test_what_cannot_be_done_is_refused_with_a_reason(ground):
    dem = ground(plane(10, 0), CELL)
    with pytest.raises(InputError, match="expected one of horn, steepest"):
        slope(dem, "zevenbergen")
    with pytest.raises(InputError, match="Dask-backed"):
        slope(dem.chunk(y=8))
    with pytest.raises(CoordinateError, match="no grid"):
        slope(dem.drop_vars("spatial_ref").reset_coords(drop=True).drop_vars(["y", "x"]))


@pytest.mark.parametrize("name", ["pre_runout_DEM.asc", "whitebox_90m.tif", "wangmaogou_edge_dem_1arcsec.tif"])
def test_on_real_ground_the_slope_is_horns_formula_inside(ground, name):
    heights, cell = real_heights(name)
    z = heights.astype(np.float64)
    east = (z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:] - z[:-2, :-2] - 2 * z[1:-1, :-2] - z[2:, :-2]) / (8 * cell)
    north = (z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:] - z[2:, :-2] - 2 * z[2:, 1:-1] - z[2:, 2:]) / (8 * cell)
    found, wanted = slope(ground(heights, cell)).values, np.arctan(np.hypot(east, north))
    inside = ~np.isnan(wanted)
    np.testing.assert_allclose(found[1:-1, 1:-1][inside], wanted[inside], rtol=1e-4, atol=1e-6)
    assert np.isnan(found).sum() <= np.isnan(heights).sum() + 5


def test_real_loess_ground_is_as_steep_as_it_is_known_to_be(ground):
    heights, _ = real_heights("wangmaogou_edge_dem_1arcsec.tif")
    degrees = np.degrees(slope(ground(heights, 28.0)).values)
    assert 20 < np.nanmean(degrees) < 28
    assert 30 < np.nanpercentile(degrees, 90) < 40
