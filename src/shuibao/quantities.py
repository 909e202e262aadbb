"""Every quantity a layer can carry: its names, unit, plausible range, kind and source.

The rows stand in `tables/quantities.csv`. A layer names its quantity in its attribute `quantity`; its unit follows from here.
"""

import csv
import functools
import math
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from .errors import InputError

Kind = Literal["continuous", "categorical"]


@dataclass(frozen=True)
class Quantity:
    """One row of `tables/quantities.csv`."""

    name: str
    zh: str
    en: str
    symbol: str
    units: str
    low: float
    high: float
    kind: Kind
    align: str
    """How the quantity moves to another grid: average, bilinear, nearest or mode."""
    source: str


@functools.cache
def all_quantities() -> dict[str, Quantity]:
    """Every quantity by its name."""
    text = resources.files("shuibao").joinpath("tables/quantities.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["name"]: _quantity(row) for row in rows}


def quantity(name: str) -> Quantity:
    """One quantity.

    Raises InputError where the name is unknown.
    """
    try:
        return all_quantities()[name]
    except KeyError:
        raise InputError(
            f"unknown quantity {name!r}",
            expected=f"one of {', '.join(sorted(all_quantities()))}",
            remedy="Add a row to tables/quantities.csv for a new one.",
        ) from None


def _quantity(row: dict[str, str]) -> Quantity:
    kind: Kind = "categorical" if row["kind"] == "categorical" else "continuous"
    return Quantity(
        name=row["name"], zh=row["zh"], en=row["en"], symbol=row["symbol"], units=row["units"],
        low=float(row["low"] or -math.inf), high=float(row["high"] or math.inf),
        kind=kind, align=row["align"], source=row["source"],
    )  # fmt: skip
