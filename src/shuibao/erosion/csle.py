"""The soil loss equation of China: A = R K L S B E T (中国土壤流失方程)."""

from typing import Any

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import map_cells, same_grid
from ..quantities import quantity
from .kernels.extremes import extremes
from .kernels.product import product_cells

QUANTITIES = {
    "R": "rainfall_erosivity", "K": "soil_erodibility", "L": "slope_length_factor", "S": "slope_factor",
    "B": "biological_factor", "E": "engineering_factor", "T": "tillage_factor", "G": "ephemeral_gully_factor",
}  # fmt: skip
HINTS = {
    "R": "R is in MJ mm hm-2 h-1 a-1; US units are multiplied by 17.02.",
    "K": "K is in t hm2 h hm-2 MJ-1 mm-1; US units are multiplied by 0.1317.",
    **dict.fromkeys("BET", "Is it percent, or a scaled integer?"),
}
HECTARES_PER_KM2 = 100.0

Factor = xr.DataArray | float


def soil_loss(
    *,
    R: Factor,
    K: Factor,
    L: xr.DataArray,
    S: xr.DataArray,
    B: Factor,
    E: Factor = 1.0,
    T: Factor = 1.0,
    G: Factor | None = None,
) -> xr.DataArray:
    """Soil loss A = R K L S B E T [t hm⁻² a⁻¹] (土壤流失量), and times G where it is given.

    R [MJ mm hm⁻² h⁻¹ a⁻¹], K [t hm² h hm⁻² MJ⁻¹ mm⁻¹], L, S, B, E, T, G [-]: layers on one grid or single numbers,
    NumPy- or Dask-backed
    returns: A on the same grid, float32; unknown where any factor is unknown, 0 where any known factor is 0 and none
        unknown

    Raises InputError naming the factor and its extreme value where it leaves the range of its quantity,
    CoordinateError where the layers do not share a grid.
    Limits: sheet and rill erosion on slopes; no gullies, landslides or deposition; the mean of many years.
    Source: Liu, Zhang and Xie 2002; scheme of regional dynamic monitoring 2018.
    """
    given: dict[str, Factor] = {"R": R, "K": K, "L": L, "S": S, "B": B, "E": E, "T": T} | (
        {} if G is None else {"G": G}
    )
    layers = {name: factor for name, factor in given.items() if isinstance(factor, xr.DataArray)}
    scale = 1.0
    for name, factor in given.items():
        if not isinstance(factor, xr.DataArray):
            refuse_range(name, float(factor), float(factor))
            scale *= float(factor)
    same_grid(*layers.values())
    names = list(layers)

    def kernel(*arguments: Any) -> None:
        *cells, number, out = arguments
        for name, values in zip(names, cells, strict=True):
            refuse_range(name, *extremes(values))
        product_cells(tuple(np.require(values, np.float32, ["C", "W"]) for values in cells), number, out)

    return map_cells(kernel, list(layers.values()), "soil_loss", scale)


def refuse_range(factor: str, low: float, high: float) -> None:
    """Raise InputError where a factor (its letter) reaches beyond the range of its quantity; NaN passes."""
    what = quantity(QUANTITIES[factor])
    slack = 1e-5 * what.high
    if low < what.low - slack or high > what.high + slack:
        extreme = low if low < what.low - slack else high
        raise InputError(
            f"{factor} reaches {extreme:.6g}", where=f"{what.en} ({what.zh}, {what.name})",
            expected=f"{what.low:g} to {what.high:g}" + ("" if what.units == "1" else f" {what.units}"),
            remedy=HINTS.get(factor, ""),
        )  # fmt: skip


def erosion_modulus(loss: xr.DataArray) -> xr.DataArray:
    """Erosion modulus M = 100 A [t km⁻² a⁻¹] (土壤侵蚀模数) from soil loss A [t hm⁻² a⁻¹].

    Raises InputError where the layer is no soil loss.
    """
    if loss.attrs.get("quantity") != "soil_loss":
        raise InputError(
            f"a layer of {loss.attrs.get('quantity')}", where="erosion_modulus", expected="soil_loss [t hm-2 a-1]"
        )
    return map_cells(_to_square_kilometres, [loss], "erosion_modulus")


def _to_square_kilometres(cells: Any, out: Any) -> None:
    np.multiply(cells, np.float32(HECTARES_PER_KM2), out=out)
