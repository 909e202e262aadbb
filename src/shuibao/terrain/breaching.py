"""Breach depressions: cut the cheapest ways out of them (填洼的替代：最小代价开凿)."""

import math

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import geobox_of, layer, square_cell
from ..progress import Progress, silent
from .kernels.breaching import breach_some, depression_bottoms
from .plain import plain_heights, provenance_of

AT_ONCE = 2000
"""Depressions between two words to the user."""


def breach_depressions(
    dem: xr.DataArray, *, max_length: float | None = None, progress: Progress = silent
) -> xr.DataArray:
    """Cut the least-cost way out of every depression, as far as a cut of a given length reaches.

    dem: elevation [m], shape (y, x), NaN where unknown, on a grid of square cells
    max_length: longest cut through ground above the bottom [m]; depressions that need a longer one stay, to be filled;
        None: no limit
    returns: elevation [m], float32, nowhere higher than `dem`; attribute `unbreached` counts the depressions that stay.
        Cuts are level at the height of the bottom: `fill_depressions` and `flow_directions` drain them as flats.

    Bottoms are taken from the lowest up, of equals row by row; so a higher depression uses the cuts of the lower ones.

    Raises InputError where `max_length` is not positive or the layer is Dask-backed, CoordinateError where cells are
    not square metres, Cancelled through `progress`.
    Sources: Lindsay and Dhun 2015; Lindsay 2016.
    """
    if max_length is not None and not max_length > 0:
        raise InputError(f"max_length is {max_length}", where="breach_depressions", expected="positive metres, or None")
    geobox = geobox_of(dem)
    longest = math.inf if max_length is None else max_length / square_cell(geobox) * (1 + 1e-9)
    z = plain_heights(dem).copy()
    bottoms = depression_bottoms(z)
    bottoms = bottoms[np.argsort(z.ravel()[bottoms], kind="stable")]
    stamps, digs = np.zeros(z.shape, np.int64 if bottoms.size > 2**31 - 2 else np.int32), np.empty(z.shape)
    runs, back = np.empty(z.shape), np.empty(z.shape, np.uint8)
    left = 0
    for first in range(0, bottoms.size, AT_ONCE):
        progress(first / bottoms.size, f"breaching depressions ({first} of {bottoms.size})")
        last = min(first + AT_ONCE, bottoms.size)
        left += breach_some(z, bottoms, first, last, longest, stamps, digs, runs, back)
    progress(1.0, "depressions breached")
    return layer(z, geobox, "elevation", provenance=provenance_of(dem), unbreached=left)
