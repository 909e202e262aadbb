"""Tables for people: one formatted Excel workbook, and a CSV file each.

Numbers stand in the cells unrounded; only their format rounds. Headings name the column in Chinese and English, with
its unit.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import xlsxwriter

from ..errors import InputError
from .product_folders import disk_trouble


class HeadingLike(Protocol):
    """The heading of a column: names, unit, and the kind that says how its values are written."""

    @property
    def zh(self) -> str:
        """Chinese name."""

    @property
    def en(self) -> str:
        """English name."""

    @property
    def unit(self) -> str:
        """Unit, or an empty text."""

    @property
    def kind(self) -> str:
        """One of `FORMATS`, or anything else."""


@dataclass(frozen=True)
class ColumnHeading:
    """A heading of one's own.

    kind: text, count, area, percent, share, factor, modulus, number or auto (by the values)
    """

    zh: str
    en: str
    unit: str = ""
    kind: str = "auto"


NameColumn = Callable[[object], HeadingLike]
NameTable = Callable[[str], tuple[str, str]]

FORMATS = {
    "area": "#,##0.00", "percent": "0.00", "share": "0.0000", "factor": "0.0000", "modulus": "#,##0.0", "loss": "#,##0",
    "erosivity": "#,##0.0", "count": "#,##0", "fraction": "0.00%", "number": "#,##0.####", "text": "@",
}  # fmt: skip
"""How Excel writes each kind of value."""

NARROWEST, WIDEST = 8, 48
"""Column widths in digits; a Chinese character takes two."""

SHEET_NAME = 31
"""Longest name of a sheet that Excel takes."""


def plain_heading(name: object) -> ColumnHeading:
    """The heading of a column that nobody has named: its own name, with the unit that its ending tells."""
    text = str(name)
    endings = {
        "_km2": ("km²", "area"),
        "_percent": ("%", "percent"),
        "_t_km2_a": ("t/(km²·a)", "modulus"),
        "_t_a": ("t/a", "loss"),
    }
    unit, kind = next((found for ending, found in endings.items() if text.endswith(ending)), ("", "auto"))
    words = text.replace("_", " ")
    return ColumnHeading(words, words, unit, kind)


def plain_title(name: str) -> tuple[str, str]:
    """The title of a table that nobody has named."""
    words = name.replace("_", " ")
    return words, words


def heading_text(heading: HeadingLike) -> str:
    """A heading on one line: Chinese, English and unit, each once."""
    names = heading.zh if heading.zh == heading.en else f"{heading.zh} {heading.en}"
    return f"{names} ({heading.unit})" if heading.unit else names


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose index, where it says something, has become columns, and whose column names are text.

    Raises InputError where two columns then have the same name.
    """
    counted = table.index.names == [None] and (table.index == np.arange(len(table))).all()
    out = table.copy(deep=False)
    out.columns = pd.Index([str(c) for c in table.columns])
    if not counted:
        names = [str(n) if n is not None else f"key{at}" if at else "key" for at, n in enumerate(table.index.names)]
        for at, name in reversed(list(enumerate(names))):
            out.insert(0, name, table.index.get_level_values(at).to_numpy(), allow_duplicates=True)
    if out.columns.duplicated().any():
        raise InputError(f"columns {list(out.columns)} have double names", where="table", expected="one name a column")
    return out.reset_index(drop=True)


def column_record(values: pd.Series, heading: HeadingLike) -> dict[str, str]:
    """What the manifest says of a column: machine name, heading, unit, and type (text, integer, number, boolean)."""
    kinds = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
    kind = kinds.get(values.dtype.kind, "text") if isinstance(values.dtype, np.dtype) else "text"
    return {"name": str(values.name), "heading": heading_text(heading), "unit": heading.unit, "type": kind}


def write_csv(path: Path, table: pd.DataFrame, name_column: NameColumn) -> None:
    """Write a table as CSV in UTF-8 with its mark, so that Excel reads the Chinese; numbers unrounded."""
    named = table.set_axis([heading_text(name_column(c)) for c in table.columns], axis=1)
    with disk_trouble(path, 0):
        named.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def write_workbook(
    path: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    about: Sequence[tuple[str, str]],
    stamp: dt.datetime,
    name_column: NameColumn = plain_heading,
    name_table: NameTable = plain_title,
) -> None:
    """Write all tables into one Excel workbook: a first sheet that explains, then a sheet a table.

    about: lines of the first sheet, each a name and what it says
    stamp: date of making written into the file; the same stamp gives the same bytes

    Raises InputError where there is no table, ResourceError where the disk is full.
    """
    if not tables:
        raise InputError("no table", where="workbook", expected="at least one")
    with (
        disk_trouble(path, 1 << 20),
        xlsxwriter.Workbook(path, {"nan_inf_to_errors": False, "default_date_format": "yyyy-mm-dd"}) as book,
    ):
        book.set_properties({"created": stamp, "title": about[0][1] if about else "", "author": "Shuibao"})
        looks = _Looks(book)
        names = _sheet_names([name_table(name)[0] for name in tables])
        _first_sheet(book, looks, about, names, [name_table(name) for name in tables])
        for sheet, (name, table) in zip(names, tables.items(), strict=True):
            _table_sheet(book, looks, sheet, name_table(name), table, name_column)


class _Looks:
    """The cell formats of a workbook, made once each."""

    def __init__(self, book: Any) -> None:
        self._book, self._kinds = book, {}  # type: ignore[var-annotated]
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"font_color": "#555555", "text_wrap": True, "valign": "top"})
        self.name = book.add_format({"bold": True, "valign": "top"})
        self.link = book.add_format({"font_color": "#1F5FA8", "underline": 1})
        self.heading = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "align": "center",
                "valign": "vcenter",
                "bottom": 1,
                "bg_color": "#E8EEF4",
            }
        )

    def of(self, kind: str) -> Any:
        """The format of numbers of a kind, made once."""
        if kind not in self._kinds:
            self._kinds[kind] = self._book.add_format({"num_format": FORMATS.get(kind, "General")})
        return self._kinds[kind]


def _first_sheet(
    book: Any, looks: _Looks, about: Sequence[tuple[str, str]], sheets: list[str], titles: list[tuple[str, str]]
) -> None:
    page = book.add_worksheet("说明 About")
    page.hide_gridlines(2)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 80)
    for row, (name, text) in enumerate(about):
        page.write_string(row, 0, name, looks.name)
        page.write_string(row, 1, text, looks.note)
    start = len(about) + 1
    page.write_string(start, 0, "表 Tables", looks.title)
    for row, (sheet, (zh, en)) in enumerate(zip(sheets, titles, strict=True), start + 1):
        page.write_url(row, 0, f"internal:'{sheet}'!A1", looks.link, sheet)
        page.write_string(row, 1, en if zh == en else f"{zh} {en}", looks.note)


def _table_sheet(
    book: Any, looks: _Looks, sheet: str, title: tuple[str, str], table: pd.DataFrame, name_column: NameColumn
) -> None:
    page = book.add_worksheet(sheet)
    page.write_string(0, 0, title[0] if title[0] == title[1] else f"{title[0]}  {title[1]}", looks.title)
    for at, column in enumerate(table.columns):
        heading, values = name_column(column), table[column]
        lines = [
            heading.zh,
            *([heading.en] if heading.en != heading.zh else []),
            *([heading.unit] if heading.unit else []),
        ]
        kind = _kind(heading.kind, values)
        page.write_string(1, at, "\n".join(lines), looks.heading)
        page.set_column(at, at, _width(lines, values, kind))
        _write_column(page, at, values, kind, looks.of(kind))
    page.set_row(1, 48)
    page.freeze_panes(2, 1)
    if len(table) and len(table.columns):
        page.autofilter(1, 0, 1 + len(table), len(table.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)


def _write_column(page: Any, at: int, values: pd.Series, kind: str, look: Any) -> None:
    for row, value in enumerate(values, 2):
        if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
            page.write_blank(row, at, None, look)
        elif (
            kind != "text" and isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
        ):
            page.write_number(row, at, float(value), look)
        elif isinstance(value, (dt.date, dt.datetime)):
            page.write_string(row, at, value.isoformat()[:10], look)
        else:
            page.write_string(row, at, str(value), look)


def _kind(kind: str, values: pd.Series) -> str:
    """The kind of a column's format; text where its values are no numbers."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return "text"
    if kind in FORMATS:
        return kind
    return "count" if pd.api.types.is_integer_dtype(values) else "number"


def _width(lines: list[str], values: pd.Series, kind: str) -> float:
    places = {"area": 2, "percent": 2, "modulus": 1, "erosivity": 1, "loss": 0, "count": 0}.get(kind, 4)
    shown = [
        f"{v:,.{places}f}" if kind != "text" and isinstance(v, (int, float, np.number)) else str(v)
        for v in values.iloc[:500]
    ]
    widest = max((_digits(text) for text in [*lines, *shown]), default=0)
    return float(min(WIDEST, max(NARROWEST, widest + 2)))


def _digits(text: str) -> int:
    """Width of a text in digits: East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Names that Excel takes, each once."""
    out: list[str] = []
    for title in titles:
        clean = "".join("_" if c in "[]:*?/\\'" else c for c in title)[:SHEET_NAME] or "table"
        name, number = clean, 2
        while name.lower() in (o.lower() for o in out):
            name, number = f"{clean[: SHEET_NAME - 4]} {number}", number + 1
        out.append(name)
    return out
