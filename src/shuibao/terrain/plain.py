"""What the kernels of terrain are given: plain arrays out of layers."""

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import known


def plain_cells(array: xr.DataArray) -> npt.NDArray[np.generic]:
    """The cells of a layer that lies in memory, shape (y, x).

    Raises InputError where the layer is Dask-backed.
    """
    cells = array.data
    if not isinstance(cells, np.ndarray):
        raise InputError(
            "the layer is Dask-backed", where=str(array.name),
            expected="a NumPy-backed layer: water crosses every block", remedy="layer.compute() loads it.",
        )  # fmt: skip
    return cells


def plain_heights(dem: xr.DataArray) -> npt.NDArray[np.float32]:
    """Heights [m] as float32 with NaN for unknown, shape (y, x), rows one behind the other.

    Raises InputError where the layer is Dask-backed.
    """
    cells = plain_cells(dem)
    if cells.dtype.kind != "f":
        cells = np.where(known(dem).values, cells, np.nan)
    return np.ascontiguousarray(cells, np.float32)


def provenance_of(*arrays: xr.DataArray) -> str:
    """Provenance of what is derived from layers: synthetic as soon as one of them is."""
    return "synthetic" if any(a.attrs.get("provenance") == "synthetic" for a in arrays) else "derived"
