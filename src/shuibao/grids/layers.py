"""Layers: make a georeferenced DataArray, read its grid, tell what is known."""

from typing import Any

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.xr import ODCExtensionDa, wrap_xr

from ..errors import CoordinateError, InputError
from ..quantities import quantity

PROVENANCES = ("measured", "derived", "predicted", "synthetic")


def layer(
    values: Any, geobox: GeoBox, name: str, *, provenance: str = "derived", nodata: int | None = None, **attrs: object
) -> xr.DataArray:
    """Dress plain cells as a layer of the quantity `name`.

    values: NumPy or Dask array of shape (rows, cols) of `geobox`; floats use NaN for unknown, integers use `nodata`
    provenance: measured | derived | predicted | synthetic

    Raises InputError where the shape does not fit the grid or the provenance is unknown.
    """
    if tuple(values.shape) != tuple(geobox.shape):
        raise InputError(
            f"cells of shape {values.shape}", where=name, expected=f"the grid's shape {tuple(geobox.shape)}"
        )
    if provenance not in PROVENANCES:
        raise InputError(f"provenance {provenance!r}", where=name, expected=f"one of {PROVENANCES}")
    what = quantity(name)
    array: xr.DataArray = wrap_xr(values, geobox, always_yx=True)
    array.name = name
    array.attrs.update({"quantity": name, "units": what.units, "long_name": what.en, "provenance": provenance, **attrs})
    array.attrs.pop("nodata", None)
    if nodata is not None:
        array.attrs["nodata"] = nodata
    return array


def geobox_of(array: xr.DataArray) -> GeoBox:
    """The grid of a layer.

    Raises CoordinateError where the array carries no coordinate system.
    """
    # The accessor `array.odc` would be kept by the array and keep the array in turn: cells would wait for the collector.
    box = ODCExtensionDa(array).geobox
    if box is None or box.crs is None:
        raise CoordinateError(
            "the array carries no grid or no coordinate system",
            where=str(array.name or "array"), expected="an array georeferenced by odc-geo",
            remedy="shuibao.grids.layer(values, geobox, quantity) makes one; shuibao.io.read_raster reads one.",
        )  # fmt: skip
    return box


def same_grid(*arrays: xr.DataArray) -> GeoBox:
    """The grid that all `arrays` share.

    Raises CoordinateError where they do not lie on one grid.
    """
    first = geobox_of(arrays[0])
    for array in arrays[1:]:
        box = geobox_of(array)
        if box.shape != first.shape or box.crs != first.crs or not box.affine.almost_equals(first.affine, 1e-6):
            raise CoordinateError(
                f"grid {tuple(box.shape)} at {tuple(box.affine)[:6]} differs from {tuple(first.shape)} at {tuple(first.affine)[:6]}",
                where=str(array.name or "array"), remedy="shuibao.grids.align(array, geobox) brings a layer to another grid.",
            )  # fmt: skip
    return first


def square_cell(geobox: GeoBox) -> float:
    """The side of a cell [m] of a projected, north-up grid of square cells.

    Raises CoordinateError for degrees, rotated grids or cells that are not square within 1 %.
    """
    if geobox.crs is None or not geobox.crs.projected:
        raise CoordinateError(
            f"coordinate system {geobox.crs} is not in metres", expected="a projected grid",
            remedy="shuibao.grids.align(dem, geobox) brings a layer to a projected grid.",
        )  # fmt: skip
    a = geobox.affine
    width, height = abs(a.a), abs(a.e)
    if a.b or a.d or abs(width - height) > 0.01 * width or a.e > 0:
        raise CoordinateError(f"cells of {width} by {height}, rotation {a.b}, {a.d}", expected="square cells, north up")
    return float((width * height) ** 0.5)


def known(array: xr.DataArray) -> xr.DataArray:
    """True where a layer is known: not NaN, not its `nodata`."""
    if array.dtype.kind == "f":
        return array.notnull()
    nodata = array.attrs.get("nodata")
    return xr.ones_like(array, dtype=bool) if nodata is None else array != nodata


def unknown_count(array: xr.DataArray, within: xr.DataArray | None = None) -> int:
    """How many cells are unknown, in all or where `within` is true."""
    missing = ~known(array)
    return int((missing if within is None else missing & within).sum())


def check_range(array: xr.DataArray, hint: str = "") -> xr.DataArray:
    """Hand back a layer whose known cells lie in the range of its quantity.

    Raises InputError naming the extreme value found. Cells are read, so this is for NumPy-backed layers.
    """
    what = quantity(array.attrs["quantity"])
    if array.size == 0 or array.dtype.kind not in "fiu":
        return array
    low, high = _extremes(array)
    slack = 1e-6 * max(1.0, abs(what.high) if np.isfinite(what.high) else 1.0)
    if low < what.low - slack or high > what.high + slack:
        raise InputError(
            f"{what.name} reaches from {low:.6g} to {high:.6g}", where=str(array.attrs.get("path", array.name)),
            expected=f"{what.low:g} to {what.high:g} {what.units}", remedy=hint,
        )  # fmt: skip
    return array


def _extremes(array: xr.DataArray) -> tuple[float, float]:
    cells = array.values
    if cells.dtype.kind == "f":
        return (np.inf, -np.inf) if np.isnan(cells).all() else (float(np.nanmin(cells)), float(np.nanmax(cells)))
    cells = cells[known(array).values]
    return (np.inf, -np.inf) if cells.size == 0 else (float(cells.min()), float(cells.max()))
