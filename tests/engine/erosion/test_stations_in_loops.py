"""Surfaces once more in loops, and what kriging must keep."""

import geopandas as gpd
import numba as nb
import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from scipy.interpolate import RegularGridInterpolator

from shuibao.erosion import interpolate_stations

GRID = GeoBox.from_bbox((500_000, 4_300_000, 512_000, 4_309_000), crs="EPSG:4547", resolution=75)


def places(count, seed=3):
    random = np.random.default_rng(seed)
    x, y = 500_000 + random.uniform(0, 12_000, count), 4_300_000 + random.uniform(0, 9000, count)
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs="EPSG:4547")
    return frame, np.column_stack([x, y]), random.uniform(800, 1900, count)


def node_places(surface):
    place = surface.lattice.affine
    rows, cols = surface.lattice.shape
    x = place.c + place.a * (np.arange(cols) + 0.5)
    y = place.f + place.e * (np.arange(rows) + 0.5)
    return x, y


def test_inverse_distance_on_the_nodes_agrees_with_loops():
    frame, points, values = places(9)
    surface = interpolate_stations(frame, values, GRID, "idw", power=1.7)
    for col, x in enumerate(node_places(surface)[0]):
        for row, y in enumerate(node_places(surface)[1]):
            weights = [((px - x) ** 2 + (py - y) ** 2) ** (-1.7 / 2) for px, py in points]
            expected = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
            assert surface.nodes[0][row, col] == pytest.approx(expected, rel=1e-9)


def test_cells_agree_with_the_interpolator_of_scipy():
    frame, _, values = places(20)
    surface = interpolate_stations(frame, values, GRID)
    x, y = node_places(surface)
    reference = RegularGridInterpolator((y[::-1], x), surface.nodes[0][::-1])
    cells = surface.layer(0, GRID)
    expected = reference(np.stack(np.meshgrid(cells["y"].to_numpy(), cells["x"].to_numpy(), indexing="ij"), axis=-1))
    assert cells.to_numpy() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("variogram", ["spherical", "linear"])
def test_kriging_is_unbiased_and_scales_with_its_values(variogram):
    frame, _, values = places(20)
    plain = interpolate_stations(frame, values, GRID, variogram=variogram).nodes[0]
    doubled = interpolate_stations(frame, 2 * values, GRID, variogram=variogram).nodes[0]
    assert doubled == pytest.approx(2 * plain, rel=1e-6)
    assert values.min() * 0.8 < plain.min() <= plain.max() < values.max() * 1.2


def test_kriging_follows_a_shift_of_all_values():
    frame, _, values = places(20)
    plain = interpolate_stations(frame, values, GRID).nodes[0]
    shifted = interpolate_stations(frame, values + 500, GRID).nodes[0]
    assert shifted - 500 == pytest.approx(plain, abs=0.5)  # the weights sum to 1; the fit stops early


def test_layers_are_the_same_bytes_for_any_number_of_threads():
    frame, _, values = places(12)
    surface = interpolate_stations(frame, values[:, None] * np.linspace(0.1, 1, 24), GRID)
    before = nb.get_num_threads()
    try:
        results = []
        for threads in (1, min(2, before)):
            nb.set_num_threads(threads)
            results.append((surface.layer(5, GRID).to_numpy().tobytes(), surface.shares(5, GRID).to_numpy().tobytes()))
    finally:
        nb.set_num_threads(before)
    assert results[0] == results[1]
