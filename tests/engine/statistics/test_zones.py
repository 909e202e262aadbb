"""The share of a cell that a polygon covers is exact, whatever the polygon."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from real_data import real_data

from shuibao import grids
from shuibao.errors import CoordinateError, InputError
from shuibao.statistics import Zones, polygon_areas, zone_areas
from shuibao.statistics.coverage import cover
from shuibao.statistics.kernels import coverage as kernels

GRID = GeoBox((7, 9), Affine(10, 0, 1000, 0, -10, 2070), "EPSG:4546")


def dense(coverage, shape) -> np.ndarray:
    """The covered share of every cell as an array."""
    out = np.zeros(shape)
    out.ravel()[coverage.cells] = coverage.fractions
    for row, start, end in zip(*coverage.runs, strict=True):
        out[row, start:end] += 1
    return out


def by_intersection(polygon, geobox: GeoBox) -> np.ndarray:
    """The same by cutting the polygon with every cell."""
    a = geobox.affine
    out = np.zeros(geobox.shape)
    for row, col in np.ndindex(*geobox.shape):
        cell = shapely.box(a.c + col * a.a, a.f + (row + 1) * a.e, a.c + (col + 1) * a.a, a.f + row * a.e)
        out[row, col] = polygon.intersection(cell).area / cell.area
    return out


@st.composite
def stars(draw):
    """Polygons of any outline, some with a hole, some reaching beyond the grid, some with vertices on its lines."""
    east, north = draw(st.floats(1010, 1080)), draw(st.floats(2010, 2060))
    count = draw(st.integers(3, 12))
    turns = np.sort(np.array(draw(st.lists(st.floats(0, 6.28), min_size=count, max_size=count, unique=True))))
    reach = np.array(draw(st.lists(st.floats(3, 45), min_size=count, max_size=count)))
    xy = np.column_stack([east + reach * np.cos(turns), north + reach * np.sin(turns)])
    if draw(st.booleans()):
        xy = np.round(xy / 5) * 5
    polygon = shapely.make_valid(shapely.Polygon(xy))
    if draw(st.booleans()):
        polygon = polygon.difference(shapely.Point(east, north).buffer(draw(st.floats(1, 12)), quad_segs=3))
    return shapely.MultiPolygon([p for p in shapely.get_parts(polygon) if p.geom_type == "Polygon"])


@settings(max_examples=120, deadline=None)
@given(stars())
def test_every_share_equals_the_cut_of_polygon_and_cell(polygon):
    np.testing.assert_allclose(dense(cover(polygon, GRID), GRID.shape), by_intersection(polygon, GRID), atol=3e-9)


def test_a_ring_of_either_direction_covers_the_same():
    ring = [(1012, 2013), (1077, 2021), (1044, 2066)]
    one, other = shapely.Polygon(ring), shapely.Polygon(ring[::-1])
    assert np.array_equal(dense(cover(one, GRID), GRID.shape), dense(cover(other, GRID), GRID.shape))


def test_a_polygon_on_the_lines_of_the_grid_has_only_whole_cells():
    coverage = cover(shapely.box(1010, 2020, 1060, 2050), GRID)
    assert len(coverage.cells) == 0
    assert dense(coverage, GRID.shape).sum() == 15


def test_a_polygon_inside_one_cell_has_its_own_share():
    coverage = cover(shapely.box(1021, 2031, 1024, 2035), GRID)
    assert coverage.cells.tolist() == [3 * 9 + 2]
    assert coverage.fractions[0] == pytest.approx(0.12, abs=1e-12)


def test_a_polygon_larger_than_the_grid_covers_all_of_it():
    assert dense(cover(shapely.box(0, 0, 9999, 9999), GRID), GRID.shape).min() == 1


def test_compiled_and_plain_kernels_cut_alike():
    rng = np.random.default_rng(3)
    x0, y0, x1, y1 = rng.uniform(0, 6, (4, 40))
    sign = rng.choice([-1.0, 1.0], 40)
    found = []
    for kernel in (kernels.cut_edges, kernels.cut_edges.py_func):
        out = [np.zeros(900, np.int64), np.zeros(900, np.int64), np.zeros(900), np.zeros(900)]
        found.append((kernel(x0, y0, x1, y1, sign, *out), *out))
    assert found[0][0] == found[1][0] > 40
    for one, other in zip(found[0][1:], found[1][1:], strict=True):
        np.testing.assert_array_equal(one, other)


def test_compiled_and_plain_sweep_and_paint_alike():
    row, col = np.array([0, 0, 0, 1, 1]), np.array([0, 4, 4, 1, 2])
    height, share = np.array([1.0, -0.5, -0.5, 0.5, -0.5]), np.array([0.25, -0.1, -0.1, 0.3, -0.2])
    found = []
    for sweep, paint in ((kernels.sweep, kernels.paint), (kernels.sweep.py_func, kernels.paint.py_func)):
        border, fraction, runs = np.zeros(9, np.int64), np.zeros(9), [np.zeros(9, np.int64) for _ in range(3)]
        cells, whole = sweep(row, col, height, share, 1e-9, border, fraction, *runs, 6)
        labels, taken = np.zeros((2, 6), np.int32), np.zeros(9, np.int64)
        labels[0, 2] = 7
        count = paint(labels, 3, *(r[:whole] for r in runs), taken)
        found.append((cells, border, fraction, labels, count, taken))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found[0][3].tolist()[0] == [0, 3, 7, 3, 0, 0]
    assert found[0][4] == 1
    np.testing.assert_allclose(found[0][2][:4], [0.25, 0.8, 0.3, 0.3])


def test_the_shares_agree_with_exactextract(townships, county_grid):
    zones = Zones.from_polygons(townships, county_grid)
    plane = np.abs(county_grid.affine.a * county_grid.affine.e)
    ones = NumPyRasterSource(np.ones(county_grid.shape), *county_grid.boundingbox, srs_wkt=county_grid.crs.wkt)
    other = np.array([f["properties"]["sum"] for f in exact_extract(ones, townships, "sum")])
    whole = np.bincount(zones.labels.ravel(), minlength=len(zones.ids) + 1)[1:]
    border = np.bincount(zones.members, zones.fractions, minlength=len(zones.ids))
    np.testing.assert_allclose(whole + border, other, rtol=1e-6)
    np.testing.assert_allclose((whole + border) * plane, townships.area, rtol=1e-10)


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4490"])
def test_shares_of_places_that_tile_the_ground_add_up_to_one(townships, county_grid, crs):
    there = townships.to_crs(crs)
    zones = Zones.from_polygons(there, county_grid)
    whole = Zones.from_polygons(there.dissolve().assign(code="all"), county_grid)
    shares = (zones.labels > 0).ravel().astype(float)
    np.add.at(shares, zones.cells, zones.fractions)
    expected = (whole.labels > 0).ravel().astype(float)
    np.add.at(expected, whole.cells, whole.fractions)
    np.testing.assert_allclose(shares, expected, atol=1e-8)
    assert zone_areas(zones).sum() == pytest.approx(zone_areas(whole).sum(), rel=1e-12)


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4490", "EPSG:32649"])
def test_areas_are_those_of_the_polygons_on_the_ellipsoid(townships, county_grid, crs):
    finely = townships.set_geometry(townships.geometry.segmentize(100)).to_crs(crs)
    areas = zone_areas(Zones.from_polygons(finely, county_grid))
    np.testing.assert_allclose(areas, polygon_areas(finely), rtol=2e-8)


def test_areas_on_a_geographic_grid_are_those_on_the_ellipsoid():
    grid = GeoBox((60, 80), Affine(0.001, 0, 112, 0, -0.001, 39), "EPSG:4490")
    place = gpd.GeoDataFrame({"code": ["1"]}, geometry=[shapely.Point(112.04, 38.97).buffer(0.021, 60)], crs=4490)
    finely = place.set_geometry(place.geometry.segmentize(1e-5))
    areas = zone_areas(Zones.from_polygons(finely, grid))
    assert areas["1"] == pytest.approx(polygon_areas(finely)[0], rel=1e-7)


def test_overlapping_places_each_keep_their_ground(county_grid):
    left, _, _, top = county_grid.boundingbox
    boxes = [
        shapely.box(left + 315, top - 3000, left + 3015, top - 600),
        shapely.box(left + 1500, top - 2400, left + 4500, top),
    ]
    places = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=boxes, crs=county_grid.crs)
    together = zone_areas(Zones.from_polygons(places, county_grid))
    for at, code in enumerate("ab"):
        alone = zone_areas(Zones.from_polygons(places.iloc[[at]], county_grid))
        assert together[code] == pytest.approx(alone[code], rel=1e-12)


def test_a_basin_counts_only_within_the_county(townships, county_grid):
    left, bottom, right, top = county_grid.boundingbox
    basin = gpd.GeoDataFrame(
        {"code": ["huang"]}, geometry=[shapely.box(left - 9e3, bottom, (left + right) / 2, top)], crs=county_grid.crs
    )
    zones = Zones.from_polygons(basin, county_grid, within=townships)
    expected = polygon_areas(gpd.clip(basin, townships.union_all()).segmentize(100).to_frame("geometry"))
    assert zone_areas(zones)["huang"] == pytest.approx(expected.sum(), rel=1e-6)
    assert zones.inside_grid["huang"] == pytest.approx(1)
    assert Zones.from_polygons(basin, county_grid).inside_grid["huang"] < 0.6


def test_zones_of_labels_hold_the_cells_of_each_label(classes):
    zones = Zones.from_labels(classes)
    assert zones.ids.tolist() == [1, 2, 3, 4, 5, 6]
    areas = grids.cell_areas(grids.geobox_of(classes)).values
    for code, area in zone_areas(zones).items():
        assert area == pytest.approx(areas[classes.values == code].sum() / 1e6, rel=1e-12)


def test_chosen_cells_alone_count(townships, county_grid, classes):
    zones = Zones.from_polygons(townships, county_grid)
    both = zone_areas(zones.where(classes > 3)) + zone_areas(zones.where(classes <= 3))
    np.testing.assert_allclose(both, zone_areas(zones), rtol=1e-12)
    assert 0.3 < zone_areas(zones.where(classes > 3)).sum() / zone_areas(zones).sum() < 0.6


class TestRefusals:
    def place(self, geometry, **columns):
        return gpd.GeoDataFrame({"code": ["1"], **columns}, geometry=[geometry], crs=GRID.crs)

    def test_a_polygon_that_crosses_itself(self):
        bow = shapely.Polygon([(1010, 2010), (1050, 2050), (1050, 2010), (1010, 2050)])
        with pytest.raises(InputError, match=r"1: Self-intersection.*make_valid"):
            Zones.from_polygons(self.place(bow), GRID)

    def test_a_double_code(self):
        places = gpd.GeoDataFrame(
            {"code": ["1", "1"]}, geometry=[shapely.box(1010, 2010, 1020, 2020)] * 2, crs=GRID.crs
        )
        with pytest.raises(InputError, match=r"double identifiers \['1'\]"):
            Zones.from_polygons(places, GRID)

    def test_a_missing_column(self):
        with pytest.raises(InputError, match=r"no column 'XZQDM'.*'code'"):
            Zones.from_polygons(self.place(shapely.box(1010, 2010, 1020, 2020)), GRID, id_column="XZQDM")

    def test_places_elsewhere(self):
        with pytest.raises(CoordinateError, match="no polygon meets the grid"):
            Zones.from_polygons(self.place(shapely.box(0, 0, 10, 10)), GRID)

    def test_places_without_a_coordinate_system(self):
        places = self.place(shapely.box(1010, 2010, 1020, 2020)).set_crs(None, allow_override=True)
        with pytest.raises(CoordinateError, match="no coordinate system"):
            Zones.from_polygons(places, GRID)

    def test_labels_that_are_no_integers(self):
        with pytest.raises(InputError, match=r"values of type float32.*grade\(layer, table\)"):
            Zones.from_labels(grids.layer(np.ones(GRID.shape, "float32"), GRID, "slope_angle"))

    def test_a_layer_of_another_grid(self, townships, county_grid, modulus):
        zones = Zones.whole(GRID)
        with pytest.raises(CoordinateError, match="differs from"):
            zones.check(modulus)


def test_the_real_county_has_its_area_on_the_ellipsoid():
    """Ningwu's open polygon: about 1948 km2, where 1966 and 1987.7 km2 are published."""
    county = gpd.read_file(real_data("ningwu/ningwu_140925_tianditu_wgs84.geojson"), engine="pyogrio")
    west, south, east, north = county.to_crs(4546).total_bounds
    grid = GeoBox.from_bbox((west - 50, south - 50, east + 50, north + 50), "EPSG:4546", resolution=30)
    areas = zone_areas(Zones.from_polygons(county, grid, id_column="district_adcode"))
    finely = county.set_geometry(county.geometry.segmentize(1e-4))
    assert areas.iloc[0] == pytest.approx(polygon_areas(finely)[0], rel=1e-7)
    assert areas.iloc[0] == pytest.approx(1966, rel=0.01)
