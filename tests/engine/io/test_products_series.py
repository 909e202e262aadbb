"""A series of products: what may differ between two of them, told one by one, and what may not matter."""

import copy
import dataclasses
import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from product_samples import COUNTY, GRID, NOON, intensity, soil_loss, townships, writer

from shuibao import grids, tables
from shuibao.errors import InputError, SourceError
from shuibao.io import Difference, comparable, open_product
from shuibao.io.manifest import MEDIA_TYPES, ProductHead, as_json, plain
from shuibao.io.opened_products import FROZEN_LAYERS, SUBJECTS, Product

SMALL = GeoBox((20, 30), GRID.affine, "EPSG:4546")
CELLS = np.full(SMALL.shape, 0.5, "float32")
NUMBERS = np.arange(600, dtype="float32").reshape(SMALL.shape)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A product with all five frozen layers, two tables and some parameters."""
    with writer(tmp_path_factory.mktemp("series") / "p", grid=SMALL) as product:
        for name in FROZEN_LAYERS:
            product.raster(name, grids.layer(CELLS, SMALL, name))
        product.raster("biological_factor", grids.layer(CELLS, SMALL, "biological_factor"))
        product.finish(
            {"year": 2025},
            created=NOON,
            parameters={"year": 2025, "slope": "horn", "cap": 100.0, "channels": None},
            tables_used=[tables.load("slope_grades"), tables.load("allowable_loss")],
        )
    return open_product(product.place)


def changed(product, change):
    """The product with its manifest changed by a function."""
    manifest = copy.deepcopy(dict(product.manifest))
    change(manifest["properties"], manifest["assets"])
    return dataclasses.replace(product, manifest=manifest)


def setting(name, value):
    return lambda properties, assets: properties.update({name: value})


def parameter(name, value):
    return lambda properties, assets: properties["shuibao:parameters"].update({name: value})


class TestDifferences:
    def test_a_product_is_like_itself(self, base):
        assert comparable(base, base) == []

    @pytest.mark.parametrize(
        ("what", "change"),
        [
            ("study", setting("shuibao:study", "catchment")),
            ("kind", setting("shuibao:kind", "scientific")),
            ("county", setting("shuibao:county", {"name": "神池县", "code": "140927"})),
            ("engine_version", setting("shuibao:engine_version", "0.2.0")),
            ("grid", setting("proj:shape", [21, 30])),
            ("grid", setting("proj:code", "EPSG:4547")),
            ("grid", setting("proj:transform", [10, 0, 0, 0, -10, 0])),
            ("parameters.slope", parameter("slope", "steepest")),
            ("parameters.cap", parameter("cap", None)),
            ("parameters.channels", parameter("channels", 0.1)),
            ("parameters.filling", parameter("filling", "breach")),
        ],
    )
    def test_each_thing_that_differs_is_told_alone(self, base, what, change):
        found = comparable(base, changed(base, change))
        assert [d.what for d in found] == [what]

    def test_a_parameter_taken_away_is_told_as_nothing(self, base):
        other = changed(base, lambda properties, assets: properties["shuibao:parameters"].pop("cap"))
        (found,) = comparable(base, other)
        assert (found.what, found.first, found.second) == ("parameters.cap", "100.0", "nothing")
        assert comparable(other, base)[0].first == "nothing"

    @pytest.mark.parametrize("name", ["slope_grades", "allowable_loss"])
    def test_a_table_with_other_rows_is_told_by_its_name(self, base, name):
        def change(properties, assets):
            record = next(t for t in properties["shuibao:tables"] if t["name"] == name)
            record["sha256"] = "0" * 64

        assert [d.what for d in comparable(base, changed(base, change))] == [f"tables.{name}"]

    def test_a_table_that_only_one_of_them_used_is_told(self, base):
        other = changed(base, lambda properties, assets: properties["shuibao:tables"].pop())
        (found,) = comparable(base, other)
        assert found.what == "tables.slope_grades"
        assert found.second == "nothing"

    @pytest.mark.parametrize("name", FROZEN_LAYERS)
    def test_each_frozen_layer_that_moved_is_told_alone(self, base, name):
        def change(properties, assets):
            assets[name]["file:checksum"] = "1220" + "0" * 64

        assert [d.what for d in comparable(base, changed(base, change))] == [f"layers.{name}"]

    def test_cover_and_measures_may_change_from_year_to_year(self, base):
        def change(properties, assets):
            assets["biological_factor"]["file:checksum"] = "1220" + "0" * 64

        assert comparable(base, changed(base, change)) == []

    def test_of_scientific_products_no_layer_is_frozen(self, base):
        def scientific(properties, assets):
            properties["shuibao:kind"] = "scientific"

        def moved(properties, assets):
            scientific(properties, assets)
            assets["slope_factor"]["file:checksum"] = "1220" + "0" * 64

        assert comparable(changed(base, scientific), changed(base, moved)) == []

    @pytest.mark.parametrize(
        "change",
        [
            setting("shuibao:year", 2030),
            setting("created", "2030-01-01T00:00:00Z"),
            setting("title", "another"),
            parameter("year", 2030),
            setting("shuibao:warnings", [{"code": "x"}]),
        ],
    )
    def test_year_stamp_and_warnings_make_no_two_methods(self, base, change):
        assert comparable(base, changed(base, change)) == []

    def test_the_order_of_parameters_does_not_matter(self, base):
        def change(properties, assets):
            properties["shuibao:parameters"] = dict(reversed(properties["shuibao:parameters"].items()))

        assert comparable(base, changed(base, change)) == []

    def test_several_differences_come_all_and_in_a_fixed_order(self, base):
        def change(properties, assets):
            properties["shuibao:engine_version"] = "9"
            properties["shuibao:parameters"]["slope"] = "steepest"
            properties["proj:shape"] = [1, 1]

        found = [d.what for d in comparable(base, changed(base, change))]
        assert found == ["engine_version", "grid", "parameters.slope"]

    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_every_subject_has_a_sentence_in_both_languages(self, subject):
        plain_one, detailed = Difference(subject, "a", "b"), Difference(f"{subject}.cap", "100", "nothing")
        assert plain_one.message == f"{subject} differs: a against b"
        assert plain_one.message_zh == f"{SUBJECTS[subject]}不同：a 与 b"
        assert detailed.message_zh == f"{SUBJECTS[subject]} cap 不同：100 与 nothing"


class TestManifest:
    @pytest.fixture(scope="class")
    @classmethod
    def product(cls, tmp_path_factory):
        frame = pd.DataFrame(
            {"code": ["01", "02"], "cells": [3, 4], "eroded_area_km2": [1.25, np.nan], "closed": [True, False]}
        )
        with writer(tmp_path_factory.mktemp("m") / "p") as writing:
            writing.raster("soil_loss", soil_loss())
            writing.raster("intensity_class", intensity())
            writing.vector("townships", townships(), title="乡镇 Townships")
            writing.tables({"places": frame})
            writing.finish({}, created=NOON)
        return open_product(writing.place)

    def test_columns_of_a_table_tell_name_heading_unit_and_type(self, product):
        (record,) = product.properties["shuibao:data_tables"]
        assert [(c["name"], c["unit"], c["type"]) for c in record["columns"]] == [
            ("code", "", "text"),
            ("cells", "", "integer"),
            ("eroded_area_km2", "km²", "number"),
            ("closed", "", "boolean"),
        ]
        assert record["columns"][2]["heading"] == "eroded area km2 (km²)"

    def test_values_of_every_type_come_back_as_that_type(self, product):
        table = product.table("places")
        assert table["code"].tolist() == ["01", "02"]
        assert table["cells"].dtype == np.int64
        assert table["closed"].tolist() == [True, False]
        assert table["eroded_area_km2"].isna().tolist() == [False, True]

    def test_layers_tables_and_paths_are_listed_by_their_names(self, product):
        assert product.layers == ["soil_loss", "intensity_class"]
        assert product.tables == ["places"]
        assert {"soil_loss", "townships", "product_gpkg", "table_places", "tables_xlsx"} <= set(product.paths)
        assert all(path.exists() for path in product.paths.values())

    def test_a_raster_asset_tells_its_band(self, product):
        (band,) = product.manifest["assets"]["soil_loss"]["raster:bands"]
        assert band == {"nodata": "nan", "data_type": "float32", "unit": "t hm-2 a-1", "sampling": "area", "spatial_resolution": 30.0}  # fmt: skip
        (band,) = product.manifest["assets"]["intensity_class"]["raster:bands"]
        assert (band["nodata"], band["data_type"]) == (0, "uint8")

    def test_every_asset_has_the_media_type_of_its_ending(self, product):
        for key, path in product.paths.items():
            assert product.manifest["assets"][key]["type"] == MEDIA_TYPES[path.suffix]

    def test_the_grid_of_the_item_is_that_of_the_county(self, product):
        properties = product.properties
        assert properties["proj:code"] == "EPSG:4546"
        assert properties["proj:shape"] == list(GRID.shape)
        assert properties["proj:transform"] == list(GRID.affine)[:6]

    def test_titles_are_kept_for_people(self, product):
        assert product.manifest["assets"]["townships"]["title"] == "乡镇 Townships"

    def test_the_name_of_the_item_tells_county_study_kind_and_year(self, product):
        assert product.manifest["id"] == "140925-annual_monitoring-statutory-2025"
        nameless = ProductHead("annual_monitoring", {}, 2025, "statutory", GRID, "0.1.0")
        assert nameless.identifier == "county-annual_monitoring-statutory-2025"

    def test_the_year_ends_with_its_last_second(self):
        head = ProductHead("annual_monitoring", COUNTY, 2024, "statutory", GRID, "0.1.0")
        assert head.end == dt.datetime(2024, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=12,
)


class TestJson:
    @given(VALUES)
    def test_whatever_a_study_hands_in_becomes_strict_json(self, value):
        def refuse(name):
            raise AssertionError(f"{name} is no JSON")

        told = json.loads(as_json({"value": value}), parse_constant=refuse)
        assert plain(told) == told
        assert as_json(told) == as_json({"value": value})

    @given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
    def test_numbers_are_kept_to_the_last_digit(self, numbers):
        assert json.loads(as_json(np.array(numbers))) == numbers


class TestOpening:
    @pytest.fixture(scope="class")
    @classmethod
    def numbered(cls, tmp_path_factory):
        with writer(tmp_path_factory.mktemp("n") / "p", grid=SMALL) as writing:
            writing.raster("elevation", grids.layer(NUMBERS, SMALL, "elevation"))
            writing.finish({}, created=NOON)
        return open_product(writing.place)

    def test_a_folder_without_a_summary_is_told_to_be_made_again(self, base, tmp_path):
        (tmp_path / "manifest.json").write_text(json.dumps(base.manifest), encoding="utf-8")
        with pytest.raises(SourceError, match=r"manifest or summary cannot be read .*Make the product again"):
            open_product(tmp_path)

    def test_a_file_is_no_product(self, tmp_path):
        (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
        with pytest.raises(SourceError, match="not a product of Shuibao"):
            open_product(tmp_path / "manifest.json")

    def test_an_unknown_layer_names_those_there_are(self, base):
        with pytest.raises(InputError, match=r"no 'elevation' in the product; expected one of \['rainfall_erosivity'"):
            base.layer("elevation")

    def test_a_layer_whose_file_is_gone_is_told_by_its_path(self, base, tmp_path):
        moved = Product(tmp_path, base.manifest, base.summary)
        with pytest.raises(SourceError, match="no such layer"):
            moved.layer("slope_factor")
        assert "layers/slope_factor.tif" in moved.verify()

    @settings(max_examples=40)
    @given(
        st.slices(20).filter(lambda rows: len(range(20)[rows])),
        st.slices(30).filter(lambda cols: len(range(30)[cols])),
    )
    def test_any_part_of_a_layer_is_that_part_of_the_whole(self, numbered, rows, cols):
        assert np.array_equal(numbered.layer("elevation")[rows, cols].values, NUMBERS[rows, cols])
