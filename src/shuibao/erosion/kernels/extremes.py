"""Least and greatest known value of an array in one pass."""

import math

import numba as nb
import numpy as np
import numpy.typing as npt


@nb.njit(parallel=True, cache=True)
def row_extremes(values, low, high):
    """Write the least and the greatest number of every row into `low` and `high`; inf and -inf where none is known."""
    for row in nb.prange(values.shape[0]):
        least, greatest = math.inf, -math.inf
        for col in range(values.shape[1]):
            value = values[row, col]
            if value < least:
                least = value
            if value > greatest:
                greatest = value
        low[row] = least
        high[row] = greatest


def extremes(values: npt.NDArray[np.generic]) -> tuple[float, float]:
    """Least and greatest number of `values` (rows, cols), NaN left out; (inf, -inf) where none is known."""
    low, high = np.empty(values.shape[0]), np.empty(values.shape[0])
    row_extremes(values, low, high)
    return float(low.min(initial=math.inf)), float(high.max(initial=-math.inf))
