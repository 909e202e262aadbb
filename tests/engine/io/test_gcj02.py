import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from real_data import real_data

from shuibao.errors import CoordinateError, InputError
from shuibao.io import detect_gcj02, gcj02_from_wgs84, read_vector, transform, unshift_gcj02, wgs84_from_gcj02

TRUE = "ningwu/ningwu_140925_tianditu_wgs84.geojson"
SHIFTED = "ningwu/ningwu_140925_cnmaps.geojson"
UNSHIFTED = "ningwu/ningwu_140925_amap_wgs84.geojson"
OLD = "ningwu/ningwu_142227_1to4m_1999.geojson"


def square(lon=112.0, lat=38.0, side=0.5):
    return gpd.GeoDataFrame(geometry=[shapely.box(lon, lat, lon + side, lat + side)], crs="EPSG:4490")


def shifted(frame):
    def move(points):
        return np.column_stack(gcj02_from_wgs84(points[:, 0], points[:, 1]))

    dense = shapely.segmentize(frame.geometry.to_numpy(), 0.002)
    return gpd.GeoDataFrame(geometry=shapely.transform(dense, move), crs=frame.crs)


@pytest.mark.parametrize(
    ("lon", "lat", "shifted_lon", "shifted_lat"),
    [
        # Places in Beijing, Shanghai and Shenzhen, as other programs with the public formulas give them.
        (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
        (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
        (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    ],
)
def test_the_offset_is_that_of_the_public_formulas(lon, lat, shifted_lon, shifted_lat):
    there = gcj02_from_wgs84(lon, lat)
    assert there[0] == pytest.approx(shifted_lon, abs=2e-7)
    assert there[1] == pytest.approx(shifted_lat, abs=2e-7)


@given(st.floats(74, 134), st.floats(19, 53))
def test_the_way_back_is_exact(lon, lat):
    back = wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert np.allclose(back, (lon, lat), atol=1e-9)


@given(st.floats(74, 134), st.floats(19, 53))
def test_the_offset_is_some_hundred_metres_everywhere_in_china(lon, lat):
    there = gcj02_from_wgs84(lon, lat)
    metres = np.hypot((there[0] - lon) * 111_320 * np.cos(np.radians(lat)), (there[1] - lat) * 111_000)
    assert 20 < metres < 1500


def test_there_is_no_offset_outside_china():
    assert np.array_equal(gcj02_from_wgs84(-104.0, 39.0), (-104.0, 39.0))


def test_a_made_boundary_with_the_offset_is_refused_and_put_right():
    finding = detect_gcj02(shifted(square()), square())
    assert (finding.code, finding.decision) == ("gcj02", "refuse")
    assert "火星坐标" in finding.message_zh
    right = unshift_gcj02(shifted(square()))
    assert detect_gcj02(right, square()).code == "not_gcj02"
    assert right.attrs["reading"] == ["the GCJ-02 offset was taken away"]
    assert detect_gcj02(square(), square()).details["distance_m"] < 1


def test_a_boundary_moved_by_something_else_is_not_called_gcj02():
    moved = square()
    moved.geometry = moved.translate(-0.004, 0.003)
    finding = detect_gcj02(moved, square())
    assert finding.code == "not_gcj02"
    assert finding.details["distance_m"] > 100


def test_a_shifted_reference_is_told_from_a_shifted_boundary():
    finding = detect_gcj02(square(), shifted(square()))
    assert (finding.code, finding.decision) == ("gcj02_reference", "confirm")


def test_without_a_reference_nothing_is_claimed():
    finding = detect_gcj02(square())
    assert (finding.code, finding.decision) == ("gcj02_untested", "ok")
    assert "cannot be told" in finding.message


def test_boundaries_of_different_places_are_not_compared():
    finding = detect_gcj02(square(), square(lon=105))
    assert (finding.code, finding.decision) == ("gcj02_untested", "confirm")


def test_boundaries_may_come_in_any_system():
    projected = transform(shifted(square()), "EPSG:4546")
    assert detect_gcj02(projected, square()).code == "gcj02"
    with pytest.raises(CoordinateError, match="the frame is not in degrees"):
        unshift_gcj02(projected)
    with pytest.raises(CoordinateError, match="no coordinate system"):
        detect_gcj02(gpd.GeoDataFrame(geometry=[shapely.Point(1, 1)]), square())
    with pytest.raises(InputError, match="holds nothing"):
        detect_gcj02(square().iloc[:0], square())


@pytest.mark.parametrize("reference", [TRUE, UNSHIFTED, OLD])
def test_the_shifted_boundary_of_ningwu_is_found_by_every_true_one(reference):
    finding = detect_gcj02(read_vector(real_data(SHIFTED)), read_vector(real_data(reference)))
    assert (finding.code, finding.decision) == ("gcj02", "refuse")
    assert finding.details["offset_m"] == pytest.approx(578, abs=10)


@pytest.mark.parametrize("boundary", [UNSHIFTED, OLD])
def test_the_true_boundaries_of_ningwu_pass(boundary):
    finding = detect_gcj02(read_vector(real_data(boundary)), read_vector(real_data(TRUE)))
    assert (finding.code, finding.decision) == ("not_gcj02", "ok")


def test_once_put_right_the_shifted_boundary_of_ningwu_lies_on_the_true_one():
    right = unshift_gcj02(read_vector(real_data(SHIFTED)))
    assert detect_gcj02(right, read_vector(real_data(UNSHIFTED))).details["distance_m"] < 1
