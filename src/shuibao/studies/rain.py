"""Rain of a county: from station days to R and its half-months."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from rasterio.features import geometry_mask

from .. import erosion, grids, io
from ..errors import InputError
from ..progress import Progress, part
from ..tables import load
from .findings import Finding
from .inputs import CountyInputs
from .spec import RainSource


@dataclass(frozen=True)
class Erosivity:
    """R of every cell and how it spreads over the 24 half-months.

    share: half-month 0..23 to its share WR (a number or a layer); None where R was handed in without rain
    table: mean R_k and share of each half-month over the county
    """

    R: xr.DataArray
    share: Callable[[int], float | xr.DataArray] | None
    table: pd.DataFrame = field(default_factory=pd.DataFrame)


def county_erosivity(inputs: CountyInputs, source: RainSource | None, progress: Progress) -> Erosivity:
    """R from daily rain, or handed in; the half-month shares come from the rain in either case.

    Raises InputError where there is neither rain nor a layer of R.
    """
    given = inputs.county.layers.factors.get("R")
    if source is None and given is None:
        raise InputError("neither rain nor R", where="layers", expected="layers.rain or layers.factors.R")
    progress(0.0, "降雨侵蚀力因子 R")
    handed_in = inputs.numbers(given, "rainfall_erosivity", "factor R") if given is not None else None
    if source is None:
        assert handed_in is not None
        return Erosivity(handed_in, None)
    stations, values = station_erosivity(inputs, source)
    if len(stations) == 1:
        plain = np.full(tuple(inputs.geobox.shape), values.sum(), "float32")
        R = grids.layer(plain, inputs.geobox, "rainfall_erosivity")
        shares = values[0] / values.sum()
        table = _half_month_table(values[0])
        return Erosivity(R if handed_in is None else handed_in, lambda k: float(shares[k]), table)
    surface = erosion.interpolate_stations(
        stations, values, inputs.geobox, source.method, progress=part(progress, 0.1, 0.9)
    )
    for note in surface.notes:
        inputs.findings.append(Finding("rain_surface", note, f"雨量站插值：{_chinese(note)}", source.path))
    R = surface.at(inputs.geobox) if handed_in is None else handed_in
    progress(1.0, "降雨侵蚀力因子 R")
    table = _half_month_table(_county_means(inputs, surface))
    return Erosivity(R, lambda k: surface.shares(k, inputs.geobox), table)


def station_erosivity(inputs: CountyInputs, source: RainSource) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Stations, and their R_k of shape (stations, 24)."""
    if source.records == "sub_daily":
        return _gauge_erosivity(inputs, source)
    rain = io.read_daily_rain(inputs.note_file("rain", source.path), form=source.form)
    rain = rain.assign(p_mm=rain["p_mm"] * source.unit, station=rain["station"].astype(str))
    frame = _stations(inputs, source, rain["station"].unique().tolist())
    inputs.table(load("rain_erosivity").where(model=source.model))
    results = {
        str(station): erosion.half_month_erosivity(
            days.set_index("date")["p_mm"].sort_index(),
            source.model,
            first_year=source.first_year,
            last_year=source.last_year,
        )
        for station, days in rain.groupby("station")
    }
    notes = [(station, str(note), _chinese(note)) for station, result in results.items() for note in result.notes]
    inputs.findings += _told_once(notes, source.path)
    return frame.loc[list(results)], np.vstack([result.values for result in results.values()])


def _gauge_erosivity(inputs: CountyInputs, source: RainSource) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """One recording gauge, and its R_k of shape (1, 24) from the EI30 of its erosive storms."""
    records = io.read_subdaily_rain(inputs.note_file("rain", source.path))
    depths = (records.set_index("time")["p_mm"] * source.unit).sort_index()
    station = str(records["station"].iloc[0])
    inputs.table(load("rain_erosivity_storms"))
    result = erosion.storm_erosivity(depths, energy=source.energy)
    inputs.findings += _told_once([(station, str(n), _chinese(n)) for n in result.notes], source.path)
    return _stations(inputs, source, [station]), result.values[None, :]


def _told_once(notes: list[tuple[str, str, str]], path: str) -> list[Finding]:
    """Notes of stations, of which those that differ in their figures alone are told once, by the station with the largest."""
    alike: dict[str, list[tuple[str, str, str]]] = {}
    for note in notes:
        alike.setdefault(re.sub(r"\d+", "#", note[1]), []).append(note)
    out = []
    for group in alike.values():
        station, english, chinese = max(group, key=lambda n: sum(map(int, re.findall(r"\d+", n[1]))))
        more = len(group) - 1
        others = (f" ({more} other stations have fewer)", f"（另有 {more} 站情况较轻）") if more else ("", "")
        message = f"station {station}: {english.rstrip('.')}{others[0]}."
        out.append(Finding("rain", message, f"雨量站 {station}：{chinese.rstrip('。')}{others[1]}。", path))
    return out


def _county_means(inputs: CountyInputs, surface: erosion.StationSurface) -> np.ndarray:
    """Mean R_k over the nodes of the lattice inside the county, shape (24,); over all nodes where it is smaller than a mesh."""
    shapes = inputs.boundary.geometry.to_crs(surface.lattice.crs.to_wkt())
    inside = geometry_mask(shapes, tuple(surface.lattice.shape), surface.lattice.affine, invert=True)
    chosen = inside if inside.any() else np.ones_like(inside)
    return np.asarray(surface.nodes[:, chosen].mean(axis=1))


def _stations(inputs: CountyInputs, source: RainSource, wanted: list[str]) -> gpd.GeoDataFrame:
    """The stations of the rain by id; a single station without a table stands at the county's middle."""
    if source.stations is None:
        if len(wanted) > 1:
            raise InputError(
                f"{len(wanted)} stations without places",
                where=source.path,
                expected="layers.rain.stations, a table of id, name, lon, lat",
            )
        middle = inputs.boundary.geometry.iloc[0].representative_point()
        return gpd.GeoDataFrame(index=pd.Index(wanted), geometry=[middle], crs=inputs.boundary.crs)
    frame = io.read_stations(inputs.note_file("stations", source.stations.path))
    frame = frame.set_index("station")
    missing = [s for s in wanted if s not in frame.index]
    if missing:
        raise InputError(
            f"stations {missing[:5]} have rain but no place",
            where=source.stations.path,
            expected="one row a station with lon and lat",
        )
    return frame


def _chinese(note: str) -> str:
    """The Chinese of a note that carries it."""
    return str(getattr(note, "zh", note))


def _half_month_table(values: np.ndarray) -> pd.DataFrame:
    """R_k of the county and its shares, a row a half-month."""
    labels = [f"{month}月{half}" for month in range(1, 13) for half in ("上", "下")]
    columns = {"half_month": np.arange(1, 25), "name": labels, "half_month_erosivity": values}
    return pd.DataFrame({**columns, "erosivity_share": values / values.sum()})
