"""The ground of a map: layers at picture resolution, the county's outline, what is inside and what is unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from ..grids import geobox_of, known
from .cartography import Box
from .content import ReportContent
from .decimation import decimate, step_for
from .kernels.blocks import block_modes
from .painting import Cells, Picture, beyond_entry, hillshade, paint_hatched, paint_ramp, paint_shaded, unknown_entry
from .style import style

UNKNOWN_INSIDE, OUTSIDE = 255, 254
LABELLED = ("township", "town", "subdistrict")


@dataclass(frozen=True)
class Ground:
    """What a map is painted from.

    geobox: the coarse grid; step: full-resolution cells along one of its cells; cell: side of a full-resolution cell [m]
    view: what the map shows [map units], the county with a margin
    outline: the county, or None where no places are given
    shade: hillshade 0..1, or None without elevations
    layers: the decimated layers
    """

    geobox: GeoBox
    step: int
    cell: float
    view: Box
    outline: BaseGeometry | None
    inside: Cells
    shade: Cells | None
    layers: dict[str, xr.DataArray]

    @property
    def extent(self) -> Box:
        """Left, bottom, right, top of the coarse grid [map units]."""
        box = self.geobox.boundingbox
        return box.left, box.bottom, box.right, box.top

    def codes(self, key: str) -> Cells:
        """A categorical layer as uint8: its codes inside, UNKNOWN_INSIDE where it is not known there, OUTSIDE beyond the county."""
        array = self.layers[key]
        cells = np.where(known(array).values, array.values.astype(np.int16), UNKNOWN_INSIDE)
        return np.where(self.inside, cells, OUTSIDE).astype(np.uint8)


def ground_of(
    content: ReportContent, pixels: int, keys: Iterable[str] = ("intensity_class", "land_use", "elevation", "change")
) -> Ground | None:
    """Decimate the layers named by `keys` to at most `pixels` a side; None where the report has no layers at all."""
    if not content.layers:
        return None
    some = next(iter(content.layers.values()))
    coarse = {key: decimate(content.layers[key], pixels) for key in keys if key in content.layers}
    geobox = geobox_of(next(iter(coarse.values()), decimate(some, pixels)))
    outline = outline_of(content.places)
    if outline is not None:
        inside = _burn(outline, geobox)
    else:
        inside = (
            known(coarse["intensity_class"]).values
            if "intensity_class" in coarse
            else np.ones(tuple(geobox.shape), bool)
        )
    shade = None
    if "elevation" in coarse:
        heights, side = coarse["elevation"].values, abs(geobox.resolution.x)
        # The land beyond the county lies in even light, so that the map has no edge where the grid ends.
        shade = np.where(inside, hillshade(heights, side, relief(heights, side)), 0.75)
    cell = abs(geobox_of(some).resolution.x)
    return Ground(geobox, step_for(some.shape, pixels), cell, _view(outline, geobox), outline, inside, shade, coarse)


def relief(elevation: Cells, cell: float, typical: float = 0.3) -> float:
    """By how much heights are stretched so that the typical slope of any map is about `typical`, from 0.25 to 6 times.

    elevation: [m], (rows, cols); cell: its side [m]
    Without it the hillshade of steep ground at fine cells would drown the colours, and flat ground would show no relief.
    """
    if min(elevation.shape) < 2:
        return 1.0
    south, east = np.gradient(elevation, cell)
    steep = np.hypot(south, east)
    steep = steep[np.isfinite(steep)]
    if steep.size == 0:
        return 1.0
    return float(np.clip(typical / max(float(np.sqrt(np.mean(steep**2))), 1e-6), 0.25, 6.0))


def outline_of(places: gpd.GeoDataFrame | None) -> BaseGeometry | None:
    """The county's polygon, else the union of the townships, else of all places."""
    if places is None or places.empty:
        return None
    for level in ("county", *LABELLED):
        chosen = places[places["level"] == level]
        if not chosen.empty:
            return chosen.geometry.union_all()
    return places.geometry.union_all()


def _burn(outline: BaseGeometry, geobox: GeoBox) -> Cells:
    burnt: Any = rasterize([(outline, 1)], out_shape=tuple(geobox.shape), transform=geobox.affine, dtype="uint8")
    return np.asarray(burnt == 1)


def _view(outline: BaseGeometry | None, geobox: GeoBox) -> Box:
    box = outline.bounds if outline is not None else tuple(geobox.boundingbox)
    margin = 0.03 * max(box[2] - box[0], box[3] - box[1])
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def class_picture(ground: Ground) -> Picture:
    """Intensity classes over the hillshade; unknown ground grey, the land beyond the county faint."""
    entries = [(e.code, e.colour) for e in style().classes]
    return paint_shaded(ground.codes("intensity_class"), [*entries, *_surroundings()], ground.shade)


def accessible_picture(ground: Ground, across: int = 420) -> Picture:
    """Intensity classes generalised by mode to about `across` cells a side, in safe colours with hatches, without hillshade."""
    codes = ground.codes("intensity_class")
    step = step_for((codes.shape[0], codes.shape[1]), across)
    coarse = _modes(codes, step)
    zoom = max(2, round(1700 / max(coarse.shape)))
    return paint_hatched(
        coarse, [*style().classes, unknown_entry(UNKNOWN_INSIDE), beyond_entry(OUTSIDE)], zoom, spacing=10
    )


def _modes(codes: Cells, step: int) -> Cells:
    out = np.empty((-(-codes.shape[0] // step), -(-codes.shape[1] // step)), np.uint8)
    block_modes(np.ascontiguousarray(codes), step, -1, out)
    return out


def land_use_picture(ground: Ground) -> Picture:
    """Land use in its colours, with four levels of light so that 25 uses and the unknown stay within 256 colours."""
    codes = ground.codes("land_use")
    return paint_shaded(codes, [*[(e.code, e.colour) for e in style().land_use], *_surroundings()], None)


def change_picture(ground: Ground) -> Picture:
    """Change of class: better blue, worse red-brown."""
    array = ground.layers["change"]
    cells = np.where(known(array).values, array.values.astype(np.int16) + 100, UNKNOWN_INSIDE)
    codes = np.where(ground.inside, cells, OUTSIDE).astype(np.uint8)
    return paint_shaded(
        codes, [*[(step + 100, colour) for step, colour in style().change.items()], *_surroundings()], None
    )


def ramp_picture(ground: Ground, key: str, low: float, high: float) -> Picture:
    """A continuous layer along its quantity's ramp, clear beyond the county."""
    array = ground.layers[key]
    values = np.where(ground.inside, array.values, np.nan)
    return paint_ramp(values, low, high, style().ramp(array.attrs["quantity"]))


def _surroundings() -> list[tuple[int, str]]:
    return [(UNKNOWN_INSIDE, style().page["unknown"]), (OUTSIDE, style().page["beyond"])]
