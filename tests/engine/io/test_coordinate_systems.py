import numpy as np
import pytest
import rasterio
from pyproj import CRS, Transformer
from real_data import real_data

from shuibao.errors import CoordinateError
from shuibao.io import identify, normal_crs
from shuibao.io.coordinate_systems import same_system
from shuibao.tables import load

ROWS = load("coordinate_systems").rows
SAMPLE = ROWS.iloc[::7]


@pytest.mark.parametrize("epsg", SAMPLE.epsg.tolist())
@pytest.mark.parametrize("version", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_every_way_of_writing_a_system_is_recognised(epsg, version):
    text = CRS.from_epsg(epsg).to_wkt(version)
    system, row = identify(text), ROWS[ROWS.epsg == epsg].iloc[0]
    assert (system.epsg, system.datum, system.kind) == (epsg, row.datum, row.kind)
    assert system.prefix == (row.prefix == "yes")
    assert normal_crs(text).to_epsg(100) == epsg


@pytest.mark.parametrize(
    ("epsg", "datum", "kind", "zone", "prefix"),
    [
        (4490, "CGCS2000", "geographic", None, False),
        (4546, "CGCS2000", "gauss_kruger_3", 37, False),
        (4525, "CGCS2000", "gauss_kruger_3", 37, True),
        (4497, "CGCS2000", "gauss_kruger_6", 19, True),
        (4508, "CGCS2000", "gauss_kruger_6", 19, False),
        (4610, "Xi'an 1980", "geographic", None, False),
        (2361, "Xi'an 1980", "gauss_kruger_3", 37, True),
        (2333, "Xi'an 1980", "gauss_kruger_6", 19, True),
        (4214, "Beijing 1954", "geographic", None, False),
        (2415, "Beijing 1954", "gauss_kruger_3", 39, True),
        (21419, "Beijing 1954", "gauss_kruger_6", 19, True),
        (4555, "New Beijing 1954", "geographic", None, False),
        (4326, "WGS 84", "geographic", None, False),
        (32649, "WGS 84", "utm", 49, False),
    ],
)
def test_the_systems_of_chinese_survey_are_named(epsg, datum, kind, zone, prefix):
    system = identify(epsg)
    assert (system.datum, system.kind, system.zone, system.prefix, system.epsg) == (datum, kind, zone, prefix, epsg)
    assert system.old == (datum not in ("CGCS2000", "WGS 84"))
    assert f"EPSG:{epsg}" in system.label
    assert "坐标系" in system.label_zh


def test_the_table_lists_every_zone_of_every_datum():
    zoned = ROWS[ROWS.kind.isin(["gauss_kruger_3", "gauss_kruger_6"])]
    counts = zoned.groupby(["datum", "kind", "prefix"]).zone.agg(["min", "max", "count"])
    assert len(counts) == 16
    for (_, kind, _), row in counts.iterrows():
        assert tuple(row) == ((25, 45, 21) if kind == "gauss_kruger_3" else (13, 23, 11))
    expected = np.where(zoned.kind == "gauss_kruger_3", zoned.zone * 3, zoned.zone * 6 - 3)
    assert (zoned.central_meridian == expected).all()


@pytest.mark.parametrize("epsg", [4546, 4526, 4497, 2361, 2415, 21419])
def test_the_zone_number_before_the_easting_is_where_the_table_says(epsg):
    row = ROWS[ROWS.epsg == epsg].iloc[0]
    move = Transformer.from_crs(CRS.from_epsg(epsg).geodetic_crs, epsg, always_xy=True)
    east, _ = move.transform(row.central_meridian, 38)
    assert east == pytest.approx(500_000 + (row.zone * 1_000_000 if row.prefix == "yes" else 0))


def test_the_prj_and_the_tiff_of_youwuzhen_are_one_system():
    text = real_data("youwuzhen/thiessen_pcp.prj").read_text()
    with rasterio.open(real_data("youwuzhen/ywzdem30m.tif")) as file:
        assert identify(text) == identify(file.crs)
        assert same_system(text, file.crs)
    assert normal_crs(text).to_epsg(100) == 2415


def test_systems_of_other_countries_keep_their_names():
    system = identify("EPSG:26910")
    assert (system.kind, system.datum, system.epsg) == ("projected", "North American Datum 1983", 26910)
    assert normal_crs("EPSG:26910").to_epsg() == 26910
    assert identify("EPSG:3857").kind == "projected"
    assert not same_system("EPSG:4546", "EPSG:4547")


def test_a_projection_of_ones_own_is_not_taken_for_a_zone():
    own = CRS.from_proj4("+proj=tmerc +lon_0=112.3 +k=1 +x_0=500000 +ellps=GRS80 +units=m")
    assert identify(own).kind == "projected"
    assert identify(own).epsg is None
    feet = CRS.from_proj4("+proj=tmerc +lon_0=111 +k=1 +x_0=500000 +ellps=GRS80 +units=us-ft")
    assert identify(feet).kind == "projected"


def test_a_system_without_a_place_on_earth_is_local():
    text = 'LOCAL_CS["unnamed",UNIT["unknown",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    assert identify(text).kind == "local"


def test_nonsense_is_refused():
    with pytest.raises(CoordinateError, match=r"'EPSG:99999' is no coordinate system .*EPSG:4546"):
        identify("EPSG:99999")
