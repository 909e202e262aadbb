"""D8 flow directions: steepest descent over true distances, the first in the order of directions among equals.

Source: O'Callaghan and Mark (1984), The extraction of drainage networks from digital elevation data.
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, FLAT, OUTLET, ROW_STEP, UNKNOWN

DIAGONAL = np.float32(np.sqrt(0.5))
"""Inverse of a diagonal step, in cells."""


@nb.njit(cache=True)
def steepest(heights, row, col):
    """Code of one cell: 0..7, OUTLET, FLAT or UNKNOWN."""
    rows, cols = heights.shape
    height = heights[row, col]
    if np.isnan(height):
        return UNKNOWN
    best, code, border = np.float32(0.0), FLAT, False
    for d in range(8):
        r, c = row + ROW_STEP[d], col + COL_STEP[d]
        if not (0 <= r < rows and 0 <= c < cols) or np.isnan(heights[r, c]):
            border = True
            continue
        drop = height - heights[r, c]
        if d % 2 == 1:
            drop *= DIAGONAL
        if drop > best:
            best, code = drop, d
    return OUTLET if code == FLAT and border else code


@nb.njit(cache=True, parallel=True)
def steepest_descent(heights, codes):
    """Write the code of every cell of `heights` (rows, cols) into `codes`."""
    for row in nb.prange(heights.shape[0]):
        for col in range(heights.shape[1]):
            codes[row, col] = steepest(heights, row, col)
