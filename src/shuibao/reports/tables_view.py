"""Tables as the page shows them: headings in both languages, numbers set right, bars, heat in matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from pyproj import CRS
from pyproj.exceptions import CRSError

from .headings import Heading, heading, role, title
from .numbers import DECIMALS, datum, is_number, rounded
from .style import Style, style

BARRED = ("conservation_rate_percent", "share_percent")
"""Columns whose shares have a bar below the number."""
CLASS_KEYS = ("slight", "light", "moderate", "intense", "very_intense", "severe")


@dataclass(frozen=True)
class Cell:
    """One cell: its HTML, whether it is a number, and its heat from 0 to 1 in a matrix."""

    html: Markup
    number: bool
    heat: float | None = None


@dataclass(frozen=True)
class View:
    """One table: key, titles, headings, rows of cells; `composition` has a bar of classes for each row or None."""

    key: str
    zh: str
    en: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[bool, ...]
    composition: tuple[Markup | None, ...] = field(default=())
    matrix: bool = False


def view(key: str, table: pd.DataFrame) -> View:
    """A table of the study; a meaningful index becomes its first columns, unknown areas stand only where there are any."""
    frame = table if isinstance(table.index, pd.RangeIndex) and table.index.name is None else _with_index(table)
    frame = frame.rename(columns=str)
    matrix = key.endswith("transition") and _is_matrix(frame)
    frame = _without_empty_unknown(frame, matrix)
    columns = tuple(heading(c) for c in frame.columns)
    if matrix:
        columns = (Heading(columns[0].name, "上期 ＼ 本期", "before ＼ now"), *columns[1:])
    numeric = tuple(_is_numeric(c, frame) for c in columns)
    most = max((float(v) for v in frame.iloc[:, 1:].to_numpy().ravel() if is_number(v)), default=0.0) if matrix else 0.0
    rows = tuple(
        tuple(_cell(v, c, most, matrix and k > 0) for k, (v, c) in enumerate(zip(r, columns, strict=True)))
        for r in frame.itertuples(index=False)
    )
    bars = tuple(composition(dict(zip(frame.columns, r, strict=True))) for r in frame.itertuples(index=False))
    return View(key, *title(key), columns, rows, numeric, () if matrix or not any(bars) else bars, matrix)


def _is_numeric(column: Heading, frame: pd.DataFrame) -> bool:
    if column.kind in ("class", "land_use", "text", "crs", "role"):
        return False
    return column.kind in (*DECIMALS, "fraction") or pd.api.types.is_numeric_dtype(frame[column.name])


def _without_empty_unknown(frame: pd.DataFrame, matrix: bool) -> pd.DataFrame:
    """Drop the columns of unknown area, and in a matrix the row, that hold nothing but zeros."""
    if matrix:
        first = frame.columns[0]
        empty = (frame[first] == "unknown") & (frame.drop(columns=first).abs().sum(axis=1) == 0)
        frame = frame[~empty]
    names = [c for c in ("unknown", "nodata_area_km2", "unknown_area_km2") if c in frame and len(frame)]
    return frame.drop(columns=[c for c in names if (frame[c] == 0).all()])


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    frame = table.reset_index()
    if frame.columns[0] == "index":
        frame = frame.rename(columns={"index": "class" if set(map(str, table.index)) & set(CLASS_KEYS) else "name"})
    return frame


def _is_matrix(frame: pd.DataFrame) -> bool:
    known = [style().class_of(c) or style().land_use_of(c) for c in frame.columns[1:] if c not in ("total", "unknown")]
    return bool(known) and all(e is not None for e in known)


def _cell(value: Any, column: Heading, most: float, heated: bool) -> Cell:
    if column.kind in ("class", "land_use") or column.zh.startswith("上期 ＼"):
        return Cell(entry_label(value, column.kind), False)
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return Cell(datum(None), False)
    if column.kind in WRITERS:
        return Cell(WRITERS[column.kind](value), column.kind == "fraction")
    if is_number(value) and column.kind != "text":
        return _number_cell(
            float(value), _decimals(value, column), column, float(value) / most if heated and most else None
        )
    return Cell(escape(str(value)), False)


def _number_cell(value: float, kind: str, column: Heading, heat: float | None) -> Cell:
    """An area of exactly nothing is a pale 0, apart from 0.00 for very little and the dash for unknown."""
    if value == 0 and kind in ("area", "share"):
        return Cell(Markup('<data class="none" value="0.0">0</data>'), True, heat)
    bar = share_bar(value, style().page["bar"]) if column.name in BARRED else Markup("")
    return Cell(datum(value, kind) + bar, True, heat)


def _decimals(value: Any, column: Heading) -> str:
    if column.kind in DECIMALS:
        return column.kind
    return "count" if isinstance(value, (int, np.integer)) else "number"


def _digest(value: Any) -> Markup:
    return Markup('<code title="{0}">{1}</code>').format(value, str(value)[:12])


def _percent_of(value: Any) -> Markup:
    return datum(100 * value, "percent") if is_number(value) else escape(str(value))


def _role(value: Any) -> Markup:
    return Markup('<span class="zh">{}</span> <span class="en">{}</span>').format(*role(str(value)))


def crs_label(value: object) -> Markup:
    """A coordinate system by its name and its EPSG number, whatever way it is written; as it stands where it cannot be read."""
    try:
        crs = CRS.from_user_input(value)
    except CRSError:
        return escape(str(value))
    number = crs.to_epsg()
    code = Markup(' <span class="quiet">EPSG:{}</span>').format(number) if number else Markup("")
    return Markup("{}{}").format(crs.name, code)


WRITERS = {"digest": _digest, "fraction": _percent_of, "role": _role, "crs": crs_label}
"""How values are written that are neither plain numbers nor plain text, by the kind of their heading."""


def entry_label(value: Any, kind: str) -> Markup:
    """A class or land use with its colour and both names; any other text as it is."""
    look: Style = style()
    entry = (look.land_use_of(value) if kind == "land_use" else None) or look.class_of(value) or look.land_use_of(value)
    if entry is None:
        other = heading(value)
        return escape(other.zh)
    dot = Markup(
        '<svg class="dot" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill="{}"/></svg>'
    ).format(entry.colour)
    return dot + Markup('<span class="zh">{}</span> <span class="en">{}</span>').format(entry.zh, entry.en)


def share_bar(percent: float, colour: str) -> Markup:
    """A thin bar of `percent` of its width."""
    width = max(0.0, min(100.0, percent))
    return Markup(
        '<svg class="share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width="{:.2f}" height="3" fill="{}"/></svg>'
    ).format(width, colour)


def composition(row: Mapping[str, Any]) -> Markup | None:
    """The six classes of a row as one bar; None where the row has not all of them or nothing in them."""
    names = {c.removesuffix("_km2").removesuffix("_area"): c for c in map(str, row)}
    if not set(CLASS_KEYS) <= set(names):
        return None
    areas = [float(row[names[k]]) if is_number(row[names[k]]) else 0.0 for k in CLASS_KEYS]
    return class_bar(areas)


def class_bar(areas: Sequence[float]) -> Markup | None:
    """A bar of the six classes; None where all are zero."""
    whole, start, parts = sum(areas), 0.0, []
    if whole <= 0:
        return None
    for area, entry in zip(areas, style().classes, strict=True):
        width = 100 * area / whole
        parts.append(
            Markup('<rect x="{:.3f}" width="{:.3f}" height="10" fill="{}"><title>{} {} %</title></rect>').format(
                start, width, entry.colour, entry.zh, rounded(width)
            )
        )
        start += width
    return Markup('<svg class="mix" viewBox="0 0 100 10" preserveAspectRatio="none" role="img">{}</svg>').format(
        Markup("").join(parts)
    )


def places_frame(places: Sequence[Mapping[str, Any]], level: str) -> pd.DataFrame:
    """The places of one level of the summary as a table, classes in columns of their own, only columns that hold something."""
    rows = []
    for place in places:
        if place.get("level") == level:
            classes = place.get("class_area_km2") or {}
            rows.append(
                {
                    "name": place.get("name"), "total_area_km2": place.get("total_area_km2"), "eroded_area_km2": place.get("eroded_area_km2"),
                    "conservation_rate_percent": place.get("conservation_rate_percent"), **{k: classes.get(k) for k in CLASS_KEYS},
                    "mean_modulus_t_km2_a": place.get("mean_modulus_t_km2_a"), "nodata_area_km2": place.get("nodata_area_km2"),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def levels(places: Sequence[Mapping[str, Any]]) -> list[str]:
    """The levels of the places, in the order in which they come."""
    return list(dict.fromkeys(str(p.get("level")) for p in places))
