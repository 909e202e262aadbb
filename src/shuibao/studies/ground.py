"""Topography of a county: from its elevation to L and S."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from .. import erosion, grids, terrain
from ..progress import Progress, part
from ..tables import load
from .inputs import CountyInputs
from .spec import FactorSource, Methods


@dataclass(frozen=True)
class Ground:
    """What the rest of a study needs of the terrain, on the county grid."""

    elevation: xr.DataArray
    slope_angle: xr.DataArray
    slope_length: xr.DataArray
    L: xr.DataArray
    S: xr.DataArray


def county_ground(inputs: CountyInputs, methods: Methods, progress: Progress) -> Ground:
    """Route water over the elevation, cut slopes at channels, parcels and barriers, and take L and S."""
    layers = inputs.county.layers
    progress(0.0, "高程 elevation")
    elevation = inputs.raster(layers.elevation, "elevation", "elevation")
    progress(0.1, "汇流 drainage")
    drainage = terrain.drainage(elevation, method=methods.filling, progress=part(progress, 0.1, 0.6))
    angle = terrain.slope(elevation, method=methods.slope)
    channels = terrain.channels(drainage.contributing_cells, methods.channel_area_km2 * 1e6)
    progress(0.6, "坡长 slope length")
    surface = drainage.filled if methods.slope_routing == "facets" else elevation  # divided flow needs drained ground
    length = terrain.slope_length(
        surface, drainage.directions, angle=angle, channels=channels, parcels=county_parcels(inputs), barriers=county_barriers(inputs),
        max_length=methods.max_length, routing=methods.slope_routing, cutoffs=inputs.table(load("slope_length_cutoffs")),
    )  # fmt: skip
    progress(0.85, "坡度坡长因子 L, S")
    S = _handed_in(inputs, "S") if "S" in layers.factors else _slope_factor(inputs, angle, methods)
    if "L" in layers.factors:
        L = _handed_in(inputs, "L")
    else:
        L = erosion.slope_length_factor(
            length.upper, length.lower, angle, inputs.table(load("slope_length_exponents").where(equation="csle"))
        )
    progress(1.0, "坡度坡长因子 L, S")
    return Ground(elevation, angle, length.lower, L, S)


def _slope_factor(inputs: CountyInputs, angle: xr.DataArray, methods: Methods) -> xr.DataArray:
    rows = load("slope_factor_branches").where(equation=methods.slope_factor)
    return erosion.slope_factor(angle, inputs.table(rows))


def _handed_in(inputs: CountyInputs, letter: str) -> xr.DataArray:
    source: FactorSource = inputs.county.layers.factors[letter]  # type: ignore[index]
    name = {"L": "slope_length_factor", "S": "slope_factor"}[letter]
    return inputs.numbers(source, name, f"factor {letter}")


def county_parcels(inputs: CountyInputs) -> xr.DataArray | None:
    """Labels of the parcels whose borders end a slope, or None where none are named."""
    source = inputs.county.layers.parcels
    if source is None:
        return None
    if inputs.is_raster(source.path):
        return inputs.raster(source, "place", "parcels")
    frame = inputs.vector(source, "parcels")
    numbered = frame.assign(row=np.arange(1, len(frame) + 1))
    return grids.burn(numbered, "row", inputs.geobox, "place", dtype="int32")


def county_barriers(inputs: CountyInputs) -> xr.DataArray | None:
    """True on what ends a slope: roads, terrace edges, shoulder lines, water; None where nothing is named."""
    source = inputs.county.layers.barriers
    if source is None:
        return None
    if inputs.is_raster(source.path):
        layer = inputs.raster(source, "channel", "barriers")
        return layer.copy(data=grids.known(layer).values & (layer.values != 0))
    marks = grids.burn(inputs.vector(source, "barriers").assign(mark=1), "mark", inputs.geobox, "channel", nodata=0)
    return marks.copy(data=marks.values == 1)
