"""D-infinity: a cell's water goes down the steepest of eight triangular facets, shared between its two lower corners by
angle.

Source: Tarboton (1997), A new method for the determination of flow directions and upslope areas in grid digital
elevation models, Water Resources Research 33(2).
"""

import math

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP

EIGHTH = math.pi / 4
STRAIGHT, SLANTED = 0b01010101, 0b10101010
"""Bits of the orthogonal and of the diagonal directions."""


@nb.njit(cache=True)
def corner(z, row, col, k):
    """Height of neighbour k, NaN off the grid."""
    r, c = row + ROW_STEP[k], col + COL_STEP[k]
    if 0 <= r < z.shape[0] and 0 <= c < z.shape[1]:
        return float(z[r, c])
    return np.nan


@nb.njit(cache=True)
def facet_fall(centre, straight, diagonal):
    """Square of the fall [m per cell] down one facet and the tangent of its angle from the straight side; 0 where
    nothing falls.

    The way stays within the facet; a facet with one known side is that side.
    """
    along = 0.0 if math.isnan(straight) else max(centre - straight, 0.0)
    corner_to_corner = 0.0 if math.isnan(diagonal) else max(centre - diagonal, 0.0)
    across = corner_to_corner - along
    if along == 0 or across >= along:
        return corner_to_corner * corner_to_corner / 2, 1.0
    if corner_to_corner == 0 or across <= 0:
        return along * along, 0.0
    return along * along + across * across, across / along


@nb.njit(cache=True)
def infinity_facet(z, row, col):
    """Straight side, turn (1 clockwise, -1 counter) and tangent of the steepest facet, the first of equals; side -1
    where none falls.
    """
    steepest, side, turned, tangent = 0.0, -1, 1, 0.0
    for straight in range(0, 8, 2):
        for turn in (1, -1):
            aside = corner(z, row, col, (straight + turn) % 8)
            fall, t = facet_fall(float(z[row, col]), corner(z, row, col, straight), aside)
            if fall > steepest:
                steepest, side, turned, tangent = fall, straight, turn, t
    return side, turned, tangent


@nb.njit(parallel=True, cache=True)
def infinity_receivers(z, directions, masks, second):
    """Write the receivers of every cell, one bit each, into `masks`, and the share of the diagonal one of two into
    `second`.

    A cell without a falling facet sends all its water where `directions` points.
    """
    for row in nb.prange(z.shape[0]):
        for col in range(z.shape[1]):
            side, turn, tangent = infinity_facet(z, row, col)
            share = np.float32(math.atan(tangent) / EIGHTH)
            mask = 0
            if side < 0:
                mask = 1 << directions[row, col] if directions[row, col] < 8 else 0
            else:
                mask |= 1 << side if share < 1 else 0
                mask |= 1 << (side + turn) % 8 if share > 0 else 0
            masks[row, col] = np.uint8(mask)
            second[row, col] = share


@nb.njit(cache=True)
def infinity_shares(mask, second, shares):
    """Write the share of each of the eight neighbours into `shares`, from the receivers and the share of the diagonal
    one of two.
    """
    both = mask & STRAIGHT > 0 and mask & SLANTED > 0
    for k in range(8):
        share = 1.0
        if both:
            share = float(second) if k % 2 == 1 else 1.0 - float(second)
        shares[k] = share if mask >> k & 1 else 0.0
