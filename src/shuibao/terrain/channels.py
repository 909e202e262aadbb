"""Channels: where enough ground drains through (沟道)."""

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import geobox_of, known, layer, square_cell
from .plain import plain_cells, provenance_of

CHANNEL_UNKNOWN = 255


def channels(contributing_cells: xr.DataArray, threshold_area: float) -> xr.DataArray:
    """Cells through which at least a given area drains.

    contributing_cells: cells that drain through each cell, itself included, shape (y, x), on a projected grid of square
        cells
    threshold_area: least area of the cells above a channel [m²], plane cell size times count
    returns: uint8 layer `channel`: 1 channel, 0 not, 255 unknown

    Raises InputError where the threshold is not positive or the layer is Dask-backed; CoordinateError where cells are
    not square metres.
    Source: O'Callaghan and Mark 1984.
    """
    if not threshold_area > 0:
        raise InputError(f"threshold_area is {threshold_area}", where="channels", expected="a positive area in m²")
    geobox = geobox_of(contributing_cells)
    least = threshold_area / square_cell(geobox) ** 2
    marks = (plain_cells(contributing_cells).astype(np.float64) >= least).astype(np.uint8)
    marks[~known(contributing_cells).values] = CHANNEL_UNKNOWN
    return layer(marks, geobox, "channel", provenance=provenance_of(contributing_cells), nodata=CHANNEL_UNKNOWN)
