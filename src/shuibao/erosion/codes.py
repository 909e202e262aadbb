"""Categorical layers of one-byte codes and what the rows of a table say about each code."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..tables import Table

PLACES = 256
BLOCK_ROWS = 512
"""Rows counted at a time: counting makes a wide copy of the codes."""

Numbers = npt.NDArray[np.float64]


def by_code(values: dict[int, float], nodata: int | None = None) -> Numbers:
    """One number for every code of one byte; NaN for the codes without a row and for `nodata`."""
    numbers = np.full(PLACES, np.nan)
    for code, value in values.items():
        numbers[code] = value
    if nodata is not None and 0 <= nodata < PLACES:
        numbers[nodata] = np.nan
    return numbers


def nodata_of(array: xr.DataArray) -> int | None:
    """The code of a layer that means unknown, or None."""
    nodata = array.attrs.get("nodata")
    return None if nodata is None else int(nodata)


def byte_codes(array: xr.DataArray) -> xr.DataArray:
    """The layer with its codes as uint8, NumPy- or Dask-backed as it is.

    Raises InputError where the cells are not whole numbers, or (NumPy-backed) do not lie between 0 and 255.
    """
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "iu":
        raise InputError(f"cells of type {array.dtype}", where=str(array.name), expected="integer codes from 0 to 255")
    if isinstance(array.data, np.ndarray) and array.size and not 0 <= int(array.min()) <= int(array.max()) < PLACES:
        raise InputError(
            f"codes from {int(array.min())} to {int(array.max())}",
            where=str(array.name),
            expected="codes from 0 to 255",
        )
    return array.astype(np.uint8)


def refuse_unlisted(
    cells: npt.NDArray[np.uint8], listed: Iterable[int], nodata: int | None, layer_name: str, table: Table
) -> None:
    """Raise InputError naming every code, with its cells, that is neither listed in the table nor `nodata`."""
    counts = count_codes(cells)
    counts[[code for code in listed if 0 <= code < PLACES]] = 0
    if nodata is not None and 0 <= nodata < PLACES:
        counts[nodata] = 0
    if counts.any():
        found = ", ".join(f"{code} ({counts[code]} cells)" for code in np.flatnonzero(counts))
        raise InputError(
            f"codes without a row: {found}", where=f"layer {layer_name}, table {table.name}",
            expected=f"codes {', '.join(str(c) for c in sorted(listed))}; {nodata} for unknown",
            remedy="Recode the layer, or add the code to the table.",
        )  # fmt: skip


def count_codes(cells: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Number of cells of each of the 256 codes."""
    counts = np.zeros(PLACES, np.int64)
    for first in range(0, cells.shape[0], BLOCK_ROWS):
        counts += np.bincount(cells[first : first + BLOCK_ROWS].ravel(), minlength=PLACES)
    return counts


def codes_of(table: Table, column: str = "code") -> list[int]:
    """Every code of a table.

    Raises InputError where a code stands twice or needs more than one byte.
    """
    codes: list[Any] = [int(code) for code in table.rows[column]]
    if len(set(codes)) < len(codes) or any(not 0 <= code < PLACES for code in codes):
        raise InputError(
            f"codes {sorted(codes)}", where=f"table {table.name}", expected="each code once, from 0 to 255",
            remedy="Table.on(day) keeps the rows in force on one day.",
        )  # fmt: skip
    return codes
