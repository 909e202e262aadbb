"""Slope length factor L of a segment and its exponent m.

Sources: Foster and Wischmeier (1974) for the segment; Wischmeier and Smith (1978) for m by classes of slope; McCool
et al. (1989) for m from the ratio of rill to interrill erosion.
"""

import math

import numba as nb
import numpy as np

from .sine import sines


@nb.njit(cache=True, inline="always")
def exponent_of(angle, sine, classes, ratio):
    """Exponent m [-] of one cell.

    angle, sine: slope angle [rad] and its sine
    classes: one row a class, sorted: lower bound [rad], itself outside the class, and m
    ratio: share, unit sine, gain, power and offset of McCool et al. (1989); a share of 0 takes m from the classes
    """
    if ratio[0] == 0.0:
        m = classes[0, 1]
        for later in range(1, classes.shape[0]):
            if angle > classes[later, 0]:
                m = classes[later, 1]
        return m
    beta = ratio[0] * (sine / ratio[1]) / (ratio[2] * sine ** ratio[3] + ratio[4])
    return beta / (1.0 + beta)


@nb.njit(cache=True, inline="always")
def raised(length, m):
    """length^(m + 1); a square root where m is one half."""
    if m == 0.5:
        return length * math.sqrt(length)
    return length ** (m + 1.0)


@nb.njit(cache=True, inline="always")
def segment_factor(upper, lower, m, unit_length):
    """L [-] of the segment between the slope lengths `upper` and `lower` [m]; NaN stays NaN.

    A segment without length has the L of its point.
    """
    if lower <= upper:
        return (m + 1.0) * (lower / unit_length) ** m
    scale = math.sqrt(unit_length) if m == 0.5 else unit_length**m
    return (raised(lower, m) - raised(upper, m)) / ((lower - upper) * scale)


@nb.njit(cache=True)
def exponent_row(angles, sines, classes, ratio, out):
    """Write m [-] of a row of cells into `out` (float64), as `exponent_of`."""
    if ratio[0] != 0.0:
        for col in range(out.size):
            out[col] = exponent_of(angles[col], sines[col], classes, ratio)
        return
    out[:] = classes[0, 1]
    for later in range(1, classes.shape[0]):
        bound, m = classes[later, 0], classes[later, 1]
        for col in range(out.size):
            out[col] = m if angles[col] > bound else out[col]


@nb.njit(cache=True, error_model="numpy")
def segment_factor_row(upper, lower, angles, exponents, unit_length, out):
    """Write L [-] of a row of cells into `out` (float64), as `segment_factor`; NaN where the angle [rad] is.

    All are taken for exponents of one half, as vector instructions; the others are then done again.
    """
    scale = math.sqrt(unit_length)
    for col in range(out.size):
        begin, end = np.float64(upper[col]) + 0.0 * angles[col], np.float64(lower[col])
        width = end - begin if end != begin else 1.0
        out[col] = (end * math.sqrt(end) - begin * math.sqrt(begin)) / (width * scale)
    for col in range(out.size):
        if exponents[col] != 0.5 or lower[col] <= upper[col]:
            m = exponents[col] + 0.0 * angles[col]
            out[col] = segment_factor(np.float64(upper[col]), np.float64(lower[col]), m, unit_length)


@nb.njit(parallel=True, cache=True)
def segment_factor_cells(upper, lower, angle, classes, ratio, unit_length, out):
    """Write L [-] of every cell (rows, cols) into `out`, from slope lengths [m] and slope angle [rad]."""
    rows, cols = angle.shape
    for row in nb.prange(rows):
        sine, exponents, factors = np.empty(cols), np.empty(cols), np.empty(cols)
        sines(angle[row], sine)
        exponent_row(angle[row], sine, classes, ratio, exponents)
        segment_factor_row(upper[row], lower[row], angle[row], exponents, unit_length, factors)
        out[row] = factors
