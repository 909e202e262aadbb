"""Slope length by segments with cut-offs (坡长)."""

import math
from dataclasses import dataclass
from typing import Literal

import numba as nb
import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import known, layer, same_grid, square_cell
from ..tables import Table, load
from .kernels.dispersal import count_donors
from .kernels.facet_length import cut_facets, hand_down_facets
from .kernels.infinity import infinity_receivers
from .kernels.slope_length import cap_lengths, count_links, lay_segments
from .kernels.slope_length_tiles import hand_down
from .plain import plain_cells, plain_heights, provenance_of
from .slope import slope

ROUTINGS = ("d8", "facets")
TILE = 256
"""Side [cells] of the tiles in which lengths are handed down; no result depends on it."""


@dataclass(frozen=True)
class SlopeLength:
    """Horizontal distance [m] from where the slope begins to the two edges of every cell's segment, two float32 layers
    on one grid.
    """

    upper: xr.DataArray
    """At the upper edge, layer `upper_slope_length`; 0 where the slope begins."""
    lower: xr.DataArray
    """At the lower edge, layer `slope_length`."""


def slope_length(
    dem: xr.DataArray,
    directions: xr.DataArray,
    *,
    angle: xr.DataArray | None = None,
    channels: xr.DataArray | None = None,
    parcels: xr.DataArray | None = None,
    barriers: xr.DataArray | None = None,
    max_length: float | None = 100.0,
    cutoffs: Table | None = None,
    routing: Literal["d8", "facets"] = "d8",
) -> SlopeLength:
    """Slope length of every cell as a segment between its upper and its lower edge.

    Along D8 flow each cell begins where its longest donor ends. A cell's width is its D8 step projected on the fall of
    the ground, so that a plane has its true length whatever way it falls. The length begins anew below a link that is
    cut:

    angle: slope angle [rad] for the cut where the slope falls: from donor to receiver below a factor of `cutoffs`;
        `slope(dem)` by default
    channels: layer `channel`, 1 in a channel; every channel cell is a segment of its own, and so is what it drains into
    parcels: integer labels; nothing passes from one label to another, be it the unknown one
    barriers: true on roads, water, terraces, a shoulder line: a segment of its own each, crossed by nothing, diagonals
        included
    max_length: longest slope [m]; a cell beyond it gets the last whole segment before it; None sets no limit
    cutoffs: table of slope ranges [degrees] of the donor with their factors; `slope_length_cutoffs` by default, no
        rows: no such cut
    routing: d8, each cell hands its length down its D8 direction, as the published tools do; facets, to both lower
        corners of its steepest facet (D-infinity), D8 in flats: then rough ground does not break a slope at every cell
        that no D8 step enters; `dem` must then be the surface the directions were found on

    dem: elevation [m], shape (y, x), on a projected grid of square cells; directions: D8 codes of `flow_directions` on
        that grid
    returns: both edges of each segment [m], NaN where height or direction is unknown

    Raises InputError where the directions run in a circle, `max_length` is not positive, angles are no radians or a
    layer is Dask-backed; CoordinateError where the grids differ, are in degrees or not square.
    Limits: on a plane with 0.3 m of noise on cells of 5 m (10°, 300 m), D8 reads the mean L at 0.4-0.45 of the true
    one, as cells without a D8 donor begin slopes of their own; facets read 0.80-0.89 there, and within 6 % with 0.1 m
    of noise. An outlet's segment is one cell side.
    Sources: Hickey 2000; Van Remortel, Hamilton and Hickey 2001; Van Remortel, Maichle and Hickey 2004; facets:
    Tarboton 1997.
    """
    if routing not in ROUTINGS:
        raise InputError(f"routing {routing!r}", where="slope_length", expected=f"one of {', '.join(ROUTINGS)}")
    if max_length is not None and not max_length > 0:
        raise InputError(f"max_length is {max_length}", where="slope_length", expected="positive metres, or None")
    geobox = same_grid(dem, directions, *(a for a in (angle, channels, parcels, barriers) if a is not None))
    cell = square_cell(geobox)
    bounds, factors = _falls(load("slope_length_cutoffs") if cutoffs is None else cutoffs)
    angles = _angles(slope(dem) if angle is None and factors.size else angle, factors)
    cuts = (angles, bounds, factors, _marked(channels), _labels(parcels), _marked(barriers))
    upper, lower = _lengths(plain_heights(dem), _codes(directions), cell, cuts, max_length, routing)
    provenance = provenance_of(dem)
    return SlopeLength(
        layer(upper, geobox, "upper_slope_length", provenance=provenance),
        layer(lower, geobox, "slope_length", provenance=provenance),
    )


def _lengths(
    heights: npt.NDArray[np.float32],
    codes: npt.NDArray[np.uint8],
    cell: float,
    cuts: tuple[npt.NDArray[np.generic], ...],
    max_length: float | None,
    routing: str,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Upper and lower lengths; `cuts` are angle, bounds, factors, channels, parcels and barriers as the kernels take
    them.
    """
    links, lower = np.empty(codes.shape, np.uint8), np.empty(codes.shape, np.float32)
    lay_segments(heights, codes, cell, *cuts, links, lower)
    inflows, upper = np.empty(codes.shape, np.uint8), np.zeros(codes.shape, np.float32)
    longest = np.float32(math.inf if max_length is None else max_length)
    if routing == "d8":
        count_links(links, inflows)
        circling = hand_down(links, inflows, TILE, nb.get_num_threads(), longest, upper, lower)
    else:
        second = np.empty(codes.shape, np.float32)
        infinity_receivers(heights, codes, links, second)
        cut_facets(links, *cuts)
        count_donors(links, inflows)
        circling = hand_down_facets(links, second, inflows, cell, upper)
        cap_lengths(lower, upper, longest)
    if circling:
        raise InputError(
            f"{circling} cells drain in a circle", where="slope_length", expected="directions of flow_directions",
            remedy="Along facets the heights must be those that the directions were found on: Drainage.filled.",
        )  # fmt: skip
    return upper, lower


def _falls(cutoffs: Table) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Slope ranges [rad], shape (n, 2), and their factors."""
    bounds = np.radians(cutoffs.rows[["slope_from_deg", "slope_to_deg"]].to_numpy(np.float64))
    return bounds.astype(np.float32), cutoffs.rows["factor"].to_numpy(np.float32)


def _angles(angle: xr.DataArray | None, factors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if angle is None or not factors.size:
        return np.empty((0, 0), np.float32)
    cells = np.ascontiguousarray(plain_cells(angle), np.float32)
    steepest = float(np.fmax.reduce(cells, axis=None, initial=0.0))
    if steepest > math.pi / 2:
        raise InputError(
            f"slope angle reaches {steepest:.1f}", where="slope_length", expected="radians, at most 1.57",
            remedy="Are these degrees? np.deg2rad(angle) converts them.",
        )  # fmt: skip
    return cells


def _codes(directions: xr.DataArray) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(plain_cells(directions), np.uint8)


def _marked(array: xr.DataArray | None) -> npt.NDArray[np.bool_]:
    """True where a layer is known and not zero; an empty array for none."""
    if array is None:
        return np.empty((0, 0), np.bool_)
    return np.ascontiguousarray((plain_cells(array) != 0) & known(array).values)


def _labels(parcels: xr.DataArray | None) -> npt.NDArray[np.int64]:
    if parcels is None:
        return np.empty((0, 0), np.int64)
    cells = plain_cells(parcels)
    if cells.dtype.kind not in "iu":
        raise InputError(f"labels of kind {cells.dtype}", where="parcels", expected="integers")
    return np.ascontiguousarray(cells, np.int64)
