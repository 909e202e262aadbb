"""Slope factor S (坡度因子)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import map_cells
from ..tables import Table, load
from .angles import bound_from_below, guarded
from .kernels.slope_steepness import slope_factor_cells

Rows = npt.NDArray[np.float64]


def slope_factor(angle: xr.DataArray, branches: Table | str = "csle") -> xr.DataArray:
    """Slope factor S (坡度因子).

    By default that of the CSLE: S = 10.8 sin θ + 0.03 below 5°; 16.8 sin θ - 0.50 to 10°; 21.9 sin θ - 0.96 above.

    angle: slope angle θ [rad], NaN where unknown, shape (y, x), NumPy- or Dask-backed
    branches: rows of the table `slope_factor_branches`, or the name of one of its equations: csle, mccool1987,
        liu1994 or nearing1997 (S = -1.5 + 17 / (1 + exp(2.3 - 6.1 sin θ)), one curve)
    returns: S [-] on the same grid, float32

    Raises InputError where the angles cannot be radians, or the table holds no or several equations.
    Limits: the pieces of the CSLE do not meet: S falls by 0.7 % at 5° and rises by 17.6 % at 10°; beyond about 29° it
    extrapolates.
    Sources: McCool et al. 1987; Liu, Nearing and Risse 1994; Nearing 1997.
    """
    return map_cells(guarded(slope_factor_cells), [angle], "slope_factor", slope_pieces(branches))


def slope_pieces(branches: Table | str) -> Rows:
    """The pieces of one equation of S as `kernels.slope_steepness` wants them.

    returns: rows of start [rad], gain, offset, centre and rate, sorted by start; a rate of 0 marks a straight piece

    Raises InputError where the table holds several equations or none, or does not begin at 0°.
    """
    table = chosen("slope_factor_branches", branches)
    rows = table.rows.sort_values("from_degrees")
    if float(rows["from_degrees"].iloc[0]) != 0 or rows["from_degrees"].duplicated().any():
        raise InputError(
            f"pieces from {list(rows['from_degrees'])} degrees",
            where=f"table {table.name}",
            expected="pieces from 0 upwards, each once",
        )
    pieces = rows[["from_degrees", "gain", "offset", "centre", "rate"]].to_numpy(float).copy()
    pieces[:, 0] = [bound_from_below(degrees) for degrees in pieces[:, 0]]
    pieces[:, 3:] = np.where((rows["form"] == "logistic").to_numpy()[:, None], pieces[:, 3:], 0.0)
    return _complete(pieces, table)


def chosen(name: str, choice: Table | str) -> Table:
    """The rows of one equation: those handed in, or those of the table `name` with that equation.

    Raises InputError where rows of several equations are handed in, or no row has that equation.
    """
    if isinstance(choice, str):
        return load(name).where(equation=choice)
    equations: list[Any] = list(choice.rows["equation"].unique())
    if len(equations) != 1:
        raise InputError(
            f"rows of {len(equations)} equations {equations}", where=f"table {choice.name}", expected="one equation"
        )
    return choice


def _complete(pieces: Rows, table: Table) -> Rows:
    if not np.isfinite(pieces).all():
        raise InputError(
            "a coefficient is missing",
            where=f"table {table.name}",
            expected="numbers in gain, offset and, if logistic, centre and rate",
        )
    return pieces
