"""Ground for timings: seeded, steep like loess hills, with valleys, pits and lakes.

A fractal surface is eroded by rivers on a coarse copy (implicit stream power, Braun and Willett 2013), brought back
to the fine grid, and roughened there, so that depression filling has real work at every size of depression.
"""

import numba as nb
import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.ndimage import zoom

from shuibao.grids import layer
from shuibao.terrain import drainage
from shuibao.terrain.kernels.neighbours import COL_STEP, OUTLET, ROW_STEP

CELL = 10.0
COARSE = 8
"""Cells of the fine grid a side of one cell of the eroded copy."""


def synthetic_ground(size, seed=1):
    """Elevation layer of `size` by `size` cells of 10 m: mean slope about 20 degrees, a tenth of it in depressions.

    The same seed gives the same ground.
    """
    rng = np.random.default_rng(seed)
    coarse = -(-size // COARSE) + 1
    heights = 900.0 + 150.0 * _fractal(coarse, 2.3, rng, longest=600.0 / COARSE)
    heights = _eroded(heights, steps=40)
    fine = zoom(heights.astype(np.float32), COARSE, order=3)[:size, :size]
    fine += 4.0 * _fractal(size, 2.6, rng, longest=40.0) + 0.5 * rng.standard_normal((size, size), np.float32)
    return layer(fine, _geobox(size, CELL), "elevation", provenance="synthetic")


def _geobox(size, cell):
    return GeoBox((size, size), Affine(cell, 0, 400_000, 0, -cell, 4_300_000), "EPSG:32649")


def _fractal(size, exponent, rng, longest):
    """A surface of unit deviation whose spectrum falls as a power of the wave number, level beyond the wavelength
    `longest` [cells].
    """
    noise = np.fft.rfft2(rng.standard_normal((size, size), np.float32))
    wave = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]).astype(np.float32)
    noise *= np.maximum(wave, 1.0 / longest) ** -np.float32(exponent / 2 + 0.5)
    surface = np.fft.irfft2(noise, s=(size, size)).astype(np.float32)
    return (surface - surface.mean()) / surface.std()


def _eroded(heights, steps):
    for _ in range(steps):
        box = _geobox(len(heights), CELL * COARSE)
        water = drainage(layer(heights.astype(np.float32), box, "elevation", provenance="synthetic"))
        heights = water.filled.values.astype(np.float64)
        upwards = np.argsort(heights, axis=None, kind="stable")
        _cut_rivers(heights, water.directions.values, water.contributing_cells.values, upwards)
    return heights


@nb.njit(cache=True)
def _cut_rivers(heights, directions, counts, upwards):
    """One implicit step of the stream-power law with area to the power 0.5, from the lowest cell up."""
    cols = heights.shape[1]
    for cell in upwards:
        row, col = cell // cols, cell % cols
        d = directions[row, col]
        if d < OUTLET:
            speed = 0.02 * np.sqrt(counts[row, col] / (1 + d % 2))
            below = heights[row + ROW_STEP[d], col + COL_STEP[d]]
            heights[row, col] = (heights[row, col] + speed * below) / (1 + speed)
