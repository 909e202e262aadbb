"""Slope length by segments: horizontal distance from the divide along D8 flow, longest donor first.

Every cell is one segment. Its width is the D8 step out of it, projected on the direction in which the ground falls,
which is taken from the steeper of the two triangular facets beside the step; so the lengths of a plane are true for any
direction of its fall. A segment begins where the longest segment above it ends, unless the link between the two is cut.

Sources: Hickey (2000), Slope angle and slope length solutions for GIS, Cartography 29(1); Van Remortel, Hamilton and
Hickey (2001);
facets: Tarboton (1997). The projection is ours.
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN

DIAGONAL = math.sqrt(2.0)


@nb.njit(cache=True)
def height_at(z, row, col):
    """Height of a cell, NaN off the grid."""
    if 0 <= row < z.shape[0] and 0 <= col < z.shape[1]:
        return float(z[row, col])
    return np.nan


@nb.njit(cache=True)
def segment_width(z, row, col, direction):
    """Length [cells] of the step `direction`, projected on the fall of the steeper facet beside it; the whole step in
    flats.
    """
    diagonal = direction % 2 == 1
    whole = DIAGONAL if diagonal else 1.0
    centre = float(z[row, col])
    ahead = height_at(z, row + ROW_STEP[direction], col + COL_STEP[direction])
    steepest, share = 0.0, 1.0
    for turn in (7, 1):
        beside = (direction + turn) & 7
        aside = height_at(z, row + ROW_STEP[beside], col + COL_STEP[beside])
        straight = aside if diagonal else ahead
        corner = ahead if diagonal else aside
        along, across = centre - straight, straight - corner
        fall = math.sqrt(along * along + across * across)
        if 0 <= across <= along and fall > steepest:
            steepest = fall
            share = (along + across) / (fall * DIAGONAL) if diagonal else along / fall
    return whole * share


@nb.njit(cache=True)
def slope_breaks(donor, receiver, bounds, factors):
    """Whether the slope [rad] falls so much from donor to receiver that the slope length ends; unknown slopes break
    nothing.
    """
    for k in range(bounds.shape[0]):
        if bounds[k, 0] <= donor < bounds[k, 1]:
            return receiver < factors[k] * donor
    return False


@nb.njit(cache=True)
def barrier_crossed(barriers, row, col, direction):
    """Whether a step leaves or enters a barrier, or slips diagonally between two cells of it."""
    r, c = row + ROW_STEP[direction], col + COL_STEP[direction]
    if barriers[row, col] or barriers[r, c]:
        return True
    return direction % 2 == 1 and barriers[row, c] and barriers[r, col]


@nb.njit(cache=True)
def step_cut(row, col, direction, angle, bounds, factors, channels, parcels, barriers):
    """Whether the slope length ends on a step to a neighbour on the grid; arrays of shape (0, 0) cut nothing."""
    r, c = row + ROW_STEP[direction], col + COL_STEP[direction]
    if angle.size > 0 and slope_breaks(angle[row, col], angle[r, c], bounds, factors):
        return True
    if channels.size > 0 and (channels[row, col] or channels[r, c]):
        return True
    if parcels.size > 0 and parcels[row, col] != parcels[r, c]:
        return True
    return barriers.size > 0 and barrier_crossed(barriers, row, col, direction)


@nb.njit(parallel=True, cache=True)
def lay_segments(z, directions, cell, angle, bounds, factors, channels, parcels, barriers, links, widths):
    """Write each cell's width [m] into `widths` (NaN unknown) and into `links` its direction, or OUTLET where nothing
    is handed down.

    angle, channels, parcels, barriers: arrays of the grid's shape, or of shape (0, 0) where that cut is not wanted
    """
    rows, cols = z.shape
    for row in nb.prange(rows):
        for col in range(cols):
            d = directions[row, col]
            links[row, col] = OUTLET
            if d == UNKNOWN or math.isnan(z[row, col]):
                widths[row, col] = np.nan
                links[row, col] = UNKNOWN
                continue
            widths[row, col] = cell
            if d >= OUTLET:
                continue
            r, c = row + ROW_STEP[d], col + COL_STEP[d]
            if not (0 <= r < rows and 0 <= c < cols) or math.isnan(z[r, c]):
                continue
            widths[row, col] = cell * segment_width(z, row, col, d)
            if not step_cut(row, col, d, angle, bounds, factors, channels, parcels, barriers):
                links[row, col] = d


@nb.njit(parallel=True, cache=True)
def count_links(links, inflows):
    """Write how many neighbours hand their length down to each cell into `inflows`."""
    rows, cols = links.shape
    for row in nb.prange(rows):
        for col in range(cols):
            count = 0
            for k in range(8):
                r, c = row + ROW_STEP[k], col + COL_STEP[k]
                if 0 <= r < rows and 0 <= c < cols and links[r, c] == (k + 4) % 8:
                    count += 1
            inflows[row, col] = count


@nb.njit(cache=True)
def hand_down(links, inflows, widths, upper):
    """Write the length at each cell's upper edge into `upper` (zeros given), cells in the order in which their inflow
    is complete.

    Returns how many cells were never reached because the links run in a circle. `inflows` is used up.
    """
    rows, cols = links.shape
    left = rows * cols
    for row in range(rows):
        for col in range(cols):
            if inflows[row, col] != 0:
                continue
            r, c = row, col
            while True:
                left -= 1
                inflows[r, c] = UNKNOWN
                d = links[r, c]
                if d >= OUTLET:
                    break
                length = upper[r, c] + widths[r, c]
                r, c = r + ROW_STEP[d], c + COL_STEP[d]
                if length > upper[r, c]:
                    upper[r, c] = length
                inflows[r, c] -= 1
                if inflows[r, c] != 0:
                    break
    return left


@nb.njit(parallel=True, cache=True)
def cap_lengths(widths, upper, longest):
    """Turn `widths` into lengths at the lower edge, at most `longest` [m]; a segment beyond becomes the last whole one
    before it.
    """
    for row in nb.prange(widths.shape[0]):
        for col in range(widths.shape[1]):
            width = widths[row, col]
            if math.isnan(width):
                upper[row, col] = np.nan
                continue
            lower = min(np.float32(upper[row, col] + width), longest)
            widths[row, col] = lower
            upper[row, col] = max(min(upper[row, col], np.float32(longest - width)), np.float32(0))
