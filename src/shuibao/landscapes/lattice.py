"""Square lattices over the county, from coarse to fine, and the block means that the made ground keeps."""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.features import geometry_mask
from scipy.interpolate import RectBivariateSpline
from shapely.geometry.base import BaseGeometry

from . import frame
from .kernels.resampling import resample_cells

Floats = npt.NDArray[np.floating]
Flags = npt.NDArray[np.bool_]

COARSE = 480.0
"""Cell [m] of the lattice on which smooth corrections are worked out."""

BLOCK = 0.05
"""Side of a block of given heights [degrees]."""


@dataclass(frozen=True)
class Lattice:
    """A grid of square cells in the county's projected system, north up."""

    left: float
    top: float
    rows: int
    cols: int
    cell: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.cols

    @property
    def geobox(self) -> GeoBox:
        """The lattice as an odc-geo GeoBox."""
        return GeoBox(self.shape, self.affine, frame.PROJECTED)

    @property
    def affine(self) -> Affine:
        """From columns and rows to east and north."""
        return Affine(self.cell, 0, self.left, 0, -self.cell, self.top)

    def centres(self) -> tuple[Floats, Floats]:
        """East and north [m] of the middles of columns and of rows."""
        east = self.left + (np.arange(self.cols) + 0.5) * self.cell
        north = self.top - (np.arange(self.rows) + 0.5) * self.cell
        return east, north

    def covered(self, geometry: BaseGeometry, touched: bool = False) -> Flags:
        """Where the middle of a cell, or with `touched` any part of it, lies in a geometry."""
        return np.asarray(geometry_mask([geometry], self.shape, self.affine, all_touched=touched, invert=True))


def around(bounds: tuple[float, float, float, float], cell: float, snap: float | None = None) -> Lattice:
    """The smallest lattice of `cell` [m], snapped to multiples of `snap` (default: the cell), that covers bounds (left, bottom, right, top)."""
    unit = snap or cell
    left, bottom = np.floor(bounds[0] / unit) * unit, np.floor(bounds[1] / unit) * unit
    right, top = np.ceil(bounds[2] / unit) * unit, np.ceil(bounds[3] / unit) * unit
    return Lattice(float(left), float(top), round((top - bottom) / cell), round((right - left) / cell), cell)


def resample(values: Floats, source: Lattice, target: Lattice) -> npt.NDArray[np.float32]:
    """Bring cells from one lattice to another by cubic convolution."""
    step = target.cell / source.cell
    row0 = (source.top - target.top) / source.cell + step / 2 - 0.5
    col0 = (target.left - source.left) / source.cell + step / 2 - 0.5
    out = np.empty(target.shape, np.float32)
    resample_cells(values, row0, col0, step, out)
    return out


@functools.cache
def coarse_lattice() -> Lattice:
    """The lattice over all blocks of given heights."""
    lon, lat, *_ = frame.block_heights()
    corners_lon = np.repeat([lon[0] - BLOCK / 2, lon[-1] + BLOCK / 2], 2)
    east, north = frame.to_projected(corners_lon, np.tile([lat[0] - BLOCK / 2, lat[-1] + BLOCK / 2], 2))
    return around((east.min(), north.min(), east.max(), north.max()), COARSE)


class Blocks:
    """The blocks of given heights as they lie on one lattice: means over them, and smooth surfaces that have given means."""

    def __init__(self, lattice: Lattice, within: Flags | None = None) -> None:
        self.lattice = lattice
        lon, lat, *_ = frame.block_heights()
        self.shape = lat.size, lon.size
        longitude, latitude = (resample(p, coarse_lattice(), lattice) for p in _coarse_degrees())
        col = np.floor((longitude - (lon[0] - BLOCK / 2)) / BLOCK).astype(np.int16)
        row = np.floor((latitude - (lat[0] - BLOCK / 2)) / BLOCK).astype(np.int16)
        inside = (col >= 0) & (col < lon.size) & (row >= 0) & (row < lat.size)
        every = np.where(inside, row * lon.size + col, lon.size * lat.size).astype(np.int16)
        whole = self._count(every)
        self.index = every if within is None else np.where(within, every, lon.size * lat.size).astype(np.int16)
        self.cells = self._count(self.index)
        self.complete = (self.cells == whole) & (whole > 0.9 * whole.max())

    def _count(self, index: npt.NDArray[np.int16]) -> Floats:
        return (
            np.bincount(index.ravel(), minlength=self.shape[0] * self.shape[1] + 1)[:-1]
            .reshape(self.shape)
            .astype(float)
        )

    def means(self, values: Floats) -> Floats:
        """Mean of `values` over each block's cells, NaN where a block has none."""
        weights = np.where(np.isnan(values), 0.0, values)
        sums = np.bincount(self.index.ravel(), weights.ravel(), minlength=self.cells.size + 1)[:-1]
        with np.errstate(invalid="ignore"):
            return np.asarray(sums.reshape(self.shape) / self.cells)

    def ranges(self, values: Floats) -> Floats:
        """Highest less lowest of `values` over each block."""
        order = np.argsort(self.index.ravel(), kind="stable")
        starts = np.searchsorted(self.index.ravel()[order], np.arange(self.cells.size))
        cells = values.ravel()[order]
        return np.asarray(np.maximum.reduceat(cells, starts) - np.minimum.reduceat(cells, starts)).reshape(self.shape)

    def surface(self, values: Floats) -> npt.NDArray[np.float32]:
        """A smooth surface through `values` at the middles of the blocks."""
        return resample(_smooth(values), coarse_lattice(), self.lattice)

    def with_means(self, wanted: Floats, rounds: int = 4) -> npt.NDArray[np.float32]:
        """A smooth surface whose block means come to `wanted`; blocks without cells are left at zero."""
        target = np.where(self.cells > 0, wanted, 0.0)
        nodes = target.copy()
        for _ in range(rounds):
            nodes += np.where(self.cells > 0, target - self.means(self.surface(nodes)), 0.0)
        return self.surface(nodes)


@functools.cache
def _coarse_degrees() -> tuple[Floats, Floats]:
    east, north = coarse_lattice().centres()
    return frame.to_geographic(*np.meshgrid(east, north))


def _smooth(values: Floats) -> Floats:
    lon, lat, *_ = frame.block_heights()
    longitude, latitude = _coarse_degrees()
    spline = RectBivariateSpline(lat, lon, values, kx=3, ky=3)
    return np.asarray(spline.ev(np.clip(latitude, lat[0], lat[-1]), np.clip(longitude, lon[0], lon[-1])))
