"""Hand slope lengths down D8 links, tile by tile.

Inside a tile cells are taken in the order in which their inflow is complete. A cell in another tile is handed its
length at once and waits there; tiles that wait are visited again, at their rims only, until none is left. Tiles side by
side are never at work together: they are done in four turns, as the squares of a chess board with two more colours. What
is handed down is the longest of the donors' lengths, so no order of work changes a bit.

Source: Kahn (1962), Topological sorting of large networks (the queue). The turns of the tiles are ours.
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

NOTHING, AT_THE_RIM, ALL = 0, 1, 2
"""What waits in a tile: nothing; cells at its rim whose inflow has become complete; the whole of it."""


@nb.njit(cache=True)
def hand_down(links, inflows, tile, workers, longest, upper, lower):
    """Turn `upper`, zeros, and `lower`, widths of the segments, into the lengths [m] at both edges of each segment.

    links: D8 codes, OUTLET where nothing is handed down; inflows: their number into each cell, used up
    tile: side of the tiles in cells, at least 2; workers: number of threads; neither changes the result
    longest: where the lower edge would lie beyond it [m], the segment becomes the last whole one before it
    returns: how many cells were never reached because the links run in a circle
    """
    rows, cols = links.shape
    waiting = np.full((-(-rows // tile), -(-cols // tile)), ALL, np.uint8)
    done = np.zeros(workers, np.int64)
    while waiting.any():
        for turn in range(4):
            _take_turn(links, inflows, tile, turn // 2, turn % 2, longest, upper, lower, waiting, done)
    return rows * cols - done.sum()


@nb.njit(cache=True, parallel=True)
def _take_turn(links, inflows, tile, odd_row, odd_col, longest, upper, lower, waiting, done):
    """Visit every tile that waits, in every second row and column of tiles."""
    workers = done.size
    for worker in nb.prange(workers):
        queue = np.empty(tile * tile + 1, np.int32)
        number = 0
        for down in range(odd_row, waiting.shape[0], 2):
            for across in range(odd_col, waiting.shape[1], 2):
                number += 1
                if number % workers == worker and waiting[down, across] != NOTHING:
                    done[worker] += _visit(links, inflows, tile, down, across, longest, upper, lower, waiting, queue)


@nb.njit(cache=True)
def _visit(links, inflows, tile, down, across, longest, upper, lower, waiting, queue):
    """Finish all cells of one tile that can be; returns their number."""
    top, left = down * tile, across * tile
    rows, cols = min(tile, links.shape[0] - top), min(tile, links.shape[1] - left)
    tail = _ready(inflows, top, left, rows, cols, waiting[down, across] == ALL, queue)
    waiting[down, across] = NOTHING
    head = 0
    while head < tail:
        row, col = np.int64(queue[head]) >> 16, np.int64(queue[head]) & 0xFFFF
        head += 1
        begin, width = upper[top + row, left + col], lower[top + row, left + col]
        inflows[top + row, left + col] = UNKNOWN
        end = np.float32(begin + width)
        upper[top + row, left + col] = max(min(begin, np.float32(longest - width)), np.float32(0))
        lower[top + row, left + col] = min(end, longest)
        code = links[top + row, left + col]
        if code >= OUTLET:
            if math.isnan(width):
                upper[top + row, left + col] = lower[top + row, left + col] = width
            continue
        row, col = row + ROW_STEP[code], col + COL_STEP[code]
        upper[top + row, left + col] = max(upper[top + row, left + col], end)
        inflows[top + row, left + col] -= 1
        complete = inflows[top + row, left + col] == 0
        if 0 <= row < rows and 0 <= col < cols:
            queue[tail] = row << 16 | col
            tail += complete
        elif complete and waiting[(top + row) // tile, (left + col) // tile] == NOTHING:
            waiting[(top + row) // tile, (left + col) // tile] = AT_THE_RIM
    return tail


@nb.njit(cache=True)
def _ready(inflows, top, left, rows, cols, everywhere, queue):
    """Queue the cells of a tile whose inflow is complete, everywhere or at its rim; returns their number."""
    tail = 0
    for row in range(rows):
        whole = everywhere or row == 0 or row == rows - 1
        for col in range(0, cols, 1 if whole else max(1, cols - 1)):
            queue[tail] = row << 16 | col
            tail += inflows[top + row, left + col] == 0
    return tail
