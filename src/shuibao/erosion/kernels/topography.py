"""L, S and their product in one pass over the cells, with one sine for both.

Sources: Foster and Wischmeier (1974) for L, the pieces of `slope_steepness` for S.
"""

import math

import numba as nb

from .slope_length import exponent_of, segment_factor
from .slope_steepness import slope_factor


@nb.njit(parallel=True, cache=True)
def topography_cells(upper, lower, angle, pieces, classes, ratio, unit_length, length, steepness, both):
    """Write L, S and LS [-] of every cell into `length`, `steepness` and `both`, all (rows, cols).

    upper, lower: slope lengths at the ends of the cell [m]; angle: slope angle [rad]
    """
    for row in nb.prange(angle.shape[0]):
        for col in range(angle.shape[1]):
            theta = angle[row, col]
            if math.isnan(theta):
                length[row, col] = math.nan
                steepness[row, col] = math.nan
                both[row, col] = math.nan
                continue
            sine = math.sin(theta)
            m = exponent_of(theta, sine, classes, ratio)
            L = segment_factor(float(upper[row, col]), float(lower[row, col]), m, unit_length)
            S = slope_factor(theta, sine, pieces)
            length[row, col] = L
            steepness[row, col] = S
            both[row, col] = L * S
