"""L, S and their product in one pass over the rows, with one sine for both.

Sources: Foster and Wischmeier (1974) for L, the pieces of `slope_steepness` for S.
"""

import numba as nb
import numpy as np

from .sine import sines
from .slope_length import exponent_row, segment_factor_row
from .slope_steepness import slope_factor_row


@nb.njit(parallel=True, cache=True)
def topography_cells(upper, lower, angle, pieces, classes, ratio, unit_length, length, steepness, both):
    """Write L, S and LS [-] of every cell into `length`, `steepness` and `both`, all (rows, cols).

    upper, lower: slope lengths at the ends of the cell [m]; angle: slope angle [rad]
    """
    rows, cols = angle.shape
    for row in nb.prange(rows):
        sine, exponents, L, S = np.empty(cols), np.empty(cols), np.empty(cols), np.empty(cols)
        sines(angle[row], sine)
        exponent_row(angle[row], sine, classes, ratio, exponents)
        segment_factor_row(upper[row], lower[row], angle[row], exponents, unit_length, L)
        slope_factor_row(angle[row], sine, pieces, S)
        for col in range(cols):
            length[row, col] = L[col]
            steepness[row, col] = S[col]
            both[row, col] = L[col] * S[col]
