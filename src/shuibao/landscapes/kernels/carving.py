"""Work along the ways of the water: carving sills, and height above the nearest river.

Sources: Rieger (1998), A phenomenon-based approach to upslope contributing area and depressions in DEMs (carving);
Rennó et al. (2008), HAND, a new terrain descriptor using SRTM-DEM (height above nearest drainage).
"""

import numba as nb

from .stream_power import COL_STEP, ROW_STEP


@nb.njit(cache=True)
def carve(height, directions, order, count, drop):
    """Lower `height` [m] in place so that every cell lies at least `drop` [m] below each cell that drains into it.

    order: flat indices, every cell after the cell it drains to; its first `count` entries
    """
    cols = height.shape[1]
    for k in range(count - 1, -1, -1):
        row, col = order[k] // cols, order[k] % cols
        d = directions[row, col]
        if d < 8:
            r, c = row + ROW_STEP[d], col + COL_STEP[d]
            height[r, c] = min(height[r, c], height[row, col] - drop)


@nb.njit(cache=True)
def sum_areas(directions, order, count, cell_area, area):
    """Write the area [m2] that drains through each cell, itself included, into `area`."""
    cols = directions.shape[1]
    area[:] = cell_area
    for k in range(count - 1, -1, -1):
        row, col = order[k] // cols, order[k] % cols
        d = directions[row, col]
        if d < 8:
            area[row + ROW_STEP[d], col + COL_STEP[d]] += area[row, col]


@nb.njit(cache=True)
def nearest_river(height, directions, order, count, area, threshold, base, size):
    """Write height [m] and contributing area [m2] of the river cell below each cell into `base` and `size`.

    A river cell has at least `threshold` [m2] above it; cells that meet no river take the outlet they reach.
    """
    cols = height.shape[1]
    for k in range(count):
        row, col = order[k] // cols, order[k] % cols
        d = directions[row, col]
        if d == 8 or area[row, col] >= threshold:
            base[row, col] = height[row, col]
            size[row, col] = area[row, col]
        else:
            r, c = row + ROW_STEP[d], col + COL_STEP[d]
            base[row, col] = base[r, c]
            size[row, col] = size[r, c]


@nb.njit(cache=True)
def spread_labels(directions, order, count, labels):
    """Give every cell of `labels` that has none (0) the label of the cell it drains to, in place."""
    cols = labels.shape[1]
    for k in range(count):
        row, col = order[k] // cols, order[k] % cols
        d = directions[row, col]
        if labels[row, col] == 0 and d < 8:
            labels[row, col] = labels[row + ROW_STEP[d], col + COL_STEP[d]]
