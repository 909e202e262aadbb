"""Catchments: every cell takes the label of the first labelled cell on its way down.

Source: Jenson and Domingue (1988), Extracting topographic structure from digital elevation data.
"""

import numba as nb

from .neighbours import COL_STEP, OUTLET, ROW_STEP

WALKED, UNREACHED = -1, -2
"""While labels are being spread: on the way that is being walked; known to lead to no label."""


@nb.njit(cache=True)
def step_down(directions, row, col):
    """Row and column of the cell that a cell drains into, and whether there is one; else the cell's own."""
    d = directions[row, col]
    if d >= OUTLET:
        return row, col, False
    r, c = row + ROW_STEP[d], col + COL_STEP[d]
    if 0 <= r < directions.shape[0] and 0 <= c < directions.shape[1]:
        return r, c, True
    return row, col, False


@nb.njit(cache=True)
def label_outlets(directions, labels):
    """Number the outlets from 1, row by row, into `labels`; returns how many there are."""
    count = 0
    for row in range(directions.shape[0]):
        for col in range(directions.shape[1]):
            if directions[row, col] == OUTLET:
                count += 1
                labels[row, col] = count
    return count


@nb.njit(cache=True)
def spread_labels(directions, labels):
    """Carry the labels > 0 of `labels` up to every cell that drains into them; cells that reach none stay 0.

    Each way is walked down to the first settled cell and once more to write its label, so every cell is met a fixed
    number of times. Returns how many circles the directions run in.
    """
    circles = 0
    for row in range(directions.shape[0]):
        for col in range(directions.shape[1]):
            if labels[row, col] != 0:
                continue
            r, c, more = row, col, True
            while more and labels[r, c] == 0:
                labels[r, c] = WALKED
                r, c, more = step_down(directions, r, c)
            met = labels[r, c]
            if met == WALKED:
                met = UNREACHED
                circles += more
            r, c = row, col
            while labels[r, c] == WALKED:
                labels[r, c] = met
                r, c, _ = step_down(directions, r, c)
    for row in range(directions.shape[0]):
        for col in range(directions.shape[1]):
            labels[row, col] = max(labels[row, col], 0)
    return circles
