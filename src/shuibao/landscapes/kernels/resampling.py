"""Cubic convolution from one grid to another.

Source: Keys (1981), Cubic convolution interpolation for digital image processing, with a = -0.5; borders repeat the last cell.
"""

import math

import numba as nb


@nb.njit(cache=True)
def weights(u):
    """The four weights of the cells around a place `u` [0..1) between the second and the third."""
    return (
        u * (-0.5 + u * (1.0 - 0.5 * u)),
        1.0 + u * u * (-2.5 + 1.5 * u),
        u * (0.5 + u * (2.0 - 1.5 * u)),
        u * u * (-0.5 + 0.5 * u),
    )


@nb.njit(parallel=True, cache=True)
def resample_cells(source, row0, col0, step, out):
    """Write `source` (rows, cols) at fractional rows row0 + k step and columns col0 + k step into `out`; NaN spreads."""
    rows, cols = source.shape
    for row in nb.prange(out.shape[0]):
        y = row0 + row * step
        i = math.floor(y)
        wy = weights(y - i)
        for col in range(out.shape[1]):
            x = col0 + col * step
            j = math.floor(x)
            wx = weights(x - j)
            total = 0.0
            for a in range(4):
                r = min(max(int(i) + a - 1, 0), rows - 1)
                for b in range(4):
                    c = min(max(int(j) + b - 1, 0), cols - 1)
                    total += wy[a] * wx[b] * source[r, c]
            out[row, col] = total
