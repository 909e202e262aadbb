"""Coarser copies of layers for pictures: classes by their mode, values by their mean."""

import numpy as np
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from ..errors import InputError
from ..grids import geobox_of, layer
from ..quantities import quantity
from .kernels.blocks import block_means, block_modes


def step_for(shape: tuple[int, ...], pixels: int) -> int:
    """How many cells make one pixel so that the longer side of `shape` has at most `pixels`."""
    return max(1, -(-max(shape) // pixels))


def decimate(array: xr.DataArray, pixels: int = 2500) -> xr.DataArray:
    """A copy whose longer side has at most `pixels` cells; blocks of whole cells, the last ones may hang over the edge.

    Categorical layers take the most frequent known code of a block (ties: the lowest), others the mean of the known values in
    float64; a block of which more than half is unknown is unknown. A layer small enough comes back as it is.
    Raises InputError where a categorical layer has codes that do not fit 8 bits.
    """
    step = step_for(array.shape, pixels)
    if step == 1:
        return array
    name = array.attrs["quantity"]
    box = geobox_of(array)
    shape = tuple(-(-n // step) for n in array.shape)
    coarse = GeoBox(shape, box.affine * Affine.scale(step), box.crs)
    nodata = array.attrs.get("nodata")
    reduce = _modes if quantity(name).kind == "categorical" else _means
    values = reduce(np.ascontiguousarray(array.values), step, shape, nodata)
    return layer(values, coarse, name, provenance=array.attrs.get("provenance", "derived"), nodata=nodata)


def _modes(cells: np.ndarray, step: int, shape: tuple[int, ...], nodata: int | None) -> np.ndarray:
    out = np.empty(shape, np.uint8)
    if cells.dtype == np.uint8:
        block_modes(cells, step, -1 if nodata is None else int(nodata), out)
        return out
    # Signed codes (change: -6..6, its nodata) are shifted by 128 into a byte and back.
    if cells.size and not (cells.min() >= -128 and cells.max() <= 127):
        raise InputError(
            f"codes from {cells.min()} to {cells.max()}",
            expected="codes of 8 bits",
            where="categorical layer of a report",
        )
    shifted = (cells.astype(np.int16) + 128).astype(np.uint8)
    block_modes(shifted, step, -1 if nodata is None else int(nodata) + 128, out)
    return (out.astype(np.int16) - 128).astype(cells.dtype)


def _means(cells: np.ndarray, step: int, shape: tuple[int, ...], nodata: int | None) -> np.ndarray:
    out = np.empty(shape, np.float32)
    block_means(cells if cells.dtype.kind == "f" else cells.astype(np.float32), step, out)
    return out
