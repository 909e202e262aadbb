"""Slope length factor L from the contributing area.

Source: Desmet and Govers (1996), J. Soil Water Conserv. 51(5), eq. 9: the area A at the inlet of the cell [m2] takes
the place of the length, and the flow leaves through a width of cell x (|sin a| + |cos a|), where a is the aspect.
"""

import math

import numba as nb

from .slope_length import exponent_of, raised


@nb.njit(cache=True, inline="always")
def area_factor(area, aspect, m, cell, unit_length, max_length):
    """L [-] of one cell; NaN stays NaN.

    area: contributing area at the inlet of the cell [m2]; aspect [rad]; m: exponent; cell: side [m]
    max_length: area beyond a slope of this length [m] does not count
    """
    width = abs(math.sin(aspect)) + abs(math.cos(aspect))
    if math.isnan(width):
        width = 1.0  # flat ground has no aspect
    own = cell * cell
    area = min(area, max(max_length * cell * width - own, 0.0))
    return (raised(area + own, m) - raised(area, m)) / (own * (cell * width * unit_length) ** m)


@nb.njit(parallel=True, cache=True)
def area_factor_cells(area, aspect, angle, classes, ratio, unit_length, cell, max_length, out):
    """Write L [-] of every cell (rows, cols) into `out`; cells of unknown area or slope stay unknown."""
    for row in nb.prange(angle.shape[0]):
        for col in range(angle.shape[1]):
            theta, inlet = angle[row, col], float(area[row, col])
            if math.isnan(theta) or math.isnan(inlet):
                out[row, col] = math.nan
                continue
            m = exponent_of(theta, math.sin(theta), classes, ratio)
            out[row, col] = area_factor(inlet, float(aspect[row, col]), m, cell, unit_length, max_length)
