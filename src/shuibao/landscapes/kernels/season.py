"""Greenness over the year as the product of two logistic curves.

Source: Zhang et al. (2003), Monitoring vegetation phenology using MODIS, Remote Sensing of Environment 84(3).
"""

import math

import numba as nb

GREEN_UP_PACE, SENESCENCE_PACE = 1.3, 1.6
"""Half-months over which leaves come and go."""


@nb.njit(parallel=True, cache=True)
def greenness_cells(code, vigour, height, gain, half_month, curves, lag, out):
    """Write the vegetation index of every cell into `out`; NaN where `code` is 0.

    vigour: factor on the summer's rise; height [m]; gain: added to the factor; curves: (256, 4) winter and summer index, half-months of
    green-up and senescence by code; lag: half-months later and earlier a kilometre above 1400 m
    """
    rows, cols = code.shape
    for row in nb.prange(rows):
        for col in range(cols):
            kind = code[row, col]
            if kind == 0:
                out[row, col] = math.nan
                continue
            late = lag * (height[row, col] - 1400.0) / 1000.0
            spring = 1.0 / (1.0 + math.exp(-(half_month - curves[kind, 2] - late) / GREEN_UP_PACE))
            autumn = 1.0 / (1.0 + math.exp((half_month - curves[kind, 3] + late) / SENESCENCE_PACE))
            rise = (curves[kind, 1] - curves[kind, 0]) * (vigour[row, col] + gain[row, col])
            out[row, col] = min(max(curves[kind, 0] + rise * spring * autumn, -0.2), 0.95)
