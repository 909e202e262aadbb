"""Rainfall erosivity R of the CSLE from daily rain (降雨侵蚀力因子), by half-months.

Sources: the official daily model of the first national census of water and of the regional dynamic monitoring; Xie et
al. (2016), Journal of Hydrology 535; Zhang, Xie and Liu (2002); for places with yearly or monthly sums only, Zhang and
Fu (2003). Coefficients stand in the table `rain_erosivity`.
"""

from typing import Literal

import numpy as np
import pandas as pd

from ..errors import InputError
from ..tables import Table, load
from .rain_guards import checked_daily_rain, days_of

HALF_MONTHS = 24
"""Half-months of a year: 0 is 1 to 15 January, 23 is 16 to 31 December."""

DailyModel = Literal["official", "xie2016"]
DAILY_MODELS = ("official", "xie2016")


def half_month(dates: pd.DatetimeIndex) -> np.ndarray:
    """Half-month 0..23 (半月序号) of every date: the first ends with the 15th, the second with the month."""
    return np.asarray((dates.month - 1) * 2 + (dates.day > 15), dtype=np.int64)


def daily_erosivity(
    rain: pd.Series,
    model: DailyModel = "official",
    *,
    threshold: float | None = None,
    mean_temperature: pd.Series | None = None,
    units_confirmed: bool = False,
    table: Table | None = None,
) -> pd.Series:
    """Erosivity of every day [MJ mm hm⁻² h⁻¹] from its rain.

    official: α P^1.7265, α = 0.3937 from May to September, 0.3101 otherwise
    xie2016: 0.2686 (1 + 0.5412 cos(π j/6 − 7π/6)) P^1.7265, j the month

    rain: depth of 24 hours [mm] by date, in order; NaN is unknown and stays unknown
    threshold: least depth that counts [mm]; by default 10 (official; the census used 12) or 9.7 (xie2016)
    mean_temperature: daily mean [°C] by date; days not above 0 °C count as snow and give 0, and an erosive day whose
        temperature is unknown becomes unknown. Official products use no such mask, so by default there is none
    returns: float64 on the dates of `rain`

    Raises InputError for an unknown model, a threshold below 0, and rain that `checked_daily_rain` refuses.
    Limits: the official model has no snow; α jumps by 27 % at the turn of the season.
    """
    if model not in DAILY_MODELS:
        raise InputError(f"erosivity model {model!r}", expected=f"one of {DAILY_MODELS}")
    rows = (table or load("rain_erosivity")).where(model=model)
    depth = checked_daily_rain(rain, units_confirmed=units_confirmed)
    least = erosive_threshold(rows, threshold)
    month = np.asarray(days_of(depth).month, dtype=np.int64)
    alpha = _seasonal_alpha(month, rows) if model == "official" else _continuous_alpha(month, rows)
    power = depth ** rows.number("value", parameter="exponent") * alpha
    erosivity: pd.Series = power.where((depth >= least) | depth.isna(), 0.0)
    if mean_temperature is not None:
        erosivity = _without_snow(erosivity, mean_temperature, table or load("rain_erosivity"))
    return erosivity.rename("erosivity")


def erosive_threshold(rows: Table, threshold: float | None) -> float:
    """Least daily depth that counts [mm]: the one given, else that of the model's rows.

    Raises InputError where it is negative or not finite.
    """
    least = rows.number("value", parameter="threshold") if threshold is None else float(threshold)
    if not (np.isfinite(least) and least >= 0):
        raise InputError(f"erosive threshold {least:g} mm", expected="a depth of 0 or more, usually 9.7 to 12.7 mm")
    return least


def warm_season(rows: Table) -> np.ndarray:
    """Months (1..12) of the warm season of the official model."""
    first, last = (int(rows.number("value", parameter=p)) for p in ("warm_first_month", "warm_last_month"))
    return np.arange(first, last + 1)


def _seasonal_alpha(month: np.ndarray, rows: Table) -> np.ndarray:
    warm, cold = (rows.number("value", parameter=p) for p in ("alpha_warm", "alpha_cold"))
    return np.where(np.isin(month, warm_season(rows)), warm, cold)


def _continuous_alpha(month: np.ndarray, rows: Table) -> np.ndarray:
    coefficient, amplitude = (rows.number("value", parameter=p) for p in ("coefficient", "amplitude"))
    peak = rows.number("value", parameter="peak_month")
    return np.asarray(coefficient * (1 + amplitude * np.cos(np.pi / 6 * (month - peak))))


def _without_snow(erosivity: pd.Series, temperature: pd.Series, table: Table) -> pd.Series:
    if not isinstance(temperature.index, pd.DatetimeIndex):
        raise InputError(f"temperature is indexed by {temperature.index.dtype}", expected="dates")
    by_day = temperature.set_axis(temperature.index.tz_localize(None).normalize())
    degrees = by_day[~by_day.index.duplicated()].reindex(erosivity.index)
    freezing = table.number("value", model="snow", parameter="temperature")
    masked = erosivity.where(~(degrees <= freezing), 0.0)
    return masked.where(~(degrees.isna() & (erosivity > 0)))


def zhang_parameters(erosive_day: float, erosive_year: float, *, table: Table | None = None) -> tuple[float, float]:
    """α and β of Zhang, Xie and Liu (2002) from the erosive rain of a station.

    erosive_day: mean depth of the days with 12 mm or more [mm]
    erosive_year: mean yearly sum of these days [mm]
    returns: (α, β) of R_day = α P^β

    Raises InputError where a depth is not above 0.
    """
    if not (erosive_day > 0 and erosive_year > 0):
        raise InputError(
            f"erosive rain of {erosive_day:g} mm a day and {erosive_year:g} mm a year", expected="depths above 0"
        )
    rows = (table or load("rain_erosivity")).where(model="zhang2002")
    constant, daily, yearly = (rows.number("value", parameter=f"beta_{p}") for p in ("constant", "daily", "yearly"))
    beta = constant + daily / erosive_day + yearly / erosive_year
    coefficient, exponent = (rows.number("value", parameter=f"alpha_{p}") for p in ("coefficient", "exponent"))
    return coefficient * beta**exponent, beta


def annual_erosivity(yearly_rain: float, *, table: Table | None = None) -> float:
    """R [MJ mm hm⁻² h⁻¹ a⁻¹] from the mean yearly rain [mm] alone: 0.0534 P^1.6548 (fall-back).

    Raises InputError where the rain is negative, infinite or unknown.
    Source: Zhang and Fu 2003. Limits: blind to how the rain falls; single places err by half.
    """
    return _power_of("annual", _amount(yearly_rain, "yearly rain"), table)


def fournier_erosivity(monthly_rain: np.ndarray, *, table: Table | None = None) -> float:
    """R [MJ mm hm⁻² h⁻¹ a⁻¹] from monthly sums: 0.1833 F^1.9957, F = mean over years of Σ P_m² / Σ P_m (fall-back).

    monthly_rain: sums [mm], shape (years, 12)

    Raises InputError where the shape differs, or a sum is negative or unknown.
    Source: Zhang and Fu 2003, modified Fournier index.
    """
    sums = np.atleast_2d(np.asarray(monthly_rain, dtype=np.float64))
    if sums.ndim != 2 or sums.shape[1] != 12 or len(sums) == 0:
        raise InputError(f"monthly rain of shape {np.shape(monthly_rain)}", expected="(years, 12)")
    for row, col in np.argwhere(~(sums >= 0) | np.isinf(sums))[:1]:
        raise InputError(
            f"monthly rain of {sums[row, col]:g} mm", where=f"year {row + 1}, month {col + 1}", expected="0 or more"
        )
    yearly = sums.sum(axis=1)
    squares = (sums**2).sum(axis=1)
    index = np.divide(squares, yearly, out=np.zeros_like(yearly), where=yearly > 0)
    return _power_of("fournier", float(index.mean()), table)


def _amount(depth: float, what: str) -> float:
    if not (np.isfinite(depth) and depth >= 0):
        raise InputError(f"{what} of {depth:g} mm", expected="a depth of 0 or more")
    return float(depth)


def _power_of(model: str, amount: float, table: Table | None) -> float:
    rows = (table or load("rain_erosivity")).where(model=model)
    coefficient, exponent = (rows.number("value", parameter=p) for p in ("coefficient", "exponent"))
    return float(coefficient * amount**exponent)
