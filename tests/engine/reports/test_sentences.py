"""The headline says in plain words what the numbers say: targets, change, and how sure it all is."""

import re

import pytest

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import layer
from shuibao.reports import ReportContent
from shuibao.reports.findings import change, class_shares, verdicts
from shuibao.reports.methods import methods
from shuibao.reports.sentences import headline
from shuibao.reports.wording import border_name, kind_of, map_title, metres, report_title


def summary(rate: float = 60.0, total: float = 1000.0, **more: object) -> dict:
    """A plain summary of 2025."""
    whole = {"year": 2025, "kind": "statutory", "conservation_rate_percent": rate, "total_area_km2": total}
    return (
        whole | {"eroded_area_km2": total * (100 - rate) / 100, "county": {"name": "宁武县", "code": "140925"}} | more
    )


def targeted(rate: float, *targets: tuple[int, float], **more: object) -> ReportContent:
    """A report of a rate against targets."""
    return ReportContent(summary(rate, targets=[{"year": y, "rate_percent": r} for y, r in targets], **more))


def said(content: ReportContent) -> tuple[str, str]:
    """All sentences, Chinese and English, without their marks."""
    pairs = headline(content)
    plain = [tuple(re.sub("<[^>]+>", "", str(s)) for s in pair) for pair in pairs]
    return "\n".join(p[0] for p in plain), "\n".join(p[1] for p in plain)


def test_the_first_sentence_gives_rate_area_and_eroded_area():
    zh, en = said(ReportContent(summary(60.0)))
    assert "2025年，宁武县水土保持率为 60.00 %：1,000.00 km² 土地中，轻度及以上侵蚀面积 400.00 km²。" in zh
    assert "In 2025 the conservation rate is 60.00 %: of 1,000.00 km² of land, 400.00 km² erode" in en


def test_a_county_without_a_name_is_the_whole_area():
    zh, _ = said(ReportContent(summary(60.0, county={})))
    assert "2025年，全区水土保持率为" in zh


def test_a_target_that_is_met_says_by_how_much():
    zh, en = said(targeted(60.0, (2025, 56.04)))
    assert "2025年目标 56.04 %：已达到，高出 3.96 个百分点，相当于 39.60 km²。" in zh
    assert "Target 2025, 56.04 %: met, by 3.96 points or 39.60 km²." in en


def test_a_target_whose_year_has_come_is_missed_and_tells_the_ground_left():
    zh, en = said(targeted(55.0, (2025, 56.04)))
    assert "2025年目标 56.04 %：未达到，相差 1.04 个百分点，须再治理 10.40 km²。" in zh
    assert "Target 2025, 56.04 %: missed, short by 1.04 points; 10.40 km² remain to be treated." in en


def test_a_target_of_a_later_year_is_only_not_yet_met():
    zh, en = said(targeted(55.0, (2035, 57.2)))
    assert "尚未达到" in zh
    assert "not yet met" in en
    assert "missed" not in en


def test_a_rate_exactly_on_target_meets_it():
    (verdict,) = verdicts(targeted(56.04, (2025, 56.04)))
    assert verdict.met
    assert verdict.points == 0
    assert "已达到，高出 0.00 个百分点" in said(targeted(56.04, (2025, 56.04)))[0]


@pytest.mark.parametrize(("rate", "met"), [(56.035, True), (56.0349, False), (56.0449, True)])
def test_a_verdict_follows_the_published_two_decimals(rate, met):
    (verdict,) = verdicts(targeted(rate, (2025, 56.04)))
    assert verdict.met is met


def test_unknown_ground_that_could_turn_a_verdict_is_said():
    content = targeted(56.5, (2025, 56.04), rate_bounds_percent=[55.9, 56.5], nodata_area_km2=6.0)
    assert not verdicts(content)[0].certain
    zh, en = said(content)
    assert "未知面积足以改变这一判断。" in zh
    assert "The unknown ground could turn this verdict." in en


def test_unknown_ground_that_cannot_turn_a_verdict_is_not_held_against_it():
    content = targeted(60.0, (2025, 56.04), rate_bounds_percent=[58.0, 60.0], nodata_area_km2=20.0)
    assert verdicts(content)[0].certain
    assert "足以改变" not in said(content)[0]


def test_bounds_stand_with_the_unknown_area():
    zh, en = said(ReportContent(summary(60.0, rate_bounds_percent=[58.0, 60.0], nodata_area_km2=20.0)))
    assert "另有 20.00 km² 缺少数据，未判定等级：若全部为流失，水土保持率为 58.00 %；若全部未流失，为 60.00 %。" in zh
    assert "20.00 km² lack data and have no class: if all of it erodes the rate is 58.00 %" in en


def test_where_all_is_known_nothing_is_said_of_unknown_ground():
    assert "缺少数据" not in said(ReportContent(summary(60.0, nodata_area_km2=0.0)))[0]


def test_without_a_target_there_is_no_verdict():
    assert verdicts(ReportContent(summary())) == []
    assert "目标" not in said(ReportContent(summary()))[0]


def test_without_a_rate_there_is_no_verdict_and_no_change():
    content = ReportContent(
        summary(float("nan"), targets=[{"year": 2025, "rate_percent": 56.0}]), baseline=summary(50.0)
    )
    assert verdicts(content) == []
    assert change(content) is None


def test_targets_come_by_year_whatever_their_order():
    content = targeted(60.0, (2035, 57.2), (2025, 56.04), (2030, 56.6))
    assert [v.year for v in verdicts(content)] == [2025, 2030, 2035]


def test_targets_given_beside_the_summary_come_first():
    content = ReportContent(
        summary(60.0, targets=[{"year": 2025, "rate_percent": 1}]), targets=[{"year": 2030, "rate_percent": 70.0}]
    )
    assert [v.year for v in verdicts(content)] == [2030]


def compared(now: float, before: float, **more: object) -> tuple[str, str]:
    return said(ReportContent(summary(now), baseline=summary(before, year=2024, **more)))


def test_a_rate_that_rose_is_said_to_have_risen():
    zh, en = compared(60.0, 59.53)
    assert "与2024年相比，水土保持率上升 0.47 个百分点，水土流失面积减少 4.70 km²。" in zh
    assert "Since 2024 the rate has risen by 0.47 points and the eroded area has shrunk by 4.70 km²." in en


def test_a_rate_that_fell_is_said_to_have_fallen():
    zh, en = compared(58.0, 59.53)
    assert "水土保持率下降 1.53 个百分点，水土流失面积增加 15.30 km²。" in zh
    assert "the rate has fallen by 1.53 points and the eroded area has grown by 15.30 km²." in en


def test_a_rate_that_stayed_is_neither_risen_nor_fallen():
    zh, en = compared(60.0, 60.0)
    assert "水土保持率未变，水土流失面积未变。" in zh
    assert "Since 2024 the rate and the eroded area are unchanged." in en
    assert "risen" not in en


def test_products_of_different_kinds_are_not_to_be_compared():
    zh, en = compared(60.0, 59.0, kind="scientific")
    assert "两期口径不同，不可直接比较。" in zh
    assert "cannot be compared directly" in en


def test_the_change_of_the_modulus_needs_both_moduli():
    with_both = ReportContent(
        summary(mean_modulus_t_km2_a=900.0), baseline=summary(mean_modulus_t_km2_a=1000.0, year=2024)
    )
    assert change(with_both).modulus == -100.0
    with_one = ReportContent(summary(mean_modulus_t_km2_a=900.0), baseline=summary(year=2024))
    assert change(with_one).modulus is None


def test_shares_are_of_the_whole_area_and_unknown_ground_comes_last():
    parts = {"slight": 600.0, "light": 250.0, "moderate": 100.0, "intense": 20.0, "very_intense": 6.0, "severe": 4.0}
    shares = class_shares(summary(class_area_km2=parts, nodata_area_km2=20.0))
    assert [s[0] for s in shares] == [*parts, "unknown"]
    assert sum(s[2] for s in shares) == pytest.approx(100)
    assert shares[0] == ("slight", 600.0, 60.0)


def test_known_ground_everywhere_gives_six_shares():
    parts = {"slight": 1000.0, "light": 0.0, "moderate": 0.0, "intense": 0.0, "very_intense": 0.0, "severe": 0.0}
    assert len(class_shares(summary(class_area_km2=parts, nodata_area_km2=0.0))) == 6


def test_the_comparison_is_explained_only_where_one_was_made():
    alone, with_baseline = ReportContent(summary()), ReportContent(summary(), baseline=summary(year=2024))
    assert "与上期比较" not in [m.zh for m in methods(alone)]
    assert methods(with_baseline)[-1].zh == "与上期比较"


def test_every_explanation_has_a_formula_and_both_languages():
    for method in methods(ReportContent(summary(), baseline=summary(year=2024))):
        assert method.zh
        assert method.en
        assert method.text_zh.endswith("。")
        assert method.text_en.endswith(".")
        assert method.formula


def test_titles_name_county_and_year():
    content = ReportContent(summary())
    assert map_title(content) == ("宁武县土壤侵蚀强度分布图（2025年）", "Soil erosion intensity, 2025")
    assert report_title(content) == ("宁武县水土流失动态监测报告", "Soil and water loss monitoring of 宁武县, 2025")
    assert report_title(ReportContent(summary(county={})))[1] == "Soil and water loss monitoring, 2025"


@pytest.mark.parametrize(
    ("kind", "zh"), [("statutory", "法定口径"), ("scientific", "科学口径"), ("", "口径未注明"), ("other", "other")]
)
def test_the_kind_of_a_result_is_named(kind, zh):
    assert kind_of({"kind": kind})[0] == zh


@pytest.mark.parametrize(
    ("name", "border"),
    [("宁武县", "县界"), ("宁武县（演示）", "县界"), ("游屋圳小流域", "范围界"), ("", "范围界"), ("某市", "县界")],
)
def test_only_a_county_has_a_county_border(name, border):
    assert border_name(ReportContent(summary(county={"name": name})))[0] == border


def test_lengths_of_cells_are_written_without_needless_decimals():
    assert [metres(v) for v in (10.0, 30.0, 2.0, 2.5, 1000.0)] == ["10 m", "30 m", "2 m", "2.5 m", "1,000 m"]


def test_a_summary_without_its_rate_is_refused_with_the_missing_names():
    with pytest.raises(InputError, match="conservation_rate_percent"):
        ReportContent({"year": 2025, "total_area_km2": 1.0, "eroded_area_km2": 0.0})


def test_layers_on_different_grids_are_refused(county):
    from odc.geo.geobox import GeoBox

    other = GeoBox.from_bbox((0, 0, 100, 100), "EPSG:4547", shape=(10, 10))
    layers = {"intensity_class": county.layers()["intensity_class"]}
    layers["elevation"] = layer(county.elevation[:10, :10].astype("float32"), other, "elevation")
    with pytest.raises(CoordinateError):
        ReportContent(summary(), layers)


def test_a_report_is_synthetic_where_its_summary_or_any_layer_is(county):
    made = county.layers()
    assert ReportContent(summary(), {"K": made["K"]}).synthetic
    assert ReportContent(summary(synthetic=True)).synthetic
    assert not ReportContent(summary(synthetic=False)).synthetic
