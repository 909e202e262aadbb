"""Real ground for tests: heights and cell size of the elevation models under `dems/`."""

import numpy as np
import rasterio
from real_data import real_data

PROJECTED = [
    "Square_TestBasin.asc", "Long_TestBasin.asc", "bijou_gully_subset_5m_edit_dx_filled.asc", "hugo_site_filled.asc",
    "pre_runout_DEM.asc", "whitebox_90m.tif", "invest_30m.tif",
]  # fmt: skip


def real_heights(name):
    """Heights [m] as float32 with NaN for unknown, and the side of a cell [m], of one file under `dems/`."""
    with rasterio.open(real_data(f"dems/{name}")) as source:
        heights = source.read(1).astype(np.float32)
        nodata = source.nodata
        cell = source.res[0] if source.res[0] > 0.1 else source.res[0] * 111_000
    unknown = heights <= -9000 if nodata is None else heights == np.float32(nodata)
    heights[unknown | (heights <= -9000)] = np.nan
    return heights, cell
