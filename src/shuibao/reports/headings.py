"""Names in both languages for machine names: columns (`headings.csv`), tables and levels of places (`titles.csv`)."""

import csv
import functools
from dataclasses import dataclass
from importlib import resources

from ..errors import InputError
from ..quantities import quantity
from .style import style


@dataclass(frozen=True)
class Heading:
    """The heading of a column: names, unit and how its values are written (see `tables_view`)."""

    name: str
    zh: str
    en: str
    unit: str = ""
    kind: str = "auto"


@functools.cache
def _headings() -> dict[str, Heading]:
    return {row["name"]: Heading(**row) for row in _rows("headings.csv")}


@functools.cache
def _titles() -> dict[str, tuple[str, str]]:
    return {row["table"]: (row["zh"], row["en"]) for row in _rows("titles.csv")}


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files("shuibao.reports").joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def heading(name: object) -> Heading:
    """The heading of a column; class keys and codes count as classes, an unknown name stands for itself."""
    text = str(name)
    found = _headings().get(text)
    if found is not None:
        return found
    entry = style().class_of(text.removesuffix("_km2").removesuffix("_area"))
    if entry is not None:
        return Heading(text, entry.zh, entry.en, "km²", "area")
    use = style().land_use_of(name)
    if use is not None:
        return Heading(text, use.zh, use.en, "km²", "area")
    return Heading(text, text.replace("_", " "), "", *_guess(text))


def _guess(text: str) -> tuple[str, str]:
    for ending, unit, kind in (
        ("_km2", "km²", "area"),
        ("_percent", "%", "percent"),
        ("_t_km2_a", "t/(km²·a)", "modulus"),
        ("_t_a", "t/a", "loss"),
    ):
        if text.endswith(ending):
            return unit, kind
    return "", "auto"


def title(table: str) -> tuple[str, str]:
    """The title of a table or of a level of places ("level:township"), in Chinese and English."""
    return _titles().get(table, (table.removeprefix("level:").replace("_", " "), ""))


def role(name: str) -> tuple[str, str]:
    """What an input file is for, in Chinese and English: a name of its own, else that of its quantity, else itself."""
    found = _titles().get(f"role:{name.replace(' ', '_')}")
    if found is not None:
        return found
    try:
        known = quantity(name)
    except InputError:
        return name.replace("_", " "), ""
    return known.zh, known.en
