"""The demonstration county: written, checked, monitored; its known changes show."""

import json

import geopandas as gpd
import numpy as np
import pytest
from studies.conftest import NOW

from shuibao import io
from shuibao.errors import SourceError
from shuibao.studies.checking import check_county
from shuibao.studies.demonstration import run_demonstration, write_demonstration_county

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_demonstration(folder, cell=240, created=NOW)


def test_the_county_is_found_sound(demo):
    assert [f.message for f in check_county(demo[0] / "county/county.toml") if f.severity == "error"] == []


def test_both_years_are_whole_and_synthetic(demo):
    for product in demo[1]:
        assert product.verify() == []
        assert product.summary["synthetic"]
        assert {r["provenance"] for r in product.properties["shuibao:layers"]} == {"synthetic"}
        assert "合成数据" in (product.folder / "report.html").read_text(encoding="utf-8")


def test_no_ground_of_the_county_is_unknown(demo):
    assert [p.summary["nodata_area_km2"] for p in demo[1]] == [0, 0]


def test_townships_and_basins_tile_the_county(demo):
    summary = demo[1][1].summary
    for level, count in (("township", 12), ("basin", 4)):
        areas = [p["total_area_km2"] for p in summary["places"] if p["level"] == level]
        assert len(areas) == count
        assert sum(areas) == pytest.approx(summary["total_area_km2"], rel=1e-9)
    assert not any(w["code"] == "places_do_not_tile" for w in summary["warnings"])


def test_the_two_years_are_alike_in_method(demo):
    assert io.comparable(*demo[1]) == []


def test_the_known_changes_show_where_they_are(demo):
    folder, (before, after) = demo
    truth = gpd.read_file(folder / "county/truth.gpkg")
    change = (after.layer("erosion_modulus").load() - before.layer("erosion_modulus").load()).values
    box = after.layer("erosion_modulus").odc.geobox
    from rasterio.features import geometry_mask

    for kind, sign in (("new_terrace", -1), ("new_disturbance", 1), ("closure", -1)):
        shapes = truth[truth["kind"] == kind].geometry
        assert len(shapes) > 5
        there = geometry_mask(shapes, change.shape, box.affine, invert=True)
        assert np.sign(np.nanmedian(change[there])) == sign, kind
    untouched = geometry_mask(truth.geometry.buffer(400), change.shape, box.affine)
    assert np.nanmax(np.abs(change[untouched])) == 0


def test_the_same_seed_writes_the_same_files(demo, tmp_path):
    write_demonstration_county(tmp_path / "again", cell=240)
    first = demo[0] / "county"
    files = sorted(
        p.relative_to(first) for p in first.rglob("*") if p.is_file() and p.suffix in {".tif", ".csv", ".toml"}
    )
    assert len(files) > 50
    assert [f for f in files if (first / f).read_bytes() != (tmp_path / "again" / f).read_bytes()] == []


def test_a_strangers_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(SourceError, match="not a demonstration county"):
        write_demonstration_county(tmp_path / "mine", cell=240)
    assert (tmp_path / "mine/letter.txt").read_text(encoding="utf-8") == "dear"


def test_the_summary_stays_readable_as_json(demo):
    text = (demo[1][1].folder / "summary.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["county"]["name"] == "宁武县（演示）"
