"""Reduce cells by whole blocks: the most frequent code, or the mean of the known values.

Source: definition; ties of the most frequent code go to the lowest code.
"""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def block_mode(cells, nodata, counts):
    """The most frequent code of `cells` (rows, cols) uint8; `nodata` where more than half is unknown. `counts` has 256 cells of scratch."""
    counts[:] = 0
    for row in range(cells.shape[0]):
        for col in range(cells.shape[1]):
            counts[cells[row, col]] += 1
    unknown = counts[nodata] if nodata >= 0 else 0
    if 2 * unknown > cells.size:
        return nodata
    best, most = 0, -1
    for code in range(256):
        if code != nodata and counts[code] > most:
            best, most = code, counts[code]
    return best


@nb.njit(cache=True)
def block_mean(cells):
    """The mean of the known values of `cells` (rows, cols) float; NaN where more than half is unknown."""
    total, count = 0.0, 0
    for row in range(cells.shape[0]):
        for col in range(cells.shape[1]):
            value = cells[row, col]
            if not np.isnan(value):
                total += value
                count += 1
    return total / count if 2 * count >= cells.size and count > 0 else np.nan


@nb.njit(parallel=True, cache=True)
def block_modes(cells, step, nodata, out):
    """Write `block_mode` of every block of `step` by `step` cells of `cells` uint8 into `out`; the last blocks may be smaller."""
    for row in nb.prange(out.shape[0]):
        counts = np.zeros(256, np.int64)
        for col in range(out.shape[1]):
            out[row, col] = block_mode(
                cells[row * step : (row + 1) * step, col * step : (col + 1) * step], nodata, counts
            )


@nb.njit(parallel=True, cache=True)
def block_means(cells, step, out):
    """Write `block_mean` of every block of `step` by `step` cells of `cells` float into `out`; the last blocks may be smaller."""
    for row in nb.prange(out.shape[0]):
        for col in range(out.shape[1]):
            out[row, col] = block_mean(cells[row * step : (row + 1) * step, col * step : (col + 1) * step])
