"""Files: the only door to what lies outside."""

from .analytic_rasters import write_raster
from .coordinate_systems import CoordinateSystem, identify, normal_crs
from .datum import Finding, guess, suspect
from .datum_shift import datum_shift, transform
from .files import existing, sha256_of, sidecars
from .gcj02 import detect_gcj02, gcj02_from_wgs84, unshift_gcj02, wgs84_from_gcj02
from .opened_products import Difference, Product, comparable, open_product
from .product_folders import refuse_strangers
from .product_vectors import write_geopackage
from .products import ProductWriter
from .rain import read_daily_rain, read_stations, read_subdaily_rain
from .rain_codes import decode_cma
from .rasters import RasterFound, inspect_raster, read_raster
from .tabular import read_table
from .vectors import read_vector, vector_layers
from .workbook import write_workbook

__all__ = [
    "CoordinateSystem",
    "Difference",
    "Finding",
    "Product",
    "ProductWriter",
    "RasterFound",
    "comparable",
    "datum_shift",
    "decode_cma",
    "detect_gcj02",
    "existing",
    "gcj02_from_wgs84",
    "guess",
    "identify",
    "inspect_raster",
    "normal_crs",
    "open_product",
    "read_daily_rain",
    "read_raster",
    "read_stations",
    "read_subdaily_rain",
    "read_table",
    "read_vector",
    "refuse_strangers",
    "sha256_of",
    "sidecars",
    "suspect",
    "transform",
    "unshift_gcj02",
    "vector_layers",
    "wgs84_from_gcj02",
    "write_geopackage",
    "write_raster",
    "write_workbook",
]
