"""Burn polygons into a grid by the rule of cell centres."""

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from ..errors import InputError
from .layers import layer


def burn(
    shapes: gpd.GeoDataFrame,
    column: str,
    geobox: GeoBox,
    name: str,
    *,
    nodata: int = 0,
    dtype: str = "uint8",
    provenance: str = "measured",
    touched: bool = False,
) -> xr.DataArray:
    """Make a categorical layer from polygons or lines whose `column` holds integer codes.

    A cell takes the code of the shape over its centre (lines: of every cell they touch); of several, the later row.
    touched: a cell whose centre no polygon covers takes one that touches it, as at the rim of zones that end at the county's border
    returns: layer `name` on `geobox`, `nodata` where no shape lies

    Raises InputError where the column is missing, is not numeric or equals `nodata`.
    """
    if column not in shapes:
        raise InputError(
            f"no field {column!r}", where=name, expected=f"one of {[c for c in shapes if c != 'geometry']}"
        )
    codes = shapes[column]
    try:
        values = codes.astype("int64").to_numpy()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"field {column!r} holds {codes.iloc[0]!r}", where=name, expected="whole-number codes"
        ) from error
    if (values == nodata).any():
        raise InputError(
            f"field {column!r} holds {nodata}, which stands for unknown", where=name, expected="another code"
        )
    moved = shapes.to_crs(geobox.crs.to_wkt()).geometry
    pairs = [(g, int(v)) for g, v in zip(moved, values, strict=True) if g is not None and not g.is_empty]
    lines = bool(pairs) and all(g.geom_type.endswith("LineString") for g, _ in pairs)
    cells = np.full(tuple(geobox.shape), nodata, dtype)
    if pairs:
        if touched or lines:
            rasterize(pairs, out=cells, transform=geobox.affine, all_touched=True)
        if not lines:
            rasterize(pairs, out=cells, transform=geobox.affine)
    return layer(cells, geobox, name, provenance=provenance, nodata=nodata)
