"""From ground to drainage: fill depressions, find flow directions, accumulate."""

from dataclasses import dataclass
from typing import Literal

import numba as nb
import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import geobox_of, known, layer, same_grid, square_cell
from ..progress import Progress, part, silent
from .kernels.accumulation import accumulate_cells
from .kernels.accumulation_weights import accumulate_weights
from .kernels.directions import steepest_descent
from .kernels.filling import fill
from .kernels.flats import count_flats, drain_flats
from .kernels.neighbours import OUTLET, UNKNOWN
from .plain import plain_cells, plain_heights, provenance_of

TILE = 256
"""Side of the tiles in cells: one tile with its labels fits the second-level cache. It changes the time, not the
result.
"""

UNKNOWN_COUNT = -1
"""Stands for unknown in layers of contributing cells."""


@dataclass(frozen=True)
class Drainage:
    """The way of the water over one piece of ground: three layers on one grid."""

    filled: xr.DataArray
    """Elevation [m] without depressions."""
    directions: xr.DataArray
    """Flow direction of every cell: 0..7 = E, SE, S, SW, W, NW, N, NE; 8 outlet; 255 unknown."""
    contributing_cells: xr.DataArray
    """Number of cells that drain through each cell, itself included; -1 unknown."""


@dataclass(frozen=True)
class DrainageCheck:
    """What came out of counting every cell where it leaves the ground."""

    known_cells: int
    outlets: int
    drained_cells: int
    """Cells counted at the outlets; equals `known_cells`."""


def drainage(dem: xr.DataArray, *, method: Literal["fill", "breach"] = "fill", progress: Progress = silent) -> Drainage:
    """Condition the ground, find where every cell drains, and count what drains through it.

    dem: elevation [m], shape (y, x), NaN where unknown
    method: `fill` raises depressions to their spill level; `breach` cuts least-cost ways out first and fills what
        is left

    Raises InputError where the method is unknown or the layer is Dask-backed.
    """
    if method not in ("fill", "breach"):
        raise InputError(f"method {method!r}", where="drainage", expected="'fill' or 'breach'")
    ground = dem
    if method == "breach":
        from .breaching import breach_depressions

        ground = breach_depressions(dem, progress=part(progress, 0.0, 0.6))
    start = 0.6 if method == "breach" else 0.0
    step = part(progress, start, 1.0)
    step(0.0, "filling depressions")
    filled = fill_depressions(ground)
    step(0.4, "finding flow directions")
    directions = flow_directions(filled)
    step(0.7, "accumulating")
    counts = flow_accumulation(directions)
    step(1.0, "drainage found")
    return Drainage(filled, directions, counts)


def fill_depressions(dem: xr.DataArray) -> xr.DataArray:
    """Raise every depression to the level at which it spills (填洼).

    dem: elevation [m], shape (y, x), NaN where unknown
    returns: elevation [m], float32: the lowest surface not below `dem` from which every known cell has a way, never
        up, to the grid's edge or to unknown ground

    Raises InputError where the layer is Dask-backed.
    Source: Barnes, Lehman and Mulla 2014.
    """
    geobox = geobox_of(dem)
    heights = plain_heights(dem)
    filled = np.empty_like(heights)
    infinite = fill(heights, TILE, nb.get_num_threads(), filled)
    if infinite:
        raise InputError(f"{infinite} cells are infinite", where=str(dem.name), expected="heights, NaN where unknown")
    return layer(filled, geobox, "elevation", provenance=provenance_of(dem))


def flow_directions(filled: xr.DataArray) -> xr.DataArray:
    """D8 flow directions, flats drained (流向).

    filled: elevation [m] without depressions on a grid of square cells, shape (y, x), NaN where unknown
    returns: uint8 layer `flow_direction`: 0..7 = E, SE, S, SW, W, NW, N, NE; 8 outlet; 255 unknown

    A cell drains to the neighbour of steepest descent (true distances; of equals the first in the order above). A
    cell without a lower neighbour is an outlet where it lies at the grid's edge or beside an unknown cell; else it
    lies in a flat and drains by the shortest way over the flat, of equals the first in the order above.

    Raises InputError where depressions are left or the layer is Dask-backed; CoordinateError where cells are not
    square.
    Sources: O'Callaghan and Mark 1984; Barnes, Lehman and Mulla 2014 (flats).
    """
    geobox = geobox_of(filled)
    square_cell(geobox)
    heights = plain_heights(filled)
    codes = np.empty(heights.shape, np.uint8)
    steepest_descent(heights, codes)
    queue = np.empty(count_flats(codes) + 1, np.int32 if codes.size < 2**31 else np.int64)
    stuck = drain_flats(heights, codes, queue)
    if stuck:
        raise InputError(
            f"{stuck} cells lie in depressions", where=str(filled.name), expected="a surface that drains",
            remedy="fill_depressions(dem) makes one.",
        )  # fmt: skip
    return layer(codes, geobox, "flow_direction", provenance=provenance_of(filled), nodata=UNKNOWN)


def flow_accumulation(directions: xr.DataArray, weights: xr.DataArray | None = None) -> xr.DataArray:
    """Count the cells that drain through each cell, itself included, or sum their weights (汇流累积).

    directions: D8 codes of `flow_directions`, shape (y, x)
    weights: any layer on the same grid; an unknown weight makes everything below it unknown
    returns: integer layer `contributing_cells`, -1 where unknown; with weights a float64 layer of the weights'
        quantity (`contributing_area` for `cell_area`), NaN where unknown

    Raises InputError where the directions run in a circle or a layer is Dask-backed; CoordinateError where the
    grids differ.
    """
    geobox = geobox_of(directions)
    codes = _codes(directions)
    if weights is None:
        counts = np.empty(codes.shape, np.int32 if codes.size < 2**31 else np.int64)
        circling = accumulate_cells(codes, TILE, nb.get_num_threads(), UNKNOWN_COUNT, counts)
        result = layer(counts, geobox, "contributing_cells", provenance=provenance_of(directions), nodata=UNKNOWN_COUNT)
    else:
        same_grid(directions, weights)
        sums = np.where((codes != UNKNOWN) & known(weights).values, plain_cells(weights), np.nan).astype(np.float64)
        circling = accumulate_weights(codes, sums)
        name = "contributing_area" if weights.attrs["quantity"] == "cell_area" else weights.attrs["quantity"]
        result = layer(sums, geobox, name, provenance=provenance_of(directions, weights))
    if circling:
        raise InputError(
            f"water runs in a circle over {circling} cells or more", where=str(directions.name),
            expected="codes of flow_directions",
        )  # fmt: skip
    return result


def check_drainage(directions: xr.DataArray) -> DrainageCheck:
    """Count every known cell at the outlet it reaches.

    directions: D8 codes of `flow_directions`, shape (y, x)

    Raises InputError where a cell reaches no outlet, so the numbers handed back always close.
    """
    codes = _codes(directions)
    counts = flow_accumulation(directions).values
    outlets = codes == OUTLET
    result = DrainageCheck(int((codes != UNKNOWN).sum()), int(outlets.sum()), int(counts[outlets].sum(dtype=np.int64)))
    if result.drained_cells != result.known_cells:
        lost = result.known_cells - result.drained_cells
        raise InputError(f"{lost} cells reach no outlet", where=str(directions.name))
    return result


def _codes(directions: xr.DataArray) -> npt.NDArray[np.uint8]:
    """Direction codes, rows one behind the other."""
    cells = plain_cells(directions)
    if cells.dtype != np.uint8:
        expected = "uint8 codes of flow_directions"
        raise InputError(f"cells of type {cells.dtype}", where=str(directions.name), expected=expected)
    return np.ascontiguousarray(cells, np.uint8)
