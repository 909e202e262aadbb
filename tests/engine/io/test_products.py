"""What a product holds: layers that read back, vectors, tables, and a manifest that is a STAC Item."""

import datetime as dt
import json

import geopandas as gpd
import jsonschema
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from product_samples import GRID, NOON, intensity, place_table, small, soil_loss, townships, writer
from pystac.validation.local_validator import get_local_schema_cache
from real_data import real_data
from referencing import Registry, Resource

from shuibao import grids, tables
from shuibao.errors import CoordinateError, InputError, SourceError
from shuibao.io import comparable, open_product, read_raster, sha256_of
from shuibao.io.workbook import ColumnHeading
from shuibao.tables import Table


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return open_product(small(tmp_path_factory.mktemp("products") / "2025"))


@pytest.fixture(scope="module")
def properties(product):
    return product.manifest["properties"]


class TestLayers:
    def test_cells_come_back_as_they_went_in(self, product):
        for key, layer in (("soil_loss", soil_loss()), ("intensity_class", intensity())):
            found = product.layer(key)
            assert found.dtype == layer.dtype
            np.testing.assert_array_equal(found.values, layer.values)
            assert grids.geobox_of(found) == GRID
            assert {k: found.attrs[k] for k in layer.attrs} == layer.attrs

    def test_a_part_of_a_layer_reads_as_that_part_of_the_whole(self, product):
        lazy, whole = product.layer("soil_loss"), soil_loss()
        for part in (
            (slice(100, 104), 5),
            (slice(None, None, -7), slice(3, 90, 3)),
            (slice(0, 0), slice(None)),
            (-1, -1),
        ):
            np.testing.assert_array_equal(lazy[part].values, whole[part].values)

    def test_the_file_is_a_cloud_optimised_geotiff_that_says_what_it_is(self, product):
        with rasterio.open(product.paths["soil_loss"]) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert file.block_shapes == [(512, 512)]
            assert file.overviews(1) == [2]
            assert np.isnan(file.nodata)
            assert file.descriptions == ("土壤流失量 Soil loss",)
            assert file.units == ("t hm-2 a-1",)
            assert file.tags()["provenance"] == "synthetic"
            assert file.tags()["quantity"] == "soil_loss"
            assert file.crs.to_epsg() == 4546

    def test_overviews_average_amounts_and_take_the_mode_of_classes(self, product):
        whole, classes = soil_loss().values, intensity().values
        with rasterio.open(product.paths["soil_loss"], overview_level=0) as file:
            half = file.read(1)
        np.testing.assert_allclose(
            half[60:80, 10:40], whole[120:160, 20:80].reshape(20, 2, 30, 2).mean((1, 3)), rtol=1e-5
        )
        with rasterio.open(product.paths["intensity_class"], overview_level=0) as file:
            half = file.read(1)
        same = (classes[::2, ::2] == classes[1::2, ::2]) & (classes[::2, ::2] == classes[::2, 1::2])
        same &= classes[::2, ::2] == classes[1::2, 1::2]
        assert same.sum() > 100
        np.testing.assert_array_equal(half[same], classes[::2, ::2][same])

    def test_classes_carry_their_colours(self, product):
        with rasterio.open(product.paths["intensity_class"]) as file:
            assert file.colormap(1)[6] == (120, 0, 60, 255)
            assert file.nodata == 0

    def test_a_real_dem_survives_the_way_through_a_product(self, tmp_path):
        dem = read_raster(real_data("dems/wangmaogou_edge_dem_1arcsec.tif"), "elevation")
        with writer(tmp_path / "dem", grid=grids.geobox_of(dem)) as product:
            product.raster("elevation", dem)
            product.finish({}, created=NOON)
        found = open_product(tmp_path / "dem").layer("elevation")
        np.testing.assert_array_equal(found.values, dem.values)
        assert grids.geobox_of(found) == grids.geobox_of(dem)

    def test_a_change_of_classes_may_be_negative(self, tmp_path):
        cells = np.random.default_rng(0).integers(-6, 7, GRID.shape).astype("int8")
        with writer(tmp_path / "p") as product:
            product.raster("change", grids.layer(cells, GRID, "change", nodata=-128))
            product.finish({}, created=NOON)
        found = open_product(tmp_path / "p").layer("change")
        assert found.dtype == np.int8
        assert found.attrs["nodata"] == -128
        np.testing.assert_array_equal(found.values, cells)

    def test_a_layer_in_blocks_is_written_whole(self, tmp_path):
        pytest.importorskip("dask.array")
        with writer(tmp_path / "p") as product:
            product.raster("soil_loss", soil_loss().chunk({"y": 200, "x": 200}))
            product.finish({}, created=NOON)
        np.testing.assert_array_equal(open_product(tmp_path / "p").layer("soil_loss").values, soil_loss().values)


class TestVectors:
    def test_the_geopackage_holds_every_vector_layer(self, product):
        assert sorted(name for name, _ in pyogrio.list_layers(product.folder / "product.gpkg")) == [
            "patches",
            "townships",
        ]
        read = gpd.read_file(product.folder / "product.gpkg", layer="townships")
        assert read["name"].tolist() == ["凤凰镇", "东寨镇"]
        assert read.crs.to_epsg() == 4546

    def test_geoparquet_reads_the_same_shapes(self, product):
        found = product.vector("patches")
        assert found.crs.to_epsg() == 4490
        assert found.geom_equals_exact(townships().to_crs(4490), 1e-12).all()

    def test_shapes_without_a_coordinate_system_are_refused(self, tmp_path):
        with pytest.raises(CoordinateError), writer(tmp_path / "p") as product:
            product.vector("x", townships().set_crs(None, allow_override=True))
        assert not (tmp_path / "p").exists()

    def test_a_layer_without_shapes_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no shape"), writer(tmp_path / "p") as product:
            product.vector("x", townships().iloc[:0])


class TestTables:
    def test_a_table_comes_back_with_its_machine_names_and_unrounded(self, product):
        pd.testing.assert_frame_equal(product.table("places"), place_table())

    def test_columns_of_one_heading_and_names_like_missing_values_come_back(self, tmp_path):
        table = pd.DataFrame({"known": [1.5, 2], "sure": [3, 4], "name": ["NA", "001"]})
        with writer(tmp_path / "p") as product:
            product.tables({"t": table}, name_column=lambda name: ColumnHeading("面积", "Area", "km²"))
            product.finish({}, created=NOON)
        pd.testing.assert_frame_equal(open_product(tmp_path / "p").table("t"), table)

    def test_codes_keep_their_leading_zero(self, product):
        assert product.table("places")["code"][0] == "0140925"

    def test_an_index_that_says_something_becomes_a_column(self, product):
        assert list(product.table("transition")) == ["before", "1", "unknown"]

    def test_a_table_that_is_not_there_is_refused_with_those_that_are(self, product):
        with pytest.raises(InputError, match=r"no 'rates'.*\['places', 'transition'\]"):
            product.table("rates")


OWN_FIELDS = {
    "type": "object",
    "required": ["properties", "assets"],
    "properties": {
        "properties": {
            "required": [
                f"shuibao:{n}"
                for n in [
                    "study",
                    "kind",
                    "county",
                    "year",
                    "engine_version",
                    "parameters",
                    "inputs",
                    "tables",
                    "layers",
                    "warnings",
                    "provisional_rows",
                ]
            ]
            + ["created", "proj:code", "proj:shape", "proj:transform", "proj:bbox"],
            "properties": {
                "proj:code": {"type": ["string", "null"], "pattern": "^EPSG:[0-9]+$"},
                "proj:shape": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
                "proj:transform": {"type": "array", "items": {"type": "number"}, "minItems": 6, "maxItems": 9},
                "shuibao:kind": {"enum": ["statutory", "scientific"]},
                "shuibao:layers": {
                    "items": {
                        "required": ["key", "quantity", "units", "provenance", "asset"],
                        "properties": {"provenance": {"enum": ["measured", "derived", "predicted", "synthetic"]}},
                    }
                },
                "shuibao:tables": {"items": {"required": ["name", "rows", "provisional", "sha256"]}},
            },
        },
        "assets": {
            "additionalProperties": {
                "required": ["href", "type", "roles", "file:size", "file:checksum"],
                "properties": {
                    "href": {"pattern": r"^\./"},
                    "file:checksum": {"pattern": "^1220[0-9a-f]{64}$"},
                    "file:size": {"type": "integer", "minimum": 1},
                    "raster:bands": {"items": {"required": ["data_type", "unit", "nodata"]}, "minItems": 1},
                },
            }
        },
    },
}


class TestManifest:
    def test_it_is_a_valid_stac_item(self, product):
        schemas = get_local_schema_cache()
        registry = Registry().with_resources([(uri, Resource.from_contents(text)) for uri, text in schemas.items()])
        item = next(text for uri, text in schemas.items() if uri.endswith("item.json"))
        jsonschema.Draft7Validator(item, registry=registry).validate(product.manifest)
        broken = {**product.manifest, "geometry": 5}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(item, registry=registry).validate(broken)

    def test_it_has_every_field_of_its_own(self, product):
        jsonschema.Draft202012Validator(OWN_FIELDS).validate(product.manifest)

    def test_every_file_is_an_asset_with_its_fingerprint(self, product):
        files = {p.relative_to(product.folder).as_posix() for p in product.folder.rglob("*") if p.is_file()}
        assets = {a["href"].removeprefix("./"): a for a in product.manifest["assets"].values()}
        assert files - set(assets) == {"manifest.json"}
        for name, asset in assets.items():
            assert asset["file:checksum"] == "1220" + sha256_of(product.folder / name)
        assert assets["report.html"]["roles"] == ["report"]
        assert assets["layers/soil_loss.tif"]["type"].startswith("image/tiff")

    def test_it_covers_the_county_and_its_year(self, product, properties):
        west, south, east, north = product.manifest["bbox"]
        assert 109.8 < west < east < 110.1
        assert 38.6 < south < north < 38.9
        assert (properties["start_datetime"], properties["end_datetime"]) == (
            "2025-01-01T00:00:00Z",
            "2025-12-31T23:59:59Z",
        )
        assert properties["created"] == "2026-01-01T12:00:00Z"

    def test_it_tells_of_layers_tables_inputs_and_warnings(self, properties):
        assert properties["shuibao:layers"][0]["provenance"] == "synthetic"
        assert properties["shuibao:synthetic"] is True
        assert properties["shuibao:layers"][1]["units"] == "1"
        assert [t["name"] for t in properties["shuibao:tables"]] == ["slope_grades"]
        assert properties["shuibao:inputs"][0] == {
            "role": "dem",
            "path": "dem.tif",
            "sha256": "ab" * 32,
            "unknown_cells": 3,
        }
        assert properties["shuibao:warnings"][0]["message_zh"] == "合成"
        assert len(properties["shuibao:provisional_rows"]) == 2

    def test_it_names_no_place_of_this_machine(self, product):
        assert str(product.folder.parent) not in (product.folder / "manifest.json").read_text(encoding="utf-8")

    def test_numbers_that_are_none_are_null(self, product):
        assert product.summary == {"year": 2025, "conservation_rate_percent": 56.04, "mean": None}

    def test_a_time_without_a_zone_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="time with its zone"), writer(tmp_path / "p") as product:
            product.finish({}, created=dt.datetime(2026, 1, 1))


class TestSameness:
    def test_running_again_gives_the_same_bytes(self, product, tmp_path):
        again = small(tmp_path / "2025")
        for path in sorted(p for p in product.folder.rglob("*") if p.is_file()):
            assert path.read_bytes() == (again / path.relative_to(product.folder)).read_bytes(), path.name

    def test_a_later_run_differs_only_in_its_stamp(self, product, tmp_path):
        later = small(tmp_path / "later", created=NOON + dt.timedelta(days=3))
        changed = [
            p.name
            for p in product.folder.rglob("*")
            if p.is_file() and p.read_bytes() != (later / p.relative_to(product.folder)).read_bytes()
        ]
        assert changed == ["manifest.json"]
        one, other = dict(product.manifest), json.loads((later / "manifest.json").read_text(encoding="utf-8"))
        one = {**one, "properties": {**one["properties"], "created": other["properties"]["created"]}}
        assert one == other

    def test_another_cell_gives_another_fingerprint(self, product, tmp_path):
        other = open_product(small(tmp_path / "other", seed=1))
        for key, same in (("soil_loss", False), ("intensity_class", False), ("townships", True)):
            sums = [p.manifest["assets"][key]["file:checksum"] for p in (product, other)]
            assert (sums[0] == sums[1]) is same


class TestVerify:
    def test_an_untouched_product_has_nothing_to_tell(self, product):
        assert product.verify() == []

    def test_changed_missing_and_strange_files_are_named(self, tmp_path):
        product = open_product(small(tmp_path / "p"))
        table = product.folder / "tables/places.csv"
        table.write_bytes(table.read_bytes().replace(b"171.25", b"172.25"))
        (product.folder / "pictures/map.png").unlink()
        (product.folder / "notes.txt").write_text("mine")
        assert product.verify() == ["notes.txt", "pictures/map.png", "tables/places.csv"]

    def test_a_folder_of_something_else_is_no_product(self, tmp_path):
        (tmp_path / "manifest.json").write_text('{"type": "Feature"}')
        with pytest.raises(SourceError, match="not a product of Shuibao"):
            open_product(tmp_path)
        with pytest.raises(SourceError, match="no such product folder"):
            open_product(tmp_path / "none")

    def test_a_broken_manifest_is_told_of(self, tmp_path):
        folder = small(tmp_path / "p")
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        (folder / "manifest.json").write_text(text[:-40], encoding="utf-8")
        with pytest.raises(SourceError, match="cannot be read"):
            open_product(folder)

    def test_a_truncated_layer_is_told_of(self, tmp_path):
        product = open_product(small(tmp_path / "p"))
        product.paths["soil_loss"].write_bytes(b"II*\0 but no more")
        with pytest.raises(SourceError, match=r"soil_loss.tif.*verify"):
            product.layer("soil_loss")


class TestComparison:
    def differences(self, product, folder, **changes) -> list[str]:
        return [d.what for d in comparable(product, open_product(small(folder, **changes)))]

    def test_two_years_of_one_series_compare(self, product, tmp_path):
        assert self.differences(product, tmp_path / "p", year=2024) == []

    def test_another_kind_and_parameter_are_named(self, product, tmp_path):
        changed = {"year": 2024, "slope_length": "desmet", "cap": 100.0}
        assert self.differences(product, tmp_path / "p", kind="scientific", parameters=changed) == [
            "kind",
            "parameters.slope_length",
        ]

    def test_a_changed_table_row_is_named(self, product, tmp_path):
        rows = tables.load("slope_grades").rows.copy()
        rows.loc[0, "high"] = 3
        rows.loc[1, "low"] = 3
        assert self.differences(product, tmp_path / "p", tables_used=[Table("slope_grades", rows)]) == [
            "tables.slope_grades"
        ]

    def test_a_moved_grid_is_named(self, product, tmp_path):
        with writer(tmp_path / "p", grid=GRID.pad(1)) as other:
            other.finish(
                {},
                created=NOON,
                parameters={"slope_length": "segments", "cap": 100.0},
                tables_used=[tables.load("slope_grades")],
            )
        (found,) = comparable(product, open_product(tmp_path / "p"))
        assert found.what == "grid"
        assert "700" in found.message
        assert found.message_zh.startswith("格网不同：")

    def test_a_frozen_factor_that_moved_is_named(self, tmp_path):
        products = []
        for year in (2024, 2025):
            with writer(tmp_path / str(year), year=year) as product:
                rain = np.full(GRID.shape, 1400 + (year - 2024), "float32")
                product.raster("R", grids.layer(rain, GRID, "rainfall_erosivity"))
                product.raster("B", grids.layer(rain / 3000, GRID, "biological_factor"))
                product.finish({}, created=NOON)
            products.append(open_product(tmp_path / str(year)))
        assert [d.what for d in comparable(*products)] == ["layers.rainfall_erosivity"]


class TestRefusals:
    def test_a_key_used_twice(self, tmp_path):
        with pytest.raises(InputError, match="written before"), writer(tmp_path / "p") as product:  # noqa: PT012
            product.raster("soil_loss", soil_loss())
            product.raster("soil_loss", soil_loss())

    @pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside.txt", "a/../../b"])
    def test_a_name_that_leads_out(self, tmp_path, name):
        with pytest.raises(InputError, match="inside the product"), writer(tmp_path / "p") as product:
            product.file(b"x", name, "data")

    def test_columns_of_one_name(self, tmp_path):
        double = pd.DataFrame([[1, 2]], columns=[1, "1"])
        with pytest.raises(InputError, match="double names"), writer(tmp_path / "p") as product:
            product.tables({"t": double})

    def test_a_call_outside_the_block(self, tmp_path):
        product = writer(tmp_path / "p")
        with pytest.raises(InputError, match="inside the `with` block"):
            product.raster("soil_loss", soil_loss())
