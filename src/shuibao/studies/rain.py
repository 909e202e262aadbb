"""Rain of a county: from station days to R and its half-months."""

from collections.abc import Callable
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

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
    table: mean R_k and share of each half-month over the stations
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
    stations, values, shares = station_erosivity(inputs, source)
    table = _half_month_table(values, shares)
    if len(stations) == 1:
        plain = np.full(tuple(inputs.geobox.shape), values.sum(), "float32")
        R = grids.layer(plain, inputs.geobox, "rainfall_erosivity")
        return Erosivity(R if handed_in is None else handed_in, lambda k: float(shares[k]), table)
    surface = erosion.interpolate_stations(
        stations, values, inputs.geobox, source.method, progress=part(progress, 0.1, 0.9)
    )
    for note in surface.notes:
        inputs.findings.append(Finding("rain_surface", note, f"雨量站插值：{_chinese(note)}", source.path))
    R = surface.at(inputs.geobox) if handed_in is None else handed_in
    progress(1.0, "降雨侵蚀力因子 R")
    return Erosivity(R, lambda k: surface.shares(k, inputs.geobox), table)


def station_erosivity(inputs: CountyInputs, source: RainSource) -> tuple[gpd.GeoDataFrame, np.ndarray, np.ndarray]:
    """Stations, their R_k (stations, 24), and the mean share of each half-month (24,)."""
    rain = io.read_daily_rain(inputs.note_file("rain", source.path), form=source.form)
    rain = rain.assign(p_mm=rain["p_mm"] * source.unit)
    frame = _stations(inputs, source, rain["station"].astype(str).unique().tolist())
    inputs.table(load("rain_erosivity").where(model=source.model))
    rows, kept = [], []
    for station, days in rain.groupby(rain["station"].astype(str)):
        series = days.set_index("date")["p_mm"].sort_index()
        result = erosion.half_month_erosivity(
            series, source.model, first_year=source.first_year, last_year=source.last_year
        )
        for note in result.notes:
            inputs.findings.append(
                Finding("rain", f"station {station}: {note}", f"雨量站 {station}：{_chinese(note)}", source.path)
            )
        rows.append(result.values)
        kept.append(station)
    values = np.vstack(rows)
    mean = values.mean(axis=0)
    return frame.loc[kept], values, mean / mean.sum()


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


def _half_month_table(values: np.ndarray, shares: np.ndarray) -> pd.DataFrame:
    labels = [f"{month}-{'上' if half == 0 else '下'}" for month in range(1, 13) for half in (0, 1)]
    return pd.DataFrame(
        {
            "half_month": np.arange(1, 25),
            "name": labels,
            "half_month_erosivity": values.mean(axis=0),
            "erosivity_share": shares,
        }
    )
