"""The many ways in which a county can bring its data, each held to the plain way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio.features
from shapely.geometry import LineString, Point, box, shape
from studies import small_county
from studies.small_county import CELL, CRS, NORTH, WEST, write_raster

from shuibao.errors import CoordinateError, InputError
from shuibao.studies.comparison import place_change
from shuibao.studies.county_file import data_folder, read_county
from shuibao.studies.inputs import CountyInputs
from shuibao.studies.year import compute_year


def edit(county, old, new):
    text = county.read_text(encoding="utf-8")
    assert old in text
    county.write_text(text.replace(old, new), encoding="utf-8")


def computed(county, year=2024, kind="statutory", **methods):
    inputs = CountyInputs(read_county(county), county.parent)
    return compute_year(inputs, year, kind, methods=methods)


def codes_of(result):
    return {w["code"] for w in result.summary["warnings"]}


@pytest.fixture(scope="module")
def plain(pristine):
    return computed(pristine)


def same(one, two, rel=1e-7):
    assert np.allclose(one.layers.modulus.values, two.layers.modulus.values, rtol=rel, equal_nan=True)
    assert one.summary["conservation_rate_percent"] == pytest.approx(two.summary["conservation_rate_percent"], rel=rel)


def polygons(cells):
    """The patches of a raster as polygons with their code."""
    transform = rasterio.transform.from_origin(WEST, NORTH, CELL, CELL)
    pairs = [(shape(g), int(v)) for g, v in rasterio.features.shapes(cells, transform=transform)]
    return gpd.GeoDataFrame({"TDLYDM": [f"{v:03d}" for _, v in pairs]}, geometry=[g for g, _ in pairs], crs=CRS)


def test_land_use_as_polygons_gives_the_same(county, plain):
    polygons(small_county.land_use(2024)).to_file(county.parent / "use.gpkg")
    edit(county, 'land_use = "2024/land_use.tif"', 'land_use = { path = "use.gpkg", field = "TDLYDM" }')
    same(computed(county), plain)


def test_measures_as_polygons_leave_the_rest_without(county, plain):
    patches = polygons(small_county.measures(2024))
    patches[patches["TDLYDM"] == "001"].to_file(county.parent / "measures.gpkg")
    edit(county, 'measures = "2024/measures.tif"', 'measures = { path = "measures.gpkg", field = "TDLYDM" }')
    same(computed(county), plain)


def test_stored_codes_are_recoded(county, plain):
    cells = small_county.land_use(2024)
    other = {13: 1, 21: 2, 31: 3, 32: 4, 41: 5, 52: 6}
    write_raster(county.parent / "2024/land_use.tif", np.vectorize(other.get)(cells).astype("uint8"), 0)
    table = ", ".join(f"{theirs} = {ours}" for ours, theirs in other.items())
    edit(
        county, 'land_use = "2024/land_use.tif"', f'land_use = {{ path = "2024/land_use.tif", recode = {{ {table} }} }}'
    )
    same(computed(county), plain)


def test_a_file_of_24_bands_is_as_good_as_24_files(county, plain):
    stack = np.stack([small_county.ndvi(2024, half) for half in range(24)])
    write_raster(county.parent / "2024/ndvi.tif", stack, np.nan)
    edit(county, "2024/ndvi_{half_month:02d}.tif", "2024/ndvi.tif")
    same(computed(county), plain)


def test_whole_ten_thousandths_are_as_good_as_fractions(county, plain):
    for half in range(24):
        cells = np.rint(small_county.ndvi(2024, half) * 1e4).astype("int16")
        write_raster(county.parent / f"2024/ndvi_{half + 1:02d}.tif", cells, -30000)
    edit(county, 'ndvi_{half_month:02d}.tif" }', 'ndvi_{half_month:02d}.tif", scale = 1e-4 }')
    same(computed(county), plain, rel=2e-3)


def test_cover_can_be_given_instead_of_an_index(county, plain):
    bounds = {21: (0.05, 0.88), 31: (0.05, 0.90), 32: (0.05, 0.86), 41: (0.05, 0.84)}
    use = small_county.land_use(2024)
    low, high = (
        np.select([use == c for c in bounds], [b[i] for b in bounds.values()], (0.05, 0.86)[i]) for i in (0, 1)
    )
    for half in range(24):
        cover = np.clip((small_county.ndvi(2024, half) - low) / (high - low), 0, 1)
        write_raster(county.parent / f"2024/fvc_{half + 1:02d}.tif", cover.astype("float32"), np.nan)
    edit(county, 'ndvi = "2024/ndvi_', 'fraction = "2024/fvc_')
    same(computed(county), plain, rel=1e-5)


def test_one_cover_a_land_use_needs_no_images(county):
    edit(
        county,
        'cover = { ndvi = "2024/ndvi_{half_month:02d}.tif" }',
        "cover = { by_land_use = { 31 = 0.6, 32 = 0.4, 41 = 0.4, 21 = 0.6 } }",
    )
    result = computed(county)
    B, use = result.layers.factors["B"].values, result.layers.land_use.values
    assert np.unique(B[use == 41]).tolist() == pytest.approx([0.10796], rel=1e-4)
    assert np.unique(B[use == 32]).tolist() == pytest.approx([0.10273], rel=1e-4)


def test_two_kinds_of_cover_are_one_too_many(county):
    edit(county, 'cover = { ndvi = "2024', 'cover = { fraction = "x.tif", ndvi = "2024')
    with pytest.raises(InputError, match="2 kinds of plant cover"):
        computed(county)


@pytest.mark.parametrize("letter", ["R", "K", "L", "S"])
def test_a_lasting_factor_handed_in_is_taken_as_it_is(county, plain, letter):
    factor = plain.layers.factors[letter]
    box_ = factor.odc.geobox
    path = county.parent / f"{letter}.tif"
    write_raster(path, factor.values.astype("float32"), np.nan, west=box_.affine.c, north=box_.affine.f)
    edit(county, "[[layers.places]]", f'[layers.factors]\n{letter} = "{letter}.tif"\n\n[[layers.places]]')
    same(computed(county), plain)


def test_one_number_stands_for_a_factor_everywhere(county, plain):
    edit(county, "[[layers.places]]", "[layers.factors]\nK = 0.02\n\n[[layers.places]]")
    result = computed(county)
    expected = plain.layers.modulus.values * (0.02 / plain.layers.factors["K"].values)
    assert np.allclose(result.layers.modulus.values, expected, rtol=1e-6, equal_nan=True)


def test_a_yearly_factor_handed_in_is_taken_as_it_is(county):
    edit(county, "[years.2024]", "[years.2024]\nfactors = { B = 0.5, E = 1.0, T = 1.0 }")
    factors = computed(county).layers.factors
    assert {float(v) for letter in "ET" for v in np.unique(factors[letter])} == {1.0}
    assert np.unique(factors["B"]).tolist() == [0.5]


def test_r_handed_in_without_rain_cannot_weigh_changing_cover(county):
    edit(county, 'rain = { path = "rain.csv" }', "")
    edit(county, "[[layers.places]]", "[layers.factors]\nR = 1400\n\n[[layers.places]]")
    with pytest.raises(InputError, match="no rain says how erosivity does"):
        computed(county)


def test_neither_rain_nor_r_is_refused(county):
    edit(county, 'rain = { path = "rain.csv" }', "")
    with pytest.raises(InputError, match="neither rain nor R"):
        computed(county)


def test_neither_soil_nor_k_is_refused(county):
    edit(county, 'soil = { path = "soil.tif", table = "soils.csv" }', "")
    with pytest.raises(InputError, match="neither a soil map with its table nor K"):
        computed(county)


def test_several_stations_are_interpolated(county, plain):
    rain = small_county.rain()
    parts, rows = [], []
    for number in range(6):
        parts.append(rain.assign(station=f"S{number}", p_mm=rain["p_mm"] * (1 + 0.1 * number)))
        rows.append(
            {
                "id": f"S{number}",
                "name": f"站{number}",
                "lon": 112.1 + 0.04 * number,
                "lat": 38.75 + 0.03 * (number % 3),
            }
        )
    pd.concat(parts).to_csv(county.parent / "rain.csv", index=False)
    pd.DataFrame(rows).to_csv(county.parent / "stations.csv", index=False)
    edit(county, 'rain = { path = "rain.csv" }', 'rain = { path = "rain.csv", stations = "stations.csv" }')
    result = computed(county)
    R, single = result.layers.factors["R"].values, float(plain.layers.factors["R"].values.max())
    assert single <= R.min() < R.max() <= 1.5**1.8 * single
    table = result.tables["half_month_erosivity"]
    assert table["half_month_erosivity"].sum() == pytest.approx(float(R.mean()), rel=0.05)
    assert table["erosivity_share"].sum() == pytest.approx(1)


def test_stations_without_places_are_refused(county):
    rain = small_county.rain()
    pd.concat([rain, rain.assign(station=2)]).to_csv(county.parent / "rain.csv", index=False)
    with pytest.raises(InputError, match="2 stations without places"):
        computed(county)


def test_the_years_own_rain_moves_the_scientific_product_alone(county, plain):
    wet = small_county.rain()
    wet = wet[wet["date"].str.startswith("2016")].assign(
        p_mm=lambda d: d["p_mm"] * 2, date=lambda d: d["date"].str.replace("2016", "2024")
    )
    wet.to_csv(county.parent / "rain2024.csv", index=False)
    edit(county, "[years.2024]", '[years.2024]\nrain = "rain2024.csv"')
    same(computed(county), plain)
    own = computed(county, kind="scientific", erosivity_from_year=True)
    assert float(own.layers.factors["R"].values.mean()) > 1.3 * float(plain.layers.factors["R"].values.mean())
    assert "rain" in codes_of(own)


def test_ephemeral_gullies_raise_steep_cropland_only(county):
    without, with_ = (computed(county, kind="scientific", ephemeral_gullies=g) for g in (False, True))
    ratio = with_.layers.modulus.values / without.layers.modulus.values
    prone = np.isin(without.layers.land_use.values, [12, 13, 43])
    degrees, known = np.rad2deg(without.layers.slope_angle.values), np.isfinite(ratio)
    assert (ratio[known & prone & (degrees > 15.5)] > 1).all()
    assert (known & prone & (degrees > 15.5)).any()
    assert np.abs(ratio[known & ~(prone & (degrees > 15))] - 1).max() < 1e-6


def test_a_survey_below_the_canopy_replaces_the_table(county, plain):
    edit(county, "[years.2024]", '[years.2024]\nunder_canopy = "gd.tif"')
    write_raster(county.parent / "gd.tif", np.full((44, 40), 0.9, "float32"), np.nan)
    result = computed(county)
    forest = result.layers.land_use.values == 31
    inside = np.isfinite(result.layers.modulus.values)
    assert (
        result.layers.factors["B"].values[forest & inside] < plain.layers.factors["B"].values[forest & inside]
    ).all()
    assert "under_canopy_cover" not in set(result.provisional["table"])
    assert "under_canopy_cover" in set(plain.provisional["table"])


def test_tillage_practices_replace_the_zone(county, plain):
    cells = np.zeros((44, 40), "uint8")
    cells[:, :7] = 1
    write_raster(county.parent / "practices.tif", cells, 255)
    edit(county, "[years.2024]", '[years.2024]\npractices = "practices.tif"')
    T = computed(county).layers.factors["T"].values
    assert np.unique(T).tolist() == pytest.approx([0.417, 0.431, 1.0])


def test_without_zone_or_measures_the_product_says_so(county):
    edit(county, "rotation_zone = 2", "")
    edit(county, 'measures = "2024/measures.tif"', "")
    result = computed(county)
    assert {"no_rotation_zone", "no_measures"} <= codes_of(result)
    assert set(np.unique(result.layers.factors["E"])) == {1.0}


def test_zones_of_allowable_loss_move_the_first_class_alone(county, plain):
    west, south, east, north = small_county.boundary().bounds
    middle = (west + east) / 2
    zones = [box(west, south, middle, north), box(middle, south, east, north)]
    gpd.GeoDataFrame({"loss": [1000, 200]}, geometry=zones, crs=CRS).to_file(county.parent / "zones.gpkg")
    edit(county, "allowable_loss = 1000", 'allowable_loss = { path = "zones.gpkg", field = "loss" }')
    result = computed(county)
    assert result.summary["nodata_area_km2"] == 0
    assert result.summary["conservation_rate_percent"] < plain.summary["conservation_rate_percent"]
    for name in ("moderate", "intense", "very_intense", "severe"):
        assert result.summary["class_area_km2"][name] == pytest.approx(plain.summary["class_area_km2"][name])


def test_parcels_and_barriers_shorten_slopes(county, plain):
    stripes = [box(WEST, NORTH - 90 * (k + 1), WEST + 1200, NORTH - 90 * k) for k in range(15)]
    gpd.GeoDataFrame({"id": range(15)}, geometry=stripes, crs=CRS).to_file(county.parent / "parcels.gpkg")
    road = LineString([(WEST, NORTH - 700), (WEST + 1200, NORTH - 640)])
    gpd.GeoDataFrame({"id": [1]}, geometry=[road], crs=CRS).to_file(county.parent / "roads.gpkg")
    edit(county, 'elevation = "dem.tif"', 'elevation = "dem.tif"\nparcels = "parcels.gpkg"\nbarriers = "roads.gpkg"')
    shorter, longer = computed(county).layers.factors["L"].values, plain.layers.factors["L"].values
    assert (shorter <= longer + 1e-6).all()
    assert shorter.mean() < 0.97 * longer.mean()


def test_an_outlet_point_stands_for_its_catchment(county):
    spot = Point(WEST + 38 * CELL, NORTH - 42 * CELL)
    gpd.GeoDataFrame({"id": [1]}, geometry=[spot], crs=CRS).to_file(county.parent / "boundary.gpkg")
    text = county.read_text(encoding="utf-8")
    head, tail = text.split("[[layers.places]]")
    county.write_text(head + tail[tail.index("[years.2024]") :], encoding="utf-8")
    result = computed(county)
    assert "catchment_boundary" in codes_of(result)
    assert 0.05 < result.summary["total_area_km2"] < 1.6
    border = result.inputs.boundary.geometry.iloc[0]
    assert border.distance(spot) <= 3 * CELL * 1.5


def test_the_known_cells_of_a_raster_can_be_the_boundary(county, plain):
    mask = np.zeros((44, 40), "uint8")
    mask[6:38, 6:34] = 1
    mask[20, 10:30] = 0
    write_raster(county.parent / "mask.tif", mask, 0)
    edit(county, 'boundary = "boundary.gpkg"', 'boundary = "mask.tif"')
    area = computed(county).summary["total_area_km2"]
    assert area == pytest.approx(32 * 28 * 900e-6, rel=2e-3), "a blank row as narrow as a cell is no border"


def test_places_of_another_time_are_left_out(county):
    towns = small_county.townships()
    old = towns.assign(valid_from="2001-01-01", valid_to="2020-12-31", code=["1", "2"])
    now = towns.assign(valid_from="2021-01-01", valid_to=None)
    gpd.GeoDataFrame(pd.concat([old, now], ignore_index=True), crs=CRS).to_file(county.parent / "townships.gpkg")
    codes = [p["code"] for p in computed(county).summary["places"] if p["level"] == "township"]
    assert codes == ["140925100", "140925101"]


def test_a_grid_of_other_cells_keeps_area_and_about_the_rate(county, plain):
    edit(county, "cell = 30.0", "cell = 15.0")
    finer = computed(county)
    assert finer.summary["total_area_km2"] == pytest.approx(plain.summary["total_area_km2"], rel=1e-6)
    assert finer.summary["conservation_rate_percent"] == pytest.approx(
        plain.summary["conservation_rate_percent"], abs=8
    )


def test_an_old_datum_is_laid_over_only_when_accepted(county):
    towns = small_county.townships()
    towns.set_crs("EPSG:2434", allow_override=True).to_file(county.parent / "townships.gpkg")
    with pytest.raises(CoordinateError, match="Beijing 1954"):
        computed(county)


def test_a_data_folder_can_be_named(pristine, tmp_path):
    county = read_county(pristine)
    assert data_folder(county, pristine, None) == pristine.parent
    assert data_folder(county, pristine, tmp_path) == tmp_path
    with pytest.raises(Exception, match="--data"):
        data_folder(county, pristine, tmp_path / "nowhere")


def test_breaching_instead_of_filling_hardly_moves_ground_without_pits(county, plain):
    same(computed(county, filling="breach"), plain, rel=1e-3)


def test_places_without_a_rate_are_compared_as_unknown():
    place = {"level": "township", "code": "1", "name": "镇", "conservation_rate_percent": None, "eroded_area_km2": 0.0}
    change = place_change({"places": [place]}, {"places": [place]})
    assert change["change"].isna().all()
    assert change["name"].tolist() == ["镇"]


def test_records_within_the_day_give_ei30(county):
    """One storm a year of 40 mm in an hour, 20 mm in its heaviest half-hour: E and I30 by hand."""
    years = range(2001, 2005)
    times = pd.DatetimeIndex(
        [t for y in years for t in pd.date_range(f"{y}-01-01 00:15", f"{y + 1}-01-01", freq="15min")]
    )
    depth = pd.Series(0.0, times)
    for year in years:
        depth[f"{year}-07-20 14:15" : f"{year}-07-20 15:00"] = 10.0
    pd.DataFrame({"station": 1, "time": times, "p_mm": depth.to_numpy()}).to_csv(
        county.parent / "rain.csv", index=False
    )
    edit(county, 'rain = { path = "rain.csv" }', 'rain = { path = "rain.csv", records = "sub_daily" }')
    result = computed(county)
    energy = 40 * 0.29 * (1 - 0.72 * np.exp(-0.05 * 40))
    assert float(result.layers.factors["R"].values.mean()) == pytest.approx(energy * 40, rel=1e-6)
    assert result.tables["half_month_erosivity"]["erosivity_share"].tolist()[13] == pytest.approx(1)
