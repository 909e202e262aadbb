"""Files: the only door to what lies outside."""

from .coordinate_systems import CoordinateSystem, identify, normal_crs
from .datum import Finding, datum_shift, guess, suspect, transform
from .files import existing, sha256_of, sidecars
from .rasters import RasterFound, inspect_raster, read_raster

__all__ = [
    "CoordinateSystem", "Finding", "RasterFound", "datum_shift", "existing", "guess", "identify", "inspect_raster", "normal_crs", "read_raster",
    "sha256_of", "sidecars", "suspect", "transform",
]  # fmt: skip
