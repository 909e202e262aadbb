import geopandas as gpd
import numpy as np
import pytest
import shapely
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from real_data import real_data

from shuibao.errors import CoordinateError
from shuibao.io import datum_shift, guess, read_vector, suspect, transform

NINGWU = (112.3, 38.9)


def around(lon, lat, epsg):
    """Bounds of 0.2 degrees around a place, in a system."""
    move = Transformer.from_crs(4490, epsg, always_xy=True)
    return move.transform_bounds(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)


def frame_at(lon, lat, epsg):
    return gpd.GeoDataFrame(geometry=[shapely.box(*around(lon, lat, epsg))], crs=epsg)


@pytest.mark.parametrize("epsg", [4490, 4326, 4546, 4547, 4525, 4497, 4508, 32649])
def test_coordinates_that_fit_raise_no_doubt(epsg):
    assert suspect(frame_at(*NINGWU, epsg)) == []
    assert suspect(frame_at(*NINGWU, epsg), near=NINGWU) == []


def test_geobox_and_bounds_are_taken_as_well():
    grid = GeoBox.from_bbox(around(*NINGWU, 4546), "EPSG:4546", resolution=100)
    assert suspect(grid) == []
    assert suspect(around(*NINGWU, 4546), "EPSG:4546") == []
    assert suspect(around(*NINGWU, 4546), "EPSG:4525")[0].code == "wrong_prefix"


def test_a_zone_before_the_easting_tells_zone_and_leaves_the_datum_open():
    systems = guess((39_444_018, 2_840_040, 39_447_828, 2_842_985))
    assert {s.zone for s in systems} == {39}
    assert [s.epsg for s in systems] == [4527, 2363, 2415, 4775]
    assert systems[0].datum == "CGCS2000"


def test_a_zone_of_six_degrees_is_told_by_its_number():
    systems = guess(around(*NINGWU, 4497))
    assert {(s.kind, s.zone) for s in systems} == {("gauss_kruger_6", 19)}


def test_eastings_of_six_digits_fit_many_zones_until_the_county_is_known():
    bounds = around(*NINGWU, 4546)
    assert len(guess(bounds)) > 100
    near = guess(bounds, NINGWU)
    assert {s.central_meridian for s in near} == {111}
    assert 4546 in {s.epsg for s in near}


def test_degrees_and_places_outside_china():
    assert [s.epsg for s in guess((112, 38, 113, 39))] == [4490, 4326, 4610, 4214, 4555]
    assert guess((-104, 39, -103, 40)) == []
    assert guess((0, 0, 3000, 12060)) == []


def test_a_missing_system_is_refused_with_its_candidates():
    finding = suspect((39_444_018, 2_840_040, 39_447_828, 2_842_985))[0]
    assert (finding.code, finding.decision) == ("missing_crs", "refuse")
    assert finding.candidates == ("EPSG:4527", "EPSG:2363", "EPSG:2415", "EPSG:4775")
    assert "begin with zone 39" in finding.message
    assert "缺少坐标系" in finding.message_zh
    nowhere = suspect((0, 0, 1, 1_000_000_000))[0]
    assert "those of no Chinese system" in nowhere.message


@pytest.mark.parametrize(
    ("bounds", "crs", "code", "words"),
    [
        ((38.8, 112.2, 39.0, 112.4), 4490, "swapped_axes", "longitude and latitude are exchanged"),
        ((4_300_000, 600_000, 4_320_000, 620_000), 4546, "swapped_axes", "easting and northing are exchanged"),
        ((4_300_000, 37_600_000, 4_320_000, 37_620_000), 4525, "swapped_axes", "easting and northing are exchanged"),
        ((600_000, 4_300_000, 620_000, 4_320_000), 4490, "wrong_unit", "are no degrees"),
        ((112.2, 38.8, 112.4, 39.0), 4546, "wrong_unit", "are degrees"),
        ((38_600_000, 4_300_000, 38_620_000, 4_320_000), 4525, "wrong_prefix", "begin with zone 38"),
        ((38_600_000, 4_300_000, 38_620_000, 4_320_000), 4546, "wrong_prefix", "begin with zone 38"),
        ((600_000, 4_300_000, 620_000, 4_320_000), 4525, "wrong_prefix", "carry no zone number"),
    ],
)
def test_coordinates_that_cannot_be_of_their_system_are_refused(bounds, crs, code, words):
    finding = suspect(bounds, crs)[0]
    assert (finding.code, finding.decision) == (code, "refuse")
    assert words in finding.message
    assert finding.message_zh
    assert finding.as_dict()["code"] == code


def test_a_wrong_prefix_names_the_system_that_fits():
    assert suspect((38_600_000, 4_300_000, 38_620_000, 4_320_000), 4525)[0].candidates == ("EPSG:4526",)
    assert suspect((600_000, 4_300_000, 620_000, 4_320_000), 4525)[0].candidates == ("EPSG:4546",)
    assert suspect((19_600_000, 4_300_000, 19_620_000, 4_320_000), 4546)[0].candidates == ("EPSG:4497",)


def test_data_far_from_their_central_meridian_want_a_yes():
    finding = suspect(frame_at(114.5, 38.9, 4546))[0]
    assert (finding.code, finding.decision) == ("far_from_zone", "confirm")
    assert finding.details["degrees_off"] == pytest.approx(3.5, abs=0.01)


def test_the_zone_next_door_is_found_once_the_county_is_known():
    bounds = around(*NINGWU, 4547)
    assert suspect(bounds, 4546) == []
    finding = suspect(bounds, 4546, near=NINGWU)[0]
    assert (finding.code, finding.decision) == ("wrong_place", "refuse")
    assert finding.candidates == ("EPSG:4547",)
    assert finding.details["longitude"] == pytest.approx(109.3, abs=0.05)


def test_a_project_on_an_old_datum_gets_a_word():
    for epsg, name in ((2415, "Beijing 1954"), (2363, "Xi'an 1980")):
        finding = suspect(frame_at(116.4, 25.7, epsg))[0]
        assert (finding.code, finding.decision) == ("old_datum", "ok")
        assert name in finding.message


def test_cgcs2000_and_wgs84_are_taken_as_one_and_this_is_said():
    finding = datum_shift(4546, 32649)
    assert (finding.code, finding.decision, finding.details["accuracy_m"]) == ("same_place", "ok", 1.0)
    moved = transform(frame_at(*NINGWU, 4490), "EPSG:32649")
    assert moved.attrs["reading"] == [finding.message]
    assert datum_shift(4490, 4546) is None


def test_a_move_within_the_datum_is_exact_and_returns():
    frame = frame_at(*NINGWU, 4490)
    there = transform(frame, "EPSG:4546")
    assert there.attrs["reading"] == []
    back = transform(there, "EPSG:4490")
    assert np.allclose(shapely.get_coordinates(back.geometry), shapely.get_coordinates(frame.geometry), atol=1e-9)
    point = gpd.GeoDataFrame(geometry=[shapely.Point(112.3, 38.9)], crs=4490)
    east, north = shapely.get_coordinates(transform(point, 4546).geometry)[0]
    assert (east, north) == pytest.approx((612774.738, 4308206.018), abs=0.001)


@pytest.mark.parametrize("epsg", [4610, 2361, 4214, 4555])
def test_old_datums_are_not_moved_without_a_yes(epsg):
    frame = frame_at(*NINGWU, epsg)
    with pytest.raises(CoordinateError, match=r"is a shift of datum.*accept_datum_shift = true"):
        transform(frame, "EPSG:4490")
    moved = transform(frame, "EPSG:4490", accept_datum_shift=True)
    assert moved.crs.to_epsg() == 4490
    assert "no accuracy is published, usually 50 to 150 m off" in moved.attrs["reading"][0]


def test_the_published_operation_of_the_place_is_taken_and_its_accuracy_told():
    # EPSG knows Beijing 54 in the Ordos basin to a metre.
    bounds = (108.0, 36.0, 109.0, 37.0)
    finding = datum_shift(4214, 4490, bounds)
    assert finding.details["accuracy_m"] == 1.0
    assert "Beijing 1954 to WGS 84" in finding.message
    frame = gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=4214)
    moved = transform(frame, 4490, accept_datum_shift=True)
    shift = shapely.get_coordinates(moved.geometry)[0] - shapely.get_coordinates(frame.geometry)[0]
    metres = np.hypot(shift[0] * 90_000, shift[1] * 111_000)
    assert 20 < metres < 200
    outside = datum_shift(4214, 4490, (112.2, 38.8, 112.4, 39.0))
    assert np.isnan(outside.details["accuracy_m"])


def test_datums_of_other_countries_move_freely_where_their_accuracy_is_stated():
    finding = datum_shift(26910, 32610, (460_000, 4_926_000, 466_000, 4_933_000))
    assert (finding.code, finding.decision) == ("datum_shift", "ok")
    assert finding.details["accuracy_m"] <= 5


def test_data_without_a_system_cannot_be_moved():
    with pytest.raises(CoordinateError, match="the data have no coordinate system"):
        transform(gpd.GeoDataFrame(geometry=[shapely.Point(1, 1)]), 4490)


def test_the_outlet_of_youwuzhen_stays_on_its_datum_or_is_moved_on_request():
    outlet = read_vector(real_data("youwuzhen/outlet_beijing1954.shp"))
    assert [f["code"] for f in outlet.attrs["findings"]] == ["old_datum"]
    with pytest.raises(CoordinateError, match=r"Beijing 1954 .* to CGCS2000 .* is a shift of datum"):
        transform(outlet, "EPSG:4527")
    same = transform(outlet, "EPSG:4214")
    x, y = shapely.get_coordinates(same.geometry)[0]
    assert (x, y) == pytest.approx((116.45, 25.68), abs=0.01)
