"""Factor G of ephemeral gullies on steep cropland.

Source: Jiang, Wang and Liu (1996).
"""

import math

import numba as nb


@nb.njit(parallel=True, cache=True)
def ephemeral_gully_cells(angle, codes, prone, gain, start, out):
    """Write G [-] = 1 + gain sin(angle - start) above `start` [rad] and on prone land, else 1; NaN stays NaN.

    angle: slope angle [rad], codes: land use, (rows, cols)
    prone: by code, 1 where ephemeral gullies form, 0 where not, NaN where the code is unknown
    """
    for row in nb.prange(angle.shape[0]):
        for col in range(angle.shape[1]):
            theta, forms = angle[row, col], prone[codes[row, col]]
            if math.isnan(theta) or math.isnan(forms):
                out[row, col] = math.nan
            elif theta > start and forms == 1.0:
                out[row, col] = 1.0 + gain * math.sin(theta - start)
            else:
                out[row, col] = 1.0
