"""Intensity classes of water erosion (土壤侵蚀强度分级)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import map_cells
from ..quantities import quantity
from ..tables import Table, load
from .kernels.extremes import extremes
from .kernels.intensity import intensity_cells, intensity_cells_of_one_zone

UNKNOWN = 0


def intensity_classes(
    modulus: xr.DataArray, allowable: xr.DataArray | float, table: Table | None = None
) -> xr.DataArray:
    """Intensity class of every cell: 1 slight to 6 severe (微度 … 剧烈); eroded land is 2 to 6.

    modulus: erosion modulus [t km⁻² a⁻¹]; allowable: allowable loss of the zone [t km⁻² a⁻¹], from which class 2
        begins, a layer (`allowable_loss`) or one number for a place that lies in one zone; NumPy- or Dask-backed
    returns: uint8, 0 where the modulus or the allowable loss is unknown

    Raises InputError where the layer is no modulus, or the allowable loss leaves the range of 100 to 1500.
    Limits: the standard as seen does not say to which class a bound belongs; here to the higher one.
    Source: SL 190-2007.
    """
    if modulus.attrs.get("quantity") != "erosion_modulus":
        raise InputError(
            f"a layer of {modulus.attrs.get('quantity')}", where="intensity_classes",
            expected="erosion_modulus [t km-2 a-1]", remedy="erosion_modulus(soil_loss) turns t hm-2 a-1 into it.",
        )  # fmt: skip
    bounds = class_bounds(load("intensity_classes") if table is None else table)
    if not isinstance(allowable, xr.DataArray):
        _refuse_allowable(float(allowable), float(allowable))
        return map_cells(
            intensity_cells_of_one_zone,
            [modulus],
            "intensity_class",
            float(allowable),
            bounds,
            dtype="uint8",
            nodata=UNKNOWN,
        )

    def kernel(*arguments: Any) -> None:
        _refuse_allowable(*extremes(arguments[1]))
        intensity_cells(*arguments)

    return map_cells(kernel, [modulus, allowable], "intensity_class", bounds, dtype="uint8", nodata=UNKNOWN)


def class_bounds(table: Table) -> npt.NDArray[np.float64]:
    """Lower bounds [t km⁻² a⁻¹] of the classes 3 to 6.

    Raises InputError where they do not rise.
    """
    bounds = np.array([table.number("from_modulus", code=code) for code in (3, 4, 5, 6)])
    if not (np.diff(bounds) > 0).all():
        raise InputError(
            f"bounds {list(bounds)}", where=f"table {table.name}", expected="rising bounds for classes 3 to 6"
        )
    return bounds


def _refuse_allowable(low: float, high: float) -> None:
    what = quantity("allowable_loss")
    if not (low >= what.low or low == np.inf) or high > what.high:
        raise InputError(
            f"allowable loss reaches from {low:.6g} to {high:.6g}",
            expected=f"{what.low:g} to {what.high:g} {what.units}",
        )
