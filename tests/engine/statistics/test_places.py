"""Places have dates, and a place layer covers the ground once."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import shapely.affinity

from shuibao.errors import CoordinateError, InputError
from shuibao.statistics import check_cover, codes_on, place_records, places_on, polygon_areas


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    """Two townships that were merged into one in 2021, and one that stays."""
    rows = [
        ("140925203", "圪廖乡", None, "2021-05-31", "140925101", (0, 0)),
        ("140925101", "阳方口镇", None, "2021-05-31", "140925101", (1, 0)),
        ("140925101", "阳方口镇", "2021-06-01", None, None, (0, 0)),
        ("140925102", "东寨镇", None, None, None, (2, 0)),
    ]
    shapes = [
        shapely.box(1000 * x, 0, 1000 * x + (2000 if begin else 1000), 1000) for _, _, begin, _, _, (x, _) in rows
    ]
    columns = ["code", "name", "valid_from", "valid_to", "successor", "at"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns).drop(columns="at"), geometry=shapes, crs="EPSG:4546")


def test_the_places_of_a_day_are_those_in_force(towns):
    assert places_on(towns, dt.date(2021, 5, 31))["code"].tolist() == ["140925203", "140925101", "140925102"]
    assert places_on(towns, dt.date(2021, 6, 1))["code"].tolist() == ["140925101", "140925102"]


def test_places_without_dates_always_hold(towns):
    undated = towns.iloc[[0, 3]].drop(columns=["valid_from", "valid_to"])
    assert len(places_on(undated, dt.date(1950, 1, 1))) == 2


def test_two_versions_on_one_day_are_refused(towns):
    towns.loc[2, "valid_from"] = "2021-05-01"
    with pytest.raises(InputError, match=r"\['140925101'\] are in force twice on 2021-05-10"):
        places_on(towns, dt.date(2021, 5, 10))


def test_an_end_before_the_beginning_is_refused(towns):
    towns.loc[2, "valid_to"] = "2020-01-01"
    with pytest.raises(InputError, match="end before they begin"):
        places_on(towns, dt.date(2021, 5, 10))


def test_a_date_that_cannot_be_read_is_refused(towns):
    towns.loc[0, "valid_to"] = "spring 2021"
    with pytest.raises(InputError, match="spring 2021"):
        places_on(towns, dt.date(2021, 5, 10))


def test_a_code_of_old_stands_for_its_successor(towns):
    now = codes_on(towns, dt.date(2025, 1, 1))
    assert now == {"140925203": ("140925101",), "140925101": ("140925101",), "140925102": ("140925102",)}
    assert codes_on(towns, dt.date(2020, 1, 1))["140925203"] == ("140925203",)


def test_a_place_that_was_divided_stands_for_its_parts(towns):
    towns.loc[0, "successor"] = "140925101; 140925102"
    assert codes_on(towns, dt.date(2025, 1, 1))["140925203"] == ("140925101", "140925102")


def test_successors_in_a_circle_are_refused(towns):
    towns["valid_to"] = "2021-05-31"
    towns["valid_from"] = None
    towns.loc[1, "code"] = "140925999"
    towns["successor"] = ["140925999", "140925203", None, None]
    with pytest.raises(InputError, match="140925203 -> 140925999 -> 140925203"):
        codes_on(towns, dt.date(2025, 1, 1))


def test_records_carry_level_and_dates(towns):
    first, *_, last = place_records(towns, "township")
    assert (first.level, first.code, first.valid_from, first.valid_to) == (
        "township",
        "140925203",
        None,
        dt.date(2021, 5, 31),
    )
    assert last.valid_to is None


def test_places_that_tile_the_ground_are_clean(townships):
    check = check_cover(townships, townships.dissolve())
    assert check.clean
    assert check.overlaps.empty


def test_an_overlap_a_gap_and_ground_outside_are_found():
    boxes = [shapely.box(0, 0, 3000, 3000), shapely.box(2500, 0, 5000, 3000), shapely.box(-1000, 3500, 5000, 5000)]
    places = gpd.GeoDataFrame(
        {"code": ["a", "b", "c"]},
        geometry=[shapely.affinity.translate(b, 5e5, 4.3e6) for b in boxes],
        crs=4546,
    )
    whole = gpd.GeoDataFrame(geometry=[shapely.box(5e5, 4.3e6, 505000, 4305000)], crs=4546)
    check = check_cover(places, whole)
    assert not check.clean
    assert check.overlaps[["a", "b"]].to_numpy().tolist() == [["a", "b"]]
    assert check.overlaps["area_km2"][0] == pytest.approx(1.5, rel=1e-3)
    assert check.gaps["area_km2"].tolist() == pytest.approx([2.5], rel=1e-3)
    assert check.outside_km2 == pytest.approx(1.5, rel=1e-3)


def test_a_hole_is_a_gap_even_without_a_county():
    ring = shapely.box(5e5, 4.3e6, 505000, 4305000) - shapely.box(501000, 4301000, 502000, 4302000)
    places = gpd.GeoDataFrame({"code": ["a"]}, geometry=[ring], crs=4546)
    assert check_cover(places).gaps["area_km2"].tolist() == pytest.approx([1.0], rel=1e-3)


def test_the_area_of_a_degree_is_that_of_the_ellipsoid():
    """One degree square at 38 to 39 north: 9 650 km2 between parallels by Snyder (1987) eq. 3-12."""
    cell = shapely.box(112, 38, 113, 39).segmentize(0.001)
    area = polygon_areas(gpd.GeoDataFrame({"code": ["x"]}, geometry=[cell], crs=4490))[0]
    e2, a = 0.0066943800229, 6378.137
    zone = [_authalic(s, e2) for s in (38, 39)]
    assert area == pytest.approx(a * a * (1 - e2) / 2 * (zone[1] - zone[0]) * 3.141592653589793 / 180, rel=1e-7)


def _authalic(latitude: float, e2: float) -> float:
    import math

    s, e = math.sin(math.radians(latitude)), math.sqrt(e2)
    return s / (1 - e2 * s * s) + math.atanh(e * s) / e


def test_places_without_a_coordinate_system_are_refused(towns):
    bare = towns.set_crs(None, allow_override=True)
    with pytest.raises(CoordinateError):
        check_cover(bare)
    with pytest.raises(CoordinateError):
        polygon_areas(bare)
