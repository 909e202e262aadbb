"""Slope length factor L of a segment and its exponent m.

Sources: Foster and Wischmeier (1974) for the segment; Wischmeier and Smith (1978) for m by classes of slope; McCool
et al. (1989) for m from the ratio of rill to interrill erosion.
"""

import math

import numba as nb


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


@nb.njit(parallel=True, cache=True)
def segment_factor_cells(upper, lower, angle, classes, ratio, unit_length, out):
    """Write L [-] of every cell (rows, cols) into `out`, from slope lengths [m] and slope angle [rad]."""
    for row in nb.prange(angle.shape[0]):
        for col in range(angle.shape[1]):
            theta = angle[row, col]
            if math.isnan(theta):
                out[row, col] = math.nan
                continue
            m = exponent_of(theta, math.sin(theta), classes, ratio)
            out[row, col] = segment_factor(float(upper[row, col]), float(lower[row, col]), m, unit_length)
