"""Flood one tile on its own: the part of filling that runs for all tiles at once.

A tile is cut into small basins, which are joined over its saddles as far as that can be done without its neighbours.

Source: Barnes (2016), Parallel priority-flood depression filling for trillion cell digital elevation models.
"""

from collections import namedtuple

import numba as nb
import numpy as np

from .basins import find_passes, label_basins, look_down
from .neighbours import COL_STEP, ROW_STEP
from .passes import ascending, spill

OUTSIDE = 0
"""The node of all that lies off the known ground."""

Room = namedtuple("Room", "ground lower lowest basin first second order other members weights")
"""What one thread works in: four buffers of a tile with its rim, and its passes with their order."""

Flood = namedtuple("Flood", "level exit_to kept kept_weights counts")
"""What is known of the tiles, a row for each.

level, exit_to: for every basin the height at which it spills and the number of the seam basin it spills to, 0 for the
    outside; a seam basin spills to itself at -inf
kept, kept_weights: passes between seam basins, by their numbers in the tile, and their heights
counts: basins, seam basins, passes kept, infinite heights
"""


@nb.njit(cache=True)
def room_for(tile):
    """Empty room for one thread."""
    cells = (tile + 2) * (tile + 2)
    return Room(
        np.full(cells, np.float32(np.inf)), np.empty(cells, np.uint8), np.empty(cells, np.int32),
        np.zeros(cells, np.int32), np.empty(3 * cells, np.int32), np.empty(3 * cells, np.int32),
        np.empty(3 * cells, np.int32), np.empty(3 * cells, np.int32), np.empty(cells, np.int32),
        np.empty(3 * cells, np.float32),
    )  # fmt: skip


@nb.njit(cache=True)
def flood_tile(dem, top, left, tile, room, label, flood, number):
    """Flood the tile at row `top` and column `left`; writes row `number` of `flood` and the basins into `label`."""
    stride = tile + 2
    rows, cols = min(tile, dem.shape[0] - top), min(tile, dem.shape[1] - left)
    counts = flood.counts[number]
    counts[3], holes = _load(dem, top, left, rows, cols, stride, room.ground)
    for row in range(rows):
        above, here, below = row * stride, (row + 1) * stride, (row + 2) * stride
        inner = slice(here + 1, here + 1 + cols)
        look_down(
            room.ground[above:here], room.ground[here:below], room.ground[below : below + stride],
            here + 1, room.lower[inner], room.lowest[inner],
        )  # fmt: skip
    counts[0] = label_basins(room.ground, room.lowest, rows, cols, stride, room.basin)
    passes = find_passes(
        room.ground, room.lower, room.basin, rows, cols, stride, room.first, room.second, room.weights
    )  # fmt: skip
    passes = _find_outlets(dem, top, left, rows, cols, holes, room, counts[0], passes)
    seams = np.zeros(counts[0] + 1, np.int32)
    counts[1] = _number_seams(dem, top, left, rows, cols, stride, room.basin, seams)
    _join(room, passes, seams, flood, number)
    for row in range(rows):
        start = (row + 1) * stride + 1
        label[top + row, left : left + cols] = room.basin[start : start + cols]


@nb.njit(cache=True)
def _join(room, passes, seams, flood, number):
    """Join the basins of a tile over its passes; `seams` holds the number of every seam basin, 0 for all others."""
    order = room.order[:passes]
    ascending(room.weights, passes, order, room.other)
    terminal = seams > 0
    terminal[OUTSIDE] = True
    level, exit_to, counts = flood.level[number], flood.exit_to[number], flood.counts[number]
    pairs = np.empty((counts[1] + 1, 3), np.int32)
    counts[2] = spill(
        room.first, room.second, room.weights, order, seams.size, terminal,
        level, exit_to, room.other, room.members, pairs,
    )  # fmt: skip
    for k in range(counts[2]):
        flood.kept[number, k, 0], flood.kept[number, k, 1] = seams[pairs[k, 0]], seams[pairs[k, 1]]
        flood.kept_weights[number, k] = room.weights[pairs[k, 2]]
    for node in range(seams.size):
        exit_to[node] = seams[exit_to[node]]


@nb.njit(cache=True)
def _load(dem, top, left, rows, cols, stride, ground):
    """Copy one tile into its buffer; returns the number of infinite heights, and of unknown cells in it and around
    it.
    """
    infinite, holes = 0, 0
    for row in range(rows):
        start = (row + 1) * stride + 1
        for col in range(cols):
            height = dem[top + row, left + col]
            infinite += abs(height) == np.inf
            holes += np.isnan(height)
            ground[start + col] = height if height < np.inf else np.float32(np.inf)
        ground[start + cols] = np.inf
    ground[(rows + 1) * stride : (rows + 2) * stride] = np.inf
    for row in range(max(0, top - 1), min(dem.shape[0], top + rows + 1)):
        for col in range(max(0, left - 1), min(dem.shape[1], left + cols + 1)):
            if row < top or row >= top + rows or col < left or col >= left + cols:
                holes += np.isnan(dem[row, col])
    return infinite, holes


@nb.njit(cache=True)
def _find_outlets(dem, top, left, rows, cols, holes, room, basins, passes):
    """Add for every basin that meets the outside the pass at its lowest cell there; returns the number of passes."""
    height, stride = dem.shape[0], int(np.sqrt(room.ground.size))
    lowest = np.full(basins + 1, np.float32(np.inf))
    for row in range(rows):
        whole = holes > 0 or top + row == 0 or top + row == height - 1
        step = 1 if whole else max(1, cols - 1)
        for col in range(0, cols, step):
            cell = (row + 1) * stride + 1 + col
            node, level = room.basin[cell], room.ground[cell]
            if level < lowest[node] and _at_border(dem, top + row, left + col):
                lowest[node] = level
    for node in range(1, basins + 1):
        if lowest[node] < np.inf:
            room.first[passes], room.second[passes], room.weights[passes] = node, OUTSIDE, lowest[node]
            passes += 1
    return passes


@nb.njit(cache=True)
def _at_border(dem, row, col):
    """Whether a cell lies at the grid's edge or beside an unknown cell."""
    for d in range(8):
        r, c = row + ROW_STEP[d], col + COL_STEP[d]
        if r < 0 or c < 0 or r >= dem.shape[0] or c >= dem.shape[1] or np.isnan(dem[r, c]):
            return True
    return False


@nb.njit(cache=True)
def _number_seams(dem, top, left, rows, cols, stride, basin, number):
    """Number from 1 the basins that touch another tile; returns how many there are."""
    count = 0
    for row in range(rows):
        seam = (row == 0 and top > 0) or (row == rows - 1 and top + rows < dem.shape[0])
        step = 1 if seam else max(1, cols - 1)
        for col in range(0, cols, step):
            here = basin[(row + 1) * stride + 1 + col]
            beside = (col == 0 and left > 0) or (col == cols - 1 and left + cols < dem.shape[1])
            if here > 0 and number[here] == 0 and (seam or beside):
                count += 1
                number[here] = count
    return count
