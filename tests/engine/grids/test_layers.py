"""Layers: dressing cells, reading the grid, telling what is known."""

import numpy as np
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from shuibao import grids
from shuibao.errors import CoordinateError, InputError
from shuibao.quantities import all_quantities, quantity

BOX = GeoBox.from_bbox((600000, 4280000, 600300, 4280200), "EPSG:4546", resolution=10)


def elevation(values=None, box=BOX):
    return grids.layer(np.arange(600, dtype="float32").reshape(20, 30) if values is None else values, box, "elevation")


def test_a_layer_says_what_it_is():
    array = elevation()
    assert array.dims == ("y", "x")
    assert array.attrs == {"quantity": "elevation", "units": "m", "long_name": "Elevation", "provenance": "derived"}
    assert grids.geobox_of(array) == BOX


def test_degrees_have_the_same_dimensions():
    box = GeoBox.from_bbox((112, 38, 112.2, 38.1), "EPSG:4490", resolution=0.01)
    assert grids.layer(np.zeros(box.shape, "float32"), box, "elevation").dims == ("y", "x")


def test_cells_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"cells of shape \(3, 3\); expected the grid's shape \(20, 30\)"):
        elevation(np.zeros((3, 3)))


def test_an_unknown_provenance_is_refused():
    with pytest.raises(InputError, match="provenance 'guessed'"):
        grids.layer(np.zeros(BOX.shape), BOX, "elevation", provenance="guessed")


def test_an_unknown_quantity_names_the_known_ones():
    with pytest.raises(InputError, match=r"unknown quantity 'height'; expected one of .*elevation"):
        quantity("height")


def test_a_bare_array_has_no_grid():
    with pytest.raises(CoordinateError, match=r"no grid or no coordinate system.*grids\.layer"):
        grids.geobox_of(xr.DataArray(np.zeros((2, 2)), dims=("y", "x")))


def test_layers_on_different_grids_are_told_apart():
    other = GeoBox.from_bbox((600010, 4280000, 600310, 4280200), "EPSG:4546", resolution=10)
    with pytest.raises(CoordinateError, match=r"differs from.*grids\.align"):
        grids.same_grid(elevation(), elevation(box=other))
    assert grids.same_grid(elevation(), elevation()) == BOX


@pytest.mark.parametrize(
    ("box", "complaint"),
    [
        (GeoBox.from_bbox((112, 38, 112.2, 38.1), "EPSG:4490", resolution=0.01), "not in metres"),
        (GeoBox.from_bbox((0, 0, 100, 100), "EPSG:4546", shape=(10, 5)), "expected square cells"),
        (BOX.rotate(10), "expected square cells"),
    ],
)
def test_only_square_cells_in_metres_have_a_side(box, complaint):
    with pytest.raises(CoordinateError, match=complaint):
        grids.square_cell(box)
    assert grids.square_cell(BOX) == 10


def test_unknown_is_nan_or_nodata_and_is_counted_within_a_mask():
    values = np.ones((20, 30), "float32")
    values[:2] = np.nan
    array = elevation(values)
    assert grids.unknown_count(array) == 60
    assert grids.unknown_count(array, array.copy(data=np.eye(20, 30, dtype=bool))) == 2
    codes = grids.layer(
        np.array([[0, 11], [13, 0]], "uint8"),
        GeoBox.from_bbox((0, 0, 2, 2), "EPSG:4546", resolution=1),
        "land_use",
        nodata=0,
    )
    assert grids.unknown_count(codes) == 2
    assert grids.known(codes).values.tolist() == [[False, True], [True, False]]


def test_a_layer_out_of_range_is_refused_with_its_extremes():
    b = grids.layer(np.full((20, 30), 1.3, "float32"), BOX, "biological_factor", path="b.tif")
    with pytest.raises(
        InputError, match=r"b\.tif: biological_factor reaches from 1\.3 to 1\.3; expected 0 to 1 1\. Is it"
    ):
        grids.check_range(b, "Is it in percent?")
    assert grids.check_range(elevation()) is not None


def test_an_unknown_layer_is_in_any_range():
    assert grids.check_range(elevation(np.full((20, 30), np.nan, "float32"))).isnull().all()


def test_every_quantity_dresses_cells():
    for name in all_quantities():
        assert grids.layer(np.zeros(BOX.shape, "float32"), BOX, name).attrs["quantity"] == name
