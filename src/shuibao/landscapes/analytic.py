"""Analytic ground: surfaces whose slope, aspect and slope length are known at every place.

Each function makes an elevation layer; beside it stands a function that gives the truth. Heights fall from the top of the grid or from its
middle; aspects run clockwise from north; slope lengths are horizontal, from the crest to the middle of the cell.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from ..errors import InputError
from ..grids import layer, square_cell
from .kernels.gradient_noise import fractal_cells

Floats = npt.NDArray[np.float64]

GAUSS_KRUGER_111 = "EPSG:4546"


@dataclass(frozen=True)
class Truth:
    """What is true of analytic ground, cell by cell; NaN where it is not defined (crests, bottoms, tops)."""

    slope_angle: Floats
    """[rad]"""
    aspect: Floats
    """Direction of fall, clockwise from north [rad]."""
    slope_length: Floats
    """Horizontal length from the crest to the middle of the cell along the fall [m]."""


def square(rows: int = 101, cols: int = 101, cell: float = 10.0) -> GeoBox:
    """A grid of square cells [m] somewhere on the Loess Plateau.

    Raises InputError where it would be empty or the cell is not positive.
    """
    if rows < 1 or cols < 1 or cell <= 0:
        raise InputError(
            f"{rows} rows, {cols} columns, cell {cell}", where="analytic ground", expected="positive numbers"
        )
    return GeoBox((rows, cols), Affine(cell, 0, 600_000.0, 0, -cell, 4_300_000.0), GAUSS_KRUGER_111)


def plane(angle: float, fall: float = np.pi, geobox: GeoBox | None = None) -> xr.DataArray:
    """A plane that falls with `angle` [rad] towards `fall` (clockwise from north [rad], default south).

    Truth: `plane_truth`. Raises InputError where the angle is not from 0 to below a right angle.
    """
    box = geobox or square()
    return _layer(_steepness(angle) * (_fall_length(box, fall).max() - _fall_length(box, fall)), box)


def plane_truth(angle: float, fall: float = np.pi, geobox: GeoBox | None = None) -> Truth:
    """Slope, aspect and slope length of `plane`: the crest is where the line of fall enters the grid."""
    box = geobox or square()
    _steepness(angle)
    east, north = _offsets(box)
    cell = square_cell(box)
    half_x, half_y = box.shape[1] * cell / 2, box.shape[0] * cell / 2
    back = -np.sin(fall), -np.cos(fall)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        to_x = np.where(abs(back[0]) > 1e-12, (np.sign(back[0]) * half_x - east) / back[0], np.inf)
        to_y = np.where(abs(back[1]) > 1e-12, (np.sign(back[1]) * half_y - north) / back[1], np.inf)
    shape = tuple(box.shape)
    return Truth(np.full(shape, angle), np.full(shape, fall % (2 * np.pi)), np.minimum(to_x, to_y))


def roof(angle: float, geobox: GeoBox | None = None) -> xr.DataArray:
    """Two planes that fall east and west with `angle` [rad] from a crest through the middle.

    Truth: `roof_truth`. Raises InputError where the angle is not from 0 to below a right angle.
    """
    box = geobox or square()
    east, _ = _offsets(box)
    return _layer(_steepness(angle) * (np.abs(east).max() - np.abs(east)), box)


def roof_truth(angle: float, geobox: GeoBox | None = None) -> Truth:
    """Slope, aspect and slope length of `roof`; NaN in cells that the crest crosses."""
    box = geobox or square()
    east, _ = _offsets(box)
    crest = np.abs(east) < square_cell(box) / 2
    aspect = np.where(east > 0, np.pi / 2, 3 * np.pi / 2)
    return _truth(np.full(east.shape, angle), aspect, np.abs(east), crest)


def cone(angle: float, geobox: GeoBox | None = None) -> xr.DataArray:
    """A cone that falls with `angle` [rad] from the middle of the grid to all sides.

    Truth: `cone_truth`. Raises InputError where the angle is not from 0 to below a right angle.
    """
    box = geobox or square()
    east, north = _offsets(box)
    away = np.hypot(east, north)
    return _layer(_steepness(angle) * (away.max() - away), box)


def cone_truth(angle: float, geobox: GeoBox | None = None) -> Truth:
    """Slope, aspect and slope length of `cone`; NaN at the top."""
    box = geobox or square()
    east, north = _offsets(box)
    away = np.hypot(east, north)
    return _truth(np.full(away.shape, angle), np.arctan2(east, north) % (2 * np.pi), away, away < square_cell(box))


def valley(angle: float, bed: float = 0.02, geobox: GeoBox | None = None) -> xr.DataArray:
    """A V-valley: two planes that fall east-west with `angle` [rad] to a bed through the middle that falls south with slope `bed` [-].

    Truth: `valley_truth`. Raises InputError where the angle is not from 0 to below a right angle.
    """
    box = geobox or square()
    east, north = _offsets(box)
    return _layer(_steepness(angle) * np.abs(east) + bed * (north - north.min()), box)


def valley_truth(angle: float, bed: float = 0.02, geobox: GeoBox | None = None) -> Truth:
    """Slope and aspect of `valley`, and slope length from its eastern and western edges along the fall; NaN on the bed.

    Water on the sides enters through the edges at the side or in the north, whichever is nearer up the line of fall.
    """
    box = geobox or square()
    east, north = _offsets(box)
    cell, across = square_cell(box), _steepness(angle)
    fall_east, fall_north = -np.sign(east) * across, np.full(east.shape, -bed)
    steep = np.hypot(across, bed)
    sideways = (box.shape[1] * cell / 2 - np.abs(east)) * steep / max(across, 1e-12)
    down = (box.shape[0] * cell / 2 - north) * steep / max(bed, 1e-12)
    aspect = np.arctan2(fall_east, fall_north) % (2 * np.pi)
    return _truth(np.full(east.shape, np.arctan(steep)), aspect, np.minimum(sideways, down), np.abs(east) < cell / 2)


def steps(angle: float, treads: int = 5, riser: float = 3.0, geobox: GeoBox | None = None) -> xr.DataArray:
    """A terraced hillside: `treads` treads that fall south with `angle` [rad], each ended by a riser of `riser` [m].

    Truth: `steps_truth`. Raises InputError where the angle is not from 0 to below a right angle or there is no tread.
    """
    box = geobox or square()
    down, tread = _treads(box, treads)
    return _layer(_steepness(angle) * (down.max() - down) + riser * (treads - 1 - tread), box)


def steps_truth(angle: float, treads: int = 5, riser: float = 3.0, geobox: GeoBox | None = None) -> Truth:
    """Slope and aspect of the treads of `steps`, and the slope length from the riser above; NaN in the rows at a riser."""
    box = geobox or square()
    _steepness(angle)
    down, tread = _treads(box, treads)
    rows = tread[:, 0]
    edge = np.zeros(rows.size, bool)
    edge[1:] |= rows[1:] != rows[:-1]
    edge[:-1] |= rows[1:] != rows[:-1]
    starts = np.array([down[rows == k, 0].min() for k in range(treads)]) - square_cell(box) / 2
    beside = np.repeat(edge[:, None], box.shape[1], axis=1) & (riser != 0)
    return _truth(np.full(down.shape, angle), np.full(down.shape, np.pi), down - starts[tread], beside)


def rough(
    relief: float,
    wavelength: float = 500.0,
    octaves: int = 5,
    gain: float = 0.5,
    seed: int = 1,
    geobox: GeoBox | None = None,
) -> xr.DataArray:
    """Fractal ground with a standard deviation of about `relief` [m] and longest waves of `wavelength` [m]; the same seed, the same ground.

    Raises InputError where relief or wavelength are not positive, or there is no octave.
    Source: Perlin 2002. There is no analytic truth but that the ground is smooth at its shortest wave.
    """
    if relief <= 0 or wavelength <= 0 or octaves < 1:
        raise InputError(
            f"relief {relief}, wavelength {wavelength}, octaves {octaves}", where="rough", expected="positive numbers"
        )
    box = geobox or square()
    out = np.empty(tuple(box.shape))
    fractal_cells(box.affine.c, box.affine.f, square_cell(box), wavelength, octaves, gain, seed, out)
    return _layer(1000.0 + relief * out, box)


def _layer(heights: Floats, box: GeoBox) -> xr.DataArray:
    return layer(heights.astype(np.float32), box, "elevation", provenance="synthetic")


def _truth(angle: Floats, aspect: Floats, length: Floats, undefined: npt.NDArray[np.bool_]) -> Truth:
    return Truth(*(np.where(undefined, np.nan, v) for v in (angle, aspect, length)))


def _steepness(angle: float) -> float:
    if not 0.0 <= angle < np.pi / 2:
        raise InputError(
            f"angle {angle:g}", where="analytic ground", expected="radians, from 0 to below 1.57",
            remedy="np.deg2rad(angle) converts degrees.",
        )  # fmt: skip
    return float(np.tan(angle))


def _offsets(box: GeoBox) -> tuple[Floats, Floats]:
    """East and north [m] of every cell's middle from the middle of the grid."""
    cell = square_cell(box)
    rows, cols = box.shape
    east = (np.arange(cols) + 0.5 - cols / 2) * cell
    north = (rows / 2 - np.arange(rows) - 0.5) * cell
    across, up = np.meshgrid(east, north)
    return across, up


def _fall_length(box: GeoBox, fall: float) -> Floats:
    east, north = _offsets(box)
    return np.asarray(np.sin(fall) * east + np.cos(fall) * north)


def _treads(box: GeoBox, treads: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    if not 1 <= treads <= box.shape[0]:
        raise InputError(f"{treads} treads on {box.shape[0]} rows", where="steps", expected="at least one row a tread")
    _, north = _offsets(box)
    down = north.max() + square_cell(box) / 2 - north
    number = np.arange(box.shape[0]) * treads // box.shape[0]
    return down, np.repeat(number[:, None], box.shape[1], axis=1)
