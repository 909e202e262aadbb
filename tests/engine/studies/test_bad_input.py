"""What a user sees when a file is wrong: the message names the file, what was found and the way out, and nothing half-written stays."""

import os
import signal
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from processes import hear_ctrl_c
from real_data import real_data
from shapely.affinity import translate
from shapely.geometry import Polygon
from studies import small_county
from studies.conftest import NOW
from studies.small_county import CRS, write_raster

from shuibao.errors import CoordinateError, InputError, ResourceError, ShuibaoError, SourceError
from shuibao.io import gcj02_from_wgs84, open_product
from shuibao.studies.annual_monitoring import monitor_year
from shuibao.studies.checking import check_county
from shuibao.studies.memory import available_memory


def edit(county, old, new):
    text = county.read_text(encoding="utf-8")
    assert old in text
    county.write_text(text.replace(old, new), encoding="utf-8")


def messages(county):
    """What `shuibao check` finds, as one text of errors."""
    return "\n".join(f.message for f in check_county(county) if f.severity == "error")


def refused(county, tmp_path, kind, *words):
    """The run stops with an error of the kind whose message has all words; the check says the same; no product appears."""
    out = tmp_path / "product"
    with pytest.raises(kind) as caught:
        monitor_year(county, 2024, out, created=NOW)
    for word in words:
        assert word in str(caught.value)
        assert word in messages(county)
    assert not out.exists()
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []


def test_a_sound_county_has_no_problem(county):
    assert [f for f in check_county(county) if f.severity == "error"] == []


def test_every_mistake_is_told_at_once(county):
    (county.parent / "soil.tif").unlink()
    (county.parent / "rain.csv").unlink()
    (county.parent / "2025/land_use.tif").unlink()
    (county.parent / "2024/ndvi_07.tif").unlink()
    told = messages(county)
    for name in ("soil.tif", "rain.csv", "2025/land_use.tif", "2024/ndvi_07.tif"):
        assert name in told


@pytest.mark.parametrize(
    ("there", "instead", "told"),
    [
        ('rain = { path = "rain.csv" }', "", "neither rain nor R"),
        ('soil = { path = "soil.tif", table = "soils.csv" }', "", "neither a soil map with its table nor K"),
        ('rain = { path = "rain.csv" }', 'rain = { path = "rain.csv" }\nrivers = "rivers.shp"', "rivers.shp"),
        ('rain = { path = "rain.csv" }', 'rain = { path = "rain.csv" }\nparcels = "parcels.gpkg"', "parcels.gpkg"),
        ('rain = { path = "rain.csv" }', 'rain = { path = "rain.csv" }\nbarriers = "roads.gpkg"', "roads.gpkg"),
        ("rotation_zone = 2", 'rotation_zone = "zones.tif"', "zones.tif"),
        ("[years.2025]", '[years.2025]\npractices = "practices.tif"', "practices.tif"),
        ("[years.2025]", '[years.2025]\nunder_canopy = "gd.tif"', "gd.tif"),
        ("[years.2025]", '[years.2025]\nrain = "rain2025.csv"', "rain2025.csv"),
        ("2025/ndvi_{half_month:02d}.tif", "2025/all.tif", "all.tif"),
        ('cover = { ndvi = "2025/ndvi_{half_month:02d}.tif" }', "", "0 kinds of plant cover"),
    ],
)
def test_the_check_opens_whatever_a_run_would(county, there, instead, told):
    edit(county, there, instead)
    assert told in messages(county)


def test_a_missing_file_names_what_lies_beside_it(county, tmp_path):
    (county.parent / "dem.tif").rename(county.parent / "dem1.tif")
    refused(county, tmp_path, SourceError, "dem.tif", "dem1.tif")


def test_a_truncated_raster_is_refused(county, tmp_path):
    path = county.parent / "dem.tif"
    path.write_bytes(path.read_bytes()[:900])
    refused(county, tmp_path, SourceError, "dem.tif")


def test_a_pointer_to_large_files_is_no_data(county, tmp_path):
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4" * 64 + "\nsize 13925190\n"
    (county.parent / "soil.tif").write_text(text)
    refused(county, tmp_path, SourceError, "soil.tif", "LFS")


def test_a_raster_of_another_zone_does_not_meet_the_county(county, tmp_path):
    write_raster(county.parent / "dem.tif", small_county.heights(), -9999.0, crs="EPSG:4549")
    refused(county, tmp_path, CoordinateError, "dem.tif")


def test_a_raster_without_a_coordinate_system_names_the_way_out(county, tmp_path):
    write_raster(county.parent / "dem.tif", small_county.heights(), -9999.0, crs=None)
    refused(county, tmp_path, CoordinateError, "dem.tif", "crs")
    edit(county, 'elevation = "dem.tif"', 'elevation = { path = "dem.tif", crs = "EPSG:4546" }')
    assert messages(county) == ""


def test_layers_of_another_place_are_refused(county, tmp_path):
    write_raster(county.parent / "soil.tif", np.ones((44, 40), "uint8"), 0, west=small_county.WEST + 90000)
    refused(county, tmp_path, CoordinateError, "soil.tif")


def test_a_boundary_shifted_like_web_maps_is_refused_and_can_be_mended(county, tmp_path):
    frame = gpd.read_file(county.parent / "boundary.gpkg").to_crs(4326)
    shifted = frame.geometry.iloc[0].segmentize(0.001)
    lon, lat = gcj02_from_wgs84(*(np.array(c) for c in shifted.exterior.coords.xy))
    frame.set_geometry([Polygon(np.c_[lon, lat])], crs=4326).to_file(county.parent / "boundary.gpkg")
    refused(county, tmp_path, CoordinateError, "boundary.gpkg", "GCJ-02", "gcj02 = true")
    edit(county, 'boundary = "boundary.gpkg"', 'boundary = { path = "boundary.gpkg", gcj02 = true }')
    mended = monitor_year(county, 2024, tmp_path / "product", created=NOW)
    assert mended.summary["total_area_km2"] == pytest.approx(small_county.boundary().area / 1e6, abs=0.01)


def test_the_shifted_boundary_of_a_real_county_is_caught(county, tmp_path):
    true, shifted = (
        real_data("ningwu/ningwu_140925_tianditu_wgs84.geojson"),
        real_data("ningwu/ningwu_140925_cnmaps.geojson"),
    )
    places = gpd.read_file(true).assign(code="140925", name="宁武县")[["code", "name", "geometry"]]
    places.to_file(county.parent / "townships.gpkg")
    edit(county, 'boundary = "boundary.gpkg"', f'boundary = "{shifted}"')
    assert "GCJ-02" in messages(county)


def test_a_factor_without_a_known_cell_is_refused(county, tmp_path):
    write_raster(county.parent / "k.tif", np.full((44, 40), np.nan, "float32"), np.nan)
    edit(county, "[[layers.places]]", '[layers.factors]\nK = "k.tif"\n\n[[layers.places]]')
    refused(county, tmp_path, InputError, "k.tif", "unknown")


def test_an_unknown_land_use_is_named_with_its_cells(county, tmp_path):
    cells = small_county.land_use(2024)
    cells[20:22, 20:23] = 99
    write_raster(county.parent / "2024/land_use.tif", cells, 0)
    refused(county, tmp_path, InputError, "99", "6 cells", "recode")


def test_a_factor_in_percent_is_refused(county, tmp_path):
    write_raster(county.parent / "b.tif", np.full((44, 40), 1.3, "float32"), np.nan)
    edit(county, "[years.2024]", '[years.2024]\nfactors = { B = "b.tif" }')
    refused(county, tmp_path, InputError, "b.tif", "1.3", "0 to 1")


def test_negative_rain_is_named_by_its_line(county, tmp_path):
    rain = small_county.rain()
    rain.loc[200, "p_mm"] = -3.0
    rain.to_csv(county.parent / "rain.csv", index=False)
    refused(county, tmp_path, InputError, "-3", "line 202")


def test_a_day_that_stands_twice_is_named(county, tmp_path):
    rain = small_county.rain()
    pd.concat([rain, rain.iloc[[100]]]).to_csv(county.parent / "rain.csv", index=False)
    refused(county, tmp_path, InputError, "1995-04-11")


def test_a_table_in_a_wrong_encoding_is_caught(county, tmp_path):
    text = (county.parent / "soils.csv").read_text(encoding="utf-8")
    (county.parent / "soils.csv").write_bytes(text.replace("褐土", "锟斤拷锟斤拷").encode())
    refused(county, tmp_path, SourceError, "soils.csv")


def test_a_table_in_the_office_encoding_is_read(county):
    text = (county.parent / "soils.csv").read_text(encoding="utf-8")
    (county.parent / "soils.csv").write_bytes(text.encode("gb18030"))
    assert messages(county) == ""


def test_a_self_crossing_boundary_is_named_with_its_place_and_can_be_mended(county, tmp_path):
    west, south, east, north = small_county.boundary().bounds
    bow = Polygon([(west, south), (east, north), (east, south), (west, north)])
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[bow], crs=CRS).to_file(county.parent / "boundary.gpkg")
    refused(county, tmp_path, InputError, "boundary.gpkg", "repair")
    edit(county, 'boundary = "boundary.gpkg"', 'boundary = { path = "boundary.gpkg", repair = true }')
    mended = monitor_year(county, 2024, tmp_path / "product", created=NOW)
    assert mended.summary["total_area_km2"] == pytest.approx(small_county.boundary().area / 2e6, abs=0.01)


def test_townships_that_leave_a_gap_are_told_not_hidden(county, tmp_path):
    towns = small_county.townships()
    towns.geometry = [towns.geometry.iloc[0], translate(towns.geometry.iloc[1], xoff=60)]
    towns.to_file(county.parent / "townships.gpkg")
    product = monitor_year(county, 2024, tmp_path / "product", created=NOW)
    told = [w["message"] for w in product.summary["warnings"] if w["code"] == "places_do_not_tile"]
    assert len(told) == 1
    assert "belong to no place" in told[0]


def test_unknown_ground_is_not_counted_as_sound(county, tmp_path):
    cells = small_county.heights()
    cells[20:24, 20:26] = -9999.0
    write_raster(county.parent / "dem.tif", cells, -9999.0)
    summary = monitor_year(county, 2024, tmp_path / "product", created=NOW).summary
    low, high = summary["rate_bounds_percent"]
    assert summary["nodata_area_km2"] == pytest.approx(24 * 900e-6, rel=1e-3)
    assert low < summary["conservation_rate_percent"] < high
    assert any(w["code"] == "unknown_cells" for w in summary["warnings"])


def test_a_year_that_is_not_there_names_those_that_are(county, tmp_path):
    with pytest.raises(InputError, match=r"no year 2030; expected one of \[2024, 2025\]"):
        monitor_year(county, 2030, tmp_path / "product", created=NOW)


def test_a_grid_larger_than_memory_is_refused_in_words(county, tmp_path, monkeypatch):
    monkeypatch.setattr("shuibao.studies.memory.available_memory", lambda: 100_000)
    with pytest.raises(
        ResourceError, match=r"a grid of 1,\d{3} cells: 0\.0 GB of memory are free; expected about .* larger cell"
    ):
        monitor_year(county, 2024, tmp_path / "product", created=NOW)
    monkeypatch.setattr("shuibao.studies.memory.available_memory", lambda: None)
    assert monitor_year(county, 2024, tmp_path / "product", created=NOW).summary["year"] == 2024


def test_free_memory_is_read_where_the_system_tells_it(tmp_path, monkeypatch):
    meminfo = tmp_path / "meminfo"
    monkeypatch.setattr("shuibao.studies.memory.MEMINFO", meminfo)
    assert available_memory() is None
    meminfo.write_text("MemTotal: 24000 kB\nMemAvailable:   2048 kB\n", encoding="ascii")
    assert available_memory() == 2 * 1024**2


def test_a_strangers_folder_is_refused_before_any_work(county, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear", encoding="utf-8")
    seen = []
    with pytest.raises(SourceError, match="not a product"):
        monitor_year(county, 2024, tmp_path / "mine", created=NOW, progress=lambda done, message: seen.append(message))
    assert seen == []
    assert (tmp_path / "mine/letter.txt").read_text(encoding="utf-8") == "dear"


def test_statutory_methods_cannot_be_bent(county, tmp_path):
    with pytest.raises(InputError, match="--kind scientific"):
        monitor_year(county, 2024, tmp_path / "product", methods={"ephemeral_gullies": True}, created=NOW)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 40 MB."""
    place = tmp_path / "tiny"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("A TINY DISK CANNOT BE MOUNTED HERE (needs root): the full disk is not tested")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_leaves_the_old_product(county, tiny_disk):
    out = tiny_disk / "product"
    before = monitor_year(county, 2024, out, created=NOW).manifest
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(39_000_000 - sum(p.stat().st_size for p in out.rglob("*") if p.is_file())))
    with pytest.raises(ResourceError, match=r"MB free; expected about .*MB.*nothing was changed"):
        monitor_year(county, 2025, out, created=NOW)
    assert open_product(out).manifest == before
    assert open_product(out).verify() == []
    assert sorted(p.name for p in tiny_disk.iterdir()) == ["ballast", "product"]


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_leaves_nothing_and_the_next_one_works(county, tmp_path, blow):
    out = tmp_path / "out" / "product"
    command = [sys.executable, "-m", "shuibao.cli", "monitor", str(county), "--year", "2024", "--out", str(out)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=hear_ctrl_c)
    for line in run.stderr:
        if "layer" in line or "report" in line:
            break
    run.send_signal(blow)
    told = run.stderr.read()
    run.wait(60)
    assert run.returncode == (130 if blow == signal.SIGINT else -signal.SIGKILL)
    assert (blow == signal.SIGKILL) or "Cancelled" in told
    assert not out.exists()
    assert monitor_year(county, 2024, out, created=NOW).verify() == []
    assert [p.name for p in out.parent.iterdir()] == ["product"]


def test_all_five_kinds_of_error_tell_found_expected_and_way_out():
    error = ShuibaoError("found this", expected="that", where="file.tif", remedy="Do so.")
    assert str(error) == "file.tif: found this; expected that. Do so."
    assert {c.exit_code for c in ShuibaoError.__subclasses__()} == {2, 3, 4, 5, 130}
    assert all(c.title_zh for c in ShuibaoError.__subclasses__())
