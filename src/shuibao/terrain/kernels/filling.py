"""Depression filling by tiles: basins inside each, a graph of spills between them.

The result is that of priority flood: the lowest surface from which every cell drains off the known ground. Each
tile is cut into small basins, whose passes are joined inside the tile as far as they can be without its neighbours;
what is left, the basins at the seams and the passes between them, is one small graph; its solution raises every
cell to the spill level of its basin.

Sources: Barnes, Lehman and Mulla (2014), Priority-flood; Barnes (2016), Parallel priority-flood depression filling
for trillion cell digital elevation models.
"""

import numba as nb
import numpy as np

from .basins import ARCS, GROUPS
from .filling_tiles import OUTSIDE, Flood, flood_tile, room_for
from .neighbours import COL_STEP, ROW_STEP
from .passes import ascending, spill


@nb.njit(cache=True)
def fill(dem, tile, workers, filled):
    """Write the filled surface of `dem` (rows, cols; float32, NaN unknown) into `filled`.

    tile: side of the tiles in cells; workers: number of threads; neither changes the result
    returns: number of infinite heights, which make the result worthless
    """
    rows, cols = dem.shape
    tiles = -(-rows // tile) * -(-cols // tile)
    basins, seams = ((tile + 1) // 2) ** 2 + 1, 4 * tile + 1
    label = filled.view(np.int32)  # the basins wait where the heights will be
    flood = Flood(
        np.empty((tiles, basins), np.float32), np.empty((tiles, basins), np.int32),
        np.empty((tiles, seams, 2), np.int32), np.empty((tiles, seams), np.float32), np.zeros((tiles, 4), np.int64),
    )  # fmt: skip
    _flood_tiles(dem, tile, workers, label, flood)
    offsets = np.zeros(tiles + 1, np.int64)
    offsets[1:] = np.cumsum(flood.counts[:, 1])
    seam_level = _seam_level(dem, tile, label, flood, offsets)
    _raise_tiles(dem, tile, workers, label, filled, flood, offsets, seam_level)
    return flood.counts[:, 3].sum()


@nb.njit(cache=True, parallel=True)
def _flood_tiles(dem, tile, workers, label, flood):
    """Flood every tile on its own, each thread every so many tiles."""
    tiles, across = flood.counts.shape[0], -(-dem.shape[1] // tile)
    for worker in nb.prange(workers):
        room = room_for(tile)
        for number in range(worker, tiles, workers):
            flood_tile(dem, number // across * tile, number % across * tile, tile, room, label, flood, number)


@nb.njit(cache=True)
def _seam_level(dem, tile, label, flood, offsets):
    """Level of every seam basin, found on the graph of all of them; the node of a tile's seam basin k is
    ``offsets[tile] + k``.
    """
    tiles, nodes = flood.counts.shape[0], offsets[-1] + 1
    inner = flood.counts[:, 2].sum()
    room = inner + 4 * _seam_cells(dem.shape, tile)
    first, second = np.empty(room, np.int64), np.empty(room, np.int64)
    weights = np.empty(room, np.float32)
    number = 0
    for t in range(tiles):
        for k in range(flood.counts[t, 2]):
            for side in range(2):
                node = flood.kept[t, k, side]
                (first if side == 0 else second)[number] = OUTSIDE if node == OUTSIDE else offsets[t] + node
            weights[number] = flood.kept_weights[t, k]
            number += 1
    number = _cross_seams(dem, tile, label, flood.exit_to, offsets, first, second, weights, number)
    order, other = np.empty(number, np.int64), np.empty(number, np.int64)
    ascending(weights, number, order, other)
    terminal = np.zeros(nodes, np.bool_)
    terminal[OUTSIDE] = True
    level, exits = np.empty(nodes, np.float32), np.empty(nodes, np.int64)
    groups, members, none_kept = np.empty_like(exits), np.empty_like(exits), np.empty((0, 3), np.int64)
    spill(first, second, weights, order, nodes, terminal, level, exits, groups, members, none_kept)
    return level


@nb.njit(cache=True)
def _seam_cells(shape, tile):
    """An upper bound of the number of cells beside a seam."""
    return 2 * (((shape[0] - 1) // tile) * shape[1] + ((shape[1] - 1) // tile) * shape[0])


@nb.njit(cache=True)
def _cross_seams(dem, tile, label, exit_to, offsets, first, second, weights, number):
    """Add the passes at cells beside a seam; returns the number of passes."""
    rows, cols = dem.shape
    for row in range(rows):
        if (row % tile == 0 and row > 0) or (row % tile == tile - 1 and row < rows - 1):
            for col in range(cols):
                number = _cross(dem, tile, label, exit_to, offsets, row, col, first, second, weights, number)
        else:
            for seam in range(tile, cols, tile):
                for col in range(seam - 1, seam + 1):
                    number = _cross(dem, tile, label, exit_to, offsets, row, col, first, second, weights, number)
    return number


@nb.njit(cache=True)
def _cross(dem, tile, label, exit_to, offsets, row, col, first, second, weights, number):
    """Add the passes at one cell, from its basin to every group of lower neighbours that lies wholly in other tiles.

    Lower neighbours that hang together are joined below the cell, be it inside their tile or at a lower cell beside
    the seam; so a group with a member in the cell's own tile is joined to it already.
    """
    height, top, left = dem[row, col], row - row % tile, col - col % tile
    lower, own = 0, 0
    for d in range(8):
        r, c = row + ROW_STEP[d], col + COL_STEP[d]
        if 0 <= r < dem.shape[0] and 0 <= c < dem.shape[1]:
            is_lower = dem[r, c] < height or (dem[r, c] == height and d >= 4)
            lower |= is_lower << d
            own |= (is_lower and top <= r < top + tile and left <= c < left + tile) << d
    for k in range(5):
        d = ARCS[lower, k]
        if lower == own or d == 8:
            break
        if GROUPS[lower, k] & own == 0:
            there = row + ROW_STEP[d], col + COL_STEP[d]
            first[number] = _node(dem.shape[1], tile, label, exit_to, offsets, row, col)
            second[number] = _node(dem.shape[1], tile, label, exit_to, offsets, *there)
            weights[number] = height
            number += 1
    return number


@nb.njit(cache=True)
def _node(cols, tile, label, exit_to, offsets, row, col):
    t = row // tile * -(-cols // tile) + col // tile
    return offsets[t] + exit_to[t, label[row, col]]


@nb.njit(cache=True, parallel=True)
def _raise_tiles(dem, tile, workers, label, filled, flood, offsets, seam_level):
    """Raise every cell to the level of its basin; `filled` lies in the same place as `label`."""
    tiles, across = flood.counts.shape[0], -(-dem.shape[1] // tile)
    for worker in nb.prange(workers):
        heights, basin = np.empty(flood.level.shape[1], np.float32), np.empty(tile, np.int32)
        for t in range(worker, tiles, workers):
            top, left = t // across * tile, t % across * tile
            for node in range(flood.counts[t, 0] + 1):
                k = flood.exit_to[t, node]
                heights[node] = max(flood.level[t, node], seam_level[OUTSIDE if k == OUTSIDE else offsets[t] + k])
            for row in range(top, min(top + tile, dem.shape[0])):
                part = slice(left, left + tile)
                _raise_row(dem[row, part], label[row, part], basin, heights, filled[row, part])


@nb.njit(cache=True)
def _raise_row(dem, label, basin, heights, filled):
    basin[: label.size] = label
    for col in range(dem.size):
        level, height = heights[basin[col]], dem[col]
        filled[col] = level if level > height else height
