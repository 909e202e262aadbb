"""Read tables: CSV, TSV and Excel, in UTF-8, UTF-16 or GB 18030, with the line of every fault.

All cells come in as text; the columns that are asked for are turned into their type, and a cell that cannot be is
named by its line.
"""

import csv
import difflib
import gzip
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..errors import InputError, SourceError
from .encodings import decode, refuse_mojibake
from .files import PathLike, existing

DELIMITERS = ",\t;|，"
EXCEL = (".xlsx", ".xlsm")
TYPES = ("text", "number", "integer", "date")
EMPTY = ("", "-", "—", "/", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "无")
"""Cells that say nothing."""

SHOWN = 5
"""Faulty lines named in one message."""


@dataclass(frozen=True)
class TextTable:
    """A table as text.

    rows: all columns as text, "" for empty cells; the index is the line in the file, counted from 1 (with its name
        `line`)
    comments: the lines that were left out, without their mark
    encoding: of the text, or the name of the Excel sheet
    """

    rows: pd.DataFrame
    comments: tuple[str, ...]
    encoding: str


def read_table(
    path: PathLike,
    *,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    comment: str = "#",
) -> pd.DataFrame:
    """Read a table of a CSV, TSV or Excel file.

    sheet: of an Excel file; may be left out where one sheet holds something
    columns: name → text | number | integer | date, the columns that must be there and their type; other columns
        become numbers where every cell is one or empty (and none is a code that begins with 0), and stay text otherwise
    encoding: by default UTF-8, UTF-16 and GB 18030 are tried
    comment: lines that begin with it are left out; "" leaves none out

    returns: rows from 0; `attrs` hold `path`, `encoding`, `comments` and `reading` (what was done, sentences)

    Raises SourceError (missing, not a table, unknown encoding, garbled text) and InputError (a column missing, with
    the nearest names; a cell of another type, with its line; two columns of one name; no rows; several sheets).
    """
    where = str(path)
    table = read_text_table(path, sheet=sheet, encoding=encoding, comment=comment)
    rows = table.rows
    wanted = dict(columns or {})
    for name, kind in wanted.items():
        if kind not in TYPES:
            raise InputError(f"type {kind!r} for column {name!r}", where=where, expected=f"one of {', '.join(TYPES)}")
    require_columns(rows, list(wanted), where)
    out = pd.DataFrame(index=rows.index)
    for name in rows.columns:
        out[name] = convert(rows[name], wanted[name], where) if name in wanted else _inferred(rows[name])
    notes = [] if table.encoding.lower() in ("utf-8", "utf-8-sig") else [f"read as {table.encoding}"]
    notes += [f"{len(table.comments)} comment lines were left out"] if table.comments else []
    out = out.reset_index(drop=True)
    out.attrs = {"path": where, "encoding": table.encoding, "comments": list(table.comments), "reading": notes}
    return out


def read_text_table(
    path: PathLike, *, sheet: str | None = None, encoding: str | None = None, comment: str = "#"
) -> TextTable:
    """A table as text, with the line of every row.

    Raises SourceError and InputError as `read_table` does.
    """
    found, where = existing(path, "table"), str(path)
    data = found.read_bytes()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        remedy = "Open it in Excel or WPS and save it as .xlsx or CSV."
        raise SourceError(
            "it is an Excel file of the kind before 2007 (.xls)", where=where, expected=".xlsx or CSV", remedy=remedy
        )
    if data.startswith(b"PK\x03\x04"):
        rows, name = _excel(data, sheet, where)
        table = TextTable(rows, (), name)
    else:
        if found.suffix.lower() in EXCEL:
            raise SourceError("it is no whole Excel file", where=where, remedy="It was cut short; copy it again.")
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        table = _delimited(data, where, encoding, comment)
    _refuse_twins(table.rows, where)
    if table.rows.empty:
        raise InputError(
            "the table holds no rows", where=where, expected="at least one row below the names of the columns"
        )
    return table


def require_columns(rows: pd.DataFrame, wanted: list[str], where: str) -> None:
    """Raise InputError where a column is missing, naming what is there that resembles it."""
    missing = [name for name in wanted if name not in rows]
    if not missing:
        return
    have = [str(c) for c in rows.columns]
    lower = {c.lower(): c for c in have}
    near = [lower[m] for name in missing for m in difflib.get_close_matches(name.lower(), list(lower), n=2, cutoff=0.6)]
    remedy = f"Is it {' or '.join(dict.fromkeys(near))}?" if near else "Rename the column, or say which one is meant."
    what = f"column {missing[0]!r} is missing" if len(missing) == 1 else f"columns {missing} are missing"
    raise InputError(what, where=where, expected=f"it among {', '.join(have)}", remedy=remedy)


def convert(cells: pd.Series, kind: str, where: str) -> pd.Series:
    """A column of text as text, number (float, NaN for empty), integer (no empty cells) or date.

    cells: text, indexed by line

    Raises InputError naming the lines whose cells are of another type.
    """
    text = cells.str.strip()
    text = text.mask(text.isin(EMPTY), "")
    if kind == "text":
        return text
    if kind == "date":
        values = parse_dates(text)
    else:
        values = pd.to_numeric(text.mask(text == ""), errors="coerce").astype(float)
    wrong = (values.isna() & (text != "")).to_numpy()
    if kind == "integer":
        wrong = wrong | (values.isna() | (values % 1 != 0)).to_numpy()
    if wrong.any():
        lines = [f"line {line}: {cell!r}" for line, cell in cells[wrong].head(SHOWN).items()]
        more = f" and {int(wrong.sum()) - SHOWN} more" if wrong.sum() > SHOWN else ""
        article = "an integer" if kind == "integer" else f"a {kind}"
        raise InputError(
            f"column {cells.name!r} holds what is not {article} in {', '.join(lines)}{more}",
            where=where,
            expected=f"{kind}s",
        )
    return values.astype("int64") if kind == "integer" else values


def parse_dates(text: pd.Series) -> pd.Series:
    """Dates and times of day of text such as 2015-07-01, 20150701, 2015/7/1 8:00, 2015年7月1日; NaT where it is
    none.
    """
    plain = text.str.replace(r"[年月/.]", "-", regex=True).str.replace("日", " ", regex=False).str.strip()
    compact = plain.str.fullmatch(r"\d{8}|\d{10}|\d{12}")
    out = pd.to_datetime(plain.mask(compact | (plain == "")), errors="coerce", format="ISO8601")
    for width, form in ((8, "%Y%m%d"), (10, "%Y%m%d%H"), (12, "%Y%m%d%H%M")):
        hit = compact & (plain.str.len() == width)
        if hit.any():
            out = out.mask(hit, pd.to_datetime(plain.where(hit), errors="coerce", format=form))
    left = out.isna() & (plain != "") & ~compact
    if left.any():
        out = out.mask(left, pd.to_datetime(plain.where(left), errors="coerce", format="mixed", yearfirst=True))
    return out


def _delimited(data: bytes, where: str, encoding: str | None, comment: str) -> TextTable:
    decoded = decode(data, where, encoding)
    kept, comments = [], []
    for number, line in enumerate(decoded.text.splitlines(), 1):
        if comment and line.startswith(comment):
            comments.append(line[len(comment) :].strip(" ,\t"))
        elif line.strip(" ,\t;"):
            kept.append((number, line))
    if not kept:
        raise InputError("the table is empty", where=where, expected="names of columns and rows below them")
    rows = _parse(kept, _delimiter(kept[0][1]), where)
    return TextTable(rows, tuple(comments), decoded.encoding)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _parse(kept: list[tuple[int, str]], delimiter: str, where: str) -> pd.DataFrame:
    width = _width(kept, delimiter, where)
    text = "\n".join(line for _, line in kept)
    engine: Any = "c" if delimiter.isascii() else "python"
    try:
        rows = pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            index_col=False,
            usecols=range(width) if width else None,
            engine=engine,
        )
    except pd.errors.ParserError as error:
        raise InputError(str(error).strip(), where=where, expected="as many cells in every row as names") from None
    lines = [number for number, _ in kept[1:]]
    # A quoted cell may run over several lines; then rows and lines no longer go together, and rows are counted instead.
    rows.index = pd.Index(lines if len(lines) == len(rows) else range(2, len(rows) + 2), name="line")
    rows.columns = rows.columns.str.strip()
    hollow = [c for c in rows.columns if c.startswith("Unnamed:") and not rows[c].fillna("").str.strip().any()]
    return rows.drop(columns=hollow).fillna("")


def _width(kept: list[tuple[int, str]], delimiter: str, where: str) -> int:
    """The number of names, 0 where the csv module cannot tell; a row with more cells is refused, as pandas would cut
    12,5 to 12. Empty cells at a row's end do not count.
    """
    rows = csv.reader((line for _, line in kept), delimiter=delimiter, skipinitialspace=True)
    try:
        width = len(next(rows))
        ragged = next((cells for cells in rows if any(c.strip() for c in cells[width:])), None)
    except csv.Error:
        return 0
    if ragged is not None:
        raise InputError(
            f"line {kept[rows.line_num - 1][0]} holds {len(ragged)} cells, the line of names {width}",
            where=where,
            expected="as many cells in every row as there are columns",
            remedy="A cell with the delimiter in it must stand in quotes, and decimals want a point: 12.5, not 12,5.",
        )
    return width


def _excel(data: bytes, sheet: str | None, where: str) -> tuple[pd.DataFrame, str]:
    try:
        book = pd.read_excel(io.BytesIO(data), sheet_name=None, dtype=str, keep_default_na=False, engine="openpyxl")
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SourceError(
            f"it cannot be read as Excel ({str(error)[:120]})", where=where, expected="a whole .xlsx file"
        ) from None
    filled = {str(name): rows for name, rows in book.items() if not rows.empty}
    if sheet is None and len(filled) != 1:
        names = ", ".join(filled) or "none"
        raise InputError(f"sheets with rows: {names}", where=where, expected="one", remedy='Name one: sheet = "…".')
    if sheet is not None and sheet not in book:
        raise InputError(f"no sheet {sheet!r}", where=where, expected=f"one of {', '.join(map(str, book))}")
    name = sheet if sheet is not None else next(iter(filled))
    rows = book[name].fillna("").astype(str)
    rows.columns = pd.Index([str(c).strip() for c in rows.columns])
    rows.index = pd.Index(range(2, len(rows) + 2), name="line")
    rows = rows[(rows != "").any(axis=1)]
    hollow = [c for c in rows.columns if c.startswith("Unnamed:") and not rows[c].str.strip().any()]
    refuse_mojibake([*rows.columns, *(t for c in rows.columns for t in rows[c].unique()[:1000])], where)
    return rows.drop(columns=hollow), f"sheet {name}"


def _refuse_twins(rows: pd.DataFrame, where: str) -> None:
    twins = sorted(
        {str(c).rsplit(".", 1)[0] for c in rows.columns if str(c).endswith(".1") and str(c)[:-2] in rows.columns}
    )
    if twins:
        raise InputError(f"two columns are named {twins[0]!r}", where=where, expected="every name once")


def _inferred(cells: pd.Series) -> pd.Series:
    text = cells.str.strip()
    text = text.mask(text.isin(EMPTY), "")
    values = pd.to_numeric(text.mask(text == ""), errors="coerce")
    coded = text.str.fullmatch(r"[+-]?0\d+").any()
    if coded or values.isna().all() or values.notna().sum() != (text != "").sum():
        return text
    whole = values.notna().all() and (values % 1 == 0).all() and float(values.abs().max()) < 2**53
    return values.astype("int64" if whole else float)
