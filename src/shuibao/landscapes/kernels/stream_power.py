"""Stream-power incision, solved implicitly from the outlets upstream.

Source: Braun and Willett (2013), A very efficient O(n), implicit and parallel method to solve the stream power equation, Geomorphology 180-181.
dz/dt = -K A^m S; with slope exponent one each cell needs only the new height of the cell below it.
"""

import math

import numba as nb
import numpy as np

ROW_STEP = np.array([0, 1, 1, 1, 0, -1, -1, -1])
COL_STEP = np.array([1, 1, 0, -1, -1, -1, 0, 1])


@nb.njit(cache=True)
def upstream_order(directions, order):
    """Write the flat indices of all routed cells into `order`, every cell after the cell it drains to; returns their number.

    directions: uint8 (rows, cols), 0..7 clockwise from east, 8 outlet, 255 unknown
    """
    rows, cols = directions.shape
    waiting = np.zeros(rows * cols, np.uint8)
    count = 0
    for row in range(rows):
        for col in range(cols):
            d = directions[row, col]
            if d < 8:
                waiting[(row + ROW_STEP[d]) * cols + col + COL_STEP[d]] += 1
            if d <= 8:
                count += 1
    position = count
    for first in range(rows * cols):
        cell = first
        while directions[cell // cols, cell % cols] <= 8 and waiting[cell] == 0:
            position -= 1
            order[position] = cell
            waiting[cell] = 255
            row, col = cell // cols, cell % cols
            d = directions[row, col]
            if d == 8:
                break
            cell = (row + ROW_STEP[d]) * cols + col + COL_STEP[d]
            waiting[cell] -= 1
    return count - position


@nb.njit(cache=True)
def incise(height, directions, order, count, area, erodibility, exponent, cell, steepest):
    """Lower `height` [m] in place by one time step.

    area: contributing area [m2]; erodibility: K dt, any grid; steepest: greatest slope [-] to the cell below, any grid
    """
    cols = height.shape[1]
    diagonal = math.sqrt(2.0) * cell
    for k in range(count):
        row, col = order[k] // cols, order[k] % cols
        d = directions[row, col]
        if d == 8:
            continue
        below = height[row + ROW_STEP[d], col + COL_STEP[d]]
        length = diagonal if d % 2 == 1 else cell
        factor = erodibility[row, col] * area[row, col] ** exponent / length
        z = height[row, col]
        if z > below:
            z = (z + factor * below) / (1.0 + factor)
        limit = below + steepest[row, col] * length
        height[row, col] = min(z, limit)
