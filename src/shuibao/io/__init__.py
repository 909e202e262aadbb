"""Files: the only door to what lies outside."""

from .coordinate_systems import CoordinateSystem, identify, normal_crs
from .datum import Finding, guess, suspect
from .datum_shift import datum_shift, transform
from .files import existing, sha256_of, sidecars
from .opened_products import Difference, Product, comparable, open_product
from .products import ProductWriter
from .rasters import RasterFound, inspect_raster, read_raster

__all__ = [
    "CoordinateSystem", "Difference", "Finding", "Product", "ProductWriter", "RasterFound", "comparable", "datum_shift", "existing", "guess", "identify", "inspect_raster", "normal_crs", "open_product", "read_raster",
    "sha256_of", "sidecars", "suspect", "transform",
]  # fmt: skip
