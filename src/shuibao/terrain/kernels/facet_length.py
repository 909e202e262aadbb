"""Slope length handed down both sides of the steepest facet, so that no cell of an even slope is left without a donor.

On D8 a third of the cells of a rough plane have no donor and begin a slope of their own amid the plane. Along
D-infinity each cell hands its length to both corners of its steepest facet; each step is projected on the facet's fall.
The longest donor counts.

Sources: facets: Tarboton (1997); longest donor: Hickey (2000). Their combination is ours.
"""

import math

import numba as nb
import numpy as np

from .dispersal import DONE, grown
from .neighbours import COL_STEP, ROW_STEP
from .slope_length import step_cut

EIGHTH = math.pi / 4
DIAGONAL = math.sqrt(2.0)


@nb.njit(cache=True)
def facet_step(second, direction):
    """Length [cells] of the step to one corner of a facet, projected on its fall, from the share of its diagonal
    corner.
    """
    whole = DIAGONAL if direction % 2 == 1 else 1.0
    if second <= 0 or second >= 1:
        return whole
    return whole * math.cos((1.0 - second if direction % 2 == 1 else second) * EIGHTH)


@nb.njit(parallel=True, cache=True)
def cut_facets(masks, angle, bounds, factors, channels, parcels, barriers):
    """Take from the receivers' bits in `masks` those to which nothing is handed down."""
    for row in nb.prange(masks.shape[0]):
        for col in range(masks.shape[1]):
            mask = np.int64(masks[row, col])
            for k in range(8):
                if mask >> k & 1 and step_cut(row, col, k, angle, bounds, factors, channels, parcels, barriers):
                    mask -= 1 << k
            masks[row, col] = np.uint8(mask)


@nb.njit(cache=True)
def hand_down_facets(masks, second, inflows, cell, upper):
    """Write the length [m] at each cell's upper edge into `upper` (zeros given), cells in the order in which their
    inflow is complete.

    Returns how many cells were never reached because flow runs in a circle. `inflows` is used up.
    """
    rows, cols = masks.shape
    stack, left = np.empty(1024, np.int64), rows * cols
    for start in range(rows * cols):
        if inflows[start // cols, start % cols] != 0:
            continue
        stack[0], depth = start, 1
        while depth > 0:
            depth -= 1
            row, col = stack[depth] // cols, stack[depth] % cols
            inflows[row, col] = DONE
            left -= 1
            if depth + 8 > stack.size:
                stack = grown(stack)
            for k in range(8):
                if masks[row, col] >> k & 1:
                    r, c = row + ROW_STEP[k], col + COL_STEP[k]
                    length = np.float32(upper[row, col] + cell * facet_step(second[row, col], k))
                    upper[r, c] = max(upper[r, c], length)
                    inflows[r, c] -= 1
                    if inflows[r, c] == 0:
                        stack[depth] = r * cols + c
                        depth += 1
    return left
