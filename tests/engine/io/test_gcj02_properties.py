"""The GCJ-02 field: exact way back, nothing outside China, smooth within."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from shuibao.io import detect_gcj02, gcj02_from_wgs84, unshift_gcj02, wgs84_from_gcj02
from shuibao.io.gcj02 import offset

LON, LAT = st.floats(73, 136), st.floats(4, 54)
EARTH = Geod(ellps="WGS84")


@given(LON, LAT)
def test_there_and_back_and_back_and_there_are_the_same_place(lon, lat):
    there = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    back = gcj02_from_wgs84(*wgs84_from_gcj02(lon, lat))
    assert np.allclose(there, (lon, lat), rtol=0, atol=1e-9)
    assert np.allclose(back, (lon, lat), rtol=0, atol=1e-9)


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=20))
def test_many_points_are_moved_as_one_by_one(places):
    lon, lat = (np.array(v) for v in zip(*places, strict=True))
    together = gcj02_from_wgs84(lon, lat)
    single = [gcj02_from_wgs84(x, y) for x, y in places]
    assert np.allclose(np.column_stack(together), single, rtol=0, atol=1e-12)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_outside_china_nothing_moves(lon, lat):
    inside = 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271
    moved = np.abs(np.array(offset(lon, lat))).max() > 0
    assert inside or not moved
    if not inside:
        assert gcj02_from_wgs84(lon, lat) == (lon, lat)
        assert np.allclose(wgs84_from_gcj02(lon, lat), (lon, lat), rtol=0, atol=0)


@given(st.floats(105, 120), st.floats(28, 42))
def test_neighbours_a_kilometre_apart_are_moved_alike(lon, lat):
    """The field is smooth: it changes by less than a twentieth of the distance, so shapes keep their form."""
    east, north = (EARTH.fwd(lon, lat, azimuth, 1000)[:2] for azimuth in (90, 0))
    for other in (east, north):
        ends = gcj02_from_wgs84(np.array([lon, other[0]]), np.array([lat, other[1]]))
        length = EARTH.line_length(*ends)
        assert length == pytest.approx(1000, rel=0.05)


@given(st.floats(105, 120), st.floats(28, 42))
def test_over_northern_china_the_offset_is_what_web_maps_show(lon, lat):
    x, y = gcj02_from_wgs84(lon, lat)
    assert 100 < EARTH.inv(lon, lat, float(x), float(y))[2] < 1000


@pytest.mark.parametrize("kind", ["polygon", "line", "point"])
def test_shapes_of_every_kind_are_put_right_and_their_columns_kept(kind):
    shape = {
        "polygon": shapely.box(112, 38, 112.2, 38.2) - shapely.box(112.05, 38.05, 112.1, 38.1),
        "line": shapely.LineString([(112, 38), (112.1, 38.2)]),
        "point": shapely.Point(112.3, 39.0),
    }[kind]
    shifted = shapely.transform(shape, lambda p: np.column_stack(gcj02_from_wgs84(p[:, 0], p[:, 1])))
    frame = gpd.GeoDataFrame({"name": ["宁武"]}, geometry=[shifted], crs="EPSG:4490")
    right = unshift_gcj02(frame)
    assert shapely.equals_exact(right.geometry.iloc[0], shape, 1e-9)
    assert right["name"].tolist() == ["宁武"]
    assert right.crs == frame.crs
    assert shapely.equals_exact(frame.geometry.iloc[0], shifted), "the frame that was given stays"


@pytest.mark.parametrize(
    "place", [(75.9, 39.5), (91.1, 29.6), (103.8, 36.1), (116.4, 39.9), (126.6, 45.8), (110.3, 20.0)]
)
def test_a_shifted_boundary_is_found_in_every_part_of_the_country(place):
    true = gpd.GeoDataFrame(geometry=[shapely.Point(place).buffer(0.2, quad_segs=64)], crs="EPSG:4490")
    points = shapely.get_coordinates(true.geometry)
    moved = shapely.Polygon(np.column_stack(gcj02_from_wgs84(points[:, 0], points[:, 1])))
    shifted = gpd.GeoDataFrame(geometry=[moved], crs="EPSG:4490")
    assert detect_gcj02(shifted, true).code == "gcj02"
    assert detect_gcj02(true, true).code == "not_gcj02"
    assert detect_gcj02(unshift_gcj02(shifted), true).code == "not_gcj02"


@pytest.mark.parametrize("metres", [5, 20, 50])
def test_a_coarsely_drawn_boundary_is_not_called_shifted(metres):
    true = gpd.GeoDataFrame(geometry=[shapely.Point(112.2, 38.9).buffer(0.2, quad_segs=64)], crs="EPSG:4490")
    noise = np.random.default_rng(0).normal(0, metres / 111_000, shapely.get_coordinates(true.geometry).shape)
    noise[-1] = noise[0]
    drawn = gpd.GeoDataFrame(geometry=shapely.transform(true.geometry.to_numpy(), lambda p: p + noise), crs=true.crs)
    finding = detect_gcj02(drawn, true)
    assert (finding.code, finding.decision) == ("not_gcj02", "ok")
