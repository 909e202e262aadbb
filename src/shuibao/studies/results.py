"""From the layers of a year to its figures: the tables and the summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from .. import grids, statistics
from ..statistics import INTENSITY_NAMES, UNKNOWN, Zones
from ..tables import load

CLASS_NAMES = list(INTENSITY_NAMES.values())
FACTORS = ("R", "K", "L", "S", "B", "E", "T")


@dataclass(frozen=True)
class YearLayers:
    """The layers of one computed year, on one grid.

    factors: by letter; classes: intensity 1..6; cover: fractional cover of the growing season, where it was computed
    """

    factors: Mapping[str, xr.DataArray]
    modulus: xr.DataArray
    classes: xr.DataArray
    land_use: xr.DataArray
    slope_angle: xr.DataArray
    cover: xr.DataArray | None = None


@dataclass(frozen=True)
class PlaceZones:
    """Places of one level with their zones on the grid."""

    level: str
    places: gpd.GeoDataFrame
    zones: Zones


def place_table(layers: YearLayers, levels: Sequence[PlaceZones]) -> pd.DataFrame:
    """One row a place: area, classes, unknown, eroded, conservation rate, mean modulus; areas in km², unrounded."""
    return pd.concat([_level_rows(layers, level) for level in levels], ignore_index=True)


def _level_rows(layers: YearLayers, level: PlaceZones) -> pd.DataFrame:
    areas = statistics.class_areas(layers.classes, level.zones, INTENSITY_NAMES)
    moduli = statistics.zonal_means(layers.modulus, level.zones)["mean"]
    means = {str(code): float(mean) for code, mean in moduli.items()}
    names = dict(zip(level.places["code"].astype(str), level.places["name"], strict=True))
    rows = []
    for code, row in areas.iterrows():
        rate = statistics.conservation_rate(row)
        head = {
            "level": level.level,
            "code": str(code),
            "name": names[str(code)],
            "total_area_km2": rate.total_area_km2,
        }
        tail = {
            "nodata_area_km2": row[UNKNOWN],
            "eroded_area_km2": rate.eroded_area_km2,
            "conservation_rate_percent": rate.percent,
        }
        rows.append({**head, **{n: row[n] for n in CLASS_NAMES}, **tail, "mean_modulus_t_km2_a": means[str(code)]})
    return pd.DataFrame(rows)


def result_tables(layers: YearLayers, county: Zones) -> dict[str, pd.DataFrame]:
    """Classes by land use, slope, cropland slope and cover; land use; factor means; all of the county, in km²."""
    names = load("land_use_classes").rows.set_index("code")["zh"]
    slope_rows = statistics.slope_grades()
    slope = statistics.grade(layers.slope_angle, slope_rows)
    out = {
        "class_by_land_use": _named(_cross(layers.land_use, layers.classes, county), names, "land_use"),
        "class_by_slope": _named(
            _cross(slope, layers.classes, county), statistics.grade_names(slope_rows), "slope_grade"
        ),
    }
    cultivated = _codes_of("cultivated")
    cropland = county.where(layers.land_use.isin(cultivated))
    out["class_by_cropland_slope"] = _named(
        _cross(slope, layers.classes, cropland), statistics.grade_names(slope_rows), "slope_grade"
    )
    if layers.cover is not None:
        cover_rows = statistics.cover_grades()
        cover = statistics.grade(layers.cover, cover_rows)
        plants = county.where(layers.land_use.isin(_codes_of("loss_form", {"shrub", "grass", "forest"})))
        out["class_by_cover"] = _named(
            _cross(cover, layers.classes, plants), statistics.grade_names(cover_rows), "cover_grade"
        )
    out["land_use"] = _land_use(layers, county, names)
    out["factor_means"] = factor_means(layers, county)
    return out


def factor_means(layers: YearLayers, county: Zones) -> pd.DataFrame:
    """Area-weighted mean of each factor over the county: columns factor, mean, unknown_area_km2."""
    rows = []
    for letter, factor in layers.factors.items():
        found = statistics.zonal_means(factor, county).iloc[0]
        rows.append({"factor": letter, "mean": found["mean"], "unknown_area_km2": found["unknown_area_km2"]})
    return pd.DataFrame(rows)


def transition_tables(before: Mapping[str, xr.DataArray], after: YearLayers, county: Zones) -> dict[str, pd.DataFrame]:
    """Transition matrices of classes and land use from an earlier product; before: layers of that product by key."""
    out = {}
    matrix = statistics.transition_matrix(before["intensity_class"], after.classes, county, INTENSITY_NAMES)
    out["class_transition"] = _flat(matrix)
    if "land_use" in before:
        out["land_use_transition"] = _flat(statistics.transition_matrix(before["land_use"], after.land_use, county))
    return out


def _flat(matrix: pd.DataFrame) -> pd.DataFrame:
    """The matrix of the one zone, its row label as a column `before`."""
    plain = matrix.droplevel(0) if matrix.index.nlevels > 1 else matrix
    return plain.rename_axis("before").rename_axis(None, axis=1).reset_index()


def _cross(rows: xr.DataArray, classes: xr.DataArray, zones: Zones) -> pd.DataFrame:
    return statistics.cross_table(rows, classes, zones, column_codes=INTENSITY_NAMES).droplevel(0)


def _named(table: pd.DataFrame, names: Mapping[Any, str] | pd.Series, key: str) -> pd.DataFrame:
    """A cross table with code and name in front, its total, eroded area and rate behind."""
    known = dict(names)
    codes = [str(c) for c in table.index]
    front = pd.DataFrame(
        {key: codes, "name": [known.get(_number(c), "未知 unknown" if c == UNKNOWN else c) for c in codes]}
    )
    areas = table.reset_index(drop=True)
    eroded = areas[CLASS_NAMES[1:]].sum(axis=1)
    sound = areas[CLASS_NAMES].sum(axis=1)
    behind = pd.DataFrame({
        "total_area_km2": areas.sum(axis=1), "eroded_area_km2": eroded,
        "conservation_rate_percent": 100 * (1 - eroded / sound.where(sound > 0)),
    })  # fmt: skip
    whole = pd.concat([front, areas.rename(columns={UNKNOWN: "nodata_area_km2"}), behind], axis=1)
    return whole[whole["total_area_km2"] > 0].reset_index(drop=True)


def _number(code: str) -> int | str:
    return int(code) if code.lstrip("-").isdigit() else code


def _land_use(layers: YearLayers, county: Zones, names: pd.Series) -> pd.DataFrame:
    areas = statistics.class_areas(layers.land_use, county).iloc[0]
    moduli = statistics.zonal_means(layers.modulus, Zones.from_labels(_within(layers.land_use, layers.classes)))["mean"]
    keys = [str(c) for c in areas.index]
    frame = pd.DataFrame({
        "land_use": keys, "name": [names.get(_number(k), "未知 unknown") for k in keys], "total_area_km2": areas.to_numpy(),
        "share_percent": 100 * areas.to_numpy() / areas.sum(), "mean_modulus_t_km2_a": [moduli.get(_number(k), np.nan) for k in keys],
    })  # fmt: skip
    return frame[frame["total_area_km2"] > 0].reset_index(drop=True)


def _within(codes: xr.DataArray, classes: xr.DataArray) -> xr.DataArray:
    """The codes where the class is known, and so inside the county."""
    kept = np.where(classes.values != classes.attrs["nodata"], codes.values, codes.attrs["nodata"])
    return grids.layer(kept, grids.geobox_of(codes), codes.attrs["quantity"], nodata=codes.attrs["nodata"])


def _codes_of(column: str, members: set[str] | None = None) -> list[int]:
    """Land-use codes whose row is marked in `column`, or holds one of `members`."""
    rows = load("land_use_classes").rows
    chosen = rows[column].isin(members) if members else rows[column] == 1
    return [int(c) for c in rows.loc[chosen, "code"]]


def summary_of(
    places: pd.DataFrame,
    means: pd.DataFrame,
    *,
    statutory_area_km2: float | None,
    soil_loss_t_a: float,
    head: Mapping[str, Any],
) -> dict[str, Any]:
    """The headline figures of a year, from its table of places; `head` goes before them."""
    county = places[places["level"] == "county"].iloc[0]
    rate = statistics.conservation_rate(
        {**{n: county[n] for n in CLASS_NAMES}, UNKNOWN: county["nodata_area_km2"]}, statutory_area_km2
    )
    return {
        **head,
        "conservation_rate_percent": rate.percent,
        "rate_bounds_percent": list(rate.bounds_percent),
        "total_area_km2": rate.total_area_km2,
        "statutory_area_km2": rate.statutory_area_km2,
        "eroded_area_km2": rate.eroded_area_km2,
        "statutory_eroded_area_km2": rate.statutory_eroded_area_km2,
        "nodata_area_km2": float(county["nodata_area_km2"]),
        "class_area_km2": {n: float(county[n]) for n in CLASS_NAMES},
        "mean_modulus_t_km2_a": float(county["mean_modulus_t_km2_a"]),
        "soil_loss_t_a": soil_loss_t_a,
        "factor_means": dict(zip(means["factor"], means["mean"].astype(float), strict=True)),
        "places": [_place_record(row) for _, row in places.iterrows()],
    }


def _place_record(row: pd.Series) -> dict[str, Any]:
    plain = {str(k): (v if isinstance(v, str) else float(v)) for k, v in row.items() if k not in CLASS_NAMES}
    return {**plain, "class_area_km2": {n: float(row[n]) for n in CLASS_NAMES}}
