"""Drain flats towards their outlets by breadth-first rounds.

A flat cell gets the first direction, in the order of directions, to a cell that is one round nearer to the outlets
of its flat. In which round a cell is reached does not depend on the order of work, so neither does its direction.

Source: the part "towards lower terrain" of Barnes, Lehman and Mulla (2014), An efficient assignment of drainage
direction over flat surfaces in raster digital elevation models; the part "away from higher terrain" is left out.
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, FLAT, OUTLET, ROW_STEP

MARK = 16
"""Flat cells carry the number of their round modulo 3, plus 1, times this, over their direction until all are
reached.
"""

CODE = 15
"""The bits of a code without the mark."""


@nb.njit(cache=True)
def drain_flats(heights, codes, queue):
    """Give every FLAT cell of `codes` a direction towards an outlet of its flat.

    heights: (rows, cols) without depressions; queue: room for one index a flat cell and one more
    returns: number of cells that cannot reach an outlet; they stay FLAT
    """
    begun = np.zeros(codes.shape[0] + 1, np.int64)
    _reach_first(heights, codes, begun)
    begun[:] = np.cumsum(begun)
    _queue_first(codes, begun, queue)
    reached = _spread(codes.ravel(), codes.shape[1], queue, begun[-1])
    _unmark(codes)
    return queue.size - 1 - reached


@nb.njit(cache=True, parallel=True)
def count_flats(codes):
    """Number of FLAT cells."""
    count = 0
    for row in nb.prange(codes.shape[0]):
        for col in range(codes.shape[1]):
            count += codes[row, col] == FLAT
    return count


@nb.njit(cache=True, parallel=True)
def _reach_first(heights, codes, begun):
    """First round: flat cells beside a drained cell of their own height. Writes their number in each row into
    ``begun[row + 1]``.
    """
    for row in nb.prange(1, codes.shape[0] - 1):
        beside = np.empty(max(0, codes.shape[1] - 2), np.bool_)
        _beside_drained(heights[row - 1 : row + 2], codes[row - 1 : row + 2], beside)
        for inner in range(beside.size):
            if beside[inner]:
                begun[row + 1] += 1
                col, d = inner + 1, 0
                while not _drained(heights, codes, row + ROW_STEP[d], col + COL_STEP[d], heights[row, col]):
                    d += 1
                codes[row, col] = MARK + d


@nb.njit(cache=True)
def _beside_drained(heights, codes, beside):
    """Which cells of the middle one of three rows are FLAT and have a drained neighbour of their own height."""
    for col in range(beside.size):
        height = heights[1, col + 1]
        found = (heights[0, col] == height) & (codes[0, col] <= OUTLET)
        found |= (heights[0, col + 1] == height) & (codes[0, col + 1] <= OUTLET)
        found |= (heights[0, col + 2] == height) & (codes[0, col + 2] <= OUTLET)
        found |= (heights[1, col] == height) & (codes[1, col] <= OUTLET)
        found |= (heights[1, col + 2] == height) & (codes[1, col + 2] <= OUTLET)
        found |= (heights[2, col] == height) & (codes[2, col] <= OUTLET)
        found |= (heights[2, col + 1] == height) & (codes[2, col + 1] <= OUTLET)
        found |= (heights[2, col + 2] == height) & (codes[2, col + 2] <= OUTLET)
        beside[col] = found & (codes[1, col + 1] == FLAT)


@nb.njit(cache=True)
def _drained(heights, codes, row, col, height):
    return codes[row, col] <= OUTLET and heights[row, col] == height


@nb.njit(cache=True, parallel=True)
def _queue_first(codes, begun, queue):
    """Put the cells of the first round into the queue."""
    cols = codes.shape[1]
    for row in nb.prange(codes.shape[0]):
        place = begun[row]
        if begun[row + 1] > place:
            for col in range(cols):
                if codes[row, col] >= MARK and codes[row, col] < 2 * MARK:
                    queue[place] = row * cols + col
                    place += 1


@nb.njit(cache=True)
def _spread(codes, cols, queue, tail):
    """All further rounds, from the first `tail` cells of the queue; returns the number of cells reached.

    Written without branches, which no processor could foretell here: every neighbour is stored back and put at the
    queue's end, but the end moves on only where the neighbour was FLAT.
    """
    head, end, mark = 0, tail, MARK
    step = ROW_STEP * cols + COL_STEP
    while head < end:
        following = mark + MARK if mark < 3 * MARK else MARK
        for place in range(head, end):
            cell = np.int64(queue[place])
            for d in range(8):
                near = cell + step[d]
                code = np.int64(codes[near])
                back = following + ((d + 4) & 7)
                new, later = code == FLAT, (code - (code & CODE) == following) & (code > back)
                codes[near] = back if new | later else code
                queue[tail] = near
                tail += new
        head, end, mark = end, tail, following
    return tail


@nb.njit(cache=True, parallel=True)
def _unmark(codes):
    for row in nb.prange(codes.shape[0]):
        for col in range(codes.shape[1]):
            code = codes[row, col]
            codes[row, col] = code if code < MARK or code > 4 * MARK else code & CODE
