"""Catchments of outlets, and their table (小流域)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ..errors import CoordinateError, InputError
from ..grids import cell_areas, geobox_of, layer, same_grid, square_cell
from .drainage import flow_accumulation
from .kernels.catchments import label_outlets, spread_labels
from .kernels.neighbours import UNKNOWN
from .kernels.watersheds import cut_tree
from .plain import plain_cells, provenance_of

Point = tuple[float, float]
NO_CATCHMENT = 0


def catchments(
    directions: xr.DataArray,
    outlets: Sequence[Point] | None = None,
    *,
    snap: float = 0.0,
    contributing_cells: xr.DataArray | None = None,
) -> xr.DataArray:
    """Label every cell with the first outlet it drains through.

    directions: D8 codes of `flow_directions`, shape (y, x)
    outlets: points (x, y) in map coordinates, labelled 1, 2, ... as given; None takes every cell where water leaves the
        ground, row by row
    snap: each point moves to the cell with the most contributing cells whose centre lies within this distance [m], of
        equals the nearest, then the first; 0 takes the cell it lies in
    contributing_cells: counts for the snapping; computed from the directions where they are not given
    returns: int32 layer `catchment`, 0 where the cell is unknown or reaches no outlet; of nested outlets each keeps
        what lies above it down to the next

    Raises InputError where two points take one cell, the directions run in a circle or a layer is Dask-backed;
    CoordinateError where a point lies off the known ground or the grids differ.
    Source: Jenson and Domingue 1988.
    """
    geobox = geobox_of(directions)
    codes = np.ascontiguousarray(plain_cells(directions), np.uint8)
    labels = np.zeros(codes.shape, np.int32)
    if outlets is None:
        label_outlets(codes, labels)
    else:
        counts = _counts(directions, contributing_cells) if snap > 0 else None
        _place(directions, codes, counts, outlets, snap, labels)
    circles = spread_labels(codes, labels)
    if circles:
        raise InputError(f"flow runs in {circles} circles", where=str(directions.name))
    return layer(labels, geobox, "catchment", provenance=provenance_of(directions), nodata=NO_CATCHMENT)


def catchment_outlets(labels: xr.DataArray, contributing_cells: xr.DataArray) -> pd.DataFrame:
    """One row a catchment: where its outlet lies and how large it is.

    labels: layer `catchment`; contributing_cells: on the same grid
    returns: columns catchment, x, y (centre of the cell with the most contributing cells, map coordinates), cells,
        area_m2 (ellipsoidal), drained_cells (contributing cells at the outlet, those of catchments above included);
        sorted by catchment

    Raises CoordinateError where the grids differ, InputError where a layer is Dask-backed.
    """
    geobox = same_grid(labels, contributing_cells)
    ids, counts = plain_cells(labels).ravel().astype(np.int64), plain_cells(contributing_cells).ravel()
    members = np.flatnonzero(ids > NO_CATCHMENT)
    order = members[np.lexsort((members, -counts[members].astype(np.float64), ids[members]))]
    found, first = np.unique(ids[order], return_index=True)
    outlet = order[first]
    rows, cols = np.unravel_index(outlet, labels.shape)
    x, y = geobox.affine * (cols + 0.5, rows + 0.5)
    areas = np.bincount(ids[members], weights=cell_areas(geobox).values.ravel()[members])
    return pd.DataFrame({
        "catchment": found, "x": x, "y": y, "cells": np.bincount(ids[members])[found], "area_m2": areas[found],
        "drained_cells": counts[outlet].astype(np.int64),
    })  # fmt: skip


def small_watersheds(directions: xr.DataArray, area_km2: float) -> xr.DataArray:
    """Cut the ground into the fewest small watersheds of at most a given area, none within another (小流域划分).

    Where the ground above a cell grows larger than that, the largest of what joins there is cut off just above it, so cuts
    lie at junctions; a watershed below a cut begins there (区间流域).

    directions: D8 codes of `flow_directions`, shape (y, x), on a projected grid of square cells
    area_km2: largest area of one watershed [km²], plane cells counted; along the edge of the ground they stay smaller
    returns: int32 layer `catchment`, 1, 2, ... by the rows of their outlets, 0 unknown

    Raises InputError where the area is less than a cell, the directions run in a circle or the layer is Dask-backed;
    CoordinateError where the grid is in degrees or not square.
    Source: Kundu and Misra 1977.
    """
    geobox = geobox_of(directions)
    limit = int(area_km2 * 1e6 / square_cell(geobox) ** 2 * (1 + 1e-12))
    if limit < 1:
        raise InputError(f"area_km2 is {area_km2}", where="small_watersheds", expected="at least one cell")
    codes = np.ascontiguousarray(plain_cells(directions), np.uint8)
    sizes, cut = np.zeros(codes.shape, np.int64), np.zeros(codes.shape, np.bool_)
    left = cut_tree(codes, limit, sizes, cut)
    if left:
        raise InputError(
            f"{left} cells drain in a circle", where=str(directions.name), expected="codes of flow_directions"
        )
    labels = np.zeros(codes.shape, np.int32)
    labels[cut] = np.arange(1, int(cut.sum()) + 1)
    spread_labels(codes, labels)
    return layer(labels, geobox, "catchment", provenance=provenance_of(directions), nodata=NO_CATCHMENT)


def _counts(directions: xr.DataArray, contributing_cells: xr.DataArray | None) -> npt.NDArray[np.generic]:
    if contributing_cells is None:
        return plain_cells(flow_accumulation(directions))
    same_grid(directions, contributing_cells)
    return plain_cells(contributing_cells)


def _place(
    directions: xr.DataArray,
    codes: npt.NDArray[np.uint8],
    counts: npt.NDArray[np.generic] | None,
    outlets: Sequence[Point],
    snap: float,
    labels: npt.NDArray[np.int32],
) -> None:
    """Write the number of each point into the cell it takes."""
    geobox = geobox_of(directions)
    for number, (x, y) in enumerate(outlets, start=1):
        col, row = ~geobox.affine * (x, y)
        place = (int(np.floor(row)), int(np.floor(col)))
        if counts is not None:
            place = _largest_within(counts, codes, row - 0.5, col - 0.5, snap / square_cell(geobox))
        if not (0 <= place[0] < codes.shape[0] and 0 <= place[1] < codes.shape[1]) or codes[place] == UNKNOWN:
            raise CoordinateError(
                f"the point {x:.2f}, {y:.2f} lies off the known ground", where=f"outlet {number}",
                expected=f"a point on the grid, x {geobox.boundingbox.left:.2f} to {geobox.boundingbox.right:.2f}, "
                f"y {geobox.boundingbox.bottom:.2f} to {geobox.boundingbox.top:.2f}",
                remedy="Check its coordinate system, or give a snap distance.",
            )  # fmt: skip
        if labels[place]:
            raise InputError(
                f"it takes the cell of outlet {labels[place]}",
                where=f"outlet {number}",
                remedy="Shorten the snap distance.",
            )
        labels[place] = number


def _largest_within(
    counts: npt.NDArray[np.generic], codes: npt.NDArray[np.uint8], row: float, col: float, reach: float
) -> tuple[int, int]:
    """The known cell of most contributing cells whose centre lies within `reach` [cells], or (-1, -1) where there is
    none.
    """
    top, left = max(int(np.ceil(row - reach)), 0), max(int(np.ceil(col - reach)), 0)
    bottom, right = min(int(row + reach) + 1, codes.shape[0]), min(int(col + reach) + 1, codes.shape[1])
    if top >= bottom or left >= right:
        return -1, -1
    rows, cols = np.mgrid[top:bottom, left:right]
    distance = np.hypot(rows - row, cols - col)
    near = (distance <= reach) & (codes[top:bottom, left:right] != UNKNOWN)
    if not near.any():
        return -1, -1
    rows, cols, distance = rows[near], cols[near], distance[near]
    best = np.lexsort((cols, rows, distance, -counts[rows, cols].astype(np.float64)))[0]
    return int(rows[best]), int(cols[best])
