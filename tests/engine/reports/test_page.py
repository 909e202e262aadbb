"""The page: every part is there or says why not, it loads nothing, runs nothing, and reads in two languages."""

import base64
import dataclasses
import hashlib
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from shuibao.reports import ReportContent, style
from shuibao.reports.ground import ground_of
from shuibao.reports.page import render

VOID = {"meta", "input", "img", "br", "hr", "link"}
SECTIONS = ("map", "statistics", "change", "charts", "factors", "inputs", "provisional", "methods")


class Outline(HTMLParser):
    """Tags with their attributes and the words between them, by the classes of the elements around."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.words: list[tuple[str, tuple[str, ...]]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(t in ("style", "title") for t, _ in self._open):
            self.words.append((data.strip(), tuple(c for _, c in self._open)))

    def named(self, tag: str) -> list[dict]:
        return [attrs for name, attrs in self.tags if name == tag]


def without_maps(content: ReportContent, **more: object) -> ReportContent:
    return dataclasses.replace(content, layers={}, **more)


def words(page: str) -> str:
    """The text of a page in one line."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", re.sub("(?s)<style>.*?</style>", "", page)))


def part(page: str, name: str) -> str:
    """The words of one section."""
    after = page.split(f'<h2 id="{name}">')[1]
    return words("<h2>" + after.split("<h2 id=")[0])


@pytest.fixture(scope="module")
def page(content) -> str:
    return render(content, ground_of(content, 200))


@pytest.fixture(scope="module")
def bare(content) -> str:
    keys = ("year", "conservation_rate_percent", "total_area_km2", "eroded_area_km2")
    return render(ReportContent({k: content.summary[k] for k in keys}), None)


def test_every_section_stands_in_its_order(page):
    assert re.findall(r'<h2 id="(\w+)">', page) == list(SECTIONS)


def test_ids_are_unique_and_labels_point_to_something(page):
    outline = Outline(page)
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["for"] for a in outline.named("label")} <= set(ids)


def test_the_policy_allows_only_the_style_that_is_there(page):
    (policy,) = [a["content"] for a in Outline(page).named("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    css = re.search("(?s)<style>(.*?)</style>", page)[1]
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"


def test_there_is_no_style_beside_the_one_allowed(page):
    assert page.count("<style>") == 1
    assert all("style" not in attrs for _, attrs in Outline(page).tags)


def test_nothing_runs_and_nothing_is_fetched(page):
    outline = Outline(page)
    assert not outline.named("script")
    assert not outline.named("link")
    assert not any(name.startswith("on") for _, attrs in outline.tags for name in attrs)
    assert all(a["src"].startswith("data:image/png") for a in outline.named("img"))


def test_every_picture_has_words_for_those_who_do_not_see_it(page):
    assert all("alt" in a for a in Outline(page).named("img"))
    large = [a for a in Outline(page).named("img") if len(a["src"]) > 5000]
    assert all(a["alt"] for a in large)


def test_the_language_can_be_switched_without_a_script(page):
    outline = Outline(page)
    ids = [a["id"] for a in outline.named("input") if a.get("name") == "language"]
    assert ids == ["language-both", "language-zh", "language-en"]
    assert {"language-both", "language-zh", "language-en"} <= {a.get("for") for a in outline.named("label")}
    assert "#language-zh:checked ~ .page .en" in page
    assert "#language-en:checked ~ .page .zh" in page


def test_each_heading_reads_in_both_languages(page):
    for heading in re.findall(r"(?s)<h2 id.*?</h2>", page):
        assert re.search(r'class="zh">[^<]+', heading)
        assert re.search(r'class="en">[^<]+', heading)


def test_the_page_says_its_language_and_fits_a_phone(page):
    outline = Outline(page)
    assert outline.named("html")[0]["lang"] == "zh-CN"
    assert any(a.get("name") == "viewport" and "width=device-width" in a["content"] for a in outline.named("meta"))


def test_wide_tables_scroll_in_boxes_of_their_own(page):
    before = [page[: m.start()].rstrip() for m in re.finditer(r'<table class="(matrix)?">', page)]
    assert len(before) >= 6
    assert all('<div class="scroll"' in text[-160:] for text in before)


@pytest.mark.parametrize("grid", [".charts", ".atlas"])
def test_what_is_wide_cannot_widen_the_page(page, grid):
    rule = re.search(rf"\{grid} {{([^}}]*)}}", page)[1]
    assert "minmax(0, 1fr)" in rule, "a plain 1fr grows with its content, and a phone would scroll the page sideways"


def test_maps_have_one_tab_each_and_the_first_is_chosen(page):
    picks = [a for a in Outline(page).named("input") if a.get("name") == "map"]
    assert [a["id"] for a in picks] == ["map-class", "map-safe", "map-use", "map-change"]
    assert [("checked" in a) for a in picks] == [True, False, False, False]


def test_a_layer_that_is_missing_has_no_tab(content):
    layers = {"intensity_class": content.layers["intensity_class"]}
    alone = dataclasses.replace(content, layers=layers)
    text = render(alone, ground_of(alone, 200))
    assert 'id="map-class"' in text
    assert 'id="map-use"' not in text
    assert 'id="map-change"' not in text


def test_the_legend_of_the_page_has_the_areas_of_the_summary(content, page):
    for key, area in content.summary["class_area_km2"].items():
        row = re.search(rf'(?s)<tr data-class="{key}">.*?</tr>', page)[0]
        assert f'value="{area!r}"' in row


def test_only_land_uses_that_occur_are_in_the_legend(content, page):
    listed = re.search(r'(?s)<ul class="uses">(.*?)</ul>', page)[1]
    shown = set(re.findall(r'class="zh">([^<]+)', listed))
    present = ground_of(content, 200).codes("land_use")
    assert shown == {e.zh for e in style().land_use if (present == e.code).any()}
    assert len(shown) >= 5


def test_made_up_data_are_flagged_above_everything(page):
    body = page.split("<body>")[1]
    assert body.index('class="band"') < body.index("<header>")
    assert "不得用于考核或公布" in page
    assert "SYNTHETIC DATA" in page


def test_real_data_are_not_flagged(content):
    real = without_maps(content, summary=dict(content.summary) | {"synthetic": False})
    assert 'class="band"' not in render(real, None)


def test_a_scientific_product_says_so(content):
    text = render(without_maps(content, summary=dict(content.summary) | {"kind": "scientific"}), None)
    assert "科学口径" in words(text)
    assert "法定口径" not in words(text)


def test_warnings_stand_with_their_code_in_both_languages(page):
    text = part(page, "inputs")
    assert "unknown-cells" in text
    assert "土壤可蚀性 K 有 1.83 km² 未知" in text
    assert "K is unknown on 1.83 km2" in text


def test_many_warnings_of_one_kind_stand_together_and_none_is_lost(content):
    many = [{"code": "rain", "message": f"station {k}", "message_zh": f"雨量站 {k}"} for k in range(12)]
    text = render(without_maps(content, warnings=[*many, {"code": "dem", "message": "flat", "message_zh": "平"}]), None)
    assert text.count("<code>rain</code>") == 1
    assert all(f"雨量站 {k}<" in text for k in range(12))
    assert "12 条" in part(text, "inputs")
    assert "<code>dem</code>" in text


def test_a_warning_without_chinese_is_shown_as_it_is(content):
    text = render(without_maps(content, warnings=[{"code": "x", "message": "only English"}]), None)
    assert "only English" in part(text, "inputs")


def test_provisional_rows_are_listed_by_their_table_with_their_source(page):
    text = part(page, "provisional")
    assert "尚未与标准原文核对" in text
    assert "slr 2 行" in text
    assert "engineering 1 行" in text
    assert "land_use=32, form=shrub, a=1.17647, b=0.86242" in text
    assert text.count("2018 rules, from memory") == 2


def test_inputs_are_listed_with_role_file_and_checksum(page):
    text = part(page, "inputs")
    assert "dem.tif" in text
    assert "地类图斑.shp" in text
    assert "高程 Elevation" in text
    assert "CGCS2000 / 3-degree Gauss-Kruger CM 114E EPSG:4547" in text


def test_parameters_are_shown_flat_by_their_full_names(page):
    text = part(page, "methods")
    assert "erosivity.threshold_mm 10.0" in text
    assert "years 2024, 2025" in text


def test_the_change_stands_with_its_tables(page):
    text = part(page, "change")
    assert "强度等级转移" in text
    assert "土地利用转移" in text
    assert "较2024年" in words(page)


def test_without_a_baseline_the_page_says_so(content):
    text = render(without_maps(content, baseline=None), None)
    assert "本次未提供对比期成果" in part(text, "change")
    assert "较2024年" not in words(text)


def test_townships_and_basins_have_tables_of_their_own(page):
    text = part(page, "statistics")
    for wanted in ("全域", "乡镇", "流域", "凤凰镇", "汾河流域"):
        assert wanted in text


def test_without_places_the_table_by_place_stands_in(content):
    summary = {k: v for k, v in content.summary.items() if k != "places"}
    table = pd.DataFrame({"name": ["某村"], "slight": [1.0]})
    text = render(without_maps(content, summary=summary, tables={"class_by_place": table}), None)
    assert "某村" in part(text, "statistics")


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("map", "没有可绘制的图层。"), ("statistics", "未给出乡镇或流域界线，仅有全区合计。"), ("change", "本次未提供对比期成果"), ("charts", "没有可绘制的图表。"),
        ("factors", "未给出因子图层。"), ("inputs", "没有警示。"), ("inputs", "未列输入。"), ("provisional", "没有暂定行。"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(bare, section, sentence):
    assert sentence in part(bare, section)


def test_a_bare_page_has_a_rate_no_target_and_no_verdict(content, bare):
    text = words(bare)
    assert "未设目标" in text
    assert "已达到" not in text
    assert f'value="{content.summary["conservation_rate_percent"]!r}"' in bare


def test_the_span_of_the_rate_is_told_only_where_ground_is_unknown(content, page):
    known = dict(content.summary) | {"nodata_area_km2": 0.0}
    assert "率的范围" in words(page)
    assert "率的范围" not in words(render(without_maps(content, summary=known), None))


def test_an_unknown_rate_is_a_dash_and_not_a_number(content):
    summary = {"year": 2025, "conservation_rate_percent": float("nan"), "total_area_km2": 0.0, "eroded_area_km2": 0.0}
    text = render(ReportContent(summary), None)
    assert '<p class="big"><span class="none">–</span>' in text
    assert "nan" not in words(text).lower()


def test_a_county_name_with_markup_stays_text(content):
    text = render(without_maps(content, summary=dict(content.summary) | {"county": {"name": "<img src=x>&"}}), None)
    assert "<img src=x>" not in text
    assert "&lt;img src=x&gt;&amp;" in text


def test_parameters_and_warnings_with_markup_stay_text(content):
    text = render(without_maps(content, parameters={"<b>": "<i>"}, warnings=[{"code": "<u>", "message": "<s>"}]), None)
    assert not re.search("<(b|i|u|s)>(?!合成|\\d|<)", part(text, "inputs"))
    for tag in ("b", "i", "u", "s"):
        assert f"&lt;{tag}&gt;" in text


@pytest.mark.filterwarnings("ignore:Glyph")
def test_characters_that_no_font_has_are_told(content):
    places = content.places.copy()
    places.loc[1, "name"] = "甲\U000f1234乡"
    odd = dataclasses.replace(content, places=places)
    assert "下列字在图中无法显示：\U000f1234" in words(render(odd, ground_of(odd, 150)))


def test_rounded_shares_of_the_legend_are_beside_a_total_of_the_whole(content, page):
    legend = re.search(r'(?s)<table class="legend">.*?</table>', page)[0]
    foot = legend.split("<tfoot>")[1]
    assert f'value="{content.summary["total_area_km2"]!r}"' in foot
    assert "100.00" in foot


def test_the_version_that_made_it_is_named(page):
    assert "由 shuibao 0.1.0 生成" in words(page)
