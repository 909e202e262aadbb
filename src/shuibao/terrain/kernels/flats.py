"""Drain flats towards their outlets by breadth-first rounds.

A flat cell gets the first direction, in the order of directions, to a cell that is one round nearer to the outlets of its flat.
The rounds are the part "towards lower terrain" of Barnes, Lehman and Mulla (2014), An efficient assignment of drainage
direction over flat surfaces in raster digital elevation models; the part "away from higher terrain" is left out.
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, FLAT, OUTLET, ROW_STEP

ROUND = (16, 32)
"""Marks of flat cells reached in odd and in even rounds; neighbours in one flat are never more than one round apart."""


@nb.njit(cache=True)
def drain_flats(heights, codes):
    """Give every FLAT cell of `codes` that can reach an outlet of its flat its direction; returns the number of those that cannot."""
    rows, cols = codes.shape
    queue = np.empty(np.count_nonzero(codes == FLAT), np.int64)
    left = queue.size
    tail = 0
    for row in range(rows):
        for col in range(cols):
            if codes[row, col] != FLAT:
                continue
            for d in range(8):
                r, c = row + ROW_STEP[d], col + COL_STEP[d]
                if codes[r, c] <= OUTLET and heights[r, c] == heights[row, col]:
                    codes[row, col] = ROUND[0] + d
                    queue[tail] = row * cols + col
                    tail += 1
                    break
    head, end, mark = 0, tail, 0
    while head < end:
        while head < end:
            row, col = queue[head] // cols, queue[head] % cols
            head += 1
            for d in range(8):
                r, c = row + ROW_STEP[d], col + COL_STEP[d]
                if codes[r, c] == FLAT:
                    codes[r, c] = ROUND[1 - mark] + _back(codes, r, c, ROUND[mark])
                    queue[tail] = r * cols + c
                    tail += 1
        end, mark = tail, 1 - mark
    for k in range(tail):
        codes[queue[k] // cols, queue[k] % cols] &= 15
    return left - tail


@nb.njit(cache=True)
def _back(codes, row, col, mark):
    """The first direction to a neighbour that bears `mark`."""
    for d in range(8):
        if codes[row + ROW_STEP[d], col + COL_STEP[d]] & 48 == mark:
            return d
    return FLAT
