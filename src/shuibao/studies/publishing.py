"""Write a computed year as a product: layers, tables, places, report, summary, manifest."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from .. import __version__, grids, io
from ..progress import Progress, part
from ..reports import ReportContent, style, write_report
from ..reports.headings import heading, title
from ..reports.style import rgb
from ..tables import Table, load
from .results import PlaceZones, transition_tables
from .year import YearResult


def publish(
    result: YearResult, folder: Path, *, baseline: io.Product | None, created: dt.datetime, progress: Progress
) -> io.Product:
    """Write the product of a year; it appears whole or not at all."""
    inputs = result.inputs
    layers = output_layers(result)
    tables = dict(result.tables)
    if baseline is not None:
        tables |= _transitions(result, baseline, layers)
    who = inputs.county.county
    with io.ProductWriter(
        folder, study="annual_monitoring", county={"name": who.name, "code": who.code}, year=result.year, kind=result.kind,
        geobox=inputs.geobox, engine_version=__version__, layers=len(layers),
    ) as product:  # fmt: skip
        _write_layers(product, layers, part(progress, 0.0, 0.5))
        places = all_places(result.levels)
        product.vector("places", places, title="行政区与流域 Places")
        product.tables(tables, name_column=heading, name_table=title)
        write_report(_content(result, layers, places, tables, baseline), product.folder, part(progress, 0.5, 0.97))
        product.finish(
            result.summary, created=created, inputs=inputs.records, parameters=_parameters(result), tables_used=_whole_tables(result),
            provisional=result.provisional, warnings=result.summary["warnings"],
        )  # fmt: skip
    progress(1.0, "成果已写出 product written")
    return io.open_product(folder)


def output_layers(result: YearResult) -> dict[str, xr.DataArray]:
    """The layers of a product by key, unknown outside the county; all synthetic where the county is made.

    To spare memory the layers of the result are blanked in place: the result is used up by being published.
    """
    outside, layers = ~result.inputs.inside, result.layers
    made = result.summary["synthetic"]
    chosen = {
        "intensity_class": layers.classes,
        "erosion_modulus": layers.modulus,
        "land_use": layers.land_use,
        **layers.factors,
        "elevation": result.ground.elevation,
        "slope_angle": layers.slope_angle,
        "slope_length": result.ground.slope_length,
    }
    return {key: _blanked(array, outside, made) for key, array in chosen.items()}


def all_places(levels: list[PlaceZones]) -> gpd.GeoDataFrame:
    """Every place of every level: level, code, name, geometry."""
    frames = [p.places[["level", "code", "name", "geometry"]] for p in levels]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=levels[0].places.crs)


def _blanked(array: xr.DataArray, outside: np.ndarray, made: bool) -> xr.DataArray:
    nodata = array.attrs.get("nodata")
    array.values[outside] = np.nan if nodata is None else nodata
    provenance = "synthetic" if made else array.attrs["provenance"]
    return grids.layer(
        array.values, grids.geobox_of(array), array.attrs["quantity"], provenance=provenance, nodata=nodata
    )


def _write_layers(product: io.ProductWriter, layers: Mapping[str, xr.DataArray], progress: Progress) -> None:
    for number, (key, array) in enumerate(layers.items()):
        progress(number / len(layers), f"写图层 layer {key}")
        product.raster(key, array, colours=_colours() if key == "intensity_class" else None)


def _transitions(result: YearResult, baseline: io.Product, layers: dict[str, xr.DataArray]) -> dict[str, pd.DataFrame]:
    """Transition tables from the baseline, whose layers come to this grid by nearest cell where theirs differs; adds `change`."""
    before: dict[str, xr.DataArray] = {
        key: grids.align(baseline.layer(key).load(), result.inputs.geobox, "nearest")
        for key in ("intensity_class", "land_use")
        if key in baseline.layers
    }
    layers["change"] = class_change_layer(before["intensity_class"], layers["intensity_class"])
    return transition_tables(before, result.layers, result.levels[0].zones)


def class_change_layer(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """New class minus old class, int8; unknown (-128) where either is unknown."""
    both = grids.known(before).values & grids.known(after).values
    difference = after.values.astype("int8") - before.values.astype("int8")
    difference[~both] = -128
    return grids.layer(difference, grids.geobox_of(after), "change", provenance=after.attrs["provenance"], nodata=-128)


def _content(
    result: YearResult, layers: Mapping[str, xr.DataArray], places: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame],
    baseline: io.Product | None,
) -> ReportContent:  # fmt: skip
    rivers = result.inputs.county.layers.rivers
    frame = pd.DataFrame([asdict(r) for r in result.inputs.records])
    return ReportContent(
        summary=result.summary, layers=layers, places=places, tables=_readable(tables), inputs=frame, parameters=_parameters(result),
        rivers=None if rivers is None else result.inputs.vector(rivers, "rivers"), provisional=result.provisional,
        baseline=None if baseline is None else baseline.summary,
    )  # fmt: skip


def _readable(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables as a reader wants them: a grade by its name, a land use by its code alone, which the report names itself."""
    out = {}
    for key, table in tables.items():
        if key == "factor_means":  # the report has a table of its own for them
            continue
        if key == "land_use_transition":
            out[key] = _changes_only(table)
            continue
        grades = [c for c in ("slope_grade", "cover_grade") if c in table]
        if grades:
            table = table.assign(**{grades[0]: table["name"]})
        out[key] = table.drop(columns="name") if grades or (key != "class_by_place" and "land_use" in table) else table
    return out


def _changes_only(matrix: pd.DataFrame) -> pd.DataFrame:
    """A wide transition matrix as the list of what changed, largest first."""
    long = matrix.melt("before", var_name="to_land_use", value_name="area_km2")
    changed = long[(long["before"].astype(str) != long["to_land_use"].astype(str)) & (long["area_km2"] > 0)]
    ordered = changed.sort_values("area_km2", ascending=False, kind="stable")
    return ordered.rename(columns={"before": "from_land_use"}).reset_index(drop=True)


def _whole_tables(result: YearResult) -> list[Table]:
    """The tables that were used, whole: which rows a year needs is no difference of method."""
    return [load(name) for name in sorted({t.name for t in result.inputs.used})]


def _parameters(result: YearResult) -> dict[str, Any]:
    county = result.inputs.county
    return {
        "year": result.year,
        "kind": result.kind,
        **result.methods.model_dump(),
        "grid": county.grid.model_dump(),
        "cell_m": county.grid.cell,
    }


def _colours() -> dict[int, tuple[int, int, int]]:
    """Colours of the intensity classes."""
    return {entry.code: rgb(entry.colour) for entry in style().classes}
