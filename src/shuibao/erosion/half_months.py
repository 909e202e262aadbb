"""R by half-months and their shares from the daily rain of one station (半月降雨侵蚀力与占比).

Unknown days are never taken as dry. A year with too many of them is left out; in the years that remain, an unknown day
counts as the mean of the known days of its half-month over all these years.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ..errors import InputError
from ..tables import Table, load
from .notes import Note
from .rain import HALF_MONTHS, daily_erosivity, erosive_threshold, half_month, warm_season, zhang_parameters
from .rain_guards import checked_daily_rain, days_of

Model = Literal["official", "xie2016", "zhang2002"]
MODELS = ("official", "xie2016", "zhang2002")


@dataclass(frozen=True, eq=False)
class HalfMonthErosivity:
    """Mean erosivity of the 24 half-months at one station and what it rests on."""

    values: np.ndarray
    """R_k [MJ mm hm⁻² h⁻¹ a⁻¹], shape (24,); NaN where no day of the half-month is known in any year used."""
    shares: np.ndarray
    """WR_k = R_k / R [-], shape (24,), summing to 1; 1/24 each where R is 0."""
    annual: float
    """R [MJ mm hm⁻² h⁻¹ a⁻¹], the sum of `values`; NaN where one of them is."""
    years: tuple[int, ...]
    """The years used."""
    left_out: dict[int, str]
    """Years left out, with the reason."""
    missing_days: int
    """Unknown days in the years used (within the season, where one was declared)."""
    model: str
    threshold: float
    """Least daily depth that counted [mm]."""
    notes: tuple[Note, ...]
    """Warnings for the report, whole sentences; each has its Chinese in `.zh`."""


@dataclass(frozen=True)
class AllowedMissing:
    """Unknown days a year may have and still be used: in the warm season (May to September) and in the rest."""

    warm: int = 5
    cold: int = 31


def half_month_erosivity(
    rain: pd.Series,
    model: Model = "official",
    *,
    first_year: int | None = None,
    last_year: int | None = None,
    allowed_missing: AllowedMissing | None = None,
    season: tuple[int, int] | None = None,
    threshold: float | None = None,
    mean_temperature: pd.Series | None = None,
    units_confirmed: bool = False,
    table: Table | None = None,
) -> HalfMonthErosivity:
    """R_k, R and WR_k of a station from its daily rain, as means over years.

    R_k = (1/N) Σ_years Σ_days R_day; with unknown days, the mean of the known days of a half-month times its days in a
    year

    rain: depth of 24 hours [mm] by date, in order; NaN and absent dates are unknown
    model: official | xie2016 | zhang2002 (whose α and β are taken from the erosive days of the years used)
    first_year, last_year: the period, both included; by default from the first to the last year of `rain`
    allowed_missing: unknown days a year may have; by default 5 from May to September and 31 in the other months
    season: first and last month observed, for gauges read in the rainy season only; the other months are declared free
        of erosive rain, their R_k is 0 and a note says so. By default all months must be known
    threshold, mean_temperature, units_confirmed: as of `daily_erosivity`

    Raises InputError for an unknown model, an empty period, or where every year must be left out.
    """
    if model not in MODELS:
        raise InputError(f"erosivity model {model!r}", expected=f"one of {MODELS}")
    table = table or load("rain_erosivity")
    depth = _every_day(checked_daily_rain(rain, units_confirmed=units_confirmed), first_year, last_year)
    observed = _observed(depth, season)
    warm = warm_season(table.where(model="official"))
    years, left_out = _usable_years(depth, observed, warm, allowed_missing or AllowedMissing())
    kept = np.isin(days_of(depth).year, years)
    least = erosive_threshold(table.where(model=model), threshold)
    daily, more = _daily(depth[kept], model, observed[kept], least, mean_temperature, table)
    values, known_days = _means(daily, observed[kept], len(years))
    missing = int((daily.isna().to_numpy() & observed[kept]).sum())
    notes = (*_notes(years, left_out, missing, known_days, season, table), *more)
    annual = float(values.sum())
    return HalfMonthErosivity(values, _shares(values), annual, tuple(years), left_out, missing, model, least, notes)


def _every_day(depth: pd.Series, first_year: int | None, last_year: int | None) -> pd.Series:
    """Rain of every date of the whole years of the period; dates without a row are NaN."""
    first = first_year if first_year is not None else int(depth.index[0].year)
    last = last_year if last_year is not None else int(depth.index[-1].year)
    if first > last:
        raise InputError(f"period from {first} to {last}", expected="a first year not after the last")
    return depth.reindex(pd.date_range(f"{first}-01-01", f"{last}-12-31", freq="D"))


def _observed(depth: pd.Series, season: tuple[int, int] | None) -> np.ndarray:
    """True for the days of the months that were observed."""
    first, last = season or (1, 12)
    if not 1 <= first <= last <= 12:
        raise InputError(f"season {season}", expected="a first and a last month, 1 to 12")
    month = days_of(depth).month
    return np.asarray((month >= first) & (month <= last))


def _usable_years(
    depth: pd.Series, observed: np.ndarray, warm: np.ndarray, allowed: AllowedMissing
) -> tuple[list[int], dict[int, str]]:
    unknown = depth.isna().to_numpy() & observed
    days = days_of(depth)
    in_season = np.isin(days.month, warm)
    years, left_out = [], {}
    for year in range(days[0].year, days[-1].year + 1):
        here = np.asarray(days.year == year) & unknown
        warm_days, cold_days = int((here & in_season).sum()), int((here & ~in_season).sum())
        if warm_days > allowed.warm or cold_days > allowed.cold:
            left_out[year] = f"{warm_days} unknown days from month {warm[0]} to {warm[-1]}, {cold_days} in the others"
        else:
            years.append(year)
    if not years:
        found = "; ".join(f"{year}: {reason}" for year, reason in list(left_out.items())[:5])
        raise InputError(
            f"no year can be used ({found})",
            expected=f"at most {allowed.warm} unknown days in the warm season and {allowed.cold} in the cold one",
            remedy="Fill gaps from a neighbouring station, widen allowed_missing, or give season=(first, last month).",
        )
    return years, left_out


def _daily(
    depth: pd.Series, model: Model, observed: np.ndarray, least: float, temperature: pd.Series | None, table: Table
) -> tuple[pd.Series, tuple[Note, ...]]:
    """Erosivity of every day of the years used, and notes."""
    if model != "zhang2002":
        daily = daily_erosivity(
            depth, model, threshold=least, mean_temperature=temperature, units_confirmed=True, table=table
        )
        return daily, ()
    if temperature is not None:
        raise InputError("a snow mask with model zhang2002", expected="the official model or xie2016 for a snow mask")
    erosive = depth[(depth >= least) & observed]
    if erosive.empty:
        return depth.where(depth.isna(), 0.0), ()
    known = float((depth.notna().to_numpy() | ~observed).mean())
    years = days_of(depth).year.nunique()
    alpha, beta = zhang_parameters(float(erosive.mean()), float(erosive.sum() / (years * known)), table=table)
    daily = (alpha * depth**beta).where((depth >= least) | depth.isna(), 0.0)
    english = f"α = {alpha:.5g} and β = {beta:.5g} from {len(erosive)} erosive days."
    return daily, (Note(english, f"由 {len(erosive)} 个侵蚀性降雨日得 α = {alpha:.5g}，β = {beta:.5g}。"),)


def _means(daily: pd.Series, observed: np.ndarray, years: int) -> tuple[np.ndarray, np.ndarray]:
    """R_k (24,) and the known or declared days behind each."""
    k = half_month(days_of(daily))
    known = daily.notna().to_numpy()
    sums = np.bincount(k, np.where(known & observed, daily.to_numpy(), 0.0), HALF_MONTHS)
    known_days = np.bincount(k[known | ~observed], minlength=HALF_MONTHS)
    days = np.bincount(k, minlength=HALF_MONTHS)
    mean = np.divide(sums, known_days, out=np.full(HALF_MONTHS, np.nan), where=known_days > 0)
    return mean * (days / years), known_days


def _shares(values: np.ndarray) -> np.ndarray:
    total = values.sum()
    return values / total if total != 0 else np.full(HALF_MONTHS, 1 / HALF_MONTHS)


def _notes(
    years: list[int],
    left_out: dict[int, str],
    missing: int,
    known_days: np.ndarray,
    season: tuple[int, int] | None,
    table: Table,
) -> tuple[Note, ...]:
    wanted = int(table.number("value", model="normals", parameter="years"))
    notes = []
    if len(years) < wanted:
        english = f"R rests on {len(years)} years; a normal needs {wanted} or more."
        notes.append(Note(english, f"R 值仅由 {len(years)} 年资料计算，多年平均至少需要 {wanted} 年。"))
    if left_out:
        listed = "; ".join(f"{year} ({reason})" for year, reason in left_out.items())
        named = "、".join(str(year) for year in left_out)
        notes.append(Note(f"Years left out: {listed}.", f"缺测日数过多、未参与计算的年份：{named}。"))
    if missing:
        english = f"{missing} unknown days in the years used count as the mean of the known days of their half-month."
        notes.append(Note(english, f"参与计算的年份中有 {missing} 个缺测日，按同一半月实测日的平均值计。"))
    if season is not None and season != (1, 12):
        english = f"Rain outside months {season[0]} to {season[1]} was declared not erosive."
        notes.append(Note(english, f"{season[0]}—{season[1]} 月以外的降雨已声明为非侵蚀性降雨。"))
    if not known_days.all():
        blank = ", ".join(str(k) for k in np.flatnonzero(known_days == 0))
        english = f"No day is known in half-months {blank}; their R_k, and so R, is unknown."
        notes.append(Note(english, f"半月序号 {blank}（自 0 起）全部缺测，其侵蚀力及全年 R 值未知。"))
    return tuple(notes)
