"""Bring a layer to another grid."""

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_reproject

from ..errors import CoordinateError, InputError
from ..quantities import quantity
from .layers import geobox_of, layer

METHODS = ("nearest", "mode", "average", "bilinear")


def align(array: xr.DataArray, geobox: GeoBox, how: str | None = None) -> xr.DataArray:
    """Bring a layer to `geobox`; cells outside its extent become unknown.

    how: nearest | mode | average | bilinear; by default the method of the layer's quantity, where `average` is used for
        bilinear quantities that come from cells less than half as wide, and `nearest` for mode quantities that come from coarser cells

    A layer already on a grid that lies cell on cell is cut and padded without resampling, so its values stay as they are.
    Raises CoordinateError where the layer and the grid do not overlap.
    """
    source = geobox_of(array)
    if how is not None and how not in METHODS:
        raise InputError(f"resampling {how!r}", expected=f"one of {METHODS}")
    if _disjoint(source, geobox):
        raise CoordinateError(
            f"extent {_extent(source, geobox)} does not meet the grid's {_box(geobox)}", where=str(array.attrs.get("path", array.name)),
            expected="a layer that overlaps the county", remedy="Check its coordinate system and that it is of this county.",
        )  # fmt: skip
    shifted = _cut(array, source, geobox)
    if shifted is not None:
        return shifted
    method = how or _method(array, source, geobox)
    moved = xr_reproject(array, geobox, resampling=method, dst_nodata=array.attrs.get("nodata", np.nan))
    name = array.attrs["quantity"]
    kept = {k: v for k, v in array.attrs.items() if k not in ("quantity", "units", "long_name", "provenance", "nodata")}
    return layer(
        moved.data,
        geobox,
        name,
        provenance=array.attrs.get("provenance", "derived"),
        nodata=array.attrs.get("nodata"),
        **kept,
    )


def _method(array: xr.DataArray, source: GeoBox, target: GeoBox) -> str:
    wanted = quantity(array.attrs["quantity"]).align
    ratio = abs(target.resolution.x) / abs(source.to_crs(target.crs).resolution.x)
    if wanted == "bilinear" and ratio > 2:
        return "average"
    if wanted in ("mode", "average") and ratio <= 1:
        return "nearest"
    return wanted


def _cut(array: xr.DataArray, source: GeoBox, target: GeoBox) -> xr.DataArray | None:
    """The same cells moved by whole rows and columns, or None where the grids do not lie cell on cell."""
    if source.crs != target.crs or not isinstance(array.data, np.ndarray):
        return None
    here, there = source.affine, target.affine
    if here.b or here.d or not all(abs(v - w) < 1e-6 * abs(v) for v, w in ((here.a, there.a), (here.e, there.e))):
        return None
    across, down = (there.c - here.c) / here.a, (there.f - here.f) / here.e
    col, row = round(across), round(down)
    if there.b or there.d or abs(across - col) > 1e-3 or abs(down - row) > 1e-3:
        return None
    if (row, col) == (0, 0) and source.shape == target.shape:
        return array
    fill = array.attrs.get("nodata", np.nan if array.dtype.kind == "f" else None)
    if fill is None:
        return None
    out = np.full(tuple(target.shape), fill, array.dtype)
    rows, cols = _overlap(row, source.shape[0], target.shape[0]), _overlap(col, source.shape[1], target.shape[1])
    out[rows[1], cols[1]] = array.values[rows[0], cols[0]]
    name = array.attrs["quantity"]
    kept = {k: v for k, v in array.attrs.items() if k not in ("quantity", "units", "long_name", "provenance", "nodata")}
    return layer(
        out, target, name, provenance=array.attrs.get("provenance", "derived"), nodata=array.attrs.get("nodata"), **kept
    )


def _overlap(offset: int, source: int, target: int) -> tuple[slice, slice]:
    first, last = max(0, offset), min(source, offset + target)
    return slice(first, last), slice(first - offset, last - offset)


def _disjoint(source: GeoBox, target: GeoBox) -> bool:
    box, other = _extent(source, target), _box(target)
    return bool(box[2] <= other[0] or box[0] >= other[2] or box[3] <= other[1] or box[1] >= other[3])


def _extent(source: GeoBox, target: GeoBox) -> tuple[float, ...]:
    return tuple(round(v, 4) for v in source.extent.to_crs(target.crs).boundingbox)


def _box(geobox: GeoBox) -> tuple[float, ...]:
    return tuple(round(v, 4) for v in geobox.boundingbox)
