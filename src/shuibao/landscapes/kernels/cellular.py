"""Cellular pattern: every place belongs to the nearest of points scattered one in each cell of a lattice.

Source: Worley (1996), A cellular texture basis function, SIGGRAPH '96.
"""

import math

import numba as nb
import numpy as np

from .gradient_noise import hashed, noise


@nb.njit(cache=True)
def unit(i, j, seed):
    """A number in [0, 1) from two lattice coordinates and a seed."""
    return float(hashed(i, j, seed) >> np.uint64(11)) / 9007199254740992.0


@nb.njit(cache=True)
def owner(x, y, seed):
    """Lattice indices of the scattered point nearest to (x, y), in lattice units, and its place."""
    i0, j0 = math.floor(x), math.floor(y)
    best, bi, bj, bx, by = 1e30, i0, j0, x, y
    for i in range(i0 - 1, i0 + 2):
        for j in range(j0 - 1, j0 + 2):
            px = i + unit(i, j, seed)
            py = j + unit(i, j, seed + 1)
            d = (px - x) ** 2 + (py - y) ** 2
            if d < best:
                best, bi, bj, bx, by = d, i, j, px, py
    return bi, bj, bx, by


@nb.njit(parallel=True, cache=True)
def patch_cells(left, top, cell, spacing, seed, row_of, col_of, chance):
    """Write the row and column of the cell at the heart of each cell's patch, and the patch's chance in [0, 1), into three arrays.

    spacing: mean distance [m] between hearts; borders are bent by noise so that patches look like fields and stands
    """
    rows, cols = row_of.shape
    for row in nb.prange(rows):
        for col in range(cols):
            x = (left + (col + 0.5) * cell) / spacing
            y = (top - (row + 0.5) * cell) / spacing
            x += 0.35 * noise(2.0 * x, 2.0 * y, seed + 7)
            y += 0.35 * noise(2.0 * x, 2.0 * y, seed + 8)
            i, j, px, py = owner(x, y, seed)
            r = int((top - py * spacing) / cell)
            c = int((px * spacing - left) / cell)
            row_of[row, col] = min(max(r, 0), rows - 1)
            col_of[row, col] = min(max(c, 0), cols - 1)
            chance[row, col] = unit(i, j, seed + 2)
