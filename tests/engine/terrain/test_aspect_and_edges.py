"""Slope and aspect: the compass, and what happens at edges and beside unknown ground."""

import math

import numpy as np
import pytest

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import aspect, channels, drainage, fill_depressions, flow_accumulation, flow_directions, slope

CELL = 10.0
COMPASS = {
    "N": (-1, 0),
    "NE": (-1, 1),
    "E": (0, 1),
    "SE": (1, 1),
    "S": (1, 0),
    "SW": (1, -1),
    "W": (0, -1),
    "NW": (-1, -1),
}


def plane_towards(south, east, tangent=0.3, shape=(7, 8)):
    """A plane that falls towards a way given in rows and columns."""
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    return 300 - tangent * CELL * (rows * south + cols * east) / math.hypot(south, east)


@pytest.mark.parametrize(("name", "degrees"), list(zip(COMPASS, range(0, 360, 45), strict=True)))
def test_aspect_names_the_way_the_ground_falls_clockwise_from_north(ground, name, degrees):
    dem = ground(plane_towards(*COMPASS[name]), CELL)
    found = np.degrees(aspect(dem).values)
    turned = (found - degrees + 180) % 360 - 180
    np.testing.assert_allclose(turned, 0, atol=0.01)
    np.testing.assert_allclose(np.tan(slope(dem).values), 0.3, rtol=1e-4)


def test_aspect_stays_within_one_turn_and_jumps_only_at_north(ground):
    rows, cols = np.mgrid[-20:21, -20:21]
    found = aspect(ground(400 - 2 * np.hypot(rows, cols), CELL)).values
    away = np.hypot(rows, cols) > 3
    assert ((found[away] >= 0) & (found[away] <= 2 * math.pi)).all()
    wanted = np.arctan2(cols, -rows) % (2 * math.pi)
    turned = (found - wanted + math.pi) % (2 * math.pi) - math.pi
    assert np.abs(turned[away]).max() < 0.05


def least_squares_gradient(z, row, col):
    """Plane through the known cells of a 3 by 3 window, orthogonal neighbours weighing two, by a general solver."""
    equations, rises, weights = [], [], []
    for a in (-1, 0, 1):
        for b in (-1, 0, 1):
            r, c = row + a, col + b
            if (a or b) and 0 <= r < z.shape[0] and 0 <= c < z.shape[1] and not np.isnan(z[r, c]):
                equations.append((b * CELL, -a * CELL))
                rises.append(z[r, c] - z[row, col])
                weights.append(math.sqrt(1 if a and b else 2))
    system = np.array(equations).reshape(-1, 2) * np.array(weights)[:, None]
    if np.linalg.matrix_rank(system) < 2:
        return None
    return np.linalg.lstsq(system, np.array(rises) * np.array(weights), rcond=None)[0]


def test_at_edges_and_beside_unknown_ground_the_plane_fits_what_is_known(ground, rng):
    heights = rng.normal(size=(16, 17)).astype(np.float32) * 5
    heights[rng.random(heights.shape) < 0.25] = np.nan
    dem = ground(heights, CELL)
    angles, falls = slope(dem).values, aspect(dem).values
    compared = 0
    for row, col in np.ndindex(*heights.shape):
        if np.isnan(heights[row, col]):
            assert np.isnan(angles[row, col])
            continue
        gradient = least_squares_gradient(heights.astype(float), row, col)
        if gradient is None:
            assert np.isnan(angles[row, col])
            continue
        east, north = gradient
        assert angles[row, col] == pytest.approx(math.atan(math.hypot(east, north)), rel=1e-4, abs=1e-5)
        turned = (falls[row, col] - math.atan2(-east, -north) + math.pi) % (2 * math.pi) - math.pi
        assert abs(turned) < 1e-3
        compared += 1
    assert compared > 150


def test_a_notch_of_unknown_cells_in_a_plane_changes_no_slope_around_it(ground):
    heights = plane_towards(1, 2, shape=(12, 12))
    heights[4:9, 6] = np.nan
    heights[0, 0] = heights[11, 5] = np.nan
    for method in ("horn", "steepest"):
        whole, holed = (slope(ground(z, CELL), method).values for z in (plane_towards(1, 2, shape=(12, 12)), heights))
        known = ~np.isnan(heights)
        if method == "horn":
            np.testing.assert_allclose(holed[known], whole[known], rtol=2e-4)
        assert np.array_equal(np.isnan(holed), ~known)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_a_single_row_has_no_plane_but_a_steepest_fall(ground, shape):
    heights = 100 - 3.0 * np.add(*np.mgrid[: shape[0], : shape[1]])
    dem = ground(heights, CELL)
    assert np.isnan(slope(dem).values).all()
    assert np.isnan(aspect(dem).values).all()
    if shape != (1, 1):
        np.testing.assert_allclose(slope(dem, "steepest").values, math.atan(0.3), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (5, 4)])
def test_wholly_unknown_ground_stays_unknown_in_every_layer(ground, shape):
    dem = ground(np.full(shape, np.nan), CELL)
    drained = drainage(dem)
    assert np.isnan(slope(dem).values).all()
    assert np.isnan(slope(dem, "steepest").values).all()
    assert np.isnan(aspect(dem).values).all()
    assert (drained.directions.values == 255).all()
    assert (drained.contributing_cells.values == -1).all()
    assert (channels(drained.contributing_cells, 100.0).values == 255).all()


def test_every_function_refuses_degrees_and_lazy_layers(ground):
    dem = ground(plane_towards(1, 1), CELL)
    degrees, lazy = dem.odc.assign_crs("EPSG:4326"), dem.chunk(y=3)
    for function in (slope, aspect, flow_directions):
        with pytest.raises(CoordinateError, match="not in metres"):
            function(degrees)
        with pytest.raises(InputError, match="Dask-backed"):
            function(lazy)
    with pytest.raises(InputError, match="Dask-backed"):
        fill_depressions(lazy)
    codes = flow_directions(dem)
    with pytest.raises(InputError, match="Dask-backed"):
        flow_accumulation(codes.chunk(y=3))
    with pytest.raises(InputError, match="Dask-backed"):
        channels(flow_accumulation(codes).chunk(y=3), 500.0)
    with pytest.raises(InputError, match="threshold_area is -1"):
        channels(flow_accumulation(codes), -1)
