"""Flow accumulation along D8 directions, cells in the order in which their inflow is complete.

Source: Freeman (1991), Calculating catchment area with divergent flow based on a regular grid; in-degrees as in Zhou et al. (2019).
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN


@nb.njit(cache=True)
def accumulate(directions, sums):
    """Add to every cell of `sums` (rows, cols) what flows into it; returns how many cells' inflow never came to an end."""
    rows, cols = directions.shape
    inflows = np.zeros(directions.shape, np.uint8)
    left = 0
    for row in range(rows):
        for col in range(cols):
            d = directions[row, col]
            left += d != UNKNOWN
            if d < OUTLET:
                r, c = row + ROW_STEP[d], col + COL_STEP[d]
                if 0 <= r < rows and 0 <= c < cols:
                    inflows[r, c] += 1
    for row in range(rows):
        for col in range(cols):
            if inflows[row, col] > 0 or directions[row, col] == UNKNOWN:
                continue
            r, c = row, col
            while True:
                left -= 1
                inflows[r, c] = 255
                d = directions[r, c]
                if d >= OUTLET:
                    break
                amount = sums[r, c]
                r, c = r + ROW_STEP[d], c + COL_STEP[d]
                if not (0 <= r < rows and 0 <= c < cols) or directions[r, c] == UNKNOWN:
                    break
                sums[r, c] += amount
                inflows[r, c] -= 1
                if inflows[r, c] > 0:
                    break
    return left
