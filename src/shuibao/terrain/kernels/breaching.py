"""Least-cost breaching: cut the cheapest way out of each depression instead of filling it.

From the bottom of a depression the ways are searched in the order of what would have to be dug, the summed depth below
the ground at the height of the bottom; of equal ones in the order of the length of the cut. The search ends at the
first cell that lies lower than the bottom or from which water leaves the ground, and the way is cut to the height of
the bottom.

Source: Lindsay (2016), Efficient hybrid breaching-filling sink removal methods, Hydrological Processes 30(6); least
cost: Lindsay and Dhun (2015), Modelling surface drainage patterns in altered landscapes using LiDAR, IJGIS 29(3).
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP

DIAGONAL = math.sqrt(2.0)
START = 8
"""Direction back of the cell where a search begins."""


@nb.njit(cache=True)
def drains(z, row, col):
    """Whether water leaves a known cell: downwards, off the grid or to unknown ground."""
    for k in range(8):
        r, c = row + ROW_STEP[k], col + COL_STEP[k]
        if not (0 <= r < z.shape[0] and 0 <= c < z.shape[1]) or not z[r, c] >= z[row, col]:
            return True
    return False


@nb.njit(cache=True)
def grown(array):
    """An array twice as long with the same content."""
    longer = np.empty(2 * array.size, array.dtype)
    longer[: array.size] = array
    return longer


@nb.njit(cache=True)
def depression_bottoms(z):
    """Flat index of one cell, the first row by row, of every level bottom from which no water leaves."""
    rows, cols = z.shape
    met = np.zeros(z.shape, np.bool_)
    bottoms, count, queue = np.empty(64, np.int64), 0, np.empty(64, np.int64)
    for row in range(rows):
        for col in range(cols):
            if met[row, col] or math.isnan(z[row, col]) or drains(z, row, col):
                continue
            met[row, col] = True
            queue[0], head, tail, closed = row * cols + col, 0, 1, True
            while head < tail:
                r, c = queue[head] // cols, queue[head] % cols
                head += 1
                closed = closed and not drains(z, r, c)
                if tail + 8 > queue.size:
                    queue = grown(queue)
                for k in range(8):
                    i, j = r + ROW_STEP[k], c + COL_STEP[k]
                    if 0 <= i < rows and 0 <= j < cols and z[i, j] == z[row, col] and not met[i, j]:
                        met[i, j] = True
                        queue[tail] = i * cols + j
                        tail += 1
            if closed:
                if count == bottoms.size:
                    bottoms = grown(bottoms)
                bottoms[count] = row * cols + col
                count += 1
    return bottoms[:count]


@nb.njit(cache=True)
def before(costs, lengths, cells, a, b):
    """Whether heap entry a comes before b: less to dig, then a shorter cut, then the first cell."""
    if costs[a] != costs[b]:
        return costs[a] < costs[b]
    if lengths[a] != lengths[b]:
        return lengths[a] < lengths[b]
    return cells[a] < cells[b]


@nb.njit(cache=True)
def swap(costs, lengths, cells, a, b):
    """Exchange two heap entries."""
    costs[a], costs[b] = costs[b], costs[a]
    lengths[a], lengths[b] = lengths[b], lengths[a]
    cells[a], cells[b] = cells[b], cells[a]


@nb.njit(cache=True)
def sift_up(costs, lengths, cells, entry):
    """Restore the heap after an entry was put at its end."""
    while entry > 0 and before(costs, lengths, cells, entry, (entry - 1) // 2):
        swap(costs, lengths, cells, entry, (entry - 1) // 2)
        entry = (entry - 1) // 2


@nb.njit(cache=True)
def sift_down(costs, lengths, cells, size):
    """Restore the heap after its last entry was put at its top."""
    entry = 0
    while True:
        least = entry
        for child in (2 * entry + 1, 2 * entry + 2):
            if child < size and before(costs, lengths, cells, child, least):
                least = child
        if least == entry:
            return
        swap(costs, lengths, cells, entry, least)
        entry = least


@nb.njit(cache=True)
def cut(z, back, cell, level):
    """Lower the way that leads back from a flat index to the start of the search to `level` where it is higher."""
    cols = z.shape[1]
    row, col = cell // cols, cell % cols
    while True:
        z[row, col] = min(z[row, col], level)
        k = back[row, col]
        if k == START:
            return
        row, col = row + ROW_STEP[k], col + COL_STEP[k]


@nb.njit(cache=True)
def breach_one(z, bottom, number, longest, stamps, digs, runs, back):
    """Search from one bottom and cut; returns whether a way out was found within a cut of `longest` [cells].

    stamps, digs, runs, back: scratch of the grid's shape; `number` marks what belongs to this search
    """
    cols = z.shape[1]
    level = z[bottom // cols, bottom % cols]
    costs, lengths, cells, size = np.empty(64), np.empty(64), np.empty(64, np.int64), 1
    costs[0], lengths[0], cells[0] = 0.0, 0.0, bottom
    row, col = bottom // cols, bottom % cols
    stamps[row, col], digs[row, col], runs[row, col], back[row, col] = number, 0.0, 0.0, START
    while size > 0:
        cost, length, cell = costs[0], lengths[0], cells[0]
        size -= 1
        costs[0], lengths[0], cells[0] = costs[size], lengths[size], cells[size]
        sift_down(costs, lengths, cells, size)
        row, col = cell // cols, cell % cols
        if cost > digs[row, col] or length > runs[row, col]:
            continue
        if z[row, col] < level or leaves(z, row, col):
            cut(z, back, cell, level)
            return True
        if size + 8 > costs.size:
            costs, lengths, cells = grown(costs), grown(lengths), grown(cells)
        for k in range(8):
            r, c = row + ROW_STEP[k], col + COL_STEP[k]
            depth = max(float(z[r, c]) - float(level), 0.0)
            dig = cost + depth
            run = length + (0.0 if depth == 0 else (DIAGONAL if k % 2 == 1 else 1.0))
            if run > longest or (stamps[r, c] == number and (dig, run) >= (digs[r, c], runs[r, c])):
                continue
            stamps[r, c], digs[r, c], runs[r, c], back[r, c] = number, dig, run, (k + 4) % 8
            costs[size], lengths[size], cells[size] = dig, run, r * cols + c
            sift_up(costs, lengths, cells, size)
            size += 1
    return False


@nb.njit(cache=True)
def leaves(z, row, col):
    """Whether a cell lies at the grid's edge or beside unknown ground."""
    for k in range(8):
        r, c = row + ROW_STEP[k], col + COL_STEP[k]
        if not (0 <= r < z.shape[0] and 0 <= c < z.shape[1]) or math.isnan(z[r, c]):
            return True
    return False


@nb.njit(cache=True)
def breach_some(z, bottoms, first, last, longest, stamps, digs, runs, back):
    """Cut the ways out of bottoms first..last-1 into `z`; returns how many were left for want of a way."""
    cols, left = z.shape[1], 0
    for number in range(first, last):
        row, col = bottoms[number] // cols, bottoms[number] % cols
        if not drains(z, row, col):
            left += not breach_one(z, bottoms[number], number + 1, longest, stamps, digs, runs, back)
    return left
