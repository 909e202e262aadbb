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


@nb.njit(cache=True, inline="always")
def segment_width(centre, ahead, left, right, diagonal):
    """Length [cells] of a D8 step, projected on the fall of the steeper facet beside it; the whole step in flats.

    centre, ahead, left, right: heights [m] where the step begins, where it ends, and of the neighbours on both sides of
        its end, NaN unknown; diagonal: whether it is a diagonal one

    Written without branches: which facet is the steeper is a coin's toss, and a wrong guess costs the processor more
    than both facets.
    """
    along = centre - (left if diagonal else ahead)
    across = (left if diagonal else ahead) - (ahead if diagonal else left)
    along_right = centre - (right if diagonal else ahead)
    across_right = (right if diagonal else ahead) - (ahead if diagonal else right)
    fall = math.sqrt(along * along + across * across)
    fall_right = math.sqrt(along_right * along_right + across_right * across_right)
    fall = fall if (across >= 0) & (across <= along) else 0.0
    on_right = (across_right >= 0) & (across_right <= along_right) & (fall_right > fall)
    along, across = along_right if on_right else along, across_right if on_right else across
    fall = fall_right if on_right else fall
    whole = DIAGONAL if diagonal else 1.0
    share = (along + across if diagonal else along) / ((fall if fall > 0 else 1.0) * whole)
    return whole * (share if fall > 0 else 1.0)


@nb.njit(cache=True, inline="always")
def least_below(donor, start, end, factor, otherwise):
    """Least slope [rad] of a receiver that carries on the length of a donor between `start` and `end`; `otherwise`
    for another donor.
    """
    return factor * donor if (donor >= start) & (donor < end) else otherwise


@nb.njit(cache=True)
def slope_breaks(donor, receiver, bounds, factors):
    """Whether the slope [rad] falls so much from donor to receiver that the slope length ends; unknown slopes break
    nothing. Of ranges that overlap the first counts.
    """
    least = np.float32(np.nan)
    for k in range(bounds.shape[0] - 1, -1, -1):
        least = least_below(donor, bounds[k, 0], bounds[k, 1], factors[k], least)
    return receiver < least


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
    marked = channels.size + parcels.size + barriers.size > 0
    for row in nb.prange(rows):
        inside = 0 < row < rows - 1 and cols > 2
        if inside:
            lay_row(z[row - 1], z[row], z[row + 1], directions[row, 1:-1], cell, links[row, 1:-1], widths[row, 1:-1])
            if angle.size > 0:
                cut_row(angle[row - 1], angle[row], angle[row + 1], bounds, factors, links[row, 1:-1])
        for col in range(0, cols, cols - 1 if inside else 1):
            lay_cell(z, directions, cell, row, col, links, widths)
            d = links[row, col]
            if d < OUTLET and step_cut(row, col, d, angle, bounds, factors, channels, parcels, barriers):
                links[row, col] = OUTLET
        if inside and marked:
            for col in range(1, cols - 1):
                d = links[row, col]
                if d < OUTLET and step_cut(row, col, d, angle, bounds, factors, channels, parcels, barriers):
                    links[row, col] = OUTLET


@nb.njit(cache=True, error_model="numpy")
def lay_cell(z, directions, cell, row, col, links, widths):
    """Width [m] and link of one cell, wherever on the grid it lies."""
    d = directions[row, col]
    known = d != UNKNOWN and not math.isnan(z[row, col])
    links[row, col] = OUTLET if known else UNKNOWN
    widths[row, col] = cell if known else np.nan
    if not known or d >= OUTLET:
        return
    ahead = height_at(z, row + ROW_STEP[d], col + COL_STEP[d])
    if math.isnan(ahead):
        return
    left, right = (d + 7) & 7, (d + 1) & 7
    left = height_at(z, row + ROW_STEP[left], col + COL_STEP[left])
    right = height_at(z, row + ROW_STEP[right], col + COL_STEP[right])
    widths[row, col] = cell * segment_width(np.float64(z[row, col]), ahead, left, right, d & 1 == 1)
    links[row, col] = d


@nb.njit(cache=True, inline="always")
def toward(d, e, se, s, sw, w, nw, n, ne):
    """The one of eight neighbours that lies in direction `d`; chosen without a branch, so that rows become vector
    instructions.
    """
    found = se if d == 1 else e
    found = s if d == 2 else found
    found = sw if d == 3 else found
    found = w if d == 4 else found
    found = nw if d == 5 else found
    found = n if d == 6 else found
    return ne if d == 7 else found


@nb.njit(cache=True, error_model="numpy")
def lay_row(above, here, below, directions, cell, links, widths):
    """Widths [m] and links of the inner cells of one row, as `lay_cell`.

    above, here, below: heights of three rows, one cell longer at both ends than the others
    """
    for col in range(widths.size):
        n, ne, e, se = above[col + 1], above[col + 2], here[col + 2], below[col + 2]
        s, sw, w, nw = below[col + 1], below[col], here[col], above[col]
        centre, d = here[col + 1], directions[col]
        ahead = toward(d, e, se, s, sw, w, nw, n, ne)
        left = toward(d, ne, e, se, s, sw, w, nw, n)
        right = toward(d, se, s, sw, w, nw, n, ne, e)
        known = (d != UNKNOWN) & (centre == centre)
        flows = known & (d < OUTLET) & (ahead == ahead)
        share = segment_width(np.float64(centre), np.float64(ahead), np.float64(left), np.float64(right), d & 1 == 1)
        width = cell * (share if flows else 1.0)
        widths[col] = width if known else np.nan
        link = d if flows else np.uint8(OUTLET)
        links[col] = link if known else np.uint8(UNKNOWN)


@nb.njit(cache=True)
def cut_row(above, here, below, bounds, factors, links):
    """Take away the links of one row on which the slope breaks; angles [rad] as the heights of `lay_row`."""
    least = np.full(links.size, np.nan, np.float32)
    for k in range(bounds.shape[0] - 1, -1, -1):
        start, end, factor = bounds[k, 0], bounds[k, 1], factors[k]
        for col in range(links.size):
            least[col] = least_below(here[col + 1], start, end, factor, least[col])
    for col in range(links.size):
        n, ne, e, se = above[col + 1], above[col + 2], here[col + 2], below[col + 2]
        s, sw, w, nw = below[col + 1], below[col], here[col], above[col]
        d = links[col]
        broken = (toward(d, e, se, s, sw, w, nw, n, ne) < least[col]) & (d < OUTLET)
        links[col] = np.uint8(OUTLET) if broken else d


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
