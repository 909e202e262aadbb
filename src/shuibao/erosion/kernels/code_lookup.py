"""Values by code, cell by cell: bisection in the sorted list of codes.

Source: Knuth (1998), The Art of Computer Programming, volume 3, section 6.2.1.
"""

import numba as nb
import numpy as np

ABSENT = -1.0
"""Written where a code is not in the list; the values looked up are never negative."""


@nb.njit(cache=True)
def position(code, codes):
    """Index of `code` in the ascending `codes`, or -1."""
    low, high = 0, len(codes)
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < code:
            low = middle + 1
        else:
            high = middle
    if low < len(codes) and codes[low] == code:
        return low
    return -1


@nb.njit(parallel=True, cache=True)
def look_up(cells, codes, values, nodata, out):
    """Write into `out` the value of each code of `cells` (rows, cols): NaN for `nodata`, ABSENT if not listed."""
    for row in nb.prange(cells.shape[0]):
        last, value = nodata, np.nan
        for col in range(cells.shape[1]):
            code = np.int64(cells[row, col])
            if code != last:
                last = code
                index = position(code, codes)
                value = np.nan if code == nodata else (values[index] if index >= 0 else ABSENT)
            out[row, col] = value
