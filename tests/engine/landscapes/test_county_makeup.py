"""What the demonstration county is made of: soils, uses, measures, seasons, changes, weather, and its sources."""

from importlib import resources

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import ndimage

from shuibao import tables
from shuibao.errors import InputError
from shuibao.landscapes import demonstration_county, frame
from shuibao.landscapes.ground import county_lattice
from shuibao.landscapes.rain import daily_rain, stations

CROPS, GRASS, WATER, BUILT = (11, 12, 13), (41, 42, 43), (71,), (51, 52, 53, 54)
SUMMER, WINTER, SPRING = 13, 0, 8


@pytest.fixture(scope="module")
def inside(county):
    return county_lattice(county.cell).covered(frame.boundary())


@pytest.fixture(scope="module")
def use(county):
    return county.land_use[2024].values


def mean_patch_cells(codes, wanted):
    """Mean size of the connected pieces of some codes [cells]."""
    hit = np.isin(codes, wanted)
    _, number = ndimage.label(hit)
    return hit.sum() / max(1, number)


class TestPlaces:
    def test_townships_villages_and_stations_in_the_county_lie_in_it(self, county):
        around = frame.boundary().buffer(1.0)
        assert county.townships.geometry.dropna().within(around).all()
        assert county.villages.within(around).all()
        assert county.basins.within(around).all()

    def test_codes_of_villages_begin_with_those_of_their_townships_and_are_given_once(self, county):
        assert county.villages["code"].str.len().eq(12).all()
        assert (county.villages["code"].str[:9] == county.villages["township"]).all()
        assert county.villages["code"].is_unique
        assert set(county.villages["township"]) <= set(county.townships["code"])

    def test_all_codes_begin_with_that_of_the_county(self, county):
        for frame_ in (county.townships, county.villages):
            assert frame_["code"].str.startswith(county.code).all()

    def test_roads_reach_every_township_and_main_roads_its_seat(self, county):
        grown = county.townships[county.townships.geometry.notna()]
        assert all(county.roads.intersects(shape).any() for shape in grown.geometry)
        assert set(county.roads["kind"]) == {"main", "rural"}
        assert (county.roads.length > 0).all()

    def test_villages_stand_on_low_and_gentle_ground(self, county):
        affine, heights = county.geobox.affine, county.dem.values
        cols, rows = ~affine * (county.villages.geometry.x.to_numpy(), county.villages.geometry.y.to_numpy())
        at = heights[rows.astype(int), cols.astype(int)]
        assert np.median(at) < np.nanmedian(heights)

    def test_everything_made_or_drawn_by_hand_says_so(self, county):
        for frame_ in (county.townships, county.villages, county.roads):
            assert frame_["schematic"].all()


class TestSoils:
    def test_textures_sum_to_a_hundred_and_carbon_and_rock_are_possible(self, county):
        soils = county.soils
        assert (soils["sand"] + soils["silt"] + soils["clay"]).tolist() == [100] * len(soils)
        assert soils["organic_carbon"].between(0, 10).all()
        assert soils["rock"].between(0, 100).all()

    def test_every_soil_of_the_table_is_found_in_the_county_or_is_rare(self, county, inside):
        found = set(np.unique(county.soil_type.values[inside]))
        assert len(found) >= len(county.soils) - 1
        assert 0 not in found

    def test_mountain_soils_lie_higher_than_valley_soils(self, county):
        height, soil = county.dem.values, county.soil_type.values
        mean = {k: height[soil == k].mean() for k in np.unique(soil[soil > 0])}
        assert mean[4] > mean[2] > mean[1]


class TestLandUse:
    NAMES = frame.table("land_shares").set_index("name")

    @pytest.mark.parametrize("name", ["forest", "shrub", "other_forest", "mountain_pasture"])
    def test_each_use_takes_about_its_share_of_the_county(self, use, inside, name):
        row = self.NAMES.loc[name]
        assert (use[inside] == int(row["code"])).mean() == pytest.approx(row["share"], rel=0.15, abs=0.005)

    def test_cropland_loses_only_to_roads_villages_and_orchards(self, use, inside):
        share = np.isin(use[inside], CROPS).mean()
        wanted = self.NAMES.loc["cropland", "share"]
        assert 0.65 * wanted < share < 1.05 * wanted

    def test_no_ground_in_the_county_is_without_a_use(self, use, inside):
        assert (use[inside] > 0).all()

    @pytest.mark.parametrize("codes", [(31,), (32,), CROPS, GRASS])
    def test_uses_come_in_patches_and_not_as_noise(self, use, codes):
        shuffled = np.random.default_rng(0).permutation(use[use > 0])
        noise = np.zeros_like(use)
        noise[use > 0] = shuffled
        assert mean_patch_cells(use, codes) > 1.5 * mean_patch_cells(noise, codes)

    def test_terraces_and_crops_stand_on_gentler_ground_than_grass(self, county, use):
        gradient = np.degrees(np.arctan(np.hypot(*np.gradient(county.dem.values, county.cell))))
        assert np.nanmedian(gradient[np.isin(use, CROPS)]) < np.nanmedian(gradient[np.isin(use, GRASS)])

    def test_water_lies_along_the_rivers(self, county, use):
        rows, cols = np.nonzero(use == 71)
        affine = county.geobox.affine
        east, north = affine * (cols + 0.5, rows + 0.5)
        heights = county.dem.values
        assert np.median(heights[use == 71]) < np.nanmedian(heights)
        assert len(east) > 20
        away = shapely.distance(shapely.points(east, north), county.rivers.geometry.union_all())
        assert np.median(away) < 2500


class TestParcels:
    def test_a_parcel_is_a_patch_of_several_cells(self, county):
        parcels = county.parcels.values
        sizes = np.bincount(np.unique(parcels[parcels > 0], return_inverse=True)[1])
        assert sizes.mean() > 2.5
        assert parcels[parcels > 0].min() >= 1

    def test_parcels_are_known_where_the_ground_is(self, county):
        assert np.array_equal(county.parcels.values > 0, ~np.isnan(county.dem.values))


class TestMeasures:
    ROWS = frame.table("measure_shares")

    def test_a_measure_stands_only_on_the_uses_that_the_table_admits(self, county, use):
        measure = county.measures[2024].values
        admitted = {(r.land_use, r.measure) for r in self.ROWS.itertuples()}
        there = (measure > 0) & (measure != 255)
        found = set(zip(use[there].tolist(), measure[there].tolist(), strict=True))
        assert found
        assert found <= admitted

    def test_terraces_are_on_cropland_only(self, county, use):
        names = tables.load("engineering_measures").rows.set_index("code")["en"].str.lower()
        terraces = [c for c in names.index if "terrace" in names[c] and c in (1, 2, 3)]
        assert terraces
        assert set(np.unique(use[np.isin(county.measures[2024].values, terraces)])) <= set(CROPS)

    def test_water_and_built_ground_carry_none(self, county, use):
        measure = county.measures[2024].values
        assert (measure[np.isin(use, (*WATER, *BUILT))] == 0).all()

    def test_every_measure_has_a_factor_in_the_table(self, county):
        known = set(tables.load("engineering_measures").rows["code"])
        codes = set(np.unique(county.measures[2025].values).tolist()) - {0, 255}
        assert codes <= known


class TestSeasons:
    def mean(self, county, use, codes, half_month, year=2024):
        return float(np.nanmean(county.ndvi(year, half_month).values[np.isin(use, codes)]))

    @pytest.mark.parametrize("codes", [(31,), (32,), GRASS, CROPS])
    def test_what_grows_is_greener_in_july_than_in_january(self, county, use, codes):
        assert self.mean(county, use, codes, SUMMER) > self.mean(county, use, codes, WINTER) + 0.25

    def test_crops_green_later_than_forest(self, county, use):
        def share_of_rise(codes):
            low, now, high = (self.mean(county, use, codes, h) for h in (WINTER, SPRING, SUMMER))
            return (now - low) / (high - low)

        assert share_of_rise(CROPS) < share_of_rise((31,)) - 0.1

    def test_water_is_never_green_and_built_ground_hardly(self, county, use):
        for half_month in (WINTER, SPRING, SUMMER):
            assert self.mean(county, use, WATER, half_month) < 0.05
            assert self.mean(county, use, BUILT, half_month) < 0.4

    def test_the_year_rises_to_one_summer_and_falls_again(self, county, use):
        curve = np.array([self.mean(county, use, GRASS, h) for h in range(0, 24, 2)])
        top = int(curve.argmax())
        assert 5 <= top <= 8
        assert (np.diff(curve[: top + 1]) > -1e-3).all()
        assert (np.diff(curve[top:]) < 1e-3).all()

    def test_leaves_come_later_higher_up(self, county, use):
        green, height = county.ndvi(2024, SPRING).values, county.dem.values
        forest = use == 31
        low, high = np.quantile(height[forest], [0.2, 0.8])
        assert green[forest & (height < low)].mean() > green[forest & (height > high)].mean()

    def test_an_index_is_known_where_the_ground_is_and_within_its_bounds(self, county):
        green = county.ndvi(2025, SUMMER).values
        assert np.array_equal(np.isnan(green), np.isnan(county.dem.values))
        assert np.nanmin(green) >= -0.2
        assert np.nanmax(green) <= 0.95

    @pytest.mark.parametrize(("year", "half_month"), [(2024, -1), (2024, 24), (2023, 5)])
    def test_a_time_out_of_the_county_is_refused_with_those_there_are(self, county, year, half_month):
        with pytest.raises(InputError, match=r"expected 0 to 23 of \(2024, 2025\)"):
            county.ndvi(year, half_month)


class TestChanges:
    def test_each_kind_happens_as_often_as_its_plan_says(self, county):
        plan = frame.table("changes").set_index("kind")["events"]
        for kind, number in county.truth.groupby("kind").size().items():
            assert number <= plan[kind]
            assert number >= 0.8 * plan[kind]

    def test_events_do_not_overlap_and_have_names_of_their_own(self, county):
        assert county.truth["event"].is_unique
        total = county.truth.area.sum()
        assert shapely.union_all(county.truth.geometry.to_numpy()).area == pytest.approx(total, rel=1e-9)

    def test_new_terraces_were_cropland_and_stay_it(self, county):
        lattice = county_lattice(county.cell)
        shapes = county.truth.geometry[county.truth["kind"] == "new_terrace"].to_numpy()
        where = lattice.covered(shapely.union_all(shapes))
        assert set(np.unique(county.land_use[2024].values[where])) <= set(CROPS)
        assert np.array_equal(county.land_use[2024].values[where], county.land_use[2025].values[where])

    def test_disturbed_ground_carries_no_measure_any_more(self, county):
        new = (county.land_use[2025].values == 53) & (county.land_use[2024].values != 53)
        assert new.any()
        assert (county.measures[2025].values[new] == 0).all()

    def test_each_event_lies_for_the_most_part_in_its_township(self, county):
        homes = county.townships.set_index("code").geometry
        for event in county.truth.itertuples():
            shares = homes.dropna().intersection(event.geometry).area
            assert shares.idxmax() == event.township


class TestWeather:
    CLIMATE = frame.table("rain_climate").set_index("month")

    @pytest.fixture
    def valley(self, county):
        return county.rain["53577"]

    def test_the_depth_of_each_month_is_near_the_given_one(self, valley):
        made = valley.groupby([valley.index.year, valley.index.month]).sum().groupby(level=1).mean()
        wet = self.CLIMATE["depth_mm"] >= 20
        assert np.allclose(made[wet], self.CLIMATE["depth_mm"][wet], rtol=0.3)
        assert made.sum() == pytest.approx(self.CLIMATE["depth_mm"].sum(), rel=0.12)

    def test_the_number_of_wet_days_of_each_month_is_near_the_given_one(self, valley):
        made = (valley > 0).groupby([valley.index.year, valley.index.month]).sum().groupby(level=1).mean()
        assert np.allclose(made, self.CLIMATE["wet_days"], atol=1.2)

    def test_a_wet_day_makes_the_next_one_likelier_wet(self, valley):
        july = valley[valley.index.month == 7].dropna()
        wet = (july > 0).to_numpy()
        assert wet[1:][wet[:-1]].mean() > wet[1:][~wet[:-1]].mean() + 0.1

    def test_rain_goes_together_the_less_the_farther_apart(self, county):
        points, together = county.stations.geometry.to_numpy(), county.rain.corr().to_numpy()
        pairs = np.triu_indices(len(points), 1)
        away = np.array([points[i].distance(points[j]) for i, j in zip(*pairs, strict=True)])
        near, far = together[pairs][away < 40e3], together[pairs][away > 120e3]
        assert near.mean() > 0.5
        assert near.mean() > far.mean() + 0.2
        assert pd.Series(away).corr(pd.Series(together[pairs]), method="spearman") < -0.7

    def test_mountains_get_more_rain_than_valleys(self, county):
        yearly = county.rain.mean().to_numpy() * 365.25
        altitude = county.stations["altitude_m"].to_numpy()
        assert np.corrcoef(yearly, altitude)[0, 1] > 0.8

    def test_depths_are_tenths_of_a_millimetre_and_never_negative(self, county):
        values = county.rain.to_numpy()
        known = values[np.isfinite(values)]
        assert known.min() == 0
        assert np.allclose(known * 10, np.round(known * 10), atol=1e-9)
        assert known.max() < 400

    def test_missing_days_are_few_unknown_and_scattered(self, county):
        gaps = county.rain.isna()
        assert 0 < gaps.to_numpy().mean() < 0.003
        assert gaps.any().mean() > 0.5
        assert gaps.sum(axis=1).max() <= 3

    def test_another_seed_is_other_weather_of_the_same_climate(self, county):
        other = daily_rain(stations(), 2)
        assert other.shape == county.rain.shape
        assert abs(other["53577"].corr(county.rain["53577"])) < 0.2
        assert other["53577"].sum() == pytest.approx(county.rain["53577"].sum(), rel=0.1)

    def test_stations_are_facts_or_say_that_they_are_made(self, county):
        kinds = county.stations.set_index("id")["kind"]
        assert set(kinds) == {"station", "made"}
        assert all(code.startswith("M") for code in kinds.index[kinds == "made"])
        assert county.stations.set_index("id")["name"][kinds == "made"].str.contains("虚拟").all()


class TestSources:
    def test_every_fact_file_of_the_frame_names_its_source(self, county):
        folder = resources.files("shuibao.landscapes").joinpath("ningwu")
        there = {f.name for f in folder.iterdir() if f.name.endswith((".csv", ".geojson"))} - {"sources.csv"}
        told = set(county.sources["file"])
        assert told <= there
        for name in sorted(there - told):
            rows = frame.table(name.removesuffix(".csv"))
            assert "status" in rows or (rows["kind"] == "made").all(), f"{name} is neither a fact nor called made"

    def test_estimated_tables_are_provisional_and_facts_are_not_called_so(self):
        for name in ("land_shares", "measure_shares", "seasons", "soils", "changes", "zones"):
            assert set(frame.table(name)["status"]) == {"provisional"}, name

    def test_facts_have_a_licence_that_lets_them_be_handed_on(self, county):
        facts = county.sources[county.sources["kind"] == "fact"]
        assert len(facts) >= 3
        assert facts["licence"].astype(str).str.len().gt(1).all()


class TestBounds:
    @pytest.mark.parametrize("cell", [0.0, 4.9, 501.0, -30.0, float("nan")])
    def test_a_cell_out_of_bounds_is_refused_before_any_work(self, cell):
        def work(done, message):
            raise AssertionError(f"work began: {message}")

        with pytest.raises(InputError, match="expected 5 to 500 m"):
            demonstration_county(cell=cell, progress=work)

    @pytest.mark.parametrize("years", [(), (2025, 2024), (2024, 2024)])
    def test_years_must_rise(self, years):
        with pytest.raises(InputError, match="expected one or more years, rising"):
            demonstration_county(cell=250.0, years=years)

    def test_the_north_up_grid_knows_its_cell_and_system(self, county):
        assert county.geobox.affine.a == county.cell == -county.geobox.affine.e
        assert county.geobox.crs.to_epsg() == 4546
        assert county.geobox.shape == county.dem.shape == county.soil_type.shape
