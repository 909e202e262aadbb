"""Analytic rasters: a layer as a cloud-optimised GeoTIFF, the same bytes on every run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from rasterio.enums import ColorInterp

from ..grids import geobox_of
from ..quantities import quantity
from .product_folders import disk_trouble, require_space

TILE = 512
OVERVIEW_SHARE = 1.35
"""Bytes written per byte of cells at the worst: the cells themselves, a third for overviews, headers."""

FAST_DEFLATE, CLOSE_DEFLATE = 1, 6
"""Floats hardly shrink further above level 1 while classes do. DEFLATE, because every desktop GIS reads it."""


def write_raster(
    path: Path, array: xr.DataArray, *, title: str, colours: Mapping[int, tuple[int, int, int]] | None = None
) -> None:
    """Write one layer as a cloud-optimised GeoTIFF with overviews.

    array: layer, NumPy- or Dask-backed; floats keep NaN as unknown, integers their `nodata`
    title: description of the band; colours: red, green, blue (0 to 255) of a uint8 layer's classes

    Raises ResourceError where the disk is full.
    """
    cells = np.ascontiguousarray(array.values)
    needed = int(cells.nbytes * OVERVIEW_SHARE) + (1 << 16)
    require_space(path.parent, needed)
    with (
        disk_trouble(path, needed),
        rasterio.Env(GDAL_NUM_THREADS="2"),
        rasterio.open(path, "w", **_profile(array, cells)) as file,
    ):
        file.write(cells, 1)
        file.set_band_description(1, title)
        file.units = [str(array.attrs.get("units", ""))]
        file.update_tags(**_tags(array))
        if colours and cells.dtype == np.uint8:
            file.write_colormap(1, {int(k): (*v, 255) for k, v in colours.items()})
            file.colorinterp = [ColorInterp.palette]


def nodata_of(array: xr.DataArray) -> float | int | None:
    """What marks unknown cells in the file: NaN for floats, the attribute `nodata` for integers."""
    return float("nan") if array.dtype.kind == "f" else array.attrs.get("nodata")


def _profile(array: xr.DataArray, cells: np.ndarray) -> dict[str, Any]:
    geobox = geobox_of(array)
    continuous = cells.dtype.kind == "f"
    return {
        "driver": "COG", "count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype.name,
        "crs": geobox.crs.wkt, "transform": geobox.affine, "nodata": nodata_of(array),
        "BLOCKSIZE": TILE, "BIGTIFF": "IF_SAFER", "NUM_THREADS": 2,
        "COMPRESS": "DEFLATE", "LEVEL": FAST_DEFLATE if continuous else CLOSE_DEFLATE, "PREDICTOR": "YES" if
        continuous else "NO", "OVERVIEWS": "AUTO", "OVERVIEW_RESAMPLING": "AVERAGE" if _averaged(array) else "MODE",
    }  # fmt: skip


def _averaged(array: xr.DataArray) -> bool:
    return array.dtype.kind == "f" and quantity(array.attrs["quantity"]).kind == "continuous"


def _tags(array: xr.DataArray) -> dict[str, str]:
    names = ("quantity", "units", "long_name", "provenance")
    return {name: str(array.attrs[name]) for name in names if name in array.attrs}
