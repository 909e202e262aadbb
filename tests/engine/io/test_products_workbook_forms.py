"""Workbooks and CSV files for clerks: formats of every kind, widths, names of sheets, cells of every type."""

import datetime as dt

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import InputError
from shuibao.io.workbook import (
    FORMATS,
    NARROWEST,
    WIDEST,
    ColumnHeading,
    column_record,
    flat,
    heading_text,
    plain_heading,
    plain_title,
    write_csv,
    write_workbook,
)

STAMP = dt.datetime(2025, 12, 31)


@pytest.fixture
def sheet(tmp_path):
    """Write one table and open its sheet."""

    def write(table, **options):
        write_workbook(tmp_path / "t.xlsx", {"t": table}, about=[("a", "b")], stamp=STAMP, **options)
        return openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[1]

    return write


class TestFormats:
    @pytest.mark.parametrize(("kind", "form"), FORMATS.items())
    def test_a_number_of_each_kind_has_its_format_and_its_full_value(self, sheet, kind, form):
        page = sheet(pd.DataFrame({"x": [1234.56789]}), name_column=lambda name: ColumnHeading("列", "X", "", kind))
        assert page["A3"].value == ("1234.56789" if kind == "text" else 1234.56789)
        assert page["A3"].number_format == form

    @pytest.mark.parametrize(
        ("column", "unit", "kind"),
        [
            ("eroded_area_km2", "km²", "area"),
            ("conservation_rate_percent", "%", "percent"),
            ("mean_modulus_t_km2_a", "t/(km²·a)", "modulus"),
            ("soil_loss_t_a", "t/a", "loss"),
            ("anything", "", "auto"),
        ],
    )
    def test_a_column_that_nobody_named_tells_its_unit_by_its_ending(self, column, unit, kind):
        heading = plain_heading(column)
        assert (heading.unit, heading.kind) == (unit, kind)

    def test_columns_without_a_kind_are_counts_or_numbers_by_their_values(self, sheet):
        page = sheet(pd.DataFrame({"whole": [3], "part": [3.5], "word": ["x"], "yes": [True]}))
        assert [c.number_format for c in page[3]] == [
            FORMATS["count"],
            FORMATS["number"],
            FORMATS["text"],
            FORMATS["text"],
        ]

    def test_codes_are_text_so_that_excel_drops_no_zero(self, sheet):
        page = sheet(pd.DataFrame({"code": ["0140925", "140925100207"]}))
        assert [page["A3"].value, page["A4"].value] == ["0140925", "140925100207"]
        assert page["A3"].number_format == "@"

    def test_a_text_that_looks_like_a_formula_stays_a_text(self, sheet):
        page = sheet(pd.DataFrame({"name": ["=1+1", "+86", "@x", "http://x"]}))
        assert [page[f"A{row}"].value for row in range(3, 7)] == ["=1+1", "+86", "@x", "http://x"]
        assert {page[f"A{row}"].data_type for row in range(3, 7)} == {"s"}


class TestCells:
    @pytest.mark.parametrize("value", [None, np.nan, np.inf, -np.inf, pd.NaT])
    def test_what_is_unknown_is_an_empty_cell(self, sheet, value):
        page = sheet(pd.DataFrame({"x": pd.Series([value, 1.0], dtype=object if value is pd.NaT else None)}))
        assert page["A3"].value is None

    def test_days_are_written_as_days(self, sheet):
        page = sheet(pd.DataFrame({"day": [dt.date(2024, 2, 29)], "stamp": [pd.Timestamp("2024-02-29 12:00")]}))
        assert [c.value for c in page[3]] == ["2024-02-29", "2024-02-29"]

    def test_yes_and_no_are_words_and_not_one_and_zero(self, sheet):
        page = sheet(pd.DataFrame({"x": [True, False]}))
        assert [page["A3"].value, page["A4"].value] == ["True", "False"]

    @given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=5))
    def test_no_number_is_rounded_on_its_way(self, tmp_path_factory, numbers):
        path = tmp_path_factory.mktemp("n") / "t.xlsx"
        write_workbook(path, {"t": pd.DataFrame({"x": numbers})}, about=[], stamp=STAMP)
        page = openpyxl.load_workbook(path).worksheets[1]
        assert [page.cell(row + 3, 1).value for row in range(len(numbers))] == pytest.approx(numbers, rel=1e-15)


class TestLooks:
    @pytest.mark.parametrize(
        ("text", "width"),
        [("x", NARROWEST), ("宁武县凤凰镇", 14), ("long " * 60, WIDEST), ("图" * 60, WIDEST)],
    )
    def test_a_column_is_as_wide_as_its_widest_text_within_bounds(self, sheet, text, width):
        page = sheet(pd.DataFrame({"a": [text]}))
        assert page.column_dimensions["A"].width == pytest.approx(width, abs=1)

    def test_a_heading_widens_a_column_of_short_numbers(self, sheet):
        page = sheet(pd.DataFrame({"x": [1]}), name_column=lambda name: ColumnHeading("水土流失面积占比变化", "X"))
        assert page.column_dimensions["A"].width >= 20

    def test_an_empty_table_has_its_headings_and_no_filter(self, sheet):
        page = sheet(pd.DataFrame({"a": pd.Series([], dtype=float)}))
        assert page["A2"].value == "a"
        assert page.auto_filter.ref is None
        assert page.max_row == 2

    def test_each_page_repeats_its_headings_when_printed(self, sheet):
        page = sheet(pd.DataFrame({"a": [1]}))
        assert page.print_title_rows in ("1:2", "$1:$2")
        assert page.page_setup.paperSize == 9
        assert page.page_setup.fitToHeight == 0


class TestSheets:
    @given(st.lists(st.text(min_size=1, max_size=40).filter(str.isprintable), min_size=1, max_size=5, unique=True))
    def test_excel_takes_the_names_of_sheets_whatever_the_titles_are(self, tmp_path_factory, titles):
        path = tmp_path_factory.mktemp("s") / "t.xlsx"
        named = {f"t{k}": pd.DataFrame({"x": [k]}) for k in range(len(titles))}
        write_workbook(
            path, named, about=[], stamp=STAMP, name_table=lambda name: (titles[int(name[1:])], titles[int(name[1:])])
        )
        book = openpyxl.load_workbook(path)
        lower = [name.lower() for name in book.sheetnames]
        assert len(lower) == len(titles) + 1 == len(set(lower))
        assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
        assert [book.worksheets[k + 1]["A3"].value for k in range(len(titles))] == list(range(len(titles)))

    def test_the_first_sheet_leads_to_a_sheet_with_an_apostrophe_in_its_title(self, tmp_path):
        write_workbook(
            tmp_path / "t.xlsx", {"t": pd.DataFrame({"x": [1]})}, about=[], stamp=STAMP, name_table=lambda n: ("Xi'an", "Xi'an")
        )  # fmt: skip
        book = openpyxl.load_workbook(tmp_path / "t.xlsx")
        link = next(c.hyperlink.location for c in book.worksheets[0]["A"] if c.hyperlink)
        assert link == f"'{book.sheetnames[1]}'!A1"
        assert "'" not in book.sheetnames[1]

    def test_another_stamp_makes_other_bytes_and_nothing_else_does(self, tmp_path):
        files = []
        for name, stamp in (("a", STAMP), ("b", STAMP), ("c", STAMP + dt.timedelta(days=365))):
            write_workbook(tmp_path / f"{name}.xlsx", {"t": pd.DataFrame({"x": [1]})}, about=[], stamp=stamp)
            files.append((tmp_path / f"{name}.xlsx").read_bytes())
        assert files[0] == files[1]
        assert files[0] != files[2]


class TestCsv:
    def read(self, tmp_path, table, name_column=plain_heading):
        write_csv(tmp_path / "t.csv", table, name_column)
        return (tmp_path / "t.csv").read_bytes()

    def test_it_has_its_mark_windows_line_ends_and_full_numbers(self, tmp_path):
        raw = self.read(tmp_path, pd.DataFrame({"eroded_area_km2": [1 / 3]}))
        assert raw.startswith(b"\xef\xbb\xbf")
        assert raw.decode("utf-8-sig") == "eroded area km2 (km²)\r\n0.3333333333333333\r\n"

    def test_cells_with_commas_quotes_and_line_ends_come_back(self, tmp_path):
        words = ["a,b", 'say "x"', "two\nlines", "中文，逗号"]
        self.read(tmp_path, pd.DataFrame({"x": words}))
        assert pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig")["x"].tolist() == words

    def test_unknown_is_an_empty_cell(self, tmp_path):
        assert self.read(tmp_path, pd.DataFrame({"x": [np.nan, 1.0], "y": [None, "b"]})).endswith(b"\r\n,\r\n1.0,b\r\n")


class TestFlattening:
    def test_a_plain_counting_index_says_nothing_and_another_one_does(self):
        assert list(flat(pd.DataFrame({"x": [1, 2]}))) == ["x"]
        assert list(flat(pd.DataFrame({"x": [1, 2]}, index=[1, 2]))) == ["key", "x"]
        assert list(flat(pd.DataFrame({"x": [1]}, index=pd.Index([0], name="year")))) == ["year", "x"]

    def test_the_table_that_was_given_stays_as_it_was(self):
        table = pd.DataFrame({1: [1, 2]}, index=pd.Index(["a", "b"], name="place"))
        flat(table)
        assert table.columns.tolist() == [1]
        assert table.index.name == "place"

    def test_an_index_with_the_name_of_a_column_is_refused(self):
        with pytest.raises(InputError, match="double names"):
            flat(pd.DataFrame({"code": [1]}, index=pd.Index(["a"], name="code")))

    def test_numbers_as_names_of_columns_become_text(self):
        assert list(flat(pd.DataFrame([[1, 2]], columns=[11, 31]))) == ["11", "31"]


def test_a_title_that_nobody_gave_is_the_name_in_words():
    assert plain_title("class_change") == ("class change", "class change")


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1, 2], "integer"), ([1.5], "number"), ([True], "boolean"), (["a"], "text"), ([dt.date(2025, 1, 1)], "text")],
)
def test_the_manifest_tells_the_type_of_a_column(values, kind):
    record = column_record(pd.Series(values, name="x"), ColumnHeading("面积", "Area", "km²", "area"))
    assert record == {
        "name": "x",
        "heading": heading_text(ColumnHeading("面积", "Area", "km²")),
        "unit": "km²",
        "type": kind,
    }
