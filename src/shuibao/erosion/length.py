"""Slope length factor L (坡长因子): by segments of slope length, or by contributing area."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import map_cells, square_cell
from ..grids.layers import geobox_of
from ..tables import Table
from .angles import bound_from_above, guarded
from .kernels.desmet_govers import area_factor_cells
from .kernels.slope_length import segment_factor_cells
from .slope import chosen

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LengthExponents:
    """Exponent m of the slope length, as `kernels.slope_length` wants it.

    classes: rows of lower bound [rad], itself outside the class, and m
    ratio: share, unit sine, gain, power and offset of McCool et al. (1989); a share of 0 takes m from the classes
    unit_length: slope length of the unit plot [m]
    """

    classes: Rows
    ratio: Rows
    unit_length: float


def slope_length_factor(
    upper: xr.DataArray, lower: xr.DataArray, angle: xr.DataArray, exponents: Table | str = "csle"
) -> xr.DataArray:
    """Slope length factor L of every cell as a segment of its slope (坡长因子).

    L = (λ₁^(m+1) - λ₀^(m+1)) / ((λ₁ - λ₀) 22.13^m), λ₀ and λ₁ the slope lengths where the flow enters and leaves the
    cell.

    upper, lower: λ₀ and λ₁, horizontal [m], from `terrain.slope_length`; NaN where unknown, NumPy- or Dask-backed
    angle: slope angle [rad] on the same grid
    exponents: rows of the table `slope_length_exponents`, or the name of one of its equations: csle (m by classes of
        slope), liu2000, mccool1989 (m = β / (1 + β), RUSLE)
    returns: L [-], float32

    Raises InputError where the angles cannot be radians, or the table holds no or several equations.
    Limits: one-dimensional slopes; channels, terraces and other ends of a slope must have been cut in the slope
    lengths.
    Sources: Foster and Wischmeier 1974; Wischmeier and Smith 1978; McCool et al. 1989; Liu et al. 2000.
    """
    m = length_exponents(exponents)
    kernel = guarded(segment_factor_cells, place=2)
    return map_cells(kernel, [upper, lower, angle], "slope_length_factor", m.classes, m.ratio, m.unit_length)


def length_factor_desmet_govers(
    area_at_inlet: xr.DataArray,
    aspect: xr.DataArray,
    angle: xr.DataArray,
    exponents: Table | str = "csle",
    *,
    max_length: float | None = None,
) -> xr.DataArray:
    """Slope length factor L from the contributing area at the inlet of each cell (Desmet and Govers 1996).

    L = ((A + D²)^(m+1) - A^(m+1)) / (D^(m+2) x^m 22.13^m), x = |sin α| + |cos α|, α the aspect. With A = 0 and flow
    along the rows it is the first segment of `slope_length_factor`.

    area_at_inlet: contributing area A without the cell itself [m²], best from multiple flow directions
    aspect: α [rad]; NaN (flat ground) counts as x = 1; angle: slope angle [rad]; all on one grid of square cells,
        NumPy- or Dask-backed
    max_length: area beyond a slope of this length [m] does not count; None counts all
    returns: L [-], float32

    Raises InputError where the angles cannot be radians or the area is no area; CoordinateError where the cells are
    not square metres.
    Limits: L grows without end along valleys; give no area of channels, or cut with `max_length`.
    Source: Desmet and Govers 1996, eq. 9, with the true area [m²] and the true aspect.
    """
    m = length_exponents(exponents)
    cell = square_cell(geobox_of(angle))
    if area_at_inlet.attrs.get("quantity") != "contributing_area":
        raise InputError(
            f"a layer of {area_at_inlet.attrs.get('quantity')}", where="area_at_inlet",
            expected="contributing_area [m2]",
            remedy="Multiply contributing cells by the area of a cell and take the cell itself off.",
        )  # fmt: skip
    longest = math.inf if max_length is None else float(max_length)
    kernel = guarded(area_factor_cells, place=2)
    layers = [area_at_inlet, aspect, angle]
    return map_cells(kernel, layers, "slope_length_factor", m.classes, m.ratio, m.unit_length, cell, longest)


def length_exponents(exponents: Table | str) -> LengthExponents:
    """The exponent m of one equation.

    Raises InputError where the table holds several equations or none, or a number is missing.
    """
    table = chosen("slope_length_exponents", exponents)
    rows = table.rows.sort_values("above_degrees")
    unit = float(rows["unit_length"].iloc[0])
    if (rows["form"] == "rill_ratio").all() and len(rows) == 1:
        columns = ["rill_share", "unit_sine", "interrill_gain", "interrill_power", "interrill_offset"]
        return _complete(LengthExponents(np.zeros((1, 2)), rows[columns].to_numpy(float)[0], unit), table)
    classes = rows[["above_degrees", "exponent"]].to_numpy(float).copy()
    classes[:, 0] = [bound_from_above(degrees) for degrees in classes[:, 0]]
    return _complete(LengthExponents(classes, np.zeros(5), unit), table)


def _complete(exponents: LengthExponents, table: Table) -> LengthExponents:
    parts: list[Any] = [exponents.classes, exponents.ratio, exponents.unit_length]
    if not all(np.isfinite(part).all() for part in parts):
        raise InputError(
            "a number is missing",
            where=f"table {table.name}",
            expected="exponents of all classes, or the numbers of one rill ratio",
        )
    return exponents
