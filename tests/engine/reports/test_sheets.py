"""The files of maps: sizes, readable text, fonts inside, areas as in the summary, the mark of made-up data, same bytes every time."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from odc.geo.geobox import GeoBox
from PIL import Image

from shuibao.grids import layer
from shuibao.reports import ReportContent, style, write_report
from shuibao.reports.ground import class_picture, ground_of
from shuibao.reports.numbers import written
from shuibao.reports.pictures import pdf_of
from shuibao.reports.sheet import draw_sheet
from shuibao.reports.style import rgb


@pytest.fixture
def sheets(report) -> Path:
    """The folder of the report."""
    return report[0].parent


def pdf_text(path: Path) -> str:
    """What a reader can search for in a PDF."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not on this machine")
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()


def plain(summary: dict, **layers) -> ReportContent:
    """A small real (not made-up) content of 40 by 60 cells."""
    box = GeoBox.from_bbox((600000, 4280000, 606000, 4284000), "EPSG:4547", shape=(40, 60))
    codes = np.ones((40, 60), np.uint8) + (np.indices((40, 60))[1] // 10).astype(np.uint8)
    outline = shapely.box(600500, 4280500, 605500, 4283500)
    places = gpd.GeoDataFrame(
        [("county", "1", "平川县", outline)], columns=["level", "code", "name", "geometry"], crs="EPSG:4547"
    )
    made = {"intensity_class": layer(codes, box, "intensity_class", provenance="derived", nodata=0)}
    return ReportContent(summary | {"synthetic": False}, made | layers, places)


def sheet_lines(content: ReportContent) -> dict[float, list[str]]:
    """The texts of the sheet by the height at which they stand."""
    ground = ground_of(content, 200)
    figure = draw_sheet(content, ground, class_picture(ground), "A4")
    paper = max(figure.axes, key=lambda ax: ax.get_position().width)
    lines: dict[float, list[str]] = {}
    for text in paper.texts:
        lines.setdefault(round(text.get_position()[1], 2), []).append(text.get_text())
    return lines


@pytest.mark.parametrize("name", ["map_A3.pdf", "map_A4.pdf"])
def test_the_words_of_a_sheet_can_be_searched(sheets, name):
    text = pdf_text(sheets / name)
    for wanted in (
        "宁武县土壤侵蚀强度分布图",
        "水土保持率",
        "比例尺",
        "图例",
        "说明",
        "县界",
        "乡镇界",
        "河流",
        "Soil erosion intensity",
    ):
        assert wanted in text


def test_the_rate_is_written_large_on_the_sheet(content):
    rate = f"{written(content.summary['conservation_rate_percent'], 'percent')} %"
    assert any(rate in line for line in sheet_lines(content).values())


def test_the_legend_has_the_areas_of_the_summary(content):
    lines, total = sheet_lines(content).values(), content.summary["total_area_km2"]
    for entry in style().classes:
        area = content.summary["class_area_km2"][entry.key]
        line = next(line for line in lines if entry.zh in line)
        assert entry.en in line
        assert written(area, "area") in line
        assert f"{written(100 * area / total, 'percent')} %" in line
    assert written(total, "area") in next(line for line in lines if "合计" in line)


def test_unknown_ground_has_a_line_in_the_legend(content):
    line = next(line for line in sheet_lines(content).values() if "未知" in line)
    assert written(content.summary["nodata_area_km2"], "area") in line


def test_all_townships_are_named_on_the_map(county, sheets):
    text = pdf_text(sheets / "map_A3.pdf")
    names = county.places.loc[county.places["level"] == "township", "name"]
    assert [n for n in names if n not in text] == []


def test_targets_stand_on_the_sheet_with_their_verdict(content):
    lines = sheet_lines(content).values()
    for year, rate in ((2025, "56.04"), (2035, "57.20")):
        line = next(line for line in lines if f"{year}年目标 {rate} %" in line)
        assert any("未达到" in word or "已达到" in word for word in line)


def test_the_notes_name_coordinate_system_cells_and_kind(content):
    text = "".join(word for line in sheet_lines(content).values() for word in line).replace(" ", "")
    for wanted in ("EPSG:4547", "栅格100m", "法定口径", "审图号"):
        assert wanted in text


@pytest.mark.parametrize("name", ["map_A3.pdf", "map_A4.pdf"])
def test_a_sheet_carries_its_fonts_and_no_date(sheets, name):
    data = (sheets / name).read_bytes()
    assert b"NotoSansSC-Regular" in data
    assert b"NotoSerifSC-Regular" in data
    assert b"/CharProcs" in data, "the outlines of the letters are inside"
    assert b"CreationDate" not in data


def test_a_picture_has_the_dots_of_a_printed_page(sheets):
    for name in ("map.png", "map_accessible.png"):
        image = Image.open(sheets / name)
        assert sorted(image.size) == pytest.approx([210 / 25.4 * 200, 297 / 25.4 * 200], abs=2)
        assert image.mode == "P"


def coloured(path: Path, colour: str, tolerance: int = 14) -> float:
    """The share of a picture's dots that have about a colour."""
    seen = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return float((np.abs(seen - rgb(colour)).max(axis=2) <= tolerance).mean())


def test_the_colours_of_the_classes_are_on_the_sheets(sheets):
    for entry in style().classes[:5]:
        assert coloured(sheets / "map.png", entry.colour) > 0.001
        assert coloured(sheets / "map_accessible.png", entry.safe) > 0.001


def test_made_up_data_are_marked_on_every_sheet(sheets):
    for name in ("map_A3.pdf", "map_A4.pdf"):
        text = pdf_text(sheets / name)
        assert "合成数据，非真实监测成果" in text
        assert "SYNTHETIC DATA" in text
    assert coloured(sheets / "map.png", style().page["bad"]) > 1e-4


def sheet_of(content: ReportContent, folder: Path) -> Path:
    """The A4 sheet alone."""
    ground = ground_of(content, 200)
    path = folder / "sheet.pdf"
    path.write_bytes(pdf_of(draw_sheet(content, ground, class_picture(ground), "A4", raw=True), "sheet"))
    return path


def test_real_data_are_not_marked_as_made_up(content, tmp_path):
    text = pdf_text(sheet_of(plain(dict(content.summary)), tmp_path))
    assert "土壤侵蚀强度分布图" in text
    assert "合成" not in text
    assert "SYNTHETIC" not in text


def test_a_wide_county_lies_across_and_shows_only_the_symbols_it_has(content, tmp_path):
    path = sheet_of(plain(dict(content.summary)), tmp_path)
    box = [float(v) for v in re.search(rb"/MediaBox \[ ([\d. ]+)\]", path.read_bytes())[1].split()]
    text = pdf_text(path)
    assert box[2] > box[3]
    assert "县界" in text
    assert "乡镇界" not in text
    assert "河流" not in text


def test_a_scientific_product_says_so_on_its_sheet(content, tmp_path):
    text = pdf_text(sheet_of(plain(dict(content.summary) | {"kind": "scientific"}), tmp_path))
    assert "科学口径" in text
    assert "法定口径" not in text


def test_same_content_same_bytes(county_of, tmp_path):
    county = county_of(300.0)
    one, two = (write_report(county.content(), tmp_path / name) for name in ("one", "two"))
    assert [p.name for p in one] == [p.name for p in two]
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_progress_is_told_in_chinese_and_never_runs_back(content, tmp_path):
    told: list[tuple[float, str]] = []
    write_report(plain(dict(content.summary)), tmp_path, lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(words.startswith("报告") for _, words in told)


def test_one_cell_makes_a_map(content, tmp_path):
    box = GeoBox.from_bbox((600000, 4280000, 600030, 4280030), "EPSG:4547", shape=(1, 1))
    layers = {
        "intensity_class": layer(np.array([[3]], np.uint8), box, "intensity_class", nodata=0),
        "elevation": layer(np.array([[800.0]], np.float32), box, "elevation"),
    }
    paths = write_report(ReportContent(content.summary, layers), tmp_path)
    assert coloured(tmp_path / "map.png", style().class_of(3).colour) > 0.05
    assert paths[0].stat().st_size > 10_000


def test_layers_without_classes_make_a_page_but_no_sheets(content, tmp_path):
    paths = write_report(ReportContent(content.summary, {"K": content.layers["K"]}), tmp_path)
    assert "map.png" not in {p.name for p in paths}
    assert "data:image/png" in paths[0].read_text("utf-8")


def test_a_report_written_over_an_older_one_replaces_it(content, tmp_path):
    bare = {k: content.summary[k] for k in ("year", "conservation_rate_percent", "total_area_km2", "eroded_area_km2")}
    write_report(ReportContent(bare | {"year": 1999}), tmp_path)
    (page,) = write_report(ReportContent(bare), tmp_path)
    assert "1999" not in page.read_text("utf-8")


def test_pictures_are_packed_small(sheets):
    assert (sheets / "map_A3.pdf").stat().st_size < 6e6
    assert (sheets / "report.html").stat().st_size < 8e6
    assert max((sheets / n).stat().st_size for n in ("map.png", "map_accessible.png")) < 3e6


def test_charts_are_files_of_their_own(sheets):
    names = {p.name for p in (sheets / "charts").iterdir()}
    assert names == {"class_shares.svg", "rate_by_place.svg", "modulus_by_land_use.svg", "half_month_erosivity.svg"}
    for path in (sheets / "charts").iterdir():
        assert path.read_text("utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg"')


def test_hatches_are_visible_on_the_accessible_sheet(sheets):
    seen = np.asarray(Image.open(io.BytesIO((sheets / "map_accessible.png").read_bytes())).convert("L")).astype(int)
    middle = seen[seen.shape[0] // 5 : seen.shape[0] // 2, seen.shape[1] // 4 : 3 * seen.shape[1] // 4]
    assert np.abs(np.diff(middle, axis=1)).mean() > 1.5, "the map is not of even tones"
