"""Every row of the table of coordinate systems is what EPSG says, and its label tells a surveyor which it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from shuibao.errors import CoordinateError
from shuibao.io import guess, identify, normal_crs, suspect
from shuibao.io.coordinate_systems import as_crs, same_system, system_of_row
from shuibao.tables import load

ROWS = load("coordinate_systems").rows
ZONED = ROWS[ROWS.central_meridian.notna()]
CODES = ROWS.epsg.tolist()


def test_the_name_of_every_row_is_that_of_epsg():
    wrong = [row.epsg for row in ROWS.itertuples() if CRS.from_epsg(row.epsg).name != row.name]
    assert len(ROWS) > 200
    assert wrong == []


@pytest.mark.parametrize("epsg", CODES)
def test_the_label_of_a_row_names_code_datum_and_zone_in_both_languages(epsg):
    row = ROWS[ROWS.epsg == epsg].iloc[0]
    system = identify(epsg)
    assert system == system_of_row(row)
    assert system.label == f"{row['name']} (EPSG:{epsg})"
    assert system.label_zh.startswith(row.datum_zh)
    if system.zone is not None:
        assert f"{system.zone}带" in system.label_zh
        assert f"{system.central_meridian:g}°E" in system.label_zh
        assert ("不带带号" in system.label_zh) is not system.prefix


@pytest.mark.parametrize("epsg", ZONED.epsg.tolist())
def test_meridian_and_false_easting_of_a_row_are_those_of_epsg(epsg):
    row = ZONED[ZONED.epsg == epsg].iloc[0]
    crs = CRS.from_epsg(epsg)
    values = {p.name: p.value for p in crs.coordinate_operation.params}
    prefix = int(row.zone) * 1_000_000 if row.prefix == "yes" else 0
    assert values["Longitude of natural origin"] == row.central_meridian
    assert values["False easting"] == 500_000 + prefix
    assert values["Latitude of natural origin"] == 0


@pytest.mark.parametrize("epsg", ZONED[ZONED.prefix == "yes"].epsg.tolist()[::4])
def test_places_in_a_zone_with_its_number_lead_back_to_that_zone(epsg):
    row = ZONED[ZONED.epsg == epsg].iloc[0]
    move = Transformer.from_crs(CRS.from_epsg(epsg).geodetic_crs, epsg, always_xy=True)
    lon, lat = float(row.central_meridian), 35.0
    bounds = move.transform_bounds(lon - 0.2, lat - 0.1, lon + 0.2, lat + 0.1)
    assert epsg in {s.epsg for s in guess(bounds)}
    assert {s.zone for s in guess(bounds)} == {int(row.zone)}
    assert [f for f in suspect(bounds, epsg) if f.decision == "refuse"] == []


@pytest.mark.parametrize("epsg", CODES[::5])
def test_every_system_is_its_own_normal_form_and_no_other(epsg):
    assert normal_crs(epsg).to_epsg() == epsg
    assert same_system(epsg, f"EPSG:{epsg}")
    other = CODES[(CODES.index(epsg) + 1) % len(CODES)]
    assert not same_system(epsg, other)


@given(st.floats(108, 114), st.floats(33, 42))
def test_what_is_said_of_a_county_does_not_hang_on_its_place_in_the_zone(lon, lat):
    """Bounds of a county in the zone that it belongs to raise no doubt."""
    meridian = round(lon / 3) * 3
    epsg = int(ROWS[(ROWS.kind == "gauss_kruger_3") & (ROWS.datum == "CGCS2000") & (ROWS.central_meridian == meridian) & (ROWS.prefix == "no")].epsg.iloc[0])  # fmt: skip
    move = Transformer.from_crs(4490, epsg, always_xy=True)
    bounds = move.transform_bounds(lon - 0.2, lat - 0.2, lon + 0.2, lat + 0.2)
    assert [f.code for f in suspect(bounds, epsg, near=(lon, lat))] == []


@pytest.mark.parametrize("old", ["Beijing 1954", "Xi'an 1980", "New Beijing 1954"])
def test_data_on_every_old_datum_get_a_word_but_are_not_refused(old):
    row = ROWS[(ROWS.datum == old) & (ROWS.kind == "gauss_kruger_3") & (ROWS.zone == 37) & (ROWS.prefix == "no")]
    epsg = int(row.epsg.iloc[0])
    findings = suspect((600_000, 4_300_000, 620_000, 4_320_000), epsg)
    assert [(f.code, f.decision) for f in findings] == [("old_datum", "ok")]


@pytest.mark.parametrize("text", ["", "EPSG:", "Gauss", "4546 zone", None, object()])
def test_what_names_no_system_is_refused_with_an_example(text):
    with pytest.raises(CoordinateError, match="EPSG:4546"):
        as_crs(text)


def test_systems_that_differ_by_a_millimetre_at_their_zone_are_not_exchanged():
    moved = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=111 +k=1 +x_0=500000.002 +y_0=0 +ellps=GRS80 +units=m")
    assert identify(moved).epsg is None
    assert normal_crs(moved).equals(moved)


def test_zones_cover_china_without_gap():
    for kind, width in (("gauss_kruger_3", 3), ("gauss_kruger_6", 6)):
        meridians = np.sort(
            ROWS[(ROWS.kind == kind) & (ROWS.datum == "CGCS2000") & (ROWS.prefix == "no")].central_meridian
        )
        assert (np.diff(meridians) == width).all()
        assert meridians[0] - width / 2 <= 73.7
        assert meridians[-1] + width / 2 >= 135
