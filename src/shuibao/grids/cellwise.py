"""Run a cell-by-cell kernel over layers, NumPy- or Dask-backed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from .layers import layer, same_grid

Kernel = Callable[..., None]


def map_cells(
    kernel: Kernel,
    arrays: list[xr.DataArray],
    name: str,
    *constants: Any,
    dtype: str = "float32",
    nodata: int | None = None,
) -> xr.DataArray:
    """Call ``kernel(*cells, *constants, out)`` and dress `out` as a layer of quantity `name`.

    kernel: writes every cell of `out` (rows, cols) from the cells of `arrays` at the same place, and from nothing else
    arrays: layers on one grid; if one is Dask-backed, so is the result, block by block
    constants: numbers and small arrays handed to the kernel as they are
    """
    geobox = same_grid(*arrays)
    provenance = "synthetic" if any(a.attrs.get("provenance") == "synthetic" for a in arrays) else "derived"
    cells = [a.data for a in arrays]

    def _run(*blocks: np.ndarray) -> np.ndarray:
        out = np.empty(blocks[0].shape, dtype)
        kernel(*blocks, *constants, out)
        return out

    if all(isinstance(c, np.ndarray) for c in cells):
        values: Any = _run(*cells)
    else:
        import dask.array as da

        values = da.map_blocks(_run, *da.unify_chunks(*_indexed(cells))[1], dtype=dtype)
    return layer(values, geobox, name, provenance=provenance, nodata=nodata)


def _indexed(cells: list[Any]) -> list[Any]:
    """Arrays with the index string that Dask's `unify_chunks` wants behind each."""
    return [item for c in cells for item in (c, "yx")]
