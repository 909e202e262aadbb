"""The report says what the summary says, needs nothing beside it, and stands without any of its optional parts."""

import base64
import io
import re
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from shuibao.reports import ReportContent, style, write_report
from shuibao.reports.kernels.blocks import block_mode

VOID = {"meta", "input", "img", "br", "hr", "link"}


class Page(HTMLParser):
    """The exact values of a page, and whether its elements nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: list[float] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "data":
            self.values.append(float(dict(attrs)["value"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def numbers(tree: object) -> list[float]:
    """Every number in the summary except the years."""
    if isinstance(tree, dict):
        return [n for k, v in tree.items() if k != "year" for n in numbers(v)]
    if isinstance(tree, list):
        return [n for v in tree for n in numbers(v)]
    return [float(tree)] if isinstance(tree, (int, float)) and not isinstance(tree, bool) else []


def test_every_number_of_the_summary_stands_on_the_page(content, report):
    shown = np.array(Page(report[0].read_text("utf-8")).values)
    wanted = numbers(dict(content.summary))
    assert len(wanted) > 100
    assert all(np.isclose(shown, n, rtol=1e-12, atol=0).any() for n in wanted)


def test_the_page_nests_and_loads_nothing_from_elsewhere(report):
    text = report[0].read_text("utf-8")
    assert Page(text).open == []
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", text)
    assert "<script" not in text
    assert "url(http" not in text


def test_every_picture_of_the_page_shows_something(report):
    pictures = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", report[0].read_text("utf-8"))
    large = [p for p in (Image.open(io.BytesIO(base64.b64decode(p))) for p in pictures) if p.width > 300]
    assert len(large) >= 12
    assert all(len(np.unique(np.asarray(p))) > 1 for p in large)


def test_the_sheets_have_the_sizes_of_their_paper(report):
    for name, sides in (("map_A3.pdf", (841.9, 1190.6)), ("map_A4.pdf", (595.3, 841.9))):
        data = next(p for p in report if p.name == name).read_bytes()
        box = [float(v) for v in re.search(rb"/MediaBox \[ ([\d. ]+)\]", data)[1].split()]
        assert sorted(box[2:]) == pytest.approx(sides, abs=0.2)


def test_a_name_with_markup_stays_text(content, tmp_path):
    summary = dict(content.summary)
    summary["places"] = [dict(p, name="<script>x</script>") for p in summary["places"]]
    text = write_report(ReportContent(summary), tmp_path)[0].read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_summary_alone_makes_a_page_and_says_what_is_missing(content, tmp_path):
    bare = {k: content.summary[k] for k in ("year", "conservation_rate_percent", "total_area_km2", "eroded_area_km2")}
    paths = write_report(ReportContent(bare), tmp_path)
    text = paths[0].read_text("utf-8")
    assert [p.name for p in paths] == ["report.html"]
    assert Page(text).open == []
    assert "合成数据" not in text


def test_made_up_data_are_flagged(report):
    assert 'class="band"' in report[0].read_text("utf-8")


def test_layers_without_places_still_make_maps(content, tmp_path):
    empty = gpd.GeoDataFrame(columns=["level", "code", "name", "geometry"], geometry="geometry", crs="EPSG:4547")
    layers = {"intensity_class": content.layers["intensity_class"]}
    names = {p.name for p in write_report(ReportContent(content.summary, layers, empty), tmp_path)}
    assert {"map_A3.pdf", "map_A4.pdf", "map.png", "map_accessible.png"} <= names


def test_every_class_and_use_has_a_look_of_its_own():
    look = style()
    assert [e.code for e in look.classes] == [1, 2, 3, 4, 5, 6]
    assert len({e.hatch for e in look.classes}) == 6
    assert len({e.colour for e in look.land_use}) == len(look.land_use) == 25


def test_the_most_frequent_code_wins_and_ties_go_to_the_lowest():
    counts = np.zeros(256, np.int64)
    for cells, wanted in (([[1, 2], [2, 0]], 2), ([[3, 2], [2, 3]], 2), ([[0, 0], [0, 5]], 0)):
        array = np.array(cells, np.uint8)
        assert block_mode(array, 0, counts) == block_mode.py_func(array, 0, counts) == wanted
