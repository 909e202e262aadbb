"""Creep of slopes as linear diffusion, one explicit step.

Source: Culling (1960), Analytical theory of erosion, Journal of Geology 68(3).
"""

import math

import numba as nb


@nb.njit(parallel=True, cache=True)
def creep_cells(height, share, out):
    """Write `height` [m] moved by `share` (0..0.25) of the difference to its four known neighbours into `out`; NaN stays."""
    rows, cols = height.shape
    for row in nb.prange(rows):
        for col in range(cols):
            z = height[row, col]
            total = 0.0
            if row > 0 and not math.isnan(height[row - 1, col]):
                total += height[row - 1, col] - z
            if row < rows - 1 and not math.isnan(height[row + 1, col]):
                total += height[row + 1, col] - z
            if col > 0 and not math.isnan(height[row, col - 1]):
                total += height[row, col - 1] - z
            if col < cols - 1 and not math.isnan(height[row, col + 1]):
                total += height[row, col + 1] - z
            out[row, col] = z + share * total
