"""Guards of daily rain: what is refused before any erosivity is computed.

A daily series is depths [mm] of 24 hours (in China 20 h to 20 h, Beijing time) by date. NaN is an unknown day and
stays one.
"""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..quantities import quantity

DRIEST_YEAR = 4.0
"""A yearly mean [mm] under which depths look like metres: the driest station of China, Toksun, has about 7 mm."""

WETTEST_MEDIAN = 12.0
"""A median of rainy days [mm] above which whole-numbered depths look like tenths of a millimetre; true medians are 2
to 6 mm."""

ENOUGH_DAYS, ENOUGH_RAINY_DAYS = 180, 20
"""Known days and rainy days under which units are not suspected: a handful of days may be anything."""


def checked_daily_rain(rain: pd.Series, *, units_confirmed: bool = False) -> pd.Series:
    """Daily rain as float64 [mm] on plain dates, the same rows, or the reason why it cannot be.

    rain: depths [mm] with a DatetimeIndex in order of time; the hour of a stamp is dropped; NaN is unknown
    units_confirmed: the unit is known to be mm, so neither metres nor tenths of a millimetre are suspected

    Raises InputError where the index holds no dates, dates are missing, repeated or out of order, a depth is negative,
    infinite, not a number or above what has ever fallen in a day, or where the depths look like metres or tenths of a
    millimetre.
    """
    dates = _dates(rain)
    depth = depths_of(rain)
    _refuse_order(dates)
    _refuse_first(depth < 0, depth, dates, "a depth of 0 or more", "A missing day is an empty cell, not -99.")
    highest = quantity("rain_depth").high
    _refuse_first(
        depth > highest, depth, dates, f"at most {highest:g} mm in a day",
        "Codes above 30000 are marks of the weather service (trace, snow); shuibao.io.read_daily_rain decodes them.",
    )  # fmt: skip
    if not units_confirmed:
        _refuse_units(depth)
    return pd.Series(depth, index=dates, name=rain.name)


def days_of(series: pd.Series) -> pd.DatetimeIndex:
    """The index of a checked daily series, as dates."""
    return pd.DatetimeIndex(series.index)


def _dates(rain: pd.Series) -> pd.DatetimeIndex:
    if not isinstance(rain.index, pd.DatetimeIndex):
        raise InputError(
            f"rain is indexed by {rain.index.dtype}",
            expected="dates",
            remedy="Set the index with pd.to_datetime(table['date']).",
        )
    if len(rain) == 0:
        raise InputError("the rain series has no rows", expected="one row a day")
    missing = np.flatnonzero(rain.index.isna())
    if len(missing):
        raise InputError("a row has no date", where=f"row {missing[0] + 1}", expected="a date in every row")
    return rain.index.tz_localize(None).normalize()


def depths_of(rain: pd.Series) -> np.ndarray:
    """Depths as float64, NaN where the cell is empty.

    Raises InputError where a cell holds no number.
    """
    numbers = pd.to_numeric(rain, errors="coerce")
    strange = np.flatnonzero(numbers.isna() & rain.notna())
    if len(strange):
        raise InputError(
            f"rain of {rain.iloc[strange[0]]!r}", where=f"row {strange[0] + 1}", expected="a number or an empty cell"
        )
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def _refuse_order(dates: pd.DatetimeIndex) -> None:
    repeated = np.flatnonzero(dates.duplicated())
    if len(repeated):
        first = repeated[0]
        raise InputError(
            f"{dates[first]:%Y-%m-%d} stands twice", where=f"row {first + 1}", expected="one row a day",
            remedy="Keep one of the rows; several stations must be separate series.",
        )  # fmt: skip
    back = np.flatnonzero(np.diff(dates.asi8) < 0)
    if len(back):
        row = back[0] + 1
        raise InputError(
            f"{dates[row]:%Y-%m-%d} follows {dates[row - 1]:%Y-%m-%d}",
            where=f"row {row + 1}", expected="dates in order",
            remedy="rain.sort_index() puts them in order; look first whether two files were joined by mistake.",
        )  # fmt: skip


def _refuse_first(wrong: np.ndarray, depth: np.ndarray, dates: pd.DatetimeIndex, expected: str, remedy: str) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        row = rows[0]
        more = f" ({len(rows)} such rows)" if len(rows) > 1 else ""
        raise InputError(
            f"rain of {depth[row]:g} mm on {dates[row]:%Y-%m-%d}{more}",
            where=f"row {row + 1}",
            expected=expected,
            remedy=remedy,
        )


def _refuse_units(depth: np.ndarray) -> None:
    known = depth[~np.isnan(depth)]
    rainy = known[known > 0]
    if len(known) < ENOUGH_DAYS or len(rainy) < ENOUGH_RAINY_DAYS:
        return
    yearly = float(known.mean() * 365.25)
    if yearly < DRIEST_YEAR:
        raise InputError(
            f"the rain of a year sums to {yearly:.3g}, its wettest day to {known.max():.3g}", expected="millimetres",
            remedy="Are these metres? Multiply by 1000, or pass units_confirmed=True.",
        )  # fmt: skip
    middle = float(np.median(rainy))
    if middle > WETTEST_MEDIAN and bool(np.all(rainy == np.round(rainy))):
        raise InputError(
            f"half of the rainy days have {middle:g} or more and every depth is a whole number", expected="millimetres",
            remedy="Are these tenths of a millimetre? Divide by 10, or pass units_confirmed=True.",
        )  # fmt: skip
