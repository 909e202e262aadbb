"""Layers for the tests of erosion."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from hypothesis import settings
from odc.geo.geobox import GeoBox

from shuibao.grids import layer

settings.register_profile("compiling", deadline=None)
settings.load_profile("compiling")  # the first example may have to wait for the compiler


def grid(rows: int, cols: int, cell: float = 10.0) -> GeoBox:
    return GeoBox((rows, cols), Affine(cell, 0, 500_000, 0, -cell, 4_300_000), "EPSG:4547")


@pytest.fixture(scope="session")
def make_layer() -> Callable[..., xr.DataArray]:
    """From plain cells, one row or several, to a layer; floats become float32 unless told otherwise."""

    def make(values: Any, quantity: str, *, cell: float = 10.0, **attrs: Any) -> xr.DataArray:
        cells = np.atleast_2d(np.asarray(values))
        if cells.dtype == np.float64:
            cells = cells.astype(np.float32)
        return layer(cells, grid(*cells.shape, cell), quantity, **attrs)

    return make


@pytest.fixture(scope="session")
def make_land() -> Callable[..., xr.DataArray]:
    """Land-use codes as a layer."""

    def make(codes: Any) -> xr.DataArray:
        cells = np.atleast_2d(np.asarray(codes, np.uint8))
        return layer(cells, grid(*cells.shape), "land_use", nodata=0)

    return make
