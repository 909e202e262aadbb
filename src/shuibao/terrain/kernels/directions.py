"""D8 flow directions: steepest descent over true distances, the first in the order of directions among equals.

Source: O'Callaghan and Mark (1984), The extraction of drainage networks from digital elevation data.
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, FLAT, OUTLET, ROW_STEP, UNKNOWN

DIAGONAL = np.float32(np.sqrt(0.5))
"""Inverse of a diagonal step, in cells."""


@nb.njit(cache=True, parallel=True)
def steepest_descent(heights, codes):
    """Write the code of every cell of `heights` (rows, cols; float32, NaN unknown) into `codes`: 0..7, OUTLET, FLAT
    or UNKNOWN.
    """
    rows, cols = heights.shape
    for row in nb.prange(rows):
        if row == 0 or row == rows - 1 or cols < 3:
            for col in range(cols):
                codes[row, col] = steepest(heights, row, col)
        else:
            codes[row, 0] = steepest(heights, row, 0)
            _steepest_row(heights[row - 1], heights[row], heights[row + 1], codes[row, 1 : cols - 1])
            codes[row, cols - 1] = steepest(heights, row, cols - 1)


@nb.njit(cache=True)
def steepest(heights, row, col):
    """Code of one cell anywhere in the grid."""
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


@nb.njit(cache=True)
def _steepest_row(above, here, below, codes):
    """The same for all cells of a row but its ends, in a form that compilers turn into vector instructions."""
    for col in range(codes.size):
        height = here[col + 1]
        east, west = height - here[col + 2], height - here[col]
        south, north = height - below[col + 1], height - above[col + 1]
        south_east, south_west = (height - below[col + 2]) * DIAGONAL, (height - below[col]) * DIAGONAL
        north_west, north_east = (height - above[col]) * DIAGONAL, (height - above[col + 2]) * DIAGONAL
        best, code = np.float32(0.0), np.int32(FLAT)
        best, code = (east, np.int32(0)) if east > best else (best, code)
        best, code = (south_east, np.int32(1)) if south_east > best else (best, code)
        best, code = (south, np.int32(2)) if south > best else (best, code)
        best, code = (south_west, np.int32(3)) if south_west > best else (best, code)
        best, code = (west, np.int32(4)) if west > best else (best, code)
        best, code = (north_west, np.int32(5)) if north_west > best else (best, code)
        best, code = (north, np.int32(6)) if north > best else (best, code)
        best, code = (north_east, np.int32(7)) if north_east > best else (best, code)
        beside = (east + west) + (south + north) + (south_east + south_west) + (north_west + north_east)
        code = np.int32(OUTLET) if (beside != beside) & (code == FLAT) else code
        codes[col] = np.int32(UNKNOWN) if height != height else code
