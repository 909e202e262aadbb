"""Sum weights along D8 directions in one fixed order.

A cell is summed when its inflow is complete: its own weight first, then its inflows in the order of directions. So
the rounding of a sum depends on nothing but the directions and the weights.

Source: Zhou, Wei and Fu (2019), as in `accumulation_chains`.
"""

import numba as nb
import numpy as np

from .accumulation_chains import count_inflows
from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

DONE = 255
"""Stands in place of the number of inflows of a cell that is finished."""


@nb.njit(cache=True)
def accumulate_weights(directions, sums):
    """Add to every cell of `sums` (rows, cols; float64) what flows into it; returns the number of cells on circles."""
    rows, cols = directions.shape
    inflows = _all_inflows(directions)
    left = 0
    for row in range(rows):
        for col in range(cols):
            if directions[row, col] == UNKNOWN:
                continue
            left += 1
            r, c = row, col
            while 0 <= r < rows and 0 <= c < cols and inflows[r, c] == 0 and directions[r, c] != UNKNOWN:
                left -= 1
                inflows[r, c] = DONE
                _add_inflows(directions, sums, r, c)
                code = directions[r, c]
                if code >= OUTLET:
                    break
                r, c = r + ROW_STEP[code], c + COL_STEP[code]
                if 0 <= r < rows and 0 <= c < cols:
                    inflows[r, c] -= 1
    return left


@nb.njit(cache=True)
def _add_inflows(directions, sums, row, col):
    total = sums[row, col]
    for d in range(8):
        r, c = row + ROW_STEP[d], col + COL_STEP[d]
        if 0 <= r < directions.shape[0] and 0 <= c < directions.shape[1] and directions[r, c] == (d + 4) & 7:
            total += sums[r, c]
    sums[row, col] = total


@nb.njit(cache=True)
def _all_inflows(directions):
    rows, cols = directions.shape
    inflows = np.empty(directions.shape, np.uint8)
    lines = np.full((3, cols + 2), np.uint8(UNKNOWN))
    lines[1, 1 : cols + 1] = directions[0]
    for row in range(rows):
        if row + 1 < rows:
            lines[(row + 2) % 3, 1 : cols + 1] = directions[row + 1]
        else:
            lines[(row + 2) % 3, :] = UNKNOWN
        count_inflows(lines[row % 3], lines[(row + 1) % 3], lines[(row + 2) % 3], inflows[row])
    return inflows
