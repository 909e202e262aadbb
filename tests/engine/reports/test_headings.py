"""Every column and table that a study makes has a name in both languages, with its unit."""

import pytest

from shuibao.quantities import all_quantities
from shuibao.reports.headings import heading, role, title
from shuibao.reports.style import style

TABLES = (
    "class_by_place", "class_by_land_use", "class_by_slope", "class_by_cropland_slope", "class_by_cover", "land_use", "factor_means",
    "half_month_erosivity", "class_transition", "land_use_transition", "class_change", "place_change", "inputs",
)  # fmt: skip
AREAS = (
    "slight",
    "light",
    "moderate",
    "intense",
    "very_intense",
    "severe",
    "total_area_km2",
    "eroded_area_km2",
    "nodata_area_km2",
    "area_km2",
)
WORDS = (
    "level", "code", "name", "land_use", "slope_grade", "cover_grade", "factor", "mean", "unknown_area_km2", "half_month", "before", "after",
    "change", "from_land_use", "to_land_use", "class", "role", "path", "sha256", "size_bytes", "crs", "resolution", "unknown_share",
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_each_table_of_a_study_has_a_title_in_both_languages(table):
    zh, en = title(table)
    assert any("\u4e00" <= c <= "\u9fff" for c in zh)
    assert en
    assert en.isascii()


@pytest.mark.parametrize("level", ["county", "township", "basin", "watershed", "village"])
def test_each_level_of_places_has_a_title(level):
    zh, en = title(f"level:{level}")
    assert zh != level
    assert en


@pytest.mark.parametrize("column", [*AREAS, *WORDS])
def test_each_column_of_a_study_has_a_heading_in_both_languages(column):
    found = heading(column)
    assert any("\u4e00" <= c <= "\u9fff" for c in found.zh)
    assert found.en


@pytest.mark.parametrize("column", AREAS)
def test_areas_are_headed_with_square_kilometres(column):
    assert heading(column).unit == "km²"
    assert heading(column).kind == "area"


def test_units_stand_with_rates_moduli_and_factors():
    assert heading("conservation_rate_percent").unit == "%"
    assert heading("conservation_rate_percent_before").unit == heading("conservation_rate_percent_after").unit == "%"
    assert heading("eroded_area_km2_before").unit == "km²"
    assert heading("mean_modulus_t_km2_a").unit == "t/(km²·a)"
    assert heading("half_month_erosivity").unit == "MJ·mm/(hm²·h·a)"
    assert heading("R").unit == "MJ·mm/(hm²·h·a)"
    assert heading("K").unit == "t·hm²·h/(hm²·MJ·mm)"


def test_a_land_use_code_as_a_column_is_headed_by_its_name():
    assert heading(13).zh == heading("13").zh == "旱地"
    assert heading("53").en == "Disturbed land"


def test_a_column_that_nobody_named_stands_for_itself_and_its_ending_tells_the_unit():
    found = heading("gully_area_km2")
    assert found.zh == "gully area km2"
    assert (found.unit, found.kind) == ("km²", "area")
    assert heading("covered_percent").unit == "%"
    assert heading("something").unit == ""


def test_a_table_that_nobody_titled_is_called_by_its_name():
    assert title("my_own_table") == ("my own table", "")


def test_an_input_is_called_by_its_role_or_its_quantity_or_itself():
    assert role("rain") == ("逐日降雨", "Daily rain")
    assert role("soil table")[0] == "土壤属性表"
    assert role("elevation") == ("高程", "Elevation")
    assert role("another_thing") == ("another thing", "")


def test_the_looks_cover_the_classes_of_the_standard_in_order():
    assert [e.zh for e in style().classes] == ["微度", "轻度", "中度", "强烈", "极强烈", "剧烈"]


def test_a_class_is_found_by_key_code_and_name():
    look = style()
    assert look.class_of("severe") is look.class_of(6) is look.class_of("6") is look.class_of("剧烈")
    assert look.class_of("none such") is None


def test_a_land_use_is_found_with_and_without_its_leading_zero():
    look = style()
    assert look.land_use_of("013") is look.land_use_of(13) is look.land_use_of("13.0") is look.land_use_of("13")
    assert look.land_use_of("99") is None


def test_every_ramp_belongs_to_a_quantity():
    known = set(all_quantities())
    assert set(style().ramps) - {"default"} <= known
