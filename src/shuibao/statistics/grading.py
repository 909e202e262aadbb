"""Grades of continuous layers: slope grades (坡度级) and grades of vegetation cover (盖度级)."""

import numpy as np
import xarray as xr

from .. import tables
from ..errors import InputError
from ..grids import map_cells
from ..tables import Table
from .kernels.grading import grade_cells

UNITS = {("deg", "rad"): np.pi / 180, ("percent", "1"): 0.01}
"""Factor from the unit of a table to the unit of a layer; equal units need none."""


def slope_grades(system: str = "land_survey") -> Table:
    """Bounds of slope grades: `land_survey` (三调: 2, 6, 15, 25°) or `sl190` (5, 8, 15, 25, 35°)."""
    return tables.load("slope_grades").where(system=system)


def cover_grades(system: str = "monitoring") -> Table:
    """Bounds of the grades of vegetation cover: 30, 45, 60, 75 %."""
    return tables.load("cover_grades").where(system=system)


def grade(values: xr.DataArray, table: Table) -> xr.DataArray:
    """The grade of each cell.

    values: float layer, NaN unknown, as slope_angle [rad] or fractional_cover [1]
    table: a row a grade with columns quantity, grade (from 1), low, high, units, closed ("upper" where the upper
        bound belongs to the grade, "lower" where the lower one does), name_zh, name_en, as `slope_grades()`
    returns: uint8 layer of the quantity the table names, 0 unknown

    Raises InputError where the rows do not follow on each other or their unit does not fit the layer.
    """
    rows = table.rows.sort_values("grade")
    bounds = rows["high"].to_numpy(float)[:-1]
    follows = np.array_equal(bounds, rows["low"].to_numpy(float)[1:]) and bool((np.diff(bounds) > 0).all())
    numbered = rows["grade"].tolist() == list(range(1, len(rows) + 1))
    if not (follows and numbered and rows["closed"].nunique() == 1):
        raise InputError(
            "grades with gaps, overlaps or mixed ends",
            where=f"table {table.name}",
            expected="one row a grade, each ending where the next begins",
        )
    units = (str(rows["units"].iloc[0]), str(values.attrs.get("units")))
    if units[0] != units[1] and units not in UNITS:
        raise InputError(
            f"a layer in {units[1]!r}",
            where=f"table {table.name}",
            expected=f"a layer that fits bounds in {units[0]!r}",
        )
    if values.dtype.kind != "f":
        raise InputError(
            f"values of type {values.dtype}", where=str(values.name), expected="a continuous layer, NaN where unknown"
        )
    scaled = (bounds * UNITS.get(units, 1.0)).astype(values.dtype)
    upper = bool(rows["closed"].iloc[0] == "upper")
    return map_cells(grade_cells, [values], str(rows["quantity"].iloc[0]), scaled, upper, dtype="uint8", nodata=0)


def grade_names(table: Table, language: str = "zh") -> dict[int, str]:
    """Grade to its name, in Chinese ("zh") or English ("en"); the codes of a table of areas."""
    rows = table.rows.sort_values("grade")
    return {int(g): str(n) for g, n in zip(rows["grade"], rows[f"name_{language}"], strict=True)}
