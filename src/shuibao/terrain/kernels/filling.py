"""Depression filling by tiles: basins inside each, a graph of spills between them.

The result is that of priority flood: the lowest surface from which every cell drains off the known ground. Each tile is cut into small
basins, whose passes are joined inside the tile as far as they can be without its neighbours; what is left, the basins at the seams
and the passes between them, is one small graph; its solution raises every cell to the spill level of its basin.

Sources: Barnes, Lehman and Mulla (2014), Priority-flood; Barnes (2016), Parallel priority-flood depression filling for trillion cell
digital elevation models.
"""

import numba as nb
import numpy as np

from .basins import find_passes, label_basins, look_down
from .neighbours import COL_STEP, ROW_STEP
from .passes import ascending, spill

OUTSIDE = 0
"""The node of all that lies off the known ground."""


@nb.njit(cache=True)
def fill(dem, tile, workers, filled):
    """Write the filled surface of `dem` (rows, cols; float32, NaN unknown) into `filled`; returns the number of infinite heights.

    tile: side of the tiles in cells; workers: number of threads; neither changes the result
    """
    rows, cols = dem.shape
    across = -(-cols // tile)
    tiles = -(-rows // tile) * across
    room = ((tile + 1) // 2) ** 2 + 1
    label = filled.view(np.int32)
    level, exit_to = np.empty((tiles, room), np.float32), np.empty((tiles, room), np.int32)
    kept = np.empty((tiles, 4 * tile + 1, 2), np.int32)
    kept_weights = np.empty((tiles, 4 * tile + 1), np.float32)
    counts = np.zeros((tiles, 4), np.int64)
    _flood_tiles(dem, tile, workers, label, level, exit_to, kept, kept_weights, counts)
    offsets = np.zeros(tiles + 1, np.int64)
    offsets[1:] = np.cumsum(counts[:, 1])
    seam = _seam_level(dem, tile, label, exit_to, kept, kept_weights, counts, offsets)
    _raise_tiles(dem, tile, workers, label, filled, level, exit_to, counts, offsets, seam)
    return counts[:, 3].sum()


@nb.njit(cache=True, parallel=True)
def _flood_tiles(dem, tile, workers, label, level, exit_to, kept, kept_weights, counts):
    """Flood every tile on its own; see `_flood_tile` for what is written."""
    tiles = counts.shape[0]
    across = -(-dem.shape[1] // tile)
    for worker in nb.prange(workers):
        room = (tile + 2) * (tile + 2)
        ground, lower = np.full(room, np.float32(np.inf)), np.empty(room, np.uint8)
        lowest, basin = np.empty(room, np.int32), np.zeros(room, np.int32)
        edges, weights = np.empty((5, 3 * room), np.int32), np.empty(3 * room, np.float32)
        for number in range(worker, tiles, workers):
            top, left = number // across * tile, number % across * tile
            _flood_tile(
                dem, top, left, tile, ground, lower, lowest, basin, edges, weights,
                label, level[number], exit_to[number], kept[number], kept_weights[number], counts[number],
            )  # fmt: skip


@nb.njit(cache=True)
def _flood_tile(dem, top, left, tile, ground, lower, lowest, basin, edges, weights, label, level, exit_to, kept, kept_weights, counts):
    """Cut one tile into basins and join them as far as they can be without its neighbours.

    label: written, the basin of every cell; level, exit_to: written, for every basin the level at which it spills towards a seam basin
    or the outside, and the number of that seam basin, 0 for the outside; kept, kept_weights: written, passes between seam basins;
    counts: written: basins, seam basins, passes kept, infinite heights
    """
    stride = tile + 2
    rows, cols = min(tile, dem.shape[0] - top), min(tile, dem.shape[1] - left)
    counts[3], holes = _load(dem, top, left, rows, cols, stride, ground)
    for row in range(rows):
        start = (row + 1) * stride
        look_down(
            ground[start - stride : start], ground[start : start + stride], ground[start + stride : start + 2 * stride],
            start + 1, lower[start + 1 : start + 1 + cols], lowest[start + 1 : start + 1 + cols],
        )  # fmt: skip
    basins = label_basins(ground, lowest, rows, cols, stride, basin)
    passes = find_passes(ground, lower, basin, rows, cols, stride, edges[0], edges[1], weights)
    passes = _find_outlets(dem, top, left, rows, cols, stride, ground, holes, basin, basins, edges, weights, passes)
    number = np.zeros(basins + 1, np.int32)
    seams = _number_seams(dem, top, left, rows, cols, stride, basin, number)
    order = edges[2][:passes]
    ascending(weights, passes, order, edges[3])
    terminal = number > 0
    terminal[OUTSIDE] = True
    pairs = np.empty((seams + 1, 3), np.int32)
    counts[0], counts[1] = basins, seams
    counts[2] = spill(edges[0], edges[1], weights, order, basins + 1, terminal, level, exit_to, edges[3], edges[4], pairs)
    for k in range(counts[2]):
        kept[k, 0], kept[k, 1], kept_weights[k] = number[pairs[k, 0]], number[pairs[k, 1]], weights[pairs[k, 2]]
    for node in range(basins + 1):
        exit_to[node] = number[exit_to[node]]
    for row in range(rows):
        start = (row + 1) * stride + 1
        label[top + row, left : left + cols] = basin[start : start + cols]


@nb.njit(cache=True)
def _load(dem, top, left, rows, cols, stride, ground):
    """Copy one tile into its buffer; returns the number of infinite heights, and of unknown cells in it and around it."""
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
def _find_outlets(dem, top, left, rows, cols, stride, ground, holes, basin, basins, edges, weights, passes):
    """Add for every basin that meets the outside the pass at its lowest cell there; returns the number of passes."""
    height, width = dem.shape
    lowest = np.full(basins + 1, np.float32(np.inf))
    for row in range(rows):
        whole = holes > 0 or top + row == 0 or top + row == height - 1
        step = 1 if whole else max(1, cols - 1)
        for col in range(0, cols, step):
            cell = (row + 1) * stride + 1 + col
            if ground[cell] < lowest[basin[cell]] and _at_border(dem, top + row, left + col):
                lowest[basin[cell]] = ground[cell]
    for node in range(1, basins + 1):
        if lowest[node] < np.inf:
            edges[0, passes], edges[1, passes], weights[passes] = node, OUTSIDE, lowest[node]
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


@nb.njit(cache=True)
def _seam_level(dem, tile, label, exit_to, kept, kept_weights, counts, offsets):
    """Level of every seam basin, found on the graph of all of them; the node of a tile's seam basin k is ``offsets[tile] + k``."""
    tiles, nodes = counts.shape[0], offsets[-1] + 1
    inner = counts[:, 2].sum()
    room = inner + _seam_pairs(dem.shape, tile)
    first, second = np.empty(room, np.int64), np.empty(room, np.int64)
    weights = np.empty(room, np.float32)
    number = 0
    for t in range(tiles):
        for k in range(counts[t, 2]):
            for side in range(2):
                node = kept[t, k, side]
                (first if side == 0 else second)[number] = OUTSIDE if node == OUTSIDE else offsets[t] + node
            weights[number] = kept_weights[t, k]
            number += 1
    number = _cross_seams(dem, tile, label, exit_to, offsets, first, second, weights, number)
    order, other = np.empty(number, np.int64), np.empty(number, np.int64)
    ascending(weights, number, order, other)
    terminal = np.zeros(nodes, np.bool_)
    terminal[OUTSIDE] = True
    level, exits = np.empty(nodes, np.float32), np.empty(nodes, np.int64)
    spill(first, second, weights, order, nodes, terminal, level, exits, np.empty_like(exits), np.empty_like(exits), np.empty((1, 3), np.int64))
    return level


@nb.njit(cache=True)
def _seam_pairs(shape, tile):
    """An upper bound of the number of neighbouring cells of different tiles."""
    return 3 * (((shape[0] - 1) // tile) * shape[1] + ((shape[1] - 1) // tile) * shape[0])


@nb.njit(cache=True)
def _cross_seams(dem, tile, label, exit_to, offsets, first, second, weights, number):
    """Add the passes between neighbouring cells of different tiles, equal pairs in a run once; returns the number of passes."""
    rows, cols = dem.shape
    begin = number
    for row in range(tile - 1, rows - 1, tile):
        for col in range(cols):
            for c in range(max(0, col - 1), min(cols, col + 2)):
                number = _cross(dem, tile, label, exit_to, offsets, row, col, row + 1, c, first, second, weights, begin, number)
    for col in range(tile - 1, cols - 1, tile):
        for row in range(rows):
            for r in range(max(0, row - 1), min(rows, row + 2)):
                number = _cross(dem, tile, label, exit_to, offsets, row, col, r, col + 1, first, second, weights, begin, number)
    return number


@nb.njit(cache=True)
def _cross(dem, tile, label, exit_to, offsets, row, col, r, c, first, second, weights, begin, number):
    height = max(dem[row, col], dem[r, c])
    if np.isnan(dem[row, col]) or np.isnan(dem[r, c]):
        return number
    a = _node(dem.shape[1], tile, label, exit_to, offsets, row, col)
    b = _node(dem.shape[1], tile, label, exit_to, offsets, r, c)
    if number > begin and first[number - 1] == a and second[number - 1] == b:
        weights[number - 1] = min(weights[number - 1], height)
        return number
    first[number], second[number], weights[number] = a, b, height
    return number + 1


@nb.njit(cache=True)
def _node(cols, tile, label, exit_to, offsets, row, col):
    t = row // tile * -(-cols // tile) + col // tile
    return offsets[t] + exit_to[t, label[row, col]]


@nb.njit(cache=True, parallel=True)
def _raise_tiles(dem, tile, workers, label, filled, level, exit_to, counts, offsets, seam):
    """Raise every cell to the level of its basin; `filled` may lie in the same place as `label`."""
    rows, cols = dem.shape
    across = -(-cols // tile)
    for worker in nb.prange(workers):
        heights = np.empty(level.shape[1], np.float32)
        basin = np.empty(tile, np.int32)
        for t in range(worker, counts.shape[0], workers):
            top, left = t // across * tile, t % across * tile
            for node in range(counts[t, 0] + 1):
                k = exit_to[t, node]
                heights[node] = max(level[t, node], seam[OUTSIDE if k == OUTSIDE else offsets[t] + k])
            for row in range(top, min(top + tile, rows)):
                _raise_row(dem[row, left : left + tile], label[row, left : left + tile], basin, heights, filled[row, left : left + tile])


@nb.njit(cache=True)
def _raise_row(dem, label, basin, heights, filled):
    basin[: label.size] = label
    for col in range(dem.size):
        level, height = heights[basin[col]], dem[col]
        filled[col] = level if level > height else height
