"""Alignment: what lies cell on cell stays as it is; the rest follows the rule of its quantity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from shuibao import grids
from shuibao.errors import CoordinateError, InputError

CRS = "EPSG:4546"


def box(west, south, width, height, cell):
    return GeoBox.from_bbox((west, south, west + width, south + height), CRS, resolution=cell)


def ground(west=0, south=0, cols=12, rows=10, cell=10.0, name="elevation", **attrs):
    grid = box(west, south, cols * cell, rows * cell, cell)
    return grids.layer(np.random.default_rng(1).random((rows, cols)).astype("float32"), grid, name, **attrs)


@given(st.integers(-5, 8), st.integers(-6, 6), st.integers(1, 20), st.integers(1, 20))
def test_a_shift_by_whole_cells_changes_no_value(col, row, cols, rows):
    source = ground()
    target = box(col * 10, row * 10, cols * 10, rows * 10, 10)
    try:
        moved = grids.align(source, target)
    except CoordinateError:
        assert col >= 12 or row >= 10 or col + cols <= 0 or row + rows <= 0
        return
    both = sorted(set(source.y.values) & set(moved.y.values)), sorted(set(source.x.values) & set(moved.x.values))
    assert np.array_equal(moved.sel(y=both[0], x=both[1]), source.sel(y=both[0], x=both[1]))
    assert int(moved.notnull().sum()) == len(both[0]) * len(both[1])


def test_the_same_grid_is_handed_back_untouched():
    source = ground(provenance="synthetic", path="dem.tif")
    assert grids.align(source, grids.geobox_of(source)) is source


def test_finer_cells_are_averaged_and_keep_their_mean():
    fine = ground(cols=40, rows=40, cell=5)
    coarse = grids.align(fine, box(0, 0, 200, 200, 20))
    assert coarse.shape == (10, 10)
    assert np.allclose(coarse.values, fine.values.reshape(10, 4, 10, 4).mean((1, 3)), atol=1e-6)


def test_a_linear_surface_stays_linear_when_refined():
    grid = box(0, 0, 200, 200, 20)
    x = np.broadcast_to(np.arange(10) * 20.0 + 10, (10, 10)).astype("float32")
    fine = grids.align(grids.layer(x.copy(), grid, "elevation"), box(20, 20, 160, 160, 5))
    assert np.allclose(fine.values, fine.x.values[None, :], atol=1e-3)


def test_codes_are_never_blended():
    codes = grids.layer(np.tile(np.array([[11, 41]], "uint8"), (8, 4)), box(0, 0, 80, 80, 10), "land_use", nodata=0)
    finer, coarser = grids.align(codes, box(0, 0, 80, 80, 4)), grids.align(codes, box(-5, 0, 80, 80, 20))
    assert set(np.unique(finer)) == {11, 41}
    assert set(np.unique(coarser)) <= {0, 11, 41}
    assert finer.attrs["nodata"] == 0
    assert finer.dtype == np.uint8


def test_ground_beyond_the_layer_is_unknown():
    wide = grids.align(ground(), box(-50, -50, 300, 300, 7))
    assert bool(wide.isnull().any())
    assert bool(wide.notnull().any())


def test_another_coordinate_system_lands_in_the_right_place():
    grid = GeoBox.from_bbox((112.0, 38.5, 112.1, 38.6), "EPSG:4490", resolution=0.001)
    lon = np.broadcast_to(grid.coords["longitude"].values, grid.shape).astype("float32")
    target = GeoBox.from_bbox((589000, 4264000, 593000, 4268000), CRS, resolution=50)
    moved = grids.align(grids.layer(lon.copy(), grid, "elevation"), target)
    from pyproj import Transformer

    x, y = np.meshgrid(moved.x, moved.y)
    truth, _ = Transformer.from_crs(CRS, 4490, always_xy=True).transform(x, y)
    assert np.nanmax(np.abs(moved.values - truth)) < 1e-4


def test_layers_that_do_not_meet_are_refused():
    with pytest.raises(
        CoordinateError, match=r"soil\.tif: extent .* does not meet the grid's .* Check its coordinate system"
    ):
        grids.align(ground(path="soil.tif"), box(9000, 9000, 100, 100, 10))


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="resampling 'cubic'"):
        grids.align(ground(), box(0, 0, 50, 50, 7), "cubic")


def test_the_origin_of_a_layer_travels():
    moved = grids.align(ground(provenance="synthetic", path="dem.tif"), box(3, 3, 60, 60, 7))
    assert (moved.attrs["provenance"], moved.attrs["path"], moved.attrs["quantity"]) == (
        "synthetic",
        "dem.tif",
        "elevation",
    )
