"""Two products side by side: first whether they are alike, then rate, classes, transitions and places."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .. import grids, io, statistics
from ..reports.headings import heading, title
from ..statistics import INTENSITY_NAMES
from .results import CLASS_NAMES


@dataclass(frozen=True)
class Comparison:
    """How a later product differs from an earlier one; areas in km².

    before, after: their summaries
    differences: what makes them not comparable like for like, as sentences; empty is well
    classes: area of each class before, after and the change
    places: rate of each place before, after and the change [percentage points]
    transition: area from each class (rows) to each class (columns), where both products lie on one grid
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    differences: list[str]
    classes: pd.DataFrame
    places: pd.DataFrame
    transition: pd.DataFrame | None

    @property
    def rate_change(self) -> float:
        """Change of the conservation rate [percentage points]."""
        return float(self.after["conservation_rate_percent"] - self.before["conservation_rate_percent"])

    def record(self) -> dict[str, Any]:
        """As JSON for a program."""
        frames = {"classes": self.classes, "places": self.places, "transition": self.transition}
        years = {"before": self.before["year"], "after": self.after["year"]}
        plain = {k: None if f is None else f.to_dict("records") for k, f in frames.items()}
        return {**years, "rate_change_points": self.rate_change, "differences": self.differences, **plain}


def compare_products(before: Path, after: Path, *, workbook: Path | None = None) -> Comparison:
    """Compare two product folders, and write the tables to an Excel file if one is named.

    Raises SourceError where a folder is no product.
    """
    first, second = io.open_product(before), io.open_product(after)
    differences = [d.message for d in io.comparable(first, second)]
    result = Comparison(
        first.summary,
        second.summary,
        differences,
        class_change(first.summary, second.summary),
        place_change(first.summary, second.summary),
        _transition(first, second),
    )
    if workbook is not None:
        _write(workbook, result)
    return result


def _write(workbook: Path, result: Comparison) -> None:
    frames = {"class_change": result.classes, "place_change": result.places, "class_transition": result.transition}
    years = f"{result.before['year']} → {result.after['year']}"
    alike = "；".join(result.differences) or "方法一致 alike in method"
    about = [("比较 Comparison", years), ("可比性 Comparability", alike)]
    stamp = dt.datetime(int(result.after["year"]), 12, 31)
    tables = {k: f for k, f in frames.items() if f is not None}
    io.write_workbook(workbook, tables, about=about, stamp=stamp, name_column=heading, name_table=title)


def class_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> pd.DataFrame:
    """Area of each class before and after [km²]."""
    first, second = before["class_area_km2"], after["class_area_km2"]
    rows = [{"class": n, "before": first[n], "after": second[n], "change": second[n] - first[n]} for n in CLASS_NAMES]
    return pd.DataFrame(rows)


def place_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> pd.DataFrame:
    """Rate of each place that both products have [%]."""
    keys = ["level", "code"]
    columns = [*keys, "name", "conservation_rate_percent", "eroded_area_km2"]
    first, second = (pd.DataFrame(s["places"])[columns] for s in (before, after))
    both = first.drop(columns="name").merge(second, on=keys, suffixes=("_before", "_after"))
    rates = ["conservation_rate_percent_before", "conservation_rate_percent_after"]
    both[rates] = both[rates].astype(float)  # a place of which nothing is known has no rate
    both["change"] = both[rates[1]] - both[rates[0]]
    order = [*keys, "name", "conservation_rate_percent_before", "conservation_rate_percent_after", "change"]
    return both[[*order, "eroded_area_km2_before", "eroded_area_km2_after"]]


def _transition(first: io.Product, second: io.Product) -> pd.DataFrame | None:
    before, after = first.layer("intensity_class"), second.layer("intensity_class")
    if grids.geobox_of(before) != grids.geobox_of(after):
        return None
    matrix = statistics.transition_matrix(before, after, codes=INTENSITY_NAMES)
    return matrix.rename_axis("before").rename_axis(None, axis=1).reset_index()
