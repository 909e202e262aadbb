"""How far flow that divides among all lower neighbours gets along the fall in one step.

A routing over eight neighbours passes by cells that lie beside its diagonals, so the area that it counts for a cell
is not the area that drains through the faces of the cell: it belongs to a flow of width cell^2 / advance, not cell x
(|sin a| + |cos a|).

Sources: Freeman (1991) for the shares; Chirico et al. (2005), Hydrol. Process. 19(13), on how D8 and D-infinity leave the
width of flow open. The correction by the advance is our own: exact on planes, where the tests hold it to the analytic L.
"""

import math

import numba as nb
import numpy as np

EAST = np.array([1, 1, 0, -1, -1, -1, 0, 1])
NORTH = np.array([0, -1, -1, -1, 0, 1, 1, 1])
LEAST, GREATEST = math.sqrt(0.5), math.sqrt(2.0)
"""Bounds of the advance on a plane; rough ground is held within them."""


@nb.njit(cache=True)
def advance_of(heights, row, col, aspect, exponent):
    """Mean advance [cells] of one cell along its `aspect` [rad, clockwise from north]; 1 where nothing is lower."""
    whole, along = 0.0, 0.0
    for k in range(8):
        below, right = row - NORTH[k], col + EAST[k]
        if below < 0 or right < 0 or below >= heights.shape[0] or right >= heights.shape[1]:
            continue
        step = math.sqrt(float(EAST[k] * EAST[k] + NORTH[k] * NORTH[k]))
        tangent = (heights[row, col] - heights[below, right]) / step
        if tangent > 0.0:
            share = tangent**exponent
            whole += share
            along += share * (EAST[k] * math.sin(aspect) + NORTH[k] * math.cos(aspect))
    if whole == 0.0 or math.isnan(along):
        return 1.0
    return min(max(along / whole, LEAST), GREATEST)


@nb.njit(parallel=True, cache=True)
def inlet_areas(heights, cells, aspect, side, exponent, out):
    """Write the area at the inlet [m2] that drains through the faces of every cell (rows, cols) into `out`.

    heights: filled elevation [m]; cells: contributing cells of multiple flow, the cell itself included; side: of a
        cell [m]
    """
    for row in nb.prange(heights.shape[0]):
        for col in range(heights.shape[1]):
            above = (cells[row, col] - 1.0) * side * side
            alpha = aspect[row, col]
            if not math.isnan(alpha):
                width = abs(math.sin(alpha)) + abs(math.cos(alpha))
                above *= width * advance_of(heights, row, col, alpha, exponent)
            out[row, col] = above
