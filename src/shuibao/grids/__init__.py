"""Grids: DataArrays with a GeoBox, alignment, cell areas on the ellipsoid, cell-by-cell kernels.

A layer is an `xarray.DataArray` with dimensions (y, x), georeferenced by odc-geo, with attributes `quantity`, `units`, `long_name`
and `provenance` (measured | derived | predicted | synthetic). Continuous layers are float32 and NaN is "unknown"; categorical
layers are integers with the attribute `nodata`.
"""

from .align import align
from .areas import cell_areas
from .burn import burn
from .cellwise import map_cells
from .layers import check_range, geobox_of, known, layer, same_grid, square_cell, unknown_count

__all__ = [
    "align", "burn", "cell_areas", "check_range", "geobox_of", "known", "layer", "map_cells", "same_grid", "square_cell",
    "unknown_count",
]  # fmt: skip
