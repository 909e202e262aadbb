"""The small county from files to product: what it holds, and that it is the same each time."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from studies.conftest import NOW
from studies.reference import reference
from studies.small_county import boundary

from shuibao import io
from shuibao.studies.annual_monitoring import monitor_year
from shuibao.studies.comparison import compare_products

CLASSES = ["slight", "light", "moderate", "intense", "very_intense", "severe"]


def test_the_summary_holds_what_a_program_needs(products):
    summary = json.loads((products[2025].folder / "summary.json").read_text(encoding="utf-8"))
    wanted = {
        "year", "kind", "conservation_rate_percent", "total_area_km2", "statutory_area_km2", "eroded_area_km2", "class_area_km2",
        "mean_modulus_t_km2_a", "places", "nodata_area_km2", "provisional_rows", "warnings", "targets", "synthetic",
    }  # fmt: skip
    assert wanted <= set(summary)
    assert list(summary["class_area_km2"]) == CLASSES
    assert (summary["year"], summary["kind"], summary["synthetic"]) == (2025, "statutory", False)


def test_classes_places_and_land_uses_sum_to_the_area(products):
    for product in products.values():
        s = product.summary
        total = s["total_area_km2"]
        assert sum(s["class_area_km2"].values()) + s["nodata_area_km2"] == pytest.approx(total, rel=1e-9)
        towns = [p for p in s["places"] if p["level"] == "township"]
        assert sum(p["total_area_km2"] for p in towns) == pytest.approx(total, rel=1e-9)
        for name in ("class_by_land_use", "class_by_slope"):
            table = product.table(name)
            assert table["total_area_km2"].sum() == pytest.approx(total, rel=1e-9)
        assert s["conservation_rate_percent"] == pytest.approx(100 * s["class_area_km2"]["slight"] / total, rel=1e-9)


def test_the_map_area_is_that_of_the_ellipsoid(products):
    county = gpd.read_parquet(products[2025].folder / "vectors/places.parquet")
    shape = county[county["level"] == "county"].to_crs(4490).geometry.iloc[0]
    from pyproj import Geod

    area = abs(Geod(ellps="GRS80").geometry_area_perimeter(shape.segmentize(1e-4))[0]) / 1e6
    assert products[2025].summary["total_area_km2"] == pytest.approx(area, rel=1e-7)


def test_more_terraces_and_less_bare_ground_are_seen_in_the_right_places(products):
    before, after = (products[y].layer("erosion_modulus").load() for y in (2024, 2025))
    land = [products[y].layer("land_use").load().values for y in (2024, 2025)]
    disturbed = (land[1] == 53) & (land[0] != 53)
    terraced = products[2025].layer("E").values < products[2024].layer("E").values
    assert disturbed.sum() == 16
    assert (after.values[disturbed] > before.values[disturbed]).all()
    assert terraced.sum() == 6 * 9  # the westernmost column of the new terraces lies outside the county
    assert (after.values[terraced] < 0.1 * before.values[terraced]).all()


def test_the_change_layer_and_the_transition_table_tell_the_same(products):
    change = products[2025].layer("change").load()
    known = change.values[change.values != -128]
    matrix = products[2025].table("class_transition").set_index("before")
    assert set(np.unique(known)) <= set(range(-5, 6))
    assert matrix.to_numpy(float).sum() == pytest.approx(products[2025].summary["total_area_km2"], rel=1e-9)
    worse = sum(float(matrix.loc[a, b]) for i, a in enumerate(CLASSES) for b in CLASSES[i + 1 :])
    assert worse == pytest.approx(900e-6 * (known > 0).sum(), rel=0.02)


def test_what_is_frozen_stays_frozen(products):
    for letter in "RKLS":
        assert (products[2024].paths[letter]).read_bytes() == (products[2025].paths[letter]).read_bytes()
    assert compare_products(products[2024].folder, products[2025].folder).differences == []


def test_a_second_run_writes_the_same_bytes(pristine, products, tmp_path):
    again = monitor_year(pristine, 2024, tmp_path / "again", created=NOW)
    first = products[2024].folder
    files = sorted(p.relative_to(first) for p in first.rglob("*") if p.suffix in {".tif", ".csv", ".json"})
    assert len(files) > 15
    assert [f for f in files if (first / f).read_bytes() != (again.folder / f).read_bytes()] == []


def test_a_changed_input_changes_its_checksum(county, products, tmp_path):
    rain = county.parent / "rain.csv"
    rain.write_bytes(rain.read_bytes() + b"\n")
    changed = monitor_year(county, 2024, tmp_path / "out", created=NOW)

    def checksums(product):
        return {i["path"]: i["sha256"] for i in product.manifest["properties"]["shuibao:inputs"]}

    one, two = checksums(products[2024]), checksums(changed)
    assert [p for p in one if one[p] != two[p]] == ["rain.csv"]


def test_every_file_of_a_product_can_be_verified(products):
    assert products[2025].verify() == []


def test_the_manifest_is_a_stac_item_that_names_all_inputs(products):
    item = products[2025].manifest
    assert (item["type"], item["stac_version"][:2]) == ("Feature", "1.")
    assert {"id", "geometry", "bbox", "properties", "assets", "links"} <= set(item)
    inputs = {i["path"] for i in item["properties"]["shuibao:inputs"]}
    assert {
        "dem.tif",
        "soil.tif",
        "soils.csv",
        "rain.csv",
        "boundary.gpkg",
        "2025/land_use.tif",
        "2025/ndvi_24.tif",
    } <= inputs
    assert min(i[0] for i in inputs) != "/"
    assert {r["provenance"] for r in item["properties"]["shuibao:layers"]} <= {
        "measured",
        "derived",
        "predicted",
        "synthetic",
    }


def test_the_scientific_product_differs_in_method_and_says_so(pristine, products, tmp_path):
    other = monitor_year(pristine, 2024, tmp_path / "scientific", kind="scientific", created=NOW)
    assert other.summary["kind"] == "scientific"
    assert other.summary["conservation_rate_percent"] != products[2024].summary["conservation_rate_percent"]
    told = compare_products(products[2024].folder, other.folder).differences
    assert any(t.startswith("kind differs") for t in told)
    assert any("slope_factor" in t for t in told)


def test_provisional_rows_are_those_used(products):
    rows = pd.DataFrame(products[2025].summary["provisional_rows"])
    measures = rows[rows["table"] == "engineering_measures"]["row"]
    assert len(measures) == 1
    assert "earth_bank_terrace" in measures.iloc[0]
    assert set(rows["table"]) >= {"land_use_classes", "soil_loss_ratio", "tillage_rotation"}
    assert not rows["row"].str.contains("name=tea,").any()


def test_a_township_table_opens_in_a_spreadsheet(products):
    sheets = pd.read_excel(products[2025].folder / "tables.xlsx", sheet_name=None, header=None)
    text = "\n".join(str(v) for frame in sheets.values() for v in frame.to_numpy().ravel())
    assert "凤凰镇" in text
    assert "水土保持率" in text


def test_a_layer_of_the_product_reads_back_with_its_quantity(products):
    opened = io.open_product(products[2025].folder)
    modulus = opened.layer("erosion_modulus")
    assert (modulus.attrs["quantity"], modulus.attrs["units"]) == ("erosion_modulus", "t km-2 a-1")
    classes = opened.layer("intensity_class").values
    assert ((modulus.values >= 1000) == (classes >= 2))[classes > 0].all()


@pytest.mark.parametrize("year", [2024, 2025])
def test_an_independent_script_finds_the_same(pristine, products, year):
    modulus, areas = reference(pristine.parent, year, boundary())
    summary, inside = products[year].summary, areas > 0
    ours = products[year].layer("erosion_modulus").values
    assert ours.shape == modulus.shape
    assert np.array_equal(np.isfinite(ours), inside)
    assert np.allclose(ours[inside], modulus[inside], rtol=1e-6, atol=0)
    bounds = [0, 1000, 2500, 5000, 8000, 15000, np.inf]
    for name, low, high in zip(CLASSES, bounds, bounds[1:], strict=False):
        area = areas[(modulus >= low) & (modulus < high)].sum()
        assert summary["class_area_km2"][name] == pytest.approx(area, rel=1e-6)
    assert summary["soil_loss_t_a"] == pytest.approx((modulus * areas).sum(), rel=1e-6)
    assert summary["mean_modulus_t_km2_a"] == pytest.approx((modulus * areas).sum() / areas.sum(), rel=1e-6)
