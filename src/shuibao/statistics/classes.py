"""Codes of classified layers: which occur, and in which column of a table each one counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ..errors import InputError
from .kernels.zonal import mark_present

UNKNOWN = "unknown"
"""The column of what is not known (未知)."""

Codes = Mapping[int, str] | Iterable[int]
"""Codes in the order wanted; a mapping gives each its column name."""

WIDEST = 50_000_000
"""Most different values a classified layer may span: beyond that it holds no classes."""


@dataclass(frozen=True)
class Columns:
    """How the values of a layer go to columns.

    low: lowest value the lookup covers
    lookup: column of each value less `low`
    names: a name a column, the last one `unknown`
    """

    low: int
    lookup: np.ndarray
    names: list[int | str]


def class_range(classes: xr.DataArray) -> tuple[int, int]:
    """Lowest and highest value of a classified layer, unknown included.

    Raises InputError where the layer does not hold integers, or they spread too widely to be classes.
    """
    if classes.dtype.kind not in "iu":
        raise InputError(
            f"values of type {classes.dtype}", where=str(classes.name), expected="integer classes",
            remedy="shuibao.statistics.grade(layer, table) makes grades of a continuous layer.",
        )  # fmt: skip
    if classes.dtype.itemsize == 1:
        info = np.iinfo(classes.dtype)
        return int(info.min), int(info.max)
    low, high = (int(classes.values.min()), int(classes.values.max())) if classes.size else (0, 0)
    if high - low > WIDEST:
        raise InputError(f"values from {low} to {high}", where=str(classes.name), expected="classes")
    return low, high


def present_codes(classes: xr.DataArray) -> np.ndarray:
    """The codes that occur in a classified layer, in order, without its `nodata`; int64."""
    low, high = class_range(classes)
    seen = np.zeros(high - low + 1, bool)
    mark_present(classes.values, low, seen)
    nodata = classes.attrs.get("nodata")
    if nodata is not None and low <= nodata <= high:
        seen[int(nodata) - low] = False
    return np.flatnonzero(seen) + low


def class_columns(classes: xr.DataArray, codes: Codes | None = None) -> Columns:
    """The column of every value of a layer; unknown has the last one.

    codes: all codes the table shall have, by default those that occur

    Raises InputError where a code occurs that `codes` does not have.
    """
    low, high = class_range(classes)
    present = present_codes(classes)
    wanted = [int(c) for c in (present if codes is None else codes)]
    strange = sorted(set(present.tolist()) - set(wanted))
    if strange:
        raise InputError(
            f"unknown codes {strange}", where=str(classes.attrs.get("path", classes.name)), expected=f"codes {wanted}",
            remedy="Correct the cells or add the codes to the list.",
        )  # fmt: skip
    lookup = np.full(high - low + 1, len(wanted), np.int64)
    for column, code in enumerate(wanted):
        if low <= code <= high:
            lookup[code - low] = column
    names: list[int | str] = [str(codes[c]) for c in wanted] if isinstance(codes, Mapping) else list(wanted)
    return Columns(low, lookup, [*names, UNKNOWN])
