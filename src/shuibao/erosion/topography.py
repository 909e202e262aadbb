"""The topographic factors L, S and LS of a piece of ground (地形因子)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from .. import terrain
from ..errors import InputError
from ..grids import layer, same_grid, square_cell
from ..tables import Table
from .angles import refuse_degrees
from .kernels.flow_advance import inlet_areas
from .kernels.topography import topography_cells
from .length import length_exponents, length_factor_desmet_govers
from .slope import slope_factor, slope_pieces

METHODS = {
    "csle_segments": ("csle", "csle"),
    "rusle_segments": ("mccool1987", "mccool1989"),
    "desmet_govers": ("csle", "csle"),
    "rusle_desmet_govers": ("mccool1987", "mccool1989"),
}
"""Equations of S and of the exponent m by method."""


@dataclass(frozen=True)
class Topography:
    """Slope length factor L, slope factor S and their product LS, layers on one grid."""

    L: xr.DataArray
    S: xr.DataArray
    LS: xr.DataArray


def segment_topography(
    upper: xr.DataArray,
    lower: xr.DataArray,
    angle: xr.DataArray,
    *,
    branches: Table | str = "csle",
    exponents: Table | str = "csle",
) -> Topography:
    """L by segments, S and LS in one pass; as `slope_length_factor` and `slope_factor`, for layers in memory.

    upper, lower: slope lengths where the flow enters and leaves the cell [m]; angle: slope angle [rad]

    Raises InputError where the angles cannot be radians, CoordinateError where the layers do not share a grid.
    """
    geobox = same_grid(upper, lower, angle)
    cells = [np.asarray(a.data) for a in (upper, lower, angle)]
    refuse_degrees(cells[2])
    m = length_exponents(exponents)
    L, S, LS = (np.empty(cells[2].shape, np.float32) for _ in range(3))
    topography_cells(*cells, slope_pieces(branches), m.classes, m.ratio, m.unit_length, L, S, LS)
    synthetic = any(a.attrs.get("provenance") == "synthetic" for a in (upper, lower, angle))
    dress: dict[str, Any] = {"provenance": "synthetic" if synthetic else "derived"}
    return Topography(
        layer(L, geobox, "slope_length_factor", **dress),
        layer(S, geobox, "slope_factor", **dress),
        layer(LS, geobox, "topographic_factor", **dress),
    )


def topographic_factor(
    dem: xr.DataArray,
    drainage: terrain.Drainage,
    *,
    method: str = "csle_segments",
    branches: Table | str | None = None,
    exponents: Table | str | None = None,
    max_length: float | None = 100.0,
    **ends: Any,
) -> Topography:
    """L, S and LS of a piece of ground from its elevation and drainage.

    dem: elevation [m]; drainage: of the same ground, from `terrain.drainage`
    method: csle_segments (segments of slope length, the statutory form), rusle_segments, desmet_govers (contributing
        area of multiple flow directions, true aspect) or rusle_desmet_govers
    branches, exponents: other equations of S and m than those of the method
    max_length: longest slope [m]; None for no end
    ends: what ends a slope, handed to `terrain.slope_length`: channels, parcels, barriers, cutoffs (segments only)

    Raises InputError where the method is unknown or ends are given to a method by area.
    Limits: DEM cells wider than about 12 m flatten loess slopes; steep gully walls are beyond the plots that S comes
    from.
    Sources: Foster and Wischmeier 1974; Desmet and Govers 1996; the rows of the tables.
    """
    if method not in METHODS:
        raise InputError(f"method {method!r}", where="topographic_factor", expected=f"one of {', '.join(METHODS)}")
    pieces, m = (given or usual for given, usual in zip((branches, exponents), METHODS[method], strict=True))
    angle = terrain.slope(dem)
    if method.endswith("segments"):
        lengths = terrain.slope_length(dem, drainage.directions, angle=angle, max_length=max_length, **ends)
        return segment_topography(lengths.upper, lengths.lower, angle, branches=pieces, exponents=m)
    if ends:
        raise InputError(
            f"ends of slopes {sorted(ends)}",
            where=f"method {method}",
            expected="none",
            remedy="Methods by segments take them.",
        )
    aspect = terrain.aspect(dem)
    L = length_factor_desmet_govers(_area_at_inlet(drainage, aspect), aspect, angle, m, max_length=max_length)
    S = slope_factor(angle, pieces)
    return Topography(
        L, S, layer(L.data * S.data, same_grid(L, S), "topographic_factor", provenance=L.attrs["provenance"])
    )


def _area_at_inlet(drainage: terrain.Drainage, aspect: xr.DataArray) -> xr.DataArray:
    """Contributing area without the cell itself [m²], as it drains through the faces of the cell."""
    cells = terrain.flow_accumulation_multiple(drainage.filled, directions=drainage.directions)
    geobox = same_grid(cells, aspect)
    heights, counts, falls = (np.asarray(a.data) for a in (drainage.filled, cells, aspect))
    area = np.empty(counts.shape, np.float64)
    inlet_areas(heights, counts, falls, square_cell(geobox), float(cells.attrs["exponent"]), area)
    return layer(area, geobox, "contributing_area", provenance=cells.attrs["provenance"])
