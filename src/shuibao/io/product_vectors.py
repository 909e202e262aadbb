"""Places and patches of a product: layers of one GeoPackage, and a GeoParquet file each."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pyogrio

from ..errors import CoordinateError, InputError
from .product_folders import disk_trouble

BYTES_A_VERTEX = 64
"""Room for a vertex in both files, with its share of the attributes."""


EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Date of change in files that shall have the same bytes whenever they are written."""


def write_vector(package: Path, parquet: Path, key: str, shapes: gpd.GeoDataFrame, stamp: dt.datetime) -> None:
    """Write one layer into the GeoPackage, made where absent, and into a GeoParquet file.

    stamp: the date of change written into the GeoPackage; the same stamp gives the same bytes

    Raises CoordinateError without a coordinate system, InputError without a geometry, ResourceError where the disk is
    full.
    """
    write_geopackage(package, shapes, key, stamp)
    with disk_trouble(parquet, _room(shapes)):
        shapes.reset_index(drop=True).to_parquet(parquet, index=False)


def write_geopackage(package: Path, shapes: gpd.GeoDataFrame, key: str, stamp: dt.datetime = EPOCH) -> None:
    """Write one layer into a GeoPackage, made where absent.

    Raises as `write_vector`.
    """
    if shapes.crs is None:
        raise CoordinateError("no coordinate system", where=f"layer {key}", expected="shapes with a coordinate system")
    if shapes.empty:
        raise InputError("no shape", where=f"layer {key}", expected="at least one")
    clean = shapes.reset_index(drop=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp.strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        with disk_trouble(package, _room(shapes)):
            clean.to_file(package, driver="GPKG", layer=key, engine="pyogrio", append=package.exists())
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _room(shapes: gpd.GeoDataFrame) -> int:
    return int(shapes.count_coordinates().sum()) * BYTES_A_VERTEX + (1 << 20)
