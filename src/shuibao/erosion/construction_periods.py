"""Periods of a project on construction land (SL 773-2018): the erosivity of a period, the background, the new loss."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..tables import Table, load
from .construction import HECTARES_PER_KM2, ConstructionLoss

MONTHS = 12
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class CountyClimate:
    """R of each month [MJ mm hm⁻² h⁻¹] and K [t hm² h hm⁻² MJ⁻¹ mm⁻¹] of one county, from the annex of SL 773-2018."""

    erosivity: npt.NDArray[np.float64]
    erodibility: float


def county_climate(county_code: int, table: Table | None = None) -> CountyClimate:
    """Monthly R and K of a county.

    table: rows of `construction_county`: county_code, month 1 to 12, erosivity, erodibility; one row a month

    Raises InputError where the table has no row for the county, or not one for each month.
    Source: annexes of SL 773-2018, typed in by the user: the table that comes with Shuibao is empty.
    """
    rows = (load("construction_county") if table is None else table).rows
    mine = rows[rows["county_code"] == county_code].sort_values("month")
    if [int(month) for month in mine["month"]] != list(range(1, MONTHS + 1)) or mine["erodibility"].nunique() != 1:
        raise InputError(
            f"{len(mine)} rows for county {county_code}", where="table construction_county",
            expected="one row for each month 1 to 12, with one erodibility",
            remedy="Type in the county's monthly R and its K from the annexes of SL 773-2018.",
        )  # fmt: skip
    return CountyClimate(mine["erosivity"].to_numpy(float), float(mine["erodibility"].iloc[0]))


def period_erosivity(monthly: Sequence[float] | npt.NDArray[np.float64], start: dt.date, end: dt.date) -> float:
    """R [MJ mm hm⁻² h⁻¹] of the days from `start` to `end`, both included, from the mean R of the twelve months.

    A month that is not whole counts by its share of days.

    Raises InputError where there are not twelve numbers of 0 or more, or the period ends before it starts.
    """
    values = np.asarray(monthly, float)
    if values.shape != (MONTHS,) or not (values >= 0).all():
        raise InputError(
            f"{values.size} monthly values, least {values.min(initial=np.inf):.4g}", expected="twelve of 0 or more"
        )
    if end < start:
        raise InputError(f"a period from {start} to {end}", expected="an end after its start")
    total = 0.0
    for year in range(start.year, end.year + 1):
        for month in range(1, MONTHS + 1):
            total += float(values[month - 1]) * _share_of_month(year, month, start, end)
    return total


def background_modulus(moduli: Sequence[float], areas: Sequence[float]) -> float:
    """Background modulus [t km⁻² a⁻¹] of a site: the mean of its land types' moduli, weighted by area.

    Raises InputError where the numbers of moduli and areas differ, one is negative or the area is 0.
    """
    m, a = np.asarray(moduli, float), np.asarray(areas, float)
    if m.shape != a.shape or m.size == 0 or (m < 0).any() or (a < 0).any() or a.sum() == 0:
        raise InputError(
            f"{m.size} moduli and {a.size} areas", where="background_modulus", expected="as many of each, none negative"
        )
    return float((m * a).sum() / a.sum())


@dataclass(frozen=True)
class ConstructionPeriod:
    """One period of a project: construction (施工期) or natural recovery (自然恢复期).

    losses: of all its slope units, computed with the R of this period
    background: modulus before the project [t km⁻² a⁻¹]; start, end: first and last day
    """

    name: str
    start: dt.date
    end: dt.date
    losses: Sequence[ConstructionLoss]
    background: float

    @property
    def years(self) -> float:
        """Length of the period [a]."""
        return ((self.end - self.start).days + 1) / DAYS_PER_YEAR

    @property
    def area(self) -> float:
        """Area of all slope units [hm²]."""
        return float(sum(np.sum(loss.area) for loss in self.losses))

    @property
    def total(self) -> float:
        """Loss of the period [t]."""
        return float(sum(np.sum(loss.loss) for loss in self.losses))

    @property
    def background_loss(self) -> float:
        """Loss [t] that the same ground would have had without the project."""
        return self.background * self.area / HECTARES_PER_KM2 * self.years

    @property
    def new_loss(self) -> float:
        """Loss that the project adds [t] (新增土壤流失量); negative where it protects the ground."""
        return self.total - self.background_loss


def _share_of_month(year: int, month: int, start: dt.date, end: dt.date) -> float:
    days = calendar.monthrange(year, month)[1]
    first, last = max(start, dt.date(year, month, 1)), min(end, dt.date(year, month, days))
    return max((last - first).days + 1, 0) / days
