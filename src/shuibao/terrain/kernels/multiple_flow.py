"""Multiple flow directions: a cell's water is shared among all lower neighbours by a power of the slope to each.

Source: Freeman (1991), Calculating catchment area with divergent flow based on a regular grid, Computers & Geosciences
17(3).
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP

DIAGONAL = np.float32(math.sqrt(0.5))


@nb.njit(cache=True)
def multiple_shares(z, row, col, exponent, mask, shares):
    """Write the share of each of the receivers in `mask` into `shares`, by slope; a single receiver gets all."""
    if mask & (mask - 1) == 0:
        for k in range(8):
            shares[k] = mask >> k & 1
        return
    steepest, total = 0.0, 0.0
    for k in range(8):
        shares[k] = 0.0
        if mask >> k & 1:
            fall = z[row, col] - z[row + ROW_STEP[k], col + COL_STEP[k]]
            shares[k] = fall if k % 2 == 0 else fall * DIAGONAL
            steepest = max(steepest, shares[k])
    for k in range(8):
        if shares[k] > 0:
            shares[k] = np.float32(shares[k] / steepest) ** exponent
            total += shares[k]
    for k in range(8):
        shares[k] /= total


@nb.njit(cache=True)
def lower_neighbours(z, row, col):
    """One bit for each neighbour that is lower, bit k for direction k."""
    mask = 0
    for k in range(8):
        r, c = row + ROW_STEP[k], col + COL_STEP[k]
        if 0 <= r < z.shape[0] and 0 <= c < z.shape[1] and z[r, c] < z[row, col]:
            mask |= 1 << k
    return mask


@nb.njit(parallel=True, cache=True)
def multiple_receivers(z, directions, masks):
    """Write the receivers of every cell, one bit each, into `masks`: all lower neighbours, or else where `directions`
    points.
    """
    for row in nb.prange(z.shape[0]):
        for col in range(z.shape[1]):
            mask = lower_neighbours(z, row, col)
            if mask == 0 and directions[row, col] < 8:
                mask = 1 << directions[row, col]
            masks[row, col] = np.uint8(mask)
