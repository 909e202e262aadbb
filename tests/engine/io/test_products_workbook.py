"""The workbook opens, says what it is, and shows its numbers as a clerk expects them."""

import datetime as dt

import numpy as np
import openpyxl
import pandas as pd
import pytest

from shuibao.errors import InputError
from shuibao.io.workbook import ColumnHeading, flat, heading_text, write_csv, write_workbook

STAMP = dt.datetime(2025, 12, 31)
HEADINGS = {
    "name": ColumnHeading("名称", "Name", "", "text"),
    "light": ColumnHeading("轻度", "Light", "km²", "area"),
    "rate": ColumnHeading("水土保持率", "Conservation rate", "%", "percent"),
    "count": ColumnHeading("图斑数", "Patches", "", "auto"),
}


def headings(name: object) -> ColumnHeading:
    return HEADINGS[str(name)]


def titles(name: str) -> tuple[str, str]:
    return {"places": ("分乡镇统计", "By township")}.get(name, (name, name))


@pytest.fixture
def table() -> pd.DataFrame:
    names = ["宁武县人民政府凤凰镇", "东寨镇", "宁化镇"]
    return pd.DataFrame(
        {"name": names, "light": [1234.5678, 0.5, np.nan], "rate": [56.0449, 60, 61], "count": [3, 40, 5]}
    )


@pytest.fixture
def book(tmp_path, table):
    about = [("产品 Product", "140925-annual_monitoring"), ("说明 Note", "面积为椭球面积")]
    tables = {
        "places": table,
        "a/very:long*name?of[a]table that goes on and on": table,
        "A very long name": table.head(0),
    }
    write_workbook(tmp_path / "t.xlsx", tables, about=about, stamp=STAMP, name_column=headings, name_table=titles)
    return openpyxl.load_workbook(tmp_path / "t.xlsx")


def test_the_first_sheet_explains_and_leads_to_the_others(book):
    first = book.worksheets[0]
    assert first["A1"].value == "产品 Product"
    assert first["B2"].value == "面积为椭球面积"
    linked = [c.value for c in first["A"] if c.hyperlink]
    assert linked == book.sheetnames[1:]
    assert first["A5"].hyperlink.location == "'分乡镇统计'!A1"


def test_headings_name_the_column_twice_and_its_unit(book):
    sheet = book["分乡镇统计"]
    assert sheet["A1"].value == "分乡镇统计  By township"
    assert [c.value for c in sheet[2]] == [
        "名称\nName",
        "轻度\nLight\nkm²",
        "水土保持率\nConservation rate\n%",
        "图斑数\nPatches",
    ]


def test_numbers_stay_whole_and_only_their_format_rounds(book, table):
    sheet = book["分乡镇统计"]
    assert sheet["B3"].value == table["light"][0]
    assert sheet["B3"].number_format == "#,##0.00"
    assert sheet["C3"].number_format == "0.00"
    assert sheet["D3"].number_format == "#,##0"
    assert sheet["A3"].value == "宁武县人民政府凤凰镇"


def test_unknown_is_an_empty_cell_and_not_a_zero(book):
    assert book["分乡镇统计"]["B5"].value is None


def test_headings_stay_in_view_and_filter(book):
    sheet = book["分乡镇统计"]
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == "A2:D5"
    assert sheet.page_setup.orientation == "landscape"


def test_columns_are_as_wide_as_their_chinese(book):
    widths = book["分乡镇统计"].column_dimensions
    assert widths["A"].width >= 22  # ten characters of two digits each
    assert widths["D"].width < 14


def test_sheets_have_names_that_excel_takes(book):
    assert len(book.sheetnames) == len(set(book.sheetnames)) == 4
    assert all(len(n) <= 31 and not set(n) & set("[]:*?/\\") for n in book.sheetnames)


def test_the_same_tables_make_the_same_bytes(tmp_path, table):
    files = [tmp_path / "1.xlsx", tmp_path / "2.xlsx"]
    for file in files:
        write_workbook(file, {"places": table}, about=[("a", "b")], stamp=STAMP)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_csv_opens_in_excel_with_its_chinese(tmp_path, table):
    write_csv(tmp_path / "t.csv", table, headings)
    raw = (tmp_path / "t.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert (
        raw.decode("utf-8-sig").splitlines()[0]
        == "名称 Name,轻度 Light (km²),水土保持率 Conservation rate (%),图斑数 Patches"
    )
    assert pd.read_csv(tmp_path / "t.csv").iloc[:, 1].tolist()[:2] == table["light"].tolist()[:2]


def test_a_heading_without_a_second_name_is_told_once():
    assert heading_text(ColumnHeading("code", "code")) == "code"
    assert heading_text(ColumnHeading("面积", "Area", "km²")) == "面积 Area (km²)"


def test_every_level_of_an_index_becomes_a_column():
    index = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["zone", None])
    assert list(flat(pd.DataFrame({"x": range(4)}, index=index))) == ["zone", "key1", "x"]
    assert list(flat(pd.DataFrame({"x": range(4)}))) == ["x"]


def test_a_workbook_without_tables_is_refused(tmp_path):
    with pytest.raises(InputError, match="no table"):
        write_workbook(tmp_path / "t.xlsx", {}, about=[], stamp=STAMP)
