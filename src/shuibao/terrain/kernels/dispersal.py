"""Accumulation of flow that is shared among several receivers, cells in the order in which their inflow is complete.

Source: Freeman (1991), Calculating catchment area with divergent flow based on a regular grid; in-degrees as in Zhou et
al. (2019).
"""

import numba as nb
import numpy as np

from .infinity import infinity_shares
from .multiple_flow import multiple_shares
from .neighbours import COL_STEP, ROW_STEP

DONE = 255


@nb.njit(parallel=True, cache=True)
def count_donors(masks, inflows):
    """Write how many neighbours send water to each cell into `inflows`, from the receivers' bits in `masks`."""
    rows, cols = masks.shape
    for row in nb.prange(rows):
        for col in range(cols):
            count = 0
            for k in range(8):
                r, c = row + ROW_STEP[k], col + COL_STEP[k]
                if 0 <= r < rows and 0 <= c < cols and masks[r, c] >> ((k + 4) % 8) & 1:
                    count += 1
            inflows[row, col] = count


@nb.njit(cache=True)
def grown(stack):
    """A stack twice as deep with the same content."""
    deeper = np.empty(2 * stack.size, stack.dtype)
    deeper[: stack.size] = stack
    return deeper


@nb.njit(cache=True)
def disperse(z, masks, second, inflows, exponent, sums):
    """Add to every cell of `sums` (rows, cols) the shares that flow into it; returns what left the ground and how many
    cells are left.

    Shares go by slope where `exponent` is positive, by the D-infinity shares `second` else. Cells are left where flow
    runs in a circle. `inflows` is used up; NaN in `sums` travels down; unknown cells count as done.
    """
    rows, cols = z.shape
    shares, stack = np.zeros(8), np.empty(1024, np.int64)
    outflow, left = 0.0, rows * cols
    for start in range(rows * cols):
        if inflows[start // cols, start % cols] != 0:
            continue
        stack[0], depth = start, 1
        while depth > 0:
            depth -= 1
            row, col = stack[depth] // cols, stack[depth] % cols
            inflows[row, col] = DONE
            left -= 1
            mask, amount = masks[row, col], sums[row, col]
            if mask == 0:
                outflow += 0.0 if np.isnan(z[row, col]) else amount
                continue
            if exponent > 0:
                multiple_shares(z, row, col, exponent, mask, shares)
            else:
                infinity_shares(mask, second[row, col], shares)
            if depth + 8 > stack.size:
                stack = grown(stack)
            for k in range(8):
                if mask >> k & 1:
                    r, c = row + ROW_STEP[k], col + COL_STEP[k]
                    sums[r, c] += amount * shares[k]
                    inflows[r, c] -= 1
                    if inflows[r, c] == 0:
                        stack[depth] = r * cols + c
                        depth += 1
    return outflow, left
