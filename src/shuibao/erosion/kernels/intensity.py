"""Intensity classes of water erosion, cell by cell.

Source: SL 190-2007; a bound belongs to the class above it.
"""

import numba as nb


@nb.njit(cache=True, inline="always")
def intensity_class(modulus, allowable, bounds):
    """Class 1 to 6 of one cell, 0 where the modulus or the allowable loss [t km-2 a-1] is unknown.

    bounds: lower bounds [t km-2 a-1] of classes 3 to 6
    """
    if modulus != modulus or allowable != allowable:
        return 0
    if modulus < allowable:
        return 1
    grade = 2
    for bound in bounds:
        if modulus >= bound:
            grade += 1
    return grade


@nb.njit(parallel=True, cache=True)
def intensity_cells(modulus, allowable, bounds, out):
    """Write the class of every cell of `modulus` (rows, cols) into `out`; `allowable` is a layer of the same shape."""
    for row in nb.prange(modulus.shape[0]):
        for col in range(modulus.shape[1]):
            out[row, col] = intensity_class(modulus[row, col], allowable[row, col], bounds)


@nb.njit(parallel=True, cache=True)
def intensity_cells_of_one_zone(modulus, allowable, bounds, out):
    """As `intensity_cells`, with one allowable loss for all cells."""
    for row in nb.prange(modulus.shape[0]):
        for col in range(modulus.shape[1]):
            out[row, col] = intensity_class(modulus[row, col], allowable, bounds)
