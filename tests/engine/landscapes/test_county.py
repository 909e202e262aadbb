"""The demonstration county: places tile it, layers are synthetic, codes are known, changes are true, rain is rain."""

import hashlib

import numpy as np
import pytest
import shapely

from shuibao.erosion import half_month_erosivity
from shuibao.errors import InputError
from shuibao.grids import check_range
from shuibao.landscapes import demonstration_county, frame
from shuibao.landscapes.ground import county_lattice
from shuibao.landscapes.rain import daily_rain
from shuibao.tables import load


def fingerprint(county):
    parts = [
        county.dem,
        county.soil_type,
        county.land_use[2024],
        county.land_use[2025],
        county.measures[2025],
        county.ndvi(2025, 13),
    ]
    digest = hashlib.sha256(b"".join(p.values.tobytes() for p in parts))
    digest.update(county.rain.to_numpy().tobytes())
    digest.update(b"".join(shapely.to_wkb(g) for g in county.truth.geometry))
    return digest.hexdigest()


def test_the_same_seed_makes_the_same_county():
    first = fingerprint(demonstration_county(cell=500.0, seed=2))
    assert first == fingerprint(demonstration_county(cell=500.0, seed=2))


def test_another_seed_makes_other_weather(county):
    other = daily_rain(county.stations, seed=2)
    assert (other["53577"].to_numpy() != county.rain["53577"].to_numpy()).mean() > 0.3


@pytest.mark.parametrize("places", ["townships", "basins", "zones"])
def test_places_tile_the_county(county, places):
    frame_ = getattr(county, places)
    parts = frame_.geometry[frame_.geometry.notna()]
    assert parts.is_valid.all()
    assert abs(parts.area.sum() / frame.boundary().area - 1) < 1e-9
    assert abs(shapely.union_all(parts.to_numpy()).area / frame.boundary().area - 1) < 1e-9


def test_twelve_townships_have_schematic_outlines_and_two_units_have_none(county):
    townships = county.townships
    assert len(townships) == 14
    assert townships.geometry.notna().sum() == 12
    assert townships["schematic"].all()
    assert set(townships["code"][townships.geometry.isna()]) == {"140925400", "140925401"}
    assert {"valid_from", "valid_to"} <= set(townships)


def test_every_village_stands_in_its_township(county):
    homes = county.townships.set_index("code").geometry
    assert len(county.villages) == 209
    assert county.villages["schematic"].all()
    for code, point in zip(county.villages["township"], county.villages.geometry, strict=True):
        if homes[code] is not None:
            assert homes[code].distance(point) < 400.0
    assert county.villages.geometry.within(frame.boundary()).all()


def test_zones_are_an_assumption_that_says_so(county):
    assert set(county.zones["allowable_loss"]) == {200, 1000}
    assert (county.zones["status"] == "provisional").all()
    official = load("allowable_loss").rows.set_index("code")["allowable_loss"]
    assert [official[c] for c in county.zones["zone_code"]] == list(county.zones["allowable_loss"])


def test_every_layer_is_synthetic_and_in_range(county):
    layers = [
        county.dem,
        county.soil_type,
        county.ndvi(2024, 0),
        county.ndvi(2025, 13),
        *county.land_use.values(),
        *county.measures.values(),
    ]
    for one in layers:
        assert one.attrs["provenance"] == "synthetic"
        check_range(one)


def test_layers_know_the_same_cells(county):
    known = np.isfinite(county.dem.values)
    for one in (*county.land_use.values(), county.soil_type):
        assert np.array_equal(one.values != one.attrs["nodata"], known)
    assert np.array_equal(np.isfinite(county.ndvi(2025, 5).values), known)


def test_no_code_is_unknown_to_the_tables(county):
    uses = set(load("land_use_classes").rows["code"]) | {0}
    measures = set(load("engineering_measures").rows["code"])
    for year in county.years:
        assert set(np.unique(county.land_use[year].values)) <= uses
        assert set(np.unique(county.measures[year].values)) <= measures | {255}
    assert set(np.unique(county.soil_type.values)) <= set(county.soils["code"]) | {0}
    assert set(np.unique(county.land_use[2024].values)) - {0} <= set(frame.table("seasons")["land_use"])


def test_soil_textures_close(county):
    assert (county.soils[["sand", "silt", "clay"]].sum(axis=1) == 100).all()
    assert (county.soils["status"] == "provisional").all()


def test_land_use_has_its_shares(county):
    inside = county_lattice(county.cell).covered(frame.boundary())
    use = county.land_use[2024].values[inside]
    forest, crop = np.isin(use, (31,)).mean(), np.isin(use, (12, 13)).mean()
    assert 0.27 < forest < 0.40
    assert 0.15 < crop < 0.25


def test_forest_stands_higher_and_cropland_gentler_than_the_rest(county):
    use, height = county.land_use[2024].values, county.dem.values
    assert height[use == 31].mean() > height[(use != 31) & (use != 0)].mean() + 100
    gradient = np.hypot(*np.gradient(height, county.cell))
    assert np.nanmean(gradient[use == 13]) < 0.8 * np.nanmean(gradient[use == 31])


def test_layers_change_exactly_where_the_truth_says(county):
    lattice = county_lattice(county.cell)
    told = lattice.covered(shapely.union_all(county.truth.geometry[county.truth["kind"] != "closure"].to_numpy()))
    changed = (county.land_use[2024].values != county.land_use[2025].values) | (
        county.measures[2024].values != county.measures[2025].values
    )
    assert told.any()
    assert np.array_equal(changed, told)


@pytest.mark.parametrize(("kind", "look"), [("new_terrace", ("measures", 1)), ("new_disturbance", ("land_use", 53))])
def test_each_kind_of_change_shows_in_its_layer(county, kind, look):
    where = county_lattice(county.cell).covered(
        shapely.union_all(county.truth.geometry[county.truth["kind"] == kind].to_numpy())
    )
    before, after = (getattr(county, look[0])[year].values[where] for year in county.years)
    assert (after == look[1]).all()
    assert (before != look[1]).all()


def test_closed_hillsides_grow_greener_and_nothing_else_does(county):
    closed = county_lattice(county.cell).covered(
        shapely.union_all(county.truth.geometry[county.truth["kind"] == "closure"].to_numpy())
    )
    rise = county.ndvi(2025, 13).values - county.ndvi(2024, 13).values
    assert rise[closed].min() > 0.02
    same = (
        ~closed & (county.land_use[2024].values == county.land_use[2025].values) & (county.land_use[2024].values != 0)
    )
    assert np.abs(rise[same]).max() == 0.0


def test_truth_areas_are_those_of_the_outlines(county):
    assert county.truth["area_m2"].to_numpy() == pytest.approx(county.truth.area.to_numpy())
    assert set(county.truth["kind"]) == {"new_terrace", "new_disturbance", "closure"}
    assert set(county.truth["township"]) <= set(county.townships["code"])
    assert not county.truth.geometry.union_all().difference(frame.boundary().buffer(county.cell)).area


def test_summer_is_greener_than_winter_and_water_is_not_green(county):
    summer, winter = county.ndvi(2024, 13).values, county.ndvi(2024, 0).values
    use = county.land_use[2024].values
    assert np.nanmean(summer[use == 31]) > 0.7
    assert np.nanmean(summer[use == 13]) > np.nanmean(winter[use == 13]) + 0.25
    assert summer[use == 71].max() < 0.05


def test_a_half_month_or_year_out_of_the_county_is_refused(county):
    with pytest.raises(InputError, match="0 to 23"):
        county.ndvi(2024, 24)
    with pytest.raises(InputError, match="2019"):
        county.ndvi(2019, 3)


def test_rain_covers_thirty_years_with_leap_days_and_a_few_gaps(county):
    rain = county.rain
    assert (rain.index[0].isoformat()[:10], rain.index[-1].isoformat()[:10]) == ("1991-01-01", "2020-12-31")
    assert len(rain) == 10958
    assert (rain.index == sorted(set(rain.index))).all()
    gaps = rain.isna().mean()
    assert 0 < gaps.mean() < 0.003
    assert rain.min().min() >= 0


def test_yearly_rain_and_erosivity_are_those_of_the_region(county):
    yearly = county.rain.groupby(county.rain.index.year).sum().mean()
    kind = county.stations.set_index("id")["kind"]
    altitude = county.stations.set_index("id")["altitude_m"]
    valleys = yearly[(kind == "station") & (altitude > 1200)]
    assert valleys.between(430, 520).all()
    assert (yearly[kind == "made"] > 540).all()
    erosivity = half_month_erosivity(county.rain["53577"], model="official").values.sum()
    assert 1000 < erosivity < 1700


def test_half_of_the_rain_falls_in_july_and_august(county):
    monthly = county.rain["53577"].groupby(county.rain.index.month).sum()
    assert 0.42 < monthly[[7, 8]].sum() / monthly.sum() < 0.58


def test_near_stations_have_rain_together(county):
    near = county.rain["53577"].corr(county.rain["53575"])
    far = county.rain["53577"].corr(county.rain["53772"])
    assert near > far > 0.05


def test_rivers_and_roads_stay_in_the_county(county):
    around = frame.boundary().buffer(1.0)
    assert county.rivers.within(around).all()
    assert county.roads.within(around).all()
    assert set(county.rivers["name"]) == {"汾河", "恢河"}


def test_every_table_of_the_frame_names_its_source(county):
    assert county.sources[["source", "licence"]].notna().all(axis=None)
    assert {"boundary.geojson", "heights_3min.csv", "stations.csv", "villages.csv"} <= set(county.sources["file"])
