"""Places and patches of a product: layers of one GeoPackage, and a GeoParquet file each."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pyogrio

from ..errors import CoordinateError, InputError
from .product_folders import disk_trouble

BYTES_A_VERTEX = 64
"""Room for a vertex in both files, with its share of the attributes."""


def write_vector(package: Path, parquet: Path, key: str, shapes: gpd.GeoDataFrame, stamp: dt.datetime) -> None:
    """Write one layer into the GeoPackage, made where absent, and into a GeoParquet file.

    stamp: the date of change written into the GeoPackage; the same stamp gives the same bytes

    Raises CoordinateError without a coordinate system, InputError without a geometry, ResourceError where the disk is
    full.
    """
    if shapes.crs is None:
        raise CoordinateError("no coordinate system", where=f"layer {key}", expected="shapes with a coordinate system")
    if shapes.empty:
        raise InputError("no shape", where=f"layer {key}", expected="at least one")
    needed = int(shapes.count_coordinates().sum()) * BYTES_A_VERTEX + (1 << 20)
    clean = shapes.reset_index(drop=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        with disk_trouble(package, needed):
            clean.to_file(package, driver="GPKG", layer=key, engine="pyogrio", append=package.exists())
            clean.to_parquet(parquet, index=False)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
