"""Small basins of one tile and the saddles between them.

Every cell points to the lowest of its neighbours; the cells whose pointers end in one minimum are a basin. Equal
heights are told apart by their place, earlier rows and columns counting as lower, so that all heights are distinct.
Of all the cells along a divide only saddles matter for the flood: where the lower neighbours of a cell hang together
they are joined below it. So the passes of a tile are its saddles, a few for every basin, and no pair of neighbouring
cells need be looked at.

A tile lies in a buffer of rows `stride` long with one cell of rim on every side; beyond the tile and where unknown it
holds +inf.

Source: the basins and their passes follow Barnes (2016) and Cordonnier, Bovy and Braun (2019); saddles by the ring of
neighbours: Takahashi, Ikeda, Shinagawa, Kunii and Ueda (1995), Algorithms for extracting correct critical points.
"""

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP


def _arcs():
    """For every set of lower neighbours (bit d for direction d) the groups that hang together.

    returns: one direction of each group, ended by 8; the set of directions of each group
    """
    first, groups = np.full((256, 5), 8, np.uint8), np.zeros((256, 5), np.uint8)
    for lower in range(256):
        left, count = [d for d in range(8) if lower >> d & 1], 0
        while left:
            group = [left.pop(0)]
            for d in group:
                near = [e for e in left if max(abs(ROW_STEP[d] - ROW_STEP[e]), abs(COL_STEP[d] - COL_STEP[e])) <= 1]
                group += near
                left = [e for e in left if e not in near]
            first[lower, count], groups[lower, count] = group[0], sum(1 << d for d in group)
            count += 1
    return first, groups


ARCS, GROUPS = _arcs()


@nb.njit(cache=True)
def look_down(above, here, below, start, lower, lowest):
    """One row of cells: which neighbours are lower, and which cell, itself included, is the lowest.

    above, here, below: heights of three rows with their rims; start: index of the row's first cell in the buffer
    lower: written, bit d for direction d; lowest: written, index in the buffer
    """
    stride = np.int32(here.size)
    first = np.int32(start)
    for col in range(lower.size):
        height = here[col + 1]
        east, west = here[col + 2], here[col]
        south_east, south, south_west = below[col + 2], below[col + 1], below[col]
        north_west, north, north_east = above[col], above[col + 1], above[col + 2]
        lower[col] = (
            np.uint8(east < height) | np.uint8(south_east < height) << 1 | np.uint8(south < height) << 2
            | np.uint8(south_west < height) << 3 | np.uint8(west <= height) << 4 | np.uint8(north_west <= height) << 5
            | np.uint8(north <= height) << 6 | np.uint8(north_east <= height) << 7
        )  # fmt: skip
        best, step = north_west, -stride - np.int32(1)
        best, step = (north, -stride) if north < best else (best, step)
        best, step = (north_east, -stride + np.int32(1)) if north_east < best else (best, step)
        best, step = (west, np.int32(-1)) if west < best else (best, step)
        best, step = (height, np.int32(0)) if height < best else (best, step)
        best, step = (east, np.int32(1)) if east < best else (best, step)
        best, step = (south_west, stride - np.int32(1)) if south_west < best else (best, step)
        best, step = (south, stride) if south < best else (best, step)
        best, step = (south_east, stride + np.int32(1)) if south_east < best else (best, step)
        lowest[col] = first + np.int32(col) + step


@nb.njit(cache=True)
def label_basins(ground, lowest, rows, cols, stride, label):
    """Write the number of its basin, from 1, into `label` of every cell of the tile, 0 where unknown; returns the
    number of basins.
    """
    count = 0
    for row in range(rows):
        for cell in range((row + 1) * stride + 1, (row + 1) * stride + 1 + cols):
            label[cell] = -1 if ground[cell] < np.inf else 0
    for row in range(rows):
        for cell in range((row + 1) * stride + 1, (row + 1) * stride + 1 + cols):
            if label[cell] >= 0:
                continue
            end = cell
            while label[end] < 0 and lowest[end] != end:
                end = lowest[end]
            if label[end] < 0:
                count += 1
                label[end] = count
            number = label[end]
            end = cell
            while label[end] < 0:
                label[end] = number
                end = lowest[end]
    return count


@nb.njit(cache=True)
def find_passes(ground, lower, label, rows, cols, stride, first, second, weights):
    """Write the passes at the tile's saddles: the two basins and the height of each; returns their number."""
    number = 0
    for row in range(rows):
        start = (row + 1) * stride + 1
        for cell in range(start, start + cols):
            arcs = ARCS[lower[cell]]
            if arcs[1] == 8 or ground[cell] == np.inf:
                continue
            here = label[cell + ROW_STEP[arcs[0]] * stride + COL_STEP[arcs[0]]]
            for k in range(1, 5):
                if arcs[k] == 8:
                    break
                there = label[cell + ROW_STEP[arcs[k]] * stride + COL_STEP[arcs[k]]]
                if there != here:
                    first[number], second[number], weights[number] = here, there, ground[cell]
                    number += 1
    return number
