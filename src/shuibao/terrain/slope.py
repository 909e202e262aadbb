"""Slope angle and aspect of the ground (坡度、坡向)."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import geobox_of, layer, square_cell
from .kernels.slope import horn_angles, horn_aspects, steepest_angles
from .plain import plain_heights, provenance_of

SlopeMethod = Literal["horn", "steepest"]
KERNELS = {"horn": horn_angles, "steepest": steepest_angles}


def slope(dem: xr.DataArray, method: SlopeMethod = "horn") -> xr.DataArray:
    """Slope angle of every cell.

    dem: elevation [m], shape (y, x), NaN where unknown, on a projected grid of square cells
    method: horn, the plane fitted to the eight neighbours; steepest, the steepest fall to one of them
    returns: slope angle [rad], float32, on the same grid

    Beside unknown cells and at the edge, Horn's plane is fitted to the neighbours that are known, and the steepest fall
    takes an unknown neighbour for the opposite one mirrored in the cell; so a plane has its slope up to its last cell.
    A cell whose known neighbours do not span a plane (or, for steepest, that has none) is unknown: nothing unknown
    becomes level ground.

    Raises InputError where the method is unknown or the layer is Dask-backed, CoordinateError where the grid is in
    degrees or not square.
    Sources: Horn 1981; Burrough and McDonnell 1998 for the choice of methods.
    """
    if method not in KERNELS:
        raise InputError(f"slope method {method!r}", expected=f"one of {', '.join(KERNELS)}")
    return _from_ground(KERNELS[method], dem, "slope_angle")


def aspect(dem: xr.DataArray) -> xr.DataArray:
    """Direction in which the ground falls, clockwise from north (坡向).

    dem: elevation [m], shape (y, x), NaN where unknown, on a projected grid of square cells
    returns: aspect [rad], 0 to 2π, float32; NaN on level ground, which has none, and where the slope by Horn is unknown

    Raises InputError where the layer is Dask-backed, CoordinateError where the grid is in degrees or not square.
    Source: Horn 1981.
    """
    return _from_ground(horn_aspects, dem, "aspect")


def _from_ground(kernel: Callable[..., None], dem: xr.DataArray, quantity: str) -> xr.DataArray:
    geobox = geobox_of(dem)
    cell = square_cell(geobox)
    out = np.empty(dem.shape, np.float32)
    kernel(plain_heights(dem), cell, out)
    return layer(out, geobox, quantity, provenance=provenance_of(dem))
