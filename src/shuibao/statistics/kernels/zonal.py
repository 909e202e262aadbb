"""Sums over zones in one pass: partial sums over fixed bands of rows, added in fixed order.

The bands do not depend on the number of threads, so neither does the last bit of a sum.
Source: definition; blocked summation errs by about (cells of a band) x 1e-16, Higham (1993), The accuracy of floating
point summation.
"""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def mark_present(values, low, seen):
    """Set `seen[value - low]` for every value of `values` (rows, cols)."""
    for row in range(values.shape[0]):
        for col in range(values.shape[1]):
            seen[np.int64(values[row, col]) - low] = True


@nb.njit(parallel=True, cache=True)
def relabel(values, low, lookup, out):
    """Write ``lookup[value - low]`` of every cell into `out` (rows, cols)."""
    for row in nb.prange(values.shape[0]):
        for col in range(values.shape[1]):
            out[row, col] = lookup[np.int64(values[row, col]) - low]


@nb.njit(parallel=True, cache=True)
def cross_areas(labels, first, first_low, first_column, second, second_low, second_column, width, areas, sums):
    """Add the area of every whole cell to its zone and its pair of classes.

    labels: zone number from 1, 0 for none; areas: [m2]; both (rows, cols) like `first` and `second`
    first_column, second_column: column of each class value less its low; width: number of second columns
    sums: (bands, zones, first columns * width), zeros before
    """
    rows, bands = labels.shape[0], sums.shape[0]
    for band in nb.prange(bands):
        for row in range(band * rows // bands, (band + 1) * rows // bands):
            for col in range(labels.shape[1]):
                zone = labels[row, col]
                if zone > 0:
                    one = first_column[np.int64(first[row, col]) - first_low]
                    two = second_column[np.int64(second[row, col]) - second_low]
                    sums[band, zone - 1, one * width + two] += areas[row, col]


@nb.njit(cache=True)
def cross_areas_border(
    cells, zones, fractions, first, first_low, first_column, second, second_low, second_column, width, areas, sums
):
    """The same for border cells: flat index, zone number from 0, share; sums: (zones, columns)."""
    columns = areas.shape[1]
    for at in range(cells.shape[0]):
        row, col = cells[at] // columns, cells[at] % columns
        one = first_column[np.int64(first[row, col]) - first_low]
        two = second_column[np.int64(second[row, col]) - second_low]
        sums[zones[at], one * width + two] += fractions[at] * areas[row, col]


@nb.njit(parallel=True, cache=True)
def sums_over_area(labels, values, areas, sums):
    """Add value times area, known area and unknown area of every whole cell; sums: (bands, zones, 3), zeros before."""
    rows, bands = labels.shape[0], sums.shape[0]
    for band in nb.prange(bands):
        for row in range(band * rows // bands, (band + 1) * rows // bands):
            for col in range(labels.shape[1]):
                zone = labels[row, col]
                if zone > 0:
                    value, area = values[row, col], areas[row, col]
                    if np.isnan(value):
                        sums[band, zone - 1, 2] += area
                    else:
                        sums[band, zone - 1, 0] += value * area
                        sums[band, zone - 1, 1] += area


@nb.njit(cache=True)
def sums_over_area_border(cells, zones, fractions, values, areas, sums):
    """The same for cells that belong to a zone in part; sums: (zones, 3)."""
    columns = areas.shape[1]
    for at in range(cells.shape[0]):
        row, col = cells[at] // columns, cells[at] % columns
        value, area = values[row, col], areas[row, col] * fractions[at]
        if np.isnan(value):
            sums[zones[at], 2] += area
        else:
            sums[zones[at], 0] += value * area
            sums[zones[at], 1] += area
