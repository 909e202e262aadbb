"""Accumulate inside one buffer along D8 directions, cells in the order in which their inflow is complete.

Cells wait in a queue from the moment when all their inflow has come; taking one hands its sum to the cell below.
The loop has next to no branches, so that the processor can work on many cells at once. Directions that lead into
unknown cells end there.

Source: Zhou, Wei and Fu (2019), A fast and simple algorithm for calculating flow accumulation matrices from raster
digital elevation models (in-degrees); Kahn (1962), Topological sorting of large networks (the queue).
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

NEVER = 255
"""Number of inflows given to unknown cells, so that they never run out of them."""


@nb.njit(cache=True)
def steps(stride):
    """Distances in a buffer with rows of `stride` cells to the eight neighbours."""
    return ROW_STEP * stride + COL_STEP


@nb.njit(cache=True)
def count_inflows(above, here, below, inflows):
    """Number of neighbours that flow into each cell of a row, NEVER for unknown cells.

    above, here, below: codes of three rows with their rims
    """
    for col in range(inflows.size):
        number = np.uint8(here[col + 2] == 4) + np.uint8(below[col + 2] == 5) + np.uint8(below[col + 1] == 6)
        number += np.uint8(below[col] == 7) + np.uint8(here[col] == 0) + np.uint8(above[col] == 1)
        number += np.uint8(above[col + 1] == 2) + np.uint8(above[col + 2] == 3)
        inflows[col] = number if here[col + 1] != UNKNOWN else np.uint8(NEVER)


@nb.njit(cache=True)
def hand_down(codes, inflows, sums, rows, cols, stride, queue):
    """Add to every known cell of a buffer with a rim of unknown cells what flows into it; returns the number of
    cells on circles.

    codes, inflows, sums: one buffer each; `inflows` is used up; queue: room for one index a cell
    """
    step = steps(stride)
    tail, known = 0, 0
    for row in range(rows):
        start = (row + 1) * stride + 1
        for cell in range(start, start + cols):
            queue[tail] = cell
            tail += inflows[cell] == 0
            known += inflows[cell] != NEVER
    head = 0
    while head < tail:
        cell = np.int64(queue[head])
        head += 1
        code = codes[cell]
        if code < OUTLET:
            below = cell + step[code]
            sums[below] += sums[cell]
            inflows[below] -= 1
            queue[tail] = below
            tail += inflows[below] == 0
    return known - tail
