"""Zones: places on a grid, built once and used for many layers.

A cell wholly inside a zone carries its number in a label map; a cell on a border stands in a list with its share of
each zone. So areas are exact, and a statistic is one pass over the cells.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from ..errors import CoordinateError, InputError
from ..grids import cell_areas, geobox_of, layer, same_grid
from .classes import class_range, present_codes
from .coverage import cover, paint_runs
from .kernels.zonal import relabel

CELLS_A_VERTEX = 16
"""Where polygons change coordinates, their straight edges get a vertex at least every so many cells: a straight line
bends by less than a thousandth of a 10 m cell over that length."""


@dataclass(frozen=True)
class Zones:
    """Places on one grid (统计分区).

    geobox: the grid
    ids: identifiers of the zones, in order; the name of the index is that of the column they come from
    labels: int32 (rows, cols), number of the zone (from 1) that holds the whole cell, 0 for none
    cells, members, fractions: flat index, zone (from 0) and share, for every cell that belongs to a zone in part
    areas: area of each cell [m²] on the ellipsoid
    inside_grid: share of each zone's area that lies on the grid
    """

    geobox: GeoBox
    ids: pd.Index
    labels: np.ndarray
    cells: np.ndarray
    members: np.ndarray
    fractions: np.ndarray
    areas: np.ndarray
    inside_grid: pd.Series

    @classmethod
    def from_polygons(
        cls,
        places: gpd.GeoDataFrame,
        geobox: GeoBox,
        *,
        id_column: str = "code",
        within: gpd.GeoDataFrame | None = None,
    ) -> Zones:
        """Zones of polygons, exact to the share of a cell.

        places: valid polygons in any coordinate system; zones may overlap, then the shared ground counts for each
        within: only the ground inside these polygons counts, as for a river basin within a county

        Raises CoordinateError where the places have no coordinate system or none of them meets the grid, InputError
        where identifiers are missing or double or a polygon is empty or crosses itself.
        """
        polygons = _polygons(places, geobox, id_column)
        if within is not None:
            whole = _on_grid(within, geobox).union_all()
            polygons = polygons.map(lambda p: shapely.intersection(p, whole))
        labels = np.zeros(tuple(geobox.shape), np.int32)
        parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for number, polygon in enumerate(polygons):
            coverage = cover(polygon, geobox)
            doubled = paint_runs(labels, number + 1, coverage)
            cells = np.concatenate([coverage.cells, doubled])
            fractions = np.concatenate([coverage.fractions, np.ones(len(doubled))])
            parts.append((cells, np.full(len(cells), number, np.int32), fractions))
        cells, members, fractions = (np.concatenate(column) for column in zip(*parts, strict=True))
        zones = cls(
            geobox, polygons.index, labels, cells, members, fractions, areas_of(geobox), _inside(polygons, geobox)
        )
        if not labels.any() and not len(cells):
            raise CoordinateError(
                "no polygon meets the grid", where=f"places by {id_column}",
                expected=f"ground inside {tuple(geobox.boundingbox)}",
                remedy="Check the coordinate systems of the places and of the grid.",
            )  # fmt: skip
        return zones

    @classmethod
    def from_labels(cls, labels: xr.DataArray) -> Zones:
        """Zones of an integer layer: land use, catchments, soil types; its `nodata` belongs to no zone.

        Raises InputError where the layer does not hold integers.
        """
        geobox, labels = geobox_of(labels), labels.compute()
        codes = present_codes(labels)
        low, high = class_range(labels)
        lookup = np.zeros(high - low + 1, np.int32)
        lookup[codes - low] = np.arange(1, len(codes) + 1)
        numbers = np.empty(tuple(geobox.shape), np.int32)
        relabel(labels.values, low, lookup, numbers)
        ids = pd.Index(codes, name=str(labels.attrs.get("quantity", labels.name)))
        return cls(geobox, ids, numbers, *_no_border(), areas_of(geobox), pd.Series(1.0, index=ids))

    @classmethod
    def whole(cls, geobox: GeoBox) -> Zones:
        """The whole grid as one zone, `all`."""
        ids = pd.Index(["all"], name="zone")
        labels = np.ones(tuple(geobox.shape), np.int32)
        return cls(geobox, ids, labels, *_no_border(), areas_of(geobox), pd.Series(1.0, index=ids))

    def where(self, chosen: xr.DataArray) -> Zones:
        """The same zones, of which only the cells count where `chosen` (bool) is true, as the cropland of each
        township.

        Raises CoordinateError where `chosen` does not lie on the grid of the zones.
        """
        self.check(chosen)
        mask = np.ascontiguousarray(chosen.values.astype(bool))
        kept = mask.ravel()[self.cells]
        labels = np.where(mask, self.labels, np.int32(0))
        return replace(
            self, labels=labels, cells=self.cells[kept], members=self.members[kept], fractions=self.fractions[kept]
        )

    def check(self, *layers: xr.DataArray) -> None:
        """Raise CoordinateError where one of `layers` does not lie on the grid of the zones."""
        for array in layers:
            same_grid(_blank(self.geobox), array)


@functools.lru_cache(maxsize=1)
def areas_of(geobox: GeoBox) -> np.ndarray:
    """Areas of the cells [m²]; the last grid's are kept, for the zones of one county share a grid."""
    values = np.ascontiguousarray(cell_areas(geobox).values)
    values.setflags(write=False)
    return values


def _blank(geobox: GeoBox) -> xr.DataArray:
    return layer(np.broadcast_to(np.float32(0), tuple(geobox.shape)), geobox, "place")


def _no_border() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0)


def _polygons(places: gpd.GeoDataFrame, geobox: GeoBox, id_column: str) -> pd.Series:
    """The polygons in the coordinates of the grid, by identifier."""
    if places.crs is None or geobox.crs is None:
        raise CoordinateError("the places or the grid have no coordinate system", where="places")
    if id_column not in places:
        raise InputError(f"no column {id_column!r}", where="places", expected=f"one of {list(places)}")
    ids = places[id_column]
    if places.empty or ids.isna().any() or ids.duplicated().any():
        found = (
            "no place"
            if places.empty
            else f"missing or double identifiers {sorted(set(ids[ids.duplicated()].astype(str)))}"
        )
        raise InputError(found, where=f"column {id_column}", expected="one row a place, each with its own identifier")
    wrong = ~places.geom_type.isin(["Polygon", "MultiPolygon"]) | places.is_empty | ~places.is_valid
    if wrong.any():
        reasons = [
            f"{i}: {shapely.is_valid_reason(g)}" for i, g in zip(ids[wrong], places.geometry[wrong], strict=True)
        ]
        raise InputError(
            "; ".join(reasons[:5]), where=f"polygons by {id_column}",
            expected="polygons that neither cross themselves nor are empty",
            remedy="shapely.make_valid(geometry) repairs a polygon; look at the result on a map.",
        )  # fmt: skip
    return pd.Series(_on_grid(places, geobox).to_numpy(), index=pd.Index(ids, name=id_column))


def _on_grid(places: gpd.GeoDataFrame, geobox: GeoBox) -> gpd.GeoSeries:
    if places.crs == geobox.crs:
        return places.geometry
    cell = abs(geobox.affine.a)
    width, there = places.total_bounds, places.to_crs(geobox.crs).total_bounds
    unit = (width[2] - width[0]) / (there[2] - there[0])
    return places.geometry.segmentize(CELLS_A_VERTEX * cell * unit).to_crs(geobox.crs)


def _inside(polygons: pd.Series, geobox: GeoBox) -> pd.Series:
    frame = geobox.extent.geom
    shares = [shapely.intersection(p, frame).area / p.area if p.area else 0.0 for p in polygons]
    return pd.Series(shares, index=polygons.index)
