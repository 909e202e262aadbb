"""Slope factor S from pieces in the sine of the slope angle.

Sources: McCool et al. (1987) and Liu et al. (1994) for the straight pieces, Nearing (1997) for the logistic one.
"""

import math

import numba as nb
import numpy as np

from .sine import sines


@nb.njit(cache=True, inline="always")
def piece_of(angle, starts):
    """Index of the last piece whose start [rad] does not exceed the angle."""
    piece = 0
    for later in range(1, starts.shape[0]):
        if angle >= starts[later]:
            piece = later
    return piece


@nb.njit(cache=True, inline="always")
def slope_factor(angle, sine, pieces):
    """S [-] of one cell; NaN stays NaN.

    angle, sine: slope angle [rad] and its sine
    pieces: one row a piece, sorted by start: start [rad], gain, offset, centre, rate; a rate of 0 marks a straight
        piece
    """
    piece = piece_of(angle, pieces[:, 0])
    gain, offset, rate = pieces[piece, 1], pieces[piece, 2], pieces[piece, 4]
    if rate == 0.0:
        return gain * sine + offset
    return offset + gain / (1.0 + math.exp(pieces[piece, 3] - rate * sine))


@nb.njit(cache=True)
def slope_factor_row(angles, sines, pieces, out):
    """Write S [-] of a row of cells into `out` (float64), as `slope_factor`, piece by piece so that straight ones become
    vector instructions.
    """
    for piece in range(pieces.shape[0]):
        start = pieces[piece, 0] if piece > 0 else -math.inf
        gain, offset, centre, rate = pieces[piece, 1], pieces[piece, 2], pieces[piece, 3], pieces[piece, 4]
        if rate == 0.0:
            for col in range(out.size):
                value = gain * sines[col] + offset
                out[col] = value if not angles[col] < start else out[col]
        else:
            for col in range(out.size):
                if not angles[col] < start:
                    out[col] = offset + gain / (1.0 + math.exp(centre - rate * sines[col]))


@nb.njit(parallel=True, cache=True)
def slope_factor_cells(angle, pieces, out):
    """Write S [-] of every cell of `angle` [rad] (rows, cols) into `out`."""
    rows, cols = angle.shape
    for row in nb.prange(rows):
        sine, factors = np.empty(cols), np.empty(cols)
        sines(angle[row], sine)
        slope_factor_row(angle[row], sine, pieces, factors)
        out[row] = factors
