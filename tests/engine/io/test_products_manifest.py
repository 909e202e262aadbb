"""What the manifest can hold, and how it says it."""

import dataclasses
import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from product_samples import GRID, NOON, soil_loss, townships, writer

from shuibao import grids, tables
from shuibao.errors import InputError
from shuibao.io import open_product
from shuibao.io.manifest import as_json, plain, table_record, table_records
from shuibao.tables import Table


@dataclasses.dataclass
class Record:
    role: str
    cells: np.int64
    share: float


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (np.bool_(True), True),
        (float("nan"), None),
        (np.inf, None),
        (pd.NaT, None),
        (dt.date(2025, 5, 1), "2025-05-01"),
        ({"b", "a"}, ["a", "b"]),
        ((1, np.nan), [1, None]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ({1: {2: pd.Series([1.5])}}, {"1": {"2": [1.5]}}),
        (pd.DataFrame({"x": [1, 2], "名": ["a", None]}), [{"x": 1, "名": "a"}, {"x": 2, "名": None}]),
        (Record("dem", np.int64(4), np.nan), {"role": "dem", "cells": 4, "share": None}),
    ],
)
def test_any_value_becomes_plain_json(value, told):
    assert plain(value) == told
    json.loads(as_json(value))


def test_chinese_stays_readable_in_the_file():
    assert "宁武县" in as_json({"name": "宁武县"}).decode()


def test_a_table_record_changes_with_a_row_but_not_with_the_order_of_columns():
    table = tables.load("slope_grades")
    turned = Table(table.name, table.rows[table.rows.columns[::-1]])
    changed = Table(table.name, table.rows.assign(high=table.rows["high"] + 1))
    assert table_record(table) == table_record(turned)
    assert table_record(table)["sha256"] != table_record(changed)["sha256"]
    assert table_record(table)["provisional"] == len(table.rows)


def test_table_records_come_once_and_by_name():
    used = [tables.load("slope_grades"), tables.load("cover_grades"), tables.load("slope_grades")]
    assert [r["name"] for r in table_records(used)] == ["cover_grades", "slope_grades"]


def test_two_parts_of_one_table_are_two_records():
    table = tables.load("slope_grades")
    assert len(table_records([table.where(system="sl190"), table.where(system="land_survey")])) == 2


def test_a_layer_on_another_grid_carries_its_own_grid(tmp_path):
    coarse = GRID.zoom_out(2)
    with writer(tmp_path / "p") as product:
        product.raster("fine", soil_loss())
        product.raster("coarse", grids.layer(np.ones(coarse.shape, "float32"), coarse, "soil_loss"))
        product.finish({}, created=NOON)
    assets = open_product(tmp_path / "p").manifest["assets"]
    assert "proj:shape" not in assets["fine"]
    assert assets["coarse"]["proj:shape"] == list(coarse.shape)
    assert assets["coarse"]["raster:bands"][0]["spatial_resolution"] == 60


def test_a_system_without_a_code_is_written_out(tmp_path):
    local = "+proj=tmerc +lat_0=0 +lon_0=112.3 +k=1 +x_0=500000 +ellps=GRS80 +units=m"
    grid = GeoBox((20, 30), Affine(30, 0, 500_000, 0, -30, 4_300_000), local)
    with writer(tmp_path / "p", grid=grid) as product:
        product.raster("soil_loss", grids.layer(np.ones(grid.shape, "float32"), grid, "soil_loss"))
        product.finish({}, created=NOON)
    product = open_product(tmp_path / "p")
    assert product.properties["proj:code"] is None
    assert "Transverse" in product.properties["proj:wkt2"]
    assert 112 < product.manifest["bbox"][0] < 113
    assert product.layer("soil_loss").odc.geobox.crs == grid.crs


def test_a_product_of_measured_layers_is_not_synthetic(tmp_path):
    with writer(tmp_path / "p") as product:
        product.raster("rain", grids.layer(np.ones(GRID.shape, "float32"), GRID, "rain_depth", provenance="measured"))
        product.finish({}, created=NOON)
    assert open_product(tmp_path / "p").properties["shuibao:synthetic"] is False


def test_a_stamp_of_another_zone_is_told_in_universal_time(tmp_path):
    beijing = dt.timezone(dt.timedelta(hours=8))
    with writer(tmp_path / "p") as product:
        product.finish({}, created=dt.datetime(2026, 1, 1, 6, 30, tzinfo=beijing))
    assert open_product(tmp_path / "p").properties["created"] == "2025-12-31T22:30:00Z"


def test_inputs_may_be_records_of_any_kind(tmp_path):
    with writer(tmp_path / "p") as product:
        product.finish({}, created=NOON, inputs=[Record("dem", np.int64(9), 0.25), {"role": "soil"}])
    told = open_product(tmp_path / "p").properties["shuibao:inputs"]
    assert told == [{"role": "dem", "cells": 9, "share": 0.25}, {"role": "soil"}]


def test_files_laid_into_the_folder_are_assets_with_a_fitting_role(tmp_path):
    with writer(tmp_path / "p") as product:
        (product.folder / "pictures").mkdir()
        (product.folder / "pictures" / "map.png").write_bytes(b"png")
        (product.folder / "report.pdf").write_bytes(b"pdf")
        product.file(tmp_path_file(tmp_path), "notes/method.txt", "metadata", title="Method")
        product.finish({}, created=NOON)
    opened = open_product(tmp_path / "p")
    assets = {a["href"]: (a["roles"], a["type"]) for a in opened.manifest["assets"].values()}
    assert assets["./pictures/map.png"] == (["visual"], "image/png")
    assert assets["./report.pdf"] == (["report"], "application/pdf")
    assert assets["./notes/method.txt"] == (["metadata"], "text/plain; charset=utf-8")
    assert opened.verify() == []


def tmp_path_file(folder):
    path = folder / "method.txt"
    path.write_text("how", encoding="utf-8")
    return path


def test_a_vector_layer_that_is_not_there_is_refused(tmp_path):
    with writer(tmp_path / "p") as product:
        product.vector("townships", townships())
        product.finish({}, created=NOON)
    opened = open_product(tmp_path / "p")
    assert len(opened.vector("townships")) == 2
    with pytest.raises(InputError, match="no vector layer 'villages'"):
        opened.vector("villages")
    with pytest.raises(InputError, match=r"no 'slope' in the product"):
        opened.layer("slope")
