"""Product of the factors of the CSLE, cell by cell."""

import numba as nb


@nb.njit(parallel=True, cache=True)
def product_cells(factors, scale, out):
    """Write `scale` times the product of all `factors` into `out`; NaN stays NaN.

    factors: a tuple of arrays of one type, (rows, cols)
    """
    for row in nb.prange(out.shape[0]):
        for col in range(out.shape[1]):
            value = scale
            for factor in factors:
                value *= factor[row, col]
            out[row, col] = value
