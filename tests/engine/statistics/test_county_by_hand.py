"""A county counted twice: by the engine, and by a few lines of NumPy and shapely that share nothing with it."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from pyproj import Proj

from shuibao import grids
from shuibao.errors import InputError
from shuibao.statistics import (
    INTENSITY_NAMES,
    UNKNOWN,
    Zones,
    class_areas,
    conservation_rate,
    cross_table,
    present_codes,
    transition_matrix,
    zonal_means,
    zonal_sums,
    zone_areas,
)

GRID = GeoBox((24, 30), Affine(100, 0, 600_000, 0, -100, 4_302_000), "EPSG:4546")
LAND_USE = {11: "paddy", 13: "dry cropland", 31: "forest", 71: "water"}


def cell_boxes() -> np.ndarray:
    """Every cell as a polygon, shape (24, 30)."""
    west = 600_000 + 100 * np.arange(30)
    north = 4_302_000 - 100 * np.arange(24)[:, None]
    return shapely.box(west, north - 100, west + 100, north)


def cell_square_kilometres() -> np.ndarray:
    """Area of every cell on the ellipsoid, by the areal scale at its middle."""
    east, north = np.meshgrid(600_050 + 100 * np.arange(30), 4_301_950 - 100 * np.arange(24))
    projection = Proj("EPSG:4546")
    scale = projection.get_factors(*projection(east, north, inverse=True)).areal_scale
    return 0.01 / scale


@dataclasses.dataclass
class County:
    """Two places that overlap a little, with their weights by hand."""

    places: gpd.GeoDataFrame
    weights: np.ndarray
    classes: np.ndarray
    land_use: np.ndarray
    modulus: np.ndarray


@pytest.fixture(scope="module")
def county() -> County:
    rng = np.random.default_rng(11)
    one = shapely.Polygon([(600_120, 4_299_700), (601_933, 4_300_011), (601_410, 4_301_890), (600_301, 4_301_555)])
    two = (
        shapely.Point(602_050, 4_300_700)
        .buffer(811, quad_segs=5)
        .difference(shapely.box(602e3, 4300600, 602177, 4300833))
    )
    places = gpd.GeoDataFrame({"code": ["one", "two"]}, geometry=[one, two], crs="EPSG:4546")
    boxes = cell_boxes()
    shares = np.array([shapely.area(shapely.intersection(boxes, p)) / 10_000 for p in (one, two)])
    modulus = rng.gamma(1.5, 1500, (24, 30))
    modulus[rng.random((24, 30)) < 0.15] = np.nan
    classes = np.digitize(modulus, [0, 1000, 2500, 5000, 8000, 15000])
    classes[np.isnan(modulus)] = 0
    land_use = rng.choice([0, *LAND_USE], (24, 30))
    return County(places, shares * cell_square_kilometres(), classes, land_use, modulus.astype("float32"))


@pytest.fixture(scope="module")
def zones(county) -> Zones:
    return Zones.from_polygons(county.places, GRID)


@pytest.fixture(scope="module")
def layers(county) -> dict:
    return {
        "classes": grids.layer(county.classes.astype("uint8"), GRID, "intensity_class", nodata=0),
        "land_use": grids.layer(county.land_use.astype("uint8"), GRID, "land_use", nodata=0),
        "modulus": grids.layer(county.modulus, GRID, "erosion_modulus"),
    }


def test_areas_of_zones(county, zones):
    np.testing.assert_allclose(zone_areas(zones), county.weights.sum((1, 2)), rtol=1e-8)


def test_areas_of_classes(county, zones, layers):
    table = class_areas(layers["classes"], zones, INTENSITY_NAMES)
    by_hand = [[w[county.classes == c].sum() for c in (1, 2, 3, 4, 5, 6, 0)] for w in county.weights]
    np.testing.assert_allclose(table, by_hand, rtol=1e-8, atol=1e-12)


def test_mean_and_total_modulus(county, zones, layers):
    known = ~np.isnan(county.modulus)
    values = county.modulus.astype(float)
    tonnes = [(values[known] * w[known]).sum() for w in county.weights]
    square_kilometres = [w[known].sum() for w in county.weights]
    np.testing.assert_allclose(zonal_sums(layers["modulus"], zones)["sum"], tonnes, rtol=1e-8)
    expected = np.divide(tonnes, square_kilometres)
    np.testing.assert_allclose(zonal_means(layers["modulus"], zones)["mean"], expected, rtol=1e-8)


def test_classes_by_land_use(county, zones, layers):
    table = cross_table(layers["land_use"], layers["classes"], zones, row_codes=LAND_USE, column_codes=INTENSITY_NAMES)
    assert table.index.nlevels == 2
    for place, weight in zip(("one", "two"), county.weights, strict=True):
        for code, name in (*LAND_USE.items(), (0, UNKNOWN)):
            for cell, column in (*INTENSITY_NAMES.items(), (0, UNKNOWN)):
                both = (county.land_use == code) & (county.classes == cell)
                assert table.loc[(place, name), column] == pytest.approx(weight[both].sum(), rel=1e-7, abs=1e-12)


def test_classes_by_cropland_alone(county, zones, layers):
    cropland = layers["land_use"].isin([11, 13])
    table = class_areas(layers["classes"], zones.where(cropland), INTENSITY_NAMES)
    mask = np.isin(county.land_use, [11, 13])
    expected = [[w[mask & (county.classes == c)].sum() for c in (1, 2, 3, 4, 5, 6, 0)] for w in county.weights]
    np.testing.assert_allclose(table, expected, rtol=1e-7, atol=1e-12)


def test_the_rate_of_each_place(county, zones, layers):
    table = class_areas(layers["classes"], zones, INTENSITY_NAMES)
    for (_, row), weight in zip(table.iterrows(), county.weights, strict=True):
        sound, eroded = weight[county.classes == 1].sum(), weight[county.classes > 1].sum()
        rate = conservation_rate(row)
        assert rate.percent == pytest.approx(100 * sound / (sound + eroded), rel=1e-8)
        assert rate.low_percent == pytest.approx(100 * sound / weight.sum(), rel=1e-8)
        assert rate.high_percent == pytest.approx(100 * (1 - eroded / weight.sum()), rel=1e-8)


def test_a_year_of_terraces_shows_in_the_transitions(county, zones, layers):
    after = layers["classes"].copy(deep=True)
    terraced = (county.land_use == 13) & (county.classes >= 3)
    after.values[terraced] = 1
    table = transition_matrix(layers["classes"], after, zones, INTENSITY_NAMES)
    moved = table.loc["two"]["slight"].drop(["slight", "light", UNKNOWN]).sum()
    assert moved == pytest.approx(county.weights[1][terraced].sum(), rel=1e-7)
    gain = conservation_rate(class_areas(after, zones).loc["two"]).percent
    gain -= conservation_rate(class_areas(layers["classes"], zones).loc["two"]).percent
    known = county.weights[1][county.classes > 0].sum()
    assert gain == pytest.approx(100 * moved / known, rel=1e-6)


def test_zones_of_land_use_give_the_same_as_a_cross_table(layers):
    by_zone = class_areas(layers["classes"], Zones.from_labels(layers["land_use"]), INTENSITY_NAMES)
    by_pair = cross_table(layers["land_use"], layers["classes"], column_codes=INTENSITY_NAMES).drop(index=UNKNOWN)
    np.testing.assert_allclose(by_zone, by_pair, rtol=1e-12)
    assert by_zone.index.tolist() == list(LAND_USE)
    assert by_zone.index.name == "land_use"


def test_catchments_with_large_labels_are_zones(layers):
    labels = grids.layer(
        (np.arange(720).reshape(24, 30) // 90 * 1_000_003).astype("int32"), GRID, "catchment", nodata=0
    )
    zones = Zones.from_labels(labels)
    assert zones.ids.tolist() == [1_000_003 * k for k in range(1, 8)]
    table = class_areas(layers["classes"], zones)
    np.testing.assert_allclose(table.sum(axis=1), zone_areas(zones), rtol=1e-12)


def test_labels_that_spread_too_widely_are_no_classes():
    wide = grids.layer(np.array([[0, 2_000_000_000]] * 12 * 30).reshape(24, 30), GRID, "catchment")
    with pytest.raises(InputError, match="values from 0 to 2000000000; expected classes"):
        present_codes(wide)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_any_labels_and_classes_add_up_to_the_grid(seed, kinds):
    rng = np.random.default_rng(seed)
    labels = grids.layer(rng.integers(0, kinds + 1, (24, 30)).astype("int32"), GRID, "catchment", nodata=0)
    classes = grids.layer(rng.integers(0, 7, (24, 30)).astype("uint8"), GRID, "intensity_class", nodata=0)
    table = class_areas(classes, Zones.from_labels(labels), INTENSITY_NAMES)
    outside = grids.cell_areas(GRID).values[labels.values == 0].sum() / 1e6
    whole = grids.cell_areas(GRID).values.sum() / 1e6
    assert table.to_numpy().sum() + outside == pytest.approx(whole, rel=1e-9)
    assert (table.to_numpy() >= 0).all()
    assert isinstance(table, pd.DataFrame)
