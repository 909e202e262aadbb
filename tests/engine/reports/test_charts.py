"""Charts are true to their numbers: lengths in proportion, labels present, nothing outside the frame."""

import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.reports import ReportContent
from shuibao.reports.charts import (
    GAUGE,
    WIDTH,
    charts,
    class_shares_chart,
    erosivity_chart,
    gauge,
    modulus_chart,
    rate_chart,
    spread,
)
from shuibao.reports.style import style

SVG = "{http://www.w3.org/2000/svg}"
PARTS = {"slight": 663.7, "light": 289.2, "moderate": 27.2, "intense": 8.2, "very_intense": 6.0, "severe": 5.7}


def drawn(chart: object) -> ET.Element:
    return ET.fromstring(str(chart))


def bars(chart: object, colour: str | None = None) -> list[tuple[float, float]]:
    """Left edge and width of each bar."""
    found = [r for r in drawn(chart).iter(f"{SVG}rect") if colour is None or r.get("fill") == colour]
    return [(float(r.get("x")), float(r.get("width"))) for r in found]


def words(chart: object) -> list[str]:
    return ["".join(t.itertext()) for t in drawn(chart).iter(f"{SVG}text")]


def content(**more: object) -> ReportContent:
    summary = {
        "year": 2025, "conservation_rate_percent": 66.37, "total_area_km2": 1000.0, "eroded_area_km2": 336.3, "class_area_km2": PARTS,
    }  # fmt: skip
    return ReportContent(summary | more)


def towns(*rates: float) -> list[dict]:
    return [{"level": "township", "name": f"乡{k}", "conservation_rate_percent": rate} for k, rate in enumerate(rates)]


def test_the_band_of_classes_is_in_proportion_and_fills_the_width():
    found = bars(class_shares_chart(content()))
    widths = [w for _, w in found]
    assert np.allclose(np.array(widths) / sum(widths), np.array(list(PARTS.values())) / 1000, atol=1e-4)
    assert sum(widths) == pytest.approx(WIDTH - 50, abs=0.1)


def test_every_class_is_labelled_even_the_smallest():
    said = words(class_shares_chart(content()))
    for entry in style().classes:
        assert entry.zh in said
        assert entry.en in said
    for share in ("66.37 %", "28.92 %", "2.72 %", "0.82 %", "0.60 %", "0.57 %"):
        assert share in said


def test_labels_of_classes_do_not_run_into_each_other_or_out_of_the_frame():
    labels = [t for t in drawn(class_shares_chart(content())).iter(f"{SVG}text") if "".join(t.itertext()).endswith("%")]
    x = np.array([float(t.get("x")) for t in labels])
    assert (np.diff(x) >= 57.9).all()
    assert x.max() + 29 <= WIDTH + 0.1


def test_a_label_moved_aside_is_led_to_its_class():
    assert len(list(drawn(class_shares_chart(content())).iter(f"{SVG}line"))) >= 3


def test_unknown_ground_has_its_own_part_of_the_band():
    chart = class_shares_chart(content(nodata_area_km2=100.0, total_area_km2=1100.0))
    assert len(bars(chart)) == 7
    assert "未知" in words(chart)


def test_the_baseline_is_a_second_band():
    two = ReportContent(content().summary, baseline=dict(content().summary) | {"year": 2024})
    assert len(bars(class_shares_chart(two))) == 12
    assert {"2025", "2024"} <= set(words(class_shares_chart(two)))


def test_townships_come_with_the_best_first_and_bars_in_proportion():
    chart = rate_chart(content(places=towns(31.33, 90.55, 74.8)))
    names = [w for w in words(chart) if w.startswith("乡")]
    widths = [w for _, w in bars(chart)]
    assert names == ["乡1", "乡2", "乡0"]
    assert np.allclose(np.array(widths) / widths[0], np.array([90.55, 74.8, 31.33]) / 90.55, atol=1e-3)
    assert {"90.55", "74.80", "31.33"} <= set(words(chart))


def test_targets_stand_across_the_bars_where_their_value_is():
    chart = rate_chart(content(places=towns(50.0, 100.0), targets=[{"year": 2025, "rate_percent": 50.0}]))
    (left, half), (_, whole) = sorted(bars(chart), key=lambda b: b[1])
    dashed = next(line for line in drawn(chart).iter(f"{SVG}line") if line.get("stroke-dasharray") != "none")
    assert float(dashed.get("x1")) == pytest.approx(left + half, abs=0.02)
    assert whole == pytest.approx(2 * half, abs=0.02)
    assert any("2025年目标" in w for w in words(chart))


def test_names_of_places_are_shown_in_any_language():
    chart = rate_chart(content(places=towns(50.0, 60.0)))
    names = [t for t in drawn(chart).iter(f"{SVG}text") if "".join(t.itertext()).startswith("乡")]
    assert len(names) == 2
    assert not any(part.get("class") for name in names for part in name.iter())


def test_one_place_alone_makes_no_chart_of_places():
    assert rate_chart(content(places=towns(50.0))) is None
    assert rate_chart(content()) is None


def test_a_place_of_unknown_rate_is_left_out():
    chart = rate_chart(content(places=towns(50.0, float("nan"), 60.0)))
    assert len(bars(chart)) == 2


def test_basins_and_the_county_are_no_townships():
    places = [*towns(50.0, 60.0), {"level": "county", "name": "县", "conservation_rate_percent": 55.0}]
    assert "县" not in words(rate_chart(content(places=places)))


def test_land_uses_come_by_their_modulus_in_their_colours():
    table = pd.DataFrame({"land_use": ["31", "53", "13"], "mean_modulus_t_km2_a": [500.0, 16000.0, 1000.0]})
    chart = modulus_chart(table)
    widths = [w for _, w in bars(chart)]
    assert widths[0] == pytest.approx(16 * widths[1], rel=1e-3)
    fills = [r.get("fill") for r in drawn(chart).iter(f"{SVG}rect")]
    assert fills == [style().land_use_of(c).colour for c in (53, 13, 31)]
    assert any("人为扰动用地" in w for w in words(chart))


def test_the_chart_of_moduli_takes_the_table_that_has_them():
    use = pd.DataFrame({"land_use": ["31", "13"], "mean_modulus_t_km2_a": [500.0, 1000.0]})
    without = pd.DataFrame({"land_use": ["31", "13"], "slight": [1.0, 2.0]})
    tables = {"class_by_land_use": without, "land_use": use}
    assert "modulus_by_land_use" in charts(ReportContent(content().summary, tables=tables))
    assert "modulus_by_land_use" not in charts(ReportContent(content().summary, tables={"land_use": without}))


def test_no_erosion_anywhere_makes_no_chart_of_moduli():
    assert modulus_chart(pd.DataFrame({"land_use": ["31"], "mean_modulus_t_km2_a": [0.0]})) is None
    assert modulus_chart(None) is None


def half_months(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"half_month": range(1, 25), "half_month_erosivity": values})


def test_columns_of_erosivity_stand_on_one_line_in_proportion():
    values = [0.0] * 12 + [100.0, 200.0] + [0.0] * 10
    rects = list(drawn(erosivity_chart(half_months(values))).iter(f"{SVG}rect"))
    heights = [float(r.get("height")) for r in rects]
    feet = {round(float(r.get("y")) + float(r.get("height")), 2) for r in rects}
    assert len(rects) == 24
    assert heights[13] == pytest.approx(2 * heights[12])
    assert heights[0] == 0
    assert len(feet) == 1


def test_the_year_is_the_sum_of_its_half_months():
    chart = erosivity_chart(half_months([50.0] * 24))
    assert "合计 Sum R = 1,200.0 MJ·mm/(hm²·h·a)" in words(chart)
    assert [w for w in words(chart) if w.endswith("月")] == [f"{m}月" for m in range(1, 13)]


@pytest.mark.parametrize(
    "table", [None, pd.DataFrame({"half_month_erosivity": [1.0] * 12}), pd.DataFrame({"other": [1.0] * 24})]
)
def test_half_months_that_are_not_24_make_no_chart(table):
    assert erosivity_chart(table) is None


def test_an_unknown_half_month_makes_no_chart_rather_than_a_gap():
    assert erosivity_chart(half_months([1.0] * 23 + [float("nan")])) is None


def ruler(rate: float, *targets: float, **more: object) -> ET.Element:
    marks = [{"year": 2025 + 10 * k, "rate_percent": t} for k, t in enumerate(targets)]
    return drawn(gauge(content(conservation_rate_percent=rate, **more).summary, marks))


def test_without_targets_the_ruler_runs_from_nothing_to_all():
    shown = ruler(25.0)
    ground, filled = [float(r.get("width")) for r in shown.iter(f"{SVG}rect")]
    assert filled == pytest.approx(0.25 * ground, abs=0.01)
    assert {"0 %", "100 %"} <= {"".join(t.itertext()) for t in shown.iter(f"{SVG}text")}


def test_targets_stand_on_the_ruler_in_the_order_of_their_values():
    shown = ruler(66.37, 56.04, 57.2)
    ground, filled = list(shown.iter(f"{SVG}rect"))
    lines = [float(line.get("x1")) for line in shown.iter(f"{SVG}line")]
    tip = float(filled.get("x")) + float(filled.get("width"))
    assert lines[0] < lines[1] < tip < float(ground.get("x")) + float(ground.get("width"))
    assert (tip - lines[0]) / (tip - lines[1]) == pytest.approx((66.37 - 56.04) / (66.37 - 57.2), rel=1e-3)


def test_words_of_targets_stand_in_rows_of_their_own():
    shown = ruler(57.0, 56.04, 56.2, 57.2)
    rows = [float(t.get("y")) for t in shown.iter(f"{SVG}text") if "目标" in "".join(t.itertext())]
    assert len(rows) == len(set(rows)) == 3


def test_nothing_of_the_ruler_leaves_its_frame():
    for rate, target in ((0.0, 100.0), (100.0, 0.0), (99.9, 99.95), (50.0, 50.0)):
        shown = ruler(rate, target)
        x = [float(e.get(a)) for e in shown.iter() for a in ("x", "x1", "x2") if e.get(a)]
        assert min(x) >= 0
        assert max(x) <= GAUGE


def test_the_span_of_unknown_ground_is_marked_on_the_ruler():
    plain = ruler(60.0, 56.0)
    open_ = ruler(60.0, 56.0, rate_bounds_percent=[58.0, 62.0])
    assert len(list(open_.iter(f"{SVG}line"))) == len(list(plain.iter(f"{SVG}line"))) + 1


def test_an_unknown_rate_has_no_ruler():
    assert gauge(content(conservation_rate_percent=float("nan")).summary, []) is None


def test_names_with_markup_stay_text_in_charts():
    places = [{"level": "township", "name": n, "conservation_rate_percent": 50.0} for n in ("<script>", "a&b")]
    chart = rate_chart(content(places=places))
    assert "<script>" not in str(chart)
    assert {"<script>", "a&b"} <= set(words(chart))


@given(st.lists(st.floats(0, 700), min_size=1, max_size=8).map(sorted))
def test_labels_spread_in_order_apart_and_inside(wanted):
    spots = spread(wanted, 58.0, 30.0, 700.0)
    assert len(spots) == len(wanted)
    assert all(b - a >= 58 - 1e-6 for a, b in itertools.pairwise(spots))
    assert spots[0] >= 30 - 1e-6
    assert spots[-1] <= 700 + 1e-6


def test_labels_with_room_stay_where_they_belong():
    assert spread([100.0, 300.0, 500.0], 58.0, 30.0, 700.0) == [100.0, 300.0, 500.0]


def test_more_labels_than_room_stand_evenly():
    assert spread([1.0, 2.0, 3.0], 60.0, 0.0, 100.0) == [0.0, 50.0, 100.0]
