"""Cut the flow tree into the fewest pieces of at most a given size, by taking off the heaviest branches first.

Source: Kundu and Misra (1977), A linear tree partitioning algorithm, SIAM Journal on Computing 6(1).
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

DONE = 255


@nb.njit(cache=True)
def donates(directions, row, col, k):
    """Whether neighbour k lies on the grid and drains into the cell."""
    r, c = row + ROW_STEP[k], col + COL_STEP[k]
    return 0 <= r < directions.shape[0] and 0 <= c < directions.shape[1] and directions[r, c] == (k + 4) % 8


@nb.njit(cache=True)
def take_off(directions, row, col, limit, sizes, cut):
    """Size of one cell with what drains into it, after its heaviest donors were cut until at most `limit` is left."""
    total = 1
    for k in range(8):
        if donates(directions, row, col, k):
            total += sizes[row + ROW_STEP[k], col + COL_STEP[k]]
    while total > limit:
        heaviest, branch = 0, -1
        for k in range(8):
            if donates(directions, row, col, k):
                r, c = row + ROW_STEP[k], col + COL_STEP[k]
                if not cut[r, c] and sizes[r, c] > heaviest:
                    heaviest, branch = sizes[r, c], k
        if branch < 0:
            break
        cut[row + ROW_STEP[branch], col + COL_STEP[branch]] = True
        total -= heaviest
    return total


@nb.njit(cache=True)
def cut_tree(directions, limit, sizes, cut):
    """Mark in `cut` the cells where a piece of at most `limit` cells ends; returns how many cells drain in a circle.

    sizes: scratch of the grid's shape, int64; cut: False everywhere; outlets of the ground are marked as well
    """
    rows, cols = directions.shape
    inflows, left = np.zeros(directions.shape, np.uint8), rows * cols
    for row in range(rows):
        for col in range(cols):
            for k in range(8):
                inflows[row, col] += donates(directions, row, col, k)
    for row in range(rows):
        for col in range(cols):
            r, c = row, col
            while inflows[r, c] == 0:
                inflows[r, c] = DONE
                left -= 1
                sizes[r, c] = take_off(directions, r, c, limit, sizes, cut)
                d = directions[r, c]
                if d >= OUTLET:
                    cut[r, c] = d != UNKNOWN
                    break
                r, c = r + ROW_STEP[d], c + COL_STEP[d]
                inflows[r, c] -= 1
    return left
