"""Daily rain of 1991-2020 at the stations of the county, from a seasonal stochastic generator.

Occurrence is a two-state Markov chain, amounts are mixed exponential, and both go together in space through correlated Gaussian
variates. Monthly depth and number of wet days stand in `ningwu/rain_climate.csv`; depth grows with altitude.
Sources: Richardson (1981), Water Resources Research 17(1); Wilks (1998), Journal of Hydrology 210; Woolhiser and Roldán (1982).
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.special import ndtr

from . import frame

Floats = npt.NDArray[np.float64]

FIRST_DAY, LAST_DAY = "1991-01-01", "2020-12-31"

ALTITUDE_OF_CLIMATE = 1437.0
"""Altitude [m] of the station for which the monthly figures hold."""

ALTITUDE_GAIN = 0.00038
"""Share by which yearly depth grows with each metre: half of it more days, half of it more rain a day."""

REACH = 140e3
"""Distance [m] over which the correlation of rain falls to 1/e."""

HEAVY_SHARE, LIGHT_MEAN, HEAVY_MEAN = 0.40, 0.567, 1.65
"""Share of days with heavy rain, and the means of light and heavy rain as multiples of the mean day; the whole has mean one."""

MISSING = 0.0008
"""Share of days on which a station has no record."""


def stations() -> gpd.GeoDataFrame:
    """Weather stations (facts) and three made gauges in the mountains, as points with altitude [m]; `kind` is station or made."""
    rows = pd.concat([frame.table("stations").assign(kind="station"), frame.table("gauges")], ignore_index=True)
    lon, lat, mean, *_ = frame.block_heights()
    east = np.abs(rows["lon"].to_numpy()[:, None] - lon[None, :]).argmin(axis=1)
    north = np.abs(rows["lat"].to_numpy()[:, None] - lat[None, :]).argmin(axis=1)
    altitude = rows["altitude_m"].to_numpy(float)
    rows["altitude_from"] = np.where(np.isnan(altitude), "block mean", "station list")
    rows["altitude_m"] = np.where(np.isnan(altitude), mean[north, east], altitude)
    return frame.points(rows.assign(longitude=rows["lon"], latitude=rows["lat"]))


def daily_rain(places: gpd.GeoDataFrame, seed: int) -> pd.DataFrame:
    """Daily rain [mm], one row a day of 1991-2020, one column a station; NaN where no record was kept.

    places: stations as of `stations()`; seed: another seed, other weather
    """
    days = pd.date_range(FIRST_DAY, LAST_DAY, freq="D")
    climate = frame.table("rain_climate").set_index("month")
    month = days.month.to_numpy()
    lengths = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    wet_share = (climate["wet_days"].to_numpy() / lengths)[month - 1]
    after_wet = climate["wet_after_wet"].to_numpy()[month - 1]
    after_wet = np.maximum(after_wet, wet_share)
    after_dry = wet_share * (1.0 - after_wet) / (1.0 - wet_share)
    rng = np.random.default_rng([seed, 97])
    factor = np.linalg.cholesky(_correlation(places))
    when = ndtr(rng.standard_normal((days.size, len(places))) @ factor.T)
    much = ndtr(rng.standard_normal((days.size, len(places))) @ factor.T)
    heavy = ndtr(rng.standard_normal((days.size, len(places))) @ factor.T) < HEAVY_SHARE
    lift = 1.0 + ALTITUDE_GAIN * (places["altitude_m"].to_numpy(float) - ALTITUDE_OF_CLIMATE)
    wet = _occurrence(when, after_wet, after_dry, np.sqrt(lift))
    mean_day = (climate["depth_mm"] / climate["wet_days"]).to_numpy()[month - 1]
    shape = np.where(heavy, HEAVY_MEAN, LIGHT_MEAN)
    depth = np.where(wet, -np.log1p(-much) * shape * mean_day[:, None] * np.sqrt(lift)[None, :], 0.0)
    depth = np.round(depth, 1)
    depth[rng.random(depth.shape) < MISSING] = np.nan
    return pd.DataFrame(depth, index=pd.DatetimeIndex(days, name="date"), columns=places["id"].to_list())


def _correlation(places: gpd.GeoDataFrame) -> Floats:
    points = places.geometry.to_numpy()
    away = np.array([shapely.distance(p, points) for p in points])
    return np.asarray(np.exp(-away / REACH) + 1e-9 * np.eye(len(points)))


def _occurrence(chance: Floats, after_wet: Floats, after_dry: Floats, lift: Floats) -> npt.NDArray[np.bool_]:
    """Which days are wet: each station's chain, driven by its column of `chance`."""
    wet = np.zeros(chance.shape, bool)
    state = np.zeros(chance.shape[1], bool)
    for day in range(chance.shape[0]):
        state = chance[day] < np.where(state, after_wet[day], after_dry[day]) * lift
        wet[day] = state
    return wet
