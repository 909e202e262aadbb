"""Ellipsoidal areas, cell-by-cell kernels, burnt polygons."""

import geopandas as gpd
import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer
from shapely.geometry import LineString, box

from shuibao import grids
from shuibao.errors import InputError

BOX = GeoBox.from_bbox((600000, 4280000, 640000, 4330000), "EPSG:4546", resolution=100)


def geodesic_area(lon, lat, geod):
    return abs(geod.polygon_area_perimeter(lon, lat)[0])


def test_areas_in_degrees_are_those_of_the_ellipsoid():
    grid = GeoBox.from_bbox((112, 38, 112.1, 38.1), "EPSG:4490", resolution=0.001)
    along = np.linspace(112, 112.1, 4000)
    ring = np.r_[along, along[::-1]], np.r_[np.full(4000, 38.0), np.full(4000, 38.1)]
    assert float(grids.cell_areas(grid).sum()) == pytest.approx(geodesic_area(*ring, Geod(ellps="GRS80")), rel=1e-10)


@pytest.mark.parametrize(("row", "col"), [(0, 0), (250, 200), (499, 399)])
def test_areas_of_a_projected_grid_are_those_of_the_ellipsoid(row, col):
    back = Transformer.from_crs("EPSG:4546", "EPSG:4490", always_xy=True)
    corners = [
        (600000 + 100 * c[0], 4330000 - 100 * c[1])
        for c in ((col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1))
    ]
    lon, lat = back.transform(*zip(*corners, strict=True))
    truth = geodesic_area(lon, lat, Geod(ellps="GRS80"))
    assert float(grids.cell_areas(BOX)[row, col]) == pytest.approx(truth, rel=1e-7)


def test_small_grids_have_areas_too():
    assert float(grids.cell_areas(BOX[:1, :1])[0, 0]) == pytest.approx(float(grids.cell_areas(BOX)[0, 0]), rel=1e-9)


def double(cells, factor, out):
    out[...] = cells * factor


def test_a_kernel_runs_alike_on_numpy_and_dask():
    source = grids.layer(
        np.random.default_rng(2).random(BOX.shape).astype("float32"), BOX, "slope_factor", provenance="synthetic"
    )
    plain = grids.map_cells(double, [source], "slope_factor", 2.0)
    lazy = grids.map_cells(double, [source.chunk({"y": 130, "x": 77})], "slope_factor", 2.0)
    assert hasattr(lazy.data, "dask")
    assert np.array_equal(plain.values, lazy.values)
    assert plain.attrs["provenance"] == "synthetic"
    assert grids.geobox_of(lazy) == BOX


def frame(*rows, crs="EPSG:4546"):
    return gpd.GeoDataFrame({"code": [r[0] for r in rows]}, geometry=[r[1] for r in rows], crs=crs)


def test_polygons_burn_by_their_cell_centres():
    left, right = box(600000, 4280000, 620040, 4330000), box(620040, 4280000, 640000, 4330000)
    burnt = grids.burn(frame((11, left), (41, right)), "code", BOX, "land_use")
    assert {k: int((burnt == k).sum()) for k in (0, 11, 41)} == {0: 0, 11: 200 * 500, 41: 200 * 500}


def test_at_the_rim_a_cell_may_take_the_polygon_that_touches_it():
    inner = frame((1000, box(600030, 4280030, 639930, 4329940)))
    plain, touched = (grids.burn(inner, "code", BOX, "place", dtype="int32", touched=t) for t in (False, True))
    assert int((plain == 0).sum()) == 400 + 500 - 1
    assert int((touched == 0).sum()) == 0


def test_lines_burn_every_cell_they_touch():
    burnt = grids.burn(
        frame((1, LineString([(600050, 4280010), (639950, 4280010)]))), "code", BOX, "channel", nodata=255
    )
    assert int((burnt == 1).sum()) == 400


def test_polygons_in_degrees_land_on_the_grid():
    shape = frame((13, box(600000, 4280000, 640000, 4330000))).to_crs("EPSG:4490")
    assert int((grids.burn(shape, "code", BOX, "land_use") == 13).sum()) > 0.99 * BOX.shape[0] * BOX.shape[1]


@pytest.mark.parametrize(
    ("codes", "column", "complaint"),
    [
        ([11], "use", "no field 'use'"),
        (["旱地"], "code", "expected whole-number codes"),
        ([0], "code", "stands for unknown"),
    ],
)
def test_fields_that_hold_no_codes_are_refused(codes, column, complaint):
    shapes = gpd.GeoDataFrame({"code": codes}, geometry=[box(600000, 4280000, 610000, 4290000)], crs="EPSG:4546")
    with pytest.raises(InputError, match=complaint):
        grids.burn(shapes, column, BOX, "land_use")
