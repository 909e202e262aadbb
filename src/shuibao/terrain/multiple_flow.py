"""Flow accumulation that divides: to all lower neighbours (MFD) or along the flow angle (D-infinity)."""

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import known, layer, same_grid, square_cell
from .drainage import flow_directions
from .kernels.dispersal import count_donors, disperse
from .kernels.infinity import infinity_receivers
from .kernels.multiple_flow import multiple_receivers
from .plain import plain_cells, plain_heights, provenance_of

BALANCE = 1e-9
"""Greatest relative difference between what is put on the ground and what leaves it."""


def flow_accumulation_multiple(
    filled: xr.DataArray,
    *,
    exponent: float = 1.1,
    weights: xr.DataArray | None = None,
    directions: xr.DataArray | None = None,
) -> xr.DataArray:
    """Cells that drain through each cell, itself included, where flow divides among all lower neighbours (多流向, MFD).

    Each lower neighbour gets a share by (tangent of the slope to it) ** exponent, diagonals by their true distance. A
    cell without a lower neighbour, in a filled flat, passes all its water along its D8 direction.

    filled: elevation [m] without depressions on a grid of square cells, shape (y, x), NaN where unknown
    exponent: greater is less divergent; 1.1 by Freeman
    weights: any layer on the same grid, summed in place of ones; an unknown weight makes everything below it unknown
    directions: D8 codes of `flow_directions(filled)`, computed where they are not given
    returns: float64 layer `contributing_cells` (with weights: of the weights' quantity, `contributing_area` for
        `cell_area`), NaN unknown; attributes `algorithm`, `exponent`, `flat_rule` and `imbalance`, the relative
        difference between what was put on and what left

    Raises InputError where the exponent is not positive, flow runs in a circle, mass is lost, or a layer is
    Dask-backed; CoordinateError where the grids differ or cells are not square.
    Source: Freeman 1991.
    """
    if not exponent > 0:
        raise InputError(f"exponent {exponent}", where="flow_accumulation_multiple", expected="a positive number")
    sums = _dispersed(filled, directions, weights, float(exponent))
    return sums.assign_attrs(algorithm="MFD, Freeman 1991", exponent=float(exponent))


def flow_accumulation_infinity(
    filled: xr.DataArray, *, weights: xr.DataArray | None = None, directions: xr.DataArray | None = None
) -> xr.DataArray:
    """Cells that drain through each cell, itself included, along flow angles of the steepest facets (D∞).

    Arguments, attributes and errors as for `flow_accumulation_multiple`.

    Source: Tarboton 1997.
    """
    return _dispersed(filled, directions, weights, 0.0).assign_attrs(algorithm="D-infinity, Tarboton 1997")


def _dispersed(
    filled: xr.DataArray,
    directions: xr.DataArray | None,
    weights: xr.DataArray | None,
    exponent: float,
) -> xr.DataArray:
    codes = flow_directions(filled) if directions is None else directions
    geobox = same_grid(filled, codes, *([] if weights is None else [weights]))
    square_cell(geobox)
    heights = plain_heights(filled)
    codes_plain = np.ascontiguousarray(plain_cells(codes), np.uint8)
    masks, inflows = np.empty(heights.shape, np.uint8), np.empty(heights.shape, np.uint8)
    second = np.empty((0, 0) if exponent > 0 else heights.shape, np.float32)
    if exponent > 0:
        multiple_receivers(heights, codes_plain, masks)
    else:
        infinity_receivers(heights, codes_plain, masks, second)
    count_donors(masks, inflows)
    sums = np.where(np.isnan(heights), np.nan, 1.0)
    if weights is not None:
        sums *= np.where(known(weights).values, plain_cells(weights), np.nan)
    given, unknown = float(np.nansum(sums)), bool((np.isnan(sums) & ~np.isnan(heights)).any())
    outflow, left = disperse(heights, masks, second, inflows, np.float32(exponent), sums)
    if left:
        raise InputError(f"{left} cells drain in a circle", where=str(codes.name), expected="flow_directions(filled)")
    imbalance = _imbalance(given, outflow)
    if imbalance > BALANCE or (np.isnan(outflow) and not unknown):
        raise InputError(f"of {given:g} put on the ground {outflow:g} left it", where=str(filled.name))
    name, provenance = "contributing_cells", provenance_of(filled)
    if weights is not None:
        name = str(weights.attrs["quantity"]).replace("cell_area", "contributing_area")
        provenance = provenance_of(filled, weights)
    return layer(sums, geobox, name, provenance=provenance, flat_rule="D8 over resolved flats", imbalance=imbalance)


def _imbalance(given: float, outflow: float) -> float:
    """Relative difference; 0 where unknown weights made an outlet unknown, as nothing can be said then."""
    if given == outflow or np.isnan(outflow):
        return 0.0
    return abs(outflow - given) / max(abs(given), np.finfo(float).tiny)
