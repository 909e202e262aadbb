"""Bilinear interpolation from a coarse lattice to the cells of a north-up grid, rows and columns apart.

Source: Press et al. (2007), Numerical Recipes, 3rd edition, section 3.6.1.
"""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def step_of(position, size):
    """Lower node and weight of the upper one at `position` [nodes]; node -1 outside the lattice."""
    if not (position >= 0 and position <= size - 1):
        return -1, 0.0
    low = min(int(position), size - 2)
    return low, position - low


@nb.njit(cache=True)
def blend_row(nodes, position, out):
    """Write the lattice row at `position` [nodes] into `out` (cols of nodes); NaN outside."""
    low, weight = step_of(position, nodes.shape[0])
    for col in range(nodes.shape[1]):
        out[col] = np.nan if low < 0 else nodes[low, col] * (1 - weight) + nodes[low + 1, col] * weight


@nb.njit(cache=True)
def along_row(line, low, weight):
    """Value between two nodes of a blended row; NaN outside."""
    return np.nan if low < 0 else line[low] * (1 - weight) + line[low + 1] * weight


@nb.njit(cache=True)
def steps_of(positions, size):
    """Lower nodes and weights of all `positions`."""
    low = np.empty(positions.size, np.int64)
    weight = np.empty(positions.size, np.float64)
    for index in range(positions.size):
        low[index], weight[index] = step_of(positions[index], size)
    return low, weight


@nb.njit(parallel=True, cache=True)
def bilinear_cells(nodes, rows, cols, out):
    """Write into `out` (rows, cols) the lattice `nodes` at the row and column positions [nodes]; NaN outside."""
    low, weight = steps_of(cols, nodes.shape[1])
    for row in nb.prange(rows.size):
        line = np.empty(nodes.shape[1])
        blend_row(nodes, rows[row], line)
        for col in range(cols.size):
            out[row, col] = along_row(line, low[col], weight[col])


@nb.njit(parallel=True, cache=True)
def share_cells(nodes, total, rows, cols, where_zero, out):
    """Write into `out` the ratio of two lattices, each interpolated first; `where_zero` where the total is 0."""
    low, weight = steps_of(cols, nodes.shape[1])
    for row in nb.prange(rows.size):
        line, whole = np.empty(nodes.shape[1]), np.empty(nodes.shape[1])
        blend_row(nodes, rows[row], line)
        blend_row(total, rows[row], whole)
        for col in range(cols.size):
            below = along_row(whole, low[col], weight[col])
            out[row, col] = where_zero if below == 0 else along_row(line, low[col], weight[col]) / below
