"""One year of a county, computed and not yet written.

The recipe: ground → R → K → land use, B, E, T → soil loss → modulus → classes → places. Every step is a function of the engine; this module only
puts them in order and says what was used.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from .. import __version__, erosion, statistics
from ..errors import InputError
from ..progress import Progress, part, silent
from ..statistics import Zones
from ..tables import load, provisional_rows
from .cover import YearCover, year_cover
from .findings import Finding
from .ground import Ground, county_ground
from .inputs import CountyInputs
from .memory import require_memory
from .rain import Erosivity, county_erosivity
from .results import PlaceZones, YearLayers, place_table, result_tables, summary_of
from .soil import county_erodibility
from .spec import KINDS, CountyFile, Kind, Methods, Places, Year

LEAST_GAP_KM2 = 0.01
"""Gaps and overlaps of a place layer below one hectare are slivers of drawing and not told."""


@dataclass(frozen=True)
class YearResult:
    """All that a year's computation gives, before it is written."""

    inputs: CountyInputs
    year: int
    kind: Kind
    methods: Methods
    layers: YearLayers
    ground: Ground
    levels: list[PlaceZones]
    tables: dict[str, pd.DataFrame]
    summary: dict[str, Any]
    provisional: pd.DataFrame


def compute_year(
    inputs: CountyInputs,
    year: int,
    kind: str = "statutory",
    *,
    methods: Mapping[str, object] | None = None,
    progress: Progress = silent,
) -> YearResult:
    """Compute one year of a county, writing nothing.

    Raises InputError for a year or kind that the county file does not have, and what the steps raise.
    """
    county, sort = inputs.county, kind_of(kind)
    dated, chosen = year_of(county, year), methods_of(county, sort, methods)
    require_memory(inputs.geobox)
    ground = county_ground(inputs, chosen, part(progress, 0.0, 0.35))
    rain = dated.rain if chosen.erosivity_from_year else county.layers.rain
    erosivity = county_erosivity(inputs, rain, part(progress, 0.35, 0.45))
    progress(0.45, "土壤可蚀性因子 K")
    K = county_erodibility(inputs)
    cover = year_cover(inputs, dated, erosivity, chosen, part(progress, 0.5, 0.85))
    progress(0.85, "侵蚀模数与强度 modulus and classes")
    layers = year_layers(inputs, ground, erosivity, K, cover, chosen)
    progress(0.92, "分区统计 statistics")
    levels = place_levels(inputs, dt.date(year, 12, 31))
    inputs.used += [statistics.slope_grades(), *([] if layers.cover is None else [statistics.cover_grades()])]
    tables = {"class_by_place": place_table(layers, levels), **result_tables(layers, levels[0].zones)}
    if not erosivity.table.empty:
        tables["half_month_erosivity"] = erosivity.table
    day = county.in_force or dt.date(year, 12, 31)
    provisional = provisional_rows(t.on(day) for t in inputs.used)
    summary = _summary(inputs, year, sort, layers, levels, tables, provisional)
    progress(1.0, "分区统计 statistics")
    return YearResult(inputs, year, sort, chosen, layers, ground, levels, tables, summary, provisional)


def kind_of(kind: str) -> Kind:
    """The kind of a product by its name. Raises InputError for another word."""
    if kind not in KINDS:
        raise InputError(f"kind {kind!r}", expected=f"one of {', '.join(KINDS)}")
    return "statutory" if kind == "statutory" else "scientific"


def year_of(county: CountyFile, year: int) -> Year:
    """The files of one year. Raises InputError where the county file has none."""
    if year not in county.years:
        raise InputError(
            f"no year {year}",
            where="county file",
            expected=f"one of {sorted(county.years)}",
            remedy=f"Add a table [years.{year}].",
        )
    return county.years[year]


def methods_of(county: CountyFile, kind: Kind, changed: Mapping[str, object] | None = None) -> Methods:
    """The methods of a kind of product, with those the user changed.

    Raises InputError for a value that a method cannot have, and for scientific methods in a statutory product.
    """
    try:
        methods = Methods.model_validate({**county.methods_of(kind).model_dump(), **(changed or {})})
    except ValueError as error:
        raise InputError(f"methods cannot be {dict(changed or {})}: {error}", where="methods") from None
    if kind == "statutory" and (methods.ephemeral_gullies or methods.erosivity_from_year):
        raise InputError(
            "ephemeral gullies or the year's own rain", where="methods", expected="the frozen statutory methods",
            remedy="Use --kind scientific for them.",
        )  # fmt: skip
    return methods


def year_layers(
    inputs: CountyInputs, ground: Ground, erosivity: Erosivity, K: xr.DataArray, cover: YearCover, methods: Methods
) -> YearLayers:
    """Soil loss and classes, known only inside the county."""
    factors = {"R": erosivity.R, "K": K, "L": ground.L, "S": ground.S, "B": cover.B, "E": cover.E, "T": cover.T}
    gully = None
    if methods.ephemeral_gullies:
        table = inputs.table(load("ephemeral_gully"))
        gully = erosion.ephemeral_gully_factor(ground.slope_angle, cover.land_use, table=table)
    modulus = erosion.erosion_modulus(erosion.soil_loss(**factors, G=gully))
    modulus.values[~inputs.inside] = np.nan
    allowable = inputs.numbers(inputs.county.layers.allowable_loss, "allowable_loss", "allowable_loss")
    classes = erosion.intensity_classes(modulus, allowable, inputs.table(load("intensity_classes")))
    return YearLayers(factors, modulus, classes, cover.land_use, ground.slope_angle, cover.cover)


def place_levels(inputs: CountyInputs, day: dt.date) -> list[PlaceZones]:
    """The county and every layer of places in force on `day`, each with its zones."""
    whole = inputs.boundary
    levels = [PlaceZones("county", whole.assign(level="county"), Zones.from_polygons(whole, inputs.geobox))]
    for source in inputs.county.layers.places:
        places = checked_places(inputs, source, day)
        levels.append(PlaceZones(source.level, places, Zones.from_polygons(places, inputs.geobox, within=whole)))
    return levels


def checked_places(inputs: CountyInputs, source: Places, day: dt.date) -> Any:
    """The places of one layer in force on `day`; where they do not tile the county, that is found and told."""
    places = statistics.places_on(inputs.places(source), day)
    check = statistics.check_cover(places, inputs.boundary, smallest_km2=LEAST_GAP_KM2)
    gap, overlap = float(check.gaps["area_km2"].sum()), float(check.overlaps["area_km2"].sum())
    if max(gap, overlap, check.outside_km2) > LEAST_GAP_KM2:
        inputs.findings.append(
            Finding(
                "places_do_not_tile",
                f"{source.level}: {gap:.2f} km² belong to no place, {overlap:.2f} km² to two, {check.outside_km2:.2f} km² lie outside",
                f"{source.path}：{gap:.2f} km² 无归属，{overlap:.2f} km² 重叠，{check.outside_km2:.2f} km² 在县界外",
                source.path,
            )
        )
    return places


def _summary(
    inputs: CountyInputs, year: int, kind: Kind, layers: YearLayers, levels: list[PlaceZones], tables: dict[str, pd.DataFrame],
    provisional: pd.DataFrame,
) -> dict[str, Any]:  # fmt: skip
    who = inputs.county.county
    loss = float(statistics.zonal_sums(layers.modulus, levels[0].zones)["sum"].iloc[0])
    head = {
        "schema": "shuibao-summary/1", "study": "annual_monitoring", "engine_version": __version__, "year": year, "kind": kind,
        "county": {"name": who.name, "code": who.code}, "note": who.note, "synthetic": _synthetic(inputs, layers),
        "targets": [t.model_dump() for t in inputs.county.targets],
    }  # fmt: skip
    area = who.statutory_area_km2
    figures = summary_of(
        tables["class_by_place"], tables["factor_means"], statutory_area_km2=area, soil_loss_t_a=loss, head=head
    )
    warnings = [f.record() for f in dict.fromkeys(inputs.findings)]
    return {**figures, "provisional_rows": provisional.to_dict("records"), "warnings": warnings}


def _synthetic(inputs: CountyInputs, layers: YearLayers) -> bool:
    marked = [*layers.factors.values(), layers.land_use]
    return inputs.county.county.synthetic or any(a.attrs.get("provenance") == "synthetic" for a in marked)
