"""What is printed: headline, problems, comparisons and tables as a clerk reads them, JSON as a program does."""

import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from shuibao import tables
from shuibao.cli import printing
from shuibao.studies.comparison import Comparison
from shuibao.studies.findings import Finding

CLASSES = {"slight": 1000.0, "light": 500.25, "moderate": 200, "intense": 100, "very_intense": 50, "severe": 1234.5}


def summary(**changes):
    """The headline figures of a product."""
    return {
        "year": 2025,
        "kind": "statutory",
        "county": {"name": "宁武县", "code": "140925"},
        "conservation_rate_percent": 56.0449,
        "eroded_area_km2": 856.789,
        "total_area_km2": 1987.7,
        "mean_modulus_t_km2_a": 1234.56,
        "class_area_km2": CLASSES,
        "nodata_area_km2": 0.0,
        "rate_bounds_percent": [56.0, 56.1],
        "provisional_rows": [],
        "warnings": [],
        "targets": [],
        "synthetic": False,
        **changes,
    }


def comparison(**changes):
    """Two years of one county."""
    classes = pd.DataFrame({"class": ["slight"], "before": [1.234], "after": [2.0], "change": [0.766]})
    places = pd.DataFrame(
        {
            "code": ["140925100", "140925101"],
            "name": ["凤凰镇", "[red]镇[/red]"],
            "conservation_rate_percent_before": [50.0, np.nan],
            "conservation_rate_percent_after": [51.0, np.nan],
            "change": [1, np.nan],
        }
    )
    parts = {"differences": [], "classes": classes, "places": places, "transition": None, **changes}
    before = summary(year=2024, conservation_rate_percent=57.0)
    return Comparison(before, summary(year=2025, conservation_rate_percent=55.5), **parts)


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """What went to the console, as plain text."""
    with (tmp_path / "screen").open("w", encoding="utf-8") as screen:
        console = Console(record=True, width=160, highlight=False, emoji=False, file=screen)
        monkeypatch.setattr(printing, "console", console)
        yield console.export_text


class TestHeadline:
    def test_it_tells_county_year_kind_and_figures(self, shown):
        printing.print_summary(summary())
        text = shown()
        assert "宁武县 2025  法定口径 statutory" in text
        assert "56.04 %" in text
        assert "856.79 of 1,987.70 km²" in text
        assert "1,235 t/(km²·a)" in text

    def test_classes_come_in_their_order_with_chinese_names(self, shown):
        printing.print_summary(summary())
        line = next(line for line in shown().splitlines() if "分级面积" in line)
        assert line.endswith("微度 1,000.00  轻度 500.25  中度 200.00  强烈 100.00  极强烈 50.00  剧烈 1,234.50")

    def test_made_data_are_called_made_beside_the_name_and_measured_ones_not(self, shown):
        printing.print_summary(summary(synthetic=True))
        assert "合成数据 SYNTHETIC" in shown()
        printing.print_summary(summary())
        assert "SYNTHETIC" not in shown()

    def test_unknown_ground_shows_what_the_rate_could_be(self, shown):
        printing.print_summary(summary(nodata_area_km2=12.5, rate_bounds_percent=[55.1, 57.9]))
        assert "unknown 12.50 km²；率界 bounds 55.10–57.90 %" in shown()

    def test_a_county_without_unknown_ground_says_nothing_of_bounds(self, shown):
        printing.print_summary(summary())
        assert "bounds" not in shown()

    def test_provisional_rows_and_warnings_are_counted(self, shown):
        printing.print_summary(summary(provisional_rows=[{}] * 3, warnings=[{}]))
        assert "provisional rows 3，提示 warnings 1" in shown()

    def test_the_next_target_is_the_one_it_is_held_against(self, shown):
        targets = [{"year": y, "rate_percent": r} for y, r in ((2035, 70.0), (2020, 50.0), (2030, 60.0))]
        printing.print_summary(summary(targets=targets))
        text = shown()
        assert "2030 目标 target 60.00 %  (-3.96)" in text
        assert "2035" not in text
        assert "2020" not in text

    def test_a_target_of_the_year_itself_counts_and_a_past_one_does_not(self, shown):
        printing.print_summary(summary(targets=[{"year": 2025, "rate_percent": 56.0}]))
        assert "2025 目标 target 56.00 %  (+0.04)" in shown()
        printing.print_summary(summary(targets=[{"year": 2024, "rate_percent": 50.0}]))
        assert "target" not in shown()

    @pytest.mark.parametrize("name", ["[red]县[/red]", "[/]县", "县[a]", ":car:"])
    def test_a_name_that_looks_like_markup_is_shown_as_it_is(self, shown, name):
        printing.print_summary(summary(county={"name": name, "code": "1"}))
        assert f"{name} 2025" in shown()


class TestProblems:
    ERROR = Finding("SourceError", "dem.tif: there is no such file", "文件有误：dem.tif", "dem.tif", "error")
    WARNING = Finding("old_datum", "the county [x] lies on Beijing 1954", "县位于北京54坐标系 [x]", "dem.tif")

    def test_errors_stand_before_warnings_in_both_languages(self, shown):
        printing.print_problems([self.WARNING, self.ERROR])
        lines = [line.strip() for line in shown().splitlines()]
        assert lines == [
            "错误 error  dem.tif: there is no such file",
            "文件有误：dem.tif",
            "提示 warning  the county [x] lies on Beijing 1954",
            "县位于北京54坐标系 [x]",
            "1 处错误 errors",
        ]

    def test_warnings_alone_let_the_county_run(self, shown):
        printing.print_problems([self.WARNING])
        assert "可以计算 ready to run" in shown()

    def test_a_county_without_problems_is_told_so(self, shown):
        printing.print_problems([])
        assert shown().strip() == "可以计算 ready to run"


class TestComparison:
    def test_years_rates_and_the_sign_of_the_change(self, shown):
        printing.show_comparison(comparison())
        text = shown()
        assert "2024 → 2025" in text
        assert "57.00 → 55.50 %  (-1.50)" in text

    def test_what_is_not_alike_is_said_before_any_figure(self, shown):
        printing.show_comparison(comparison(differences=["parameters.slope differs: horn against [steepest]"]))
        text = shown()
        assert "不可直接比较 not alike: parameters.slope differs: horn against [steepest]" in text
        assert text.index("not alike") < text.index("57.00")

    def test_like_products_carry_no_such_line(self, shown):
        printing.show_comparison(comparison())
        assert "not alike" not in shown()

    def test_a_place_without_a_rate_has_a_dash_and_its_name_whole(self, shown):
        printing.show_comparison(comparison())
        line = next(line for line in shown().splitlines() if "[red]镇[/red]" in line)
        assert line.rstrip().endswith("–")


class TestFrames:
    def test_unknown_values_of_every_kind_are_dashes(self, shown):
        printing.print_frame(
            pd.DataFrame({"a": [np.nan, 1.5], "b": [None, "x"], "c": [pd.NaT, pd.Timestamp("2025-01-01")]})
        )
        rows = [line.replace("│", " ").split() for line in shown().splitlines()[2:]]
        assert rows[0] == ["–", "–", "–"]
        assert rows[1][:2] == ["1.5", "x"]

    def test_an_empty_text_is_not_unknown(self, shown):
        printing.print_frame(pd.DataFrame({"a": [""], "b": ["x"]}))
        assert "–" not in shown()

    def test_large_numbers_are_grouped_and_codes_are_not(self, shown):
        printing.print_frame(pd.DataFrame({"code": ["140925100"], "area": [1234.5678]}))
        text = shown()
        assert "140925100" in text
        assert "1,234.57" in text

    def test_headings_and_cells_that_look_like_markup_stay(self, shown):
        printing.print_frame(pd.DataFrame({"[b]rate[/b]": ["[/]"]}))
        text = shown()
        assert "[b]rate[/b]" in text
        assert "[/]" in text

    def test_a_long_cell_is_folded_and_not_cut(self, shown):
        words = "草" * 200
        printing.print_frame(pd.DataFrame({"note": [words]}))
        assert shown().count("草") == 200


class TestTables:
    def test_without_a_name_every_table_is_listed_with_its_counts(self, capsys):
        printing.show_table(None, provisional=False, as_json=True)
        rows = json.loads(capsys.readouterr().out)
        assert [r["table"] for r in rows] == tables.names()
        assert all(r["rows"] == sum(r[s] for s in tables.STATUSES) for r in rows)

    def test_rows_awaiting_confirmation_of_one_table_only(self, capsys):
        printing.show_table("engineering_measures", provisional=True, as_json=True)
        rows = json.loads(capsys.readouterr().out)
        assert len(rows) == len(tables.load("engineering_measures").provisional())
        assert {r["table"] for r in rows} <= {"engineering_measures"}

    def test_a_named_table_is_printed_with_its_source(self, shown):
        printing.show_table("intensity_classes", provisional=False, as_json=False)
        text = shown()
        assert "source" in text
        assert "very_intense" in text.replace("\n", "")


class TestJson:
    def test_chinese_stays_readable_and_standard_error_silent(self, capsys):
        printing.print_json({"name": "宁武县"})
        out, err = capsys.readouterr()
        assert "宁武县" in out
        assert err == ""

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), np.float64("nan"), None])
    def test_a_number_that_is_none_is_null_as_json_knows_no_other(self, capsys, value):
        printing.print_json({"rate": value, "rows": [{"change": value}]})

        def refuse(name):
            raise AssertionError(f"{name} is no JSON")

        assert json.loads(capsys.readouterr().out, parse_constant=refuse) == {"rate": None, "rows": [{"change": None}]}

    def test_a_comparison_is_json_even_where_a_place_has_no_rate(self, capsys):
        printing.print_json(comparison().record())
        told = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(name))
        assert told["rate_change_points"] == -1.5
        assert told["places"][1]["change"] is None
        assert told["transition"] is None

    def test_numbers_of_numpy_become_plain_ones(self, capsys):
        printing.print_json({"cells": np.int64(3), "share": np.float32(0.5), "known": np.bool_(True)})
        assert json.loads(capsys.readouterr().out) == {"cells": 3, "share": 0.5, "known": True}
