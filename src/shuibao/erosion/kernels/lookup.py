"""From codes of one byte to the numbers of their rows, cell by cell: one place in a list of 256 for every code."""

import numba as nb


@nb.njit(parallel=True, cache=True)
def lookup_cells(codes, numbers, out):
    """Write ``numbers[code]`` of every cell (rows, cols) into `out`; `numbers` is NaN for codes without a row."""
    for row in nb.prange(codes.shape[0]):
        for col in range(codes.shape[1]):
            out[row, col] = numbers[codes[row, col]]


@nb.njit(parallel=True, cache=True)
def damaged_cells(codes, damage, numbers, out):
    """Write E0 + (1 - E0) x damage of every cell into `out`, E0 from the code and damage as a share of the measure."""
    for row in nb.prange(codes.shape[0]):
        for col in range(codes.shape[1]):
            sound = numbers[codes[row, col]]
            out[row, col] = sound + (1.0 - sound) * damage[row, col]


@nb.njit(parallel=True, cache=True)
def tillage_cells(land_use, zones, practices, cultivated, rotation, practice, out):
    """Write T [-] of every cell into `out`.

    cultivated: by land-use code, 1 for cropland, 0 for other land, NaN for unknown codes
    rotation, practice: T by rotation zone and by practice, NaN where there is none; a practice goes before the zone
    """
    for row in nb.prange(land_use.shape[0]):
        for col in range(land_use.shape[1]):
            crop = cultivated[land_use[row, col]]
            if crop != 1.0:
                out[row, col] = crop + 1.0  # 1 on other land, NaN where the land use is unknown
                continue
            single = practice[practices[row, col]]
            out[row, col] = single if single == single else rotation[zones[row, col]]
