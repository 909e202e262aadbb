"""What the made ground offers at each place: slope, exposure, height above the river, nearness of rivers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import ndimage

from ..terrain import aspect, drainage, slope
from .kernels.carving import nearest_river, sum_areas
from .kernels.cellular import patch_cells
from .kernels.stream_power import upstream_order
from .lattice import Flags, Lattice

Cells = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Site:
    """Layers of the ground's shape on one lattice, as plain cells; NaN or zero beyond the margin."""

    lattice: Lattice
    height: Cells
    known: Flags
    slope: Cells
    """Slope [degrees]."""
    northness: Cells
    """1 on slopes that face north, -1 on slopes that face south, times the sine of the slope."""
    above_river: Cells
    """Height above the nearest river below [m]."""
    area_above: Cells
    """Area that drains through the cell [m2]."""
    directions: npt.NDArray[np.uint8]


RIVER_AREA = 2e6
"""A river has at least this above it [m2]."""


def read_site(dem: xr.DataArray, lattice: Lattice) -> Site:
    """The shape of the ground `dem` [m]."""
    height = dem.values
    water = drainage(dem)
    directions = water.directions.values
    order = np.empty(int((directions <= 8).sum()), np.int64)
    count = upstream_order(directions, order)
    area = np.zeros(lattice.shape)
    sum_areas(directions, order, count, lattice.cell**2, area)
    base, size = np.full_like(height, np.nan), np.full_like(height, np.nan)
    nearest_river(height, directions, order, count, area, RIVER_AREA, base, size)
    angle = slope(dem).values
    northness = np.cos(aspect(dem).values) * np.sin(angle)
    return Site(
        lattice, height, ~np.isnan(height), np.degrees(angle).astype(np.float32), np.nan_to_num(northness).astype(np.float32),
        np.maximum(height - base, 0.0), area.astype(np.float32), directions,
    )  # fmt: skip


def smoothed(values: Cells, lattice: Lattice, reach: float) -> Cells:
    """Mean of known cells around each cell, with a Gaussian of `reach` [m]."""
    known = ~np.isnan(values)
    width = reach / lattice.cell
    total = ndimage.gaussian_filter(np.where(known, values, 0.0).astype(np.float32), width, truncate=2.5)
    weight = ndimage.gaussian_filter(known.astype(np.float32), width, truncate=2.5)
    return np.asarray(total / np.maximum(weight, 1e-6), np.float32)


@dataclass(frozen=True)
class Patches:
    """Patches of one size: for each cell the heart of its patch, and a chance in [0, 1) that the whole patch shares."""

    rows: npt.NDArray[np.int32]
    cols: npt.NDArray[np.int32]
    chance: Cells

    def at_heart(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The value at the heart of each cell's patch."""
        return values[self.rows, self.cols]


def patches(lattice: Lattice, spacing: float, seed: int) -> Patches:
    """Patches about `spacing` [m] wide, at least two cells."""
    rows, cols = np.empty(lattice.shape, np.int32), np.empty(lattice.shape, np.int32)
    chance = np.empty(lattice.shape, np.float32)
    patch_cells(lattice.left, lattice.top, lattice.cell, max(spacing, 2 * lattice.cell), seed * 613, rows, cols, chance)
    return Patches(rows, cols, chance)
