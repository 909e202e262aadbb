"""Erosivity of single storms, EI30, from records of minutes (次降雨侵蚀力).

A storm is parted from the next by six dry hours. Its energy E is the sum of depth times unit energy, which follows
from intensity; its I30 is twice the greatest depth of 30 minutes; its erosivity is E × I30. Sources: Wischmeier and
Smith 1978; Brown and Foster 1987; Renard et al. 1997 (RUSLE); USDA-ARS 2013 (RUSLE2). Numbers stand in the table
`rain_erosivity_storms`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError
from ..tables import Table, load
from .kernels.maximum_depth import maximum_depths
from .kernels.storm_parting import part_storms
from .notes import Note
from .rain import HALF_MONTHS, half_month
from .rain_guards import depths_of

Energy = Literal["rusle", "rusle2", "usle"]
ENERGIES = ("rusle", "rusle2", "usle")
Erosive = Literal["china", "rusle", "all"]
ERODING = ("china", "rusle", "all")

LONGEST_INTERVAL = 60.0
"""Minutes over which rain may be taken for uniform; above, I30 means nothing."""

STEEPEST = 1000.0
"""Intensity [mm/h] above which a record is refused: no gauge has seen it over five minutes."""


class WetIntervals(NamedTuple):
    """Intervals with rain: begin and end [minutes since the first stamp], depth [mm]."""

    origin: pd.Timestamp
    begin: np.ndarray
    end: np.ndarray
    depth: np.ndarray
    unknown: np.ndarray
    """Begin and end of the intervals whose depth is unknown [minutes], shape (n, 2)."""
    finish: float
    """End of the record [minutes]."""


@dataclass(frozen=True, eq=False)
class StormErosivity:
    """Yearly erosivity from storms and what it rests on."""

    events: pd.DataFrame
    """The erosive storms, as of `storm_events`."""
    by_year: pd.Series
    """R of the years used [MJ mm hm⁻² h⁻¹ a⁻¹]."""
    values: np.ndarray
    """R_k of the 24 half-months, mean of the years used, shape (24,); a storm belongs to the half-month it starts
    in."""
    annual: float
    """R [MJ mm hm⁻² h⁻¹ a⁻¹], mean of the years used."""
    left_out: dict[int, str]
    """Years left out, with the reason."""
    notes: tuple[Note, ...]
    """Warnings for the report, whole sentences; each has its Chinese in `.zh`."""


def rain_energy(intensity: object, equation: Energy = "rusle", *, table: Table | None = None) -> np.ndarray:
    """Unit energy e [MJ hm⁻² mm⁻¹] of rain of an intensity [mm/h].

    rusle: 0.29 (1 − 0.72 exp(−0.05 i)), Brown and Foster 1987 · rusle2: the same with 0.082
    usle: 0.119 + 0.0873 log10 i up to 76 mm/h and 0.283 above, 0 where that is negative; Foster et al. 1981

    Raises InputError for an unknown equation and for negative intensities.
    """
    if equation not in ENERGIES:
        raise InputError(f"energy equation {equation!r}", expected=f"one of {ENERGIES}")
    rate = np.asarray(intensity, dtype=np.float64)
    if bool((rate < 0).any()):
        raise InputError(f"intensity of {np.nanmin(rate):g} mm/h", expected="0 or more")
    rows = (table or load("rain_erosivity_storms")).where(group=equation).rows
    n = dict(zip(rows["parameter"], rows["value"].astype(float), strict=True))
    if equation != "usle":
        return np.asarray(n["highest"] * (1 - n["reduction"] * np.exp(-n["decay"] * rate)))
    logarithm = np.log10(np.where(rate > 0, rate, 1e-12))
    energy = np.where(rate <= n["limit"], np.maximum(n["constant"] + n["slope"] * logarithm, 0.0), n["highest"])
    return np.where(np.isnan(rate), np.nan, energy)


def storm_events(
    rain: pd.Series,
    *,
    energy: Energy = "rusle",
    light_rule: bool = False,
    interval: float | None = None,
    stamp: Literal["end", "start"] = "end",
    table: Table | None = None,
) -> pd.DataFrame:
    """All storms of a record with their energy, I30 and erosivity.

    rain: depths [mm] with a DatetimeIndex in order of time; NaN is unknown
    energy: as of `rain_energy`
    light_rule: part storms by less than 1.27 mm in 6 hours instead of 6 hours without any rain
    interval: length of every record [minutes]; absent stamps are then dry. By default a record covers the time from
        the stamp before (break points), and the first one as long as the second
    stamp: the stamp of a record stands at its end or at its start
    returns: one row a storm: start, end, depth_mm, duration_h, i30_mm_h, i15_mm_h, energy_MJ_hm2, erosivity [MJ mm
        hm⁻² h⁻¹] and complete (false where a record within six hours of it is unknown, so that its erosivity is a
        lower bound)

    Raises InputError where stamps are no times, repeated or out of order, a depth is negative, a record with rain
    covers more than 60 minutes, records overlap, or the intensity cannot be (1000 mm/h).
    Limits: I30 of records of 60 minutes is too small, since rain within them counts as uniform.
    """
    table = table or load("rain_erosivity_storms")
    wet = _wet_intervals(rain, interval, stamp)
    dry = 60 * table.number("value", group="events", parameter="dry_hours")
    light = table.number("value", group="events", parameter="light_depth") if light_rule else 0.0
    storm = part_storms(wet.begin, wet.end, wet.depth, dry, light)
    first = np.flatnonzero(np.diff(storm, prepend=-1))
    bounds = np.append(first, len(storm))
    rate = wet.depth / (wet.end - wet.begin) * 60
    work = wet.depth * rain_energy(rate, energy, table=table)
    depth, work = (np.add.reduceat(x, first) if len(first) else x for x in (wet.depth, work))
    last = bounds[1:] - 1
    begin, end = wet.begin[first], wet.end[last]
    i30, i15 = (_peak(wet, bounds, minutes) * 60 / minutes for minutes in (30.0, 15.0))
    return pd.DataFrame(
        {
            "start": wet.origin + pd.to_timedelta(begin, unit="min"),
            "end": wet.origin + pd.to_timedelta(end, unit="min"),
            "depth_mm": depth,
            "duration_h": (end - begin) / 60,
            "i30_mm_h": i30,
            "i15_mm_h": i15,
            "energy_MJ_hm2": work,
            "erosivity": work * i30,
            "complete": _complete(begin, end, wet.unknown, dry),
        }
    )


def erosive_storms(events: pd.DataFrame, rule: Erosive = "china", *, table: Table | None = None) -> pd.DataFrame:
    """The storms that erode.

    rule: china, 12 mm or more · rusle, 12.7 mm or more, or 6.35 mm within 15 minutes · all, 1.27 mm or more

    Raises InputError for an unknown rule.
    """
    if rule not in ERODING:
        raise InputError(f"rule {rule!r} for erosive storms", expected=f"one of {ERODING}")
    table = table or load("rain_erosivity_storms")
    kept = events["depth_mm"] >= table.number("value", group="erosive", parameter=rule) - 1e-9
    if rule == "rusle":
        kept |= events["i15_mm_h"] / 4 >= table.number("value", group="erosive", parameter="rusle_peak") - 1e-9
    return events[kept].reset_index(drop=True)


def storm_erosivity(
    rain: pd.Series,
    *,
    erosive: Erosive = "china",
    energy: Energy = "rusle",
    light_rule: bool = False,
    interval: float | None = None,
    stamp: Literal["end", "start"] = "end",
    allowed_unknown: float = 0.05,
    table: Table | None = None,
) -> StormErosivity:
    """R of the years and half-months from the erosive storms of a record.

    erosive: as of `erosive_storms`; rain, energy, light_rule, interval, stamp: as of `storm_events`
    allowed_unknown: share of a year that may be unknown or lie outside the record; other years are left out, with a
        note

    Raises InputError as `storm_events`, and where every year must be left out.
    """
    table = table or load("rain_erosivity_storms")
    all_storms = storm_events(rain, energy=energy, light_rule=light_rule, interval=interval, stamp=stamp, table=table)
    storms = erosive_storms(all_storms, erosive, table=table)
    wet = _wet_intervals(rain, interval, stamp)
    years, left_out = _usable_years(wet, allowed_unknown)
    starts = pd.DatetimeIndex(storms["start"])
    used = storms[np.isin(starts.year, years)].reset_index(drop=True)
    starts = pd.DatetimeIndex(used["start"])
    by_year = used.groupby(np.asarray(starts.year))["erosivity"].sum().reindex(years, fill_value=0.0)
    values = np.bincount(half_month(starts), used["erosivity"], HALF_MONTHS) / len(years)
    notes = _notes(wet, left_out, used)
    return StormErosivity(used, by_year.rename_axis("year"), values, float(by_year.mean()), left_out, notes)


def _wet_intervals(rain: pd.Series, interval: float | None, stamp: str) -> WetIntervals:
    if stamp not in ("end", "start"):
        raise InputError(f"stamp {stamp!r}", expected="'end' or 'start'")
    minutes, depth = _checked_record(rain)
    if interval is None:
        steps = np.diff(minutes)
        length = np.append(steps[:1], steps) if stamp == "end" else np.append(steps, steps[-1:])
    else:
        length = np.full(len(minutes), float(interval))
    begin = minutes - length if stamp == "end" else minutes
    end = minutes if stamp == "end" else minutes + length
    _refuse_lengths(rain, begin, length, depth)
    wet, unknown = depth > 0, np.isnan(depth)
    gaps = np.column_stack([begin[unknown], end[unknown]])
    return WetIntervals(rain.index[0], begin[wet], end[wet], depth[wet], gaps, float(end[-1]))


def _checked_record(rain: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Stamps [minutes since the first] and depths [mm] of a record that is in order."""
    if not isinstance(rain.index, pd.DatetimeIndex) or len(rain) < 2 or rain.index.hasnans:
        raise InputError(
            f"{len(rain)} records indexed by {rain.index.dtype}", expected="two or more records with a time each"
        )
    minutes = np.asarray((rain.index - rain.index[0]).total_seconds() / 60)
    wrong = np.flatnonzero(np.diff(minutes) <= 0)
    if len(wrong):
        row = wrong[0] + 1
        raise InputError(
            f"{rain.index[row]} follows {rain.index[row - 1]}",
            where=f"row {row + 1}", expected="times in order, each once",
            remedy="rain.sort_index() puts them in order; drop repeated stamps.",
        )  # fmt: skip
    depth = depths_of(rain)
    negative = np.flatnonzero((depth < 0) | np.isinf(depth))
    if len(negative):
        row = negative[0]
        raise InputError(
            f"rain of {depth[row]:g} mm at {rain.index[row]}", where=f"row {row + 1}", expected="a depth of 0 or more"
        )
    return minutes, depth


def _refuse_lengths(rain: pd.Series, begin: np.ndarray, length: np.ndarray, depth: np.ndarray) -> None:
    raining = depth > 0
    for row in np.flatnonzero(raining & (length > LONGEST_INTERVAL))[:1]:
        raise InputError(
            f"{depth[row]:g} mm at {rain.index[row]} fell within {length[row]:g} minutes", where=f"row {row + 1}",
            expected=f"records of at most {LONGEST_INTERVAL:g} minutes",
            remedy="Where rainy intervals alone are recorded, give their length as `interval`.",
        )  # fmt: skip
    for row in np.flatnonzero(np.diff(begin) < length[:-1] - 1e-6)[:1]:
        raise InputError(
            f"the record at {rain.index[row + 1]} begins before the one before ends", where=f"row {row + 2}",
            expected=f"stamps at least {length[row]:g} minutes apart", remedy="Give the true `interval`.",
        )  # fmt: skip
    rate = np.divide(depth * 60, length, out=np.zeros_like(depth), where=length > 0)
    for row in np.flatnonzero(rate > STEEPEST)[:1]:
        raise InputError(
            f"{depth[row]:g} mm in {length[row]:g} minutes at {rain.index[row]}",
            where=f"row {row + 1}", expected=f"at most {STEEPEST:g} mm/h",
            remedy="Are these tenths of a millimetre, or running totals? Take differences.",
        )  # fmt: skip


def _peak(wet: WetIntervals, bounds: np.ndarray, minutes: float) -> np.ndarray:
    """Greatest depth [mm] of each storm within a window [minutes]."""
    total = np.cumsum(wet.depth) - wet.depth
    out = np.empty(len(bounds) - 1)
    maximum_depths(wet.begin, wet.end, wet.depth, total, bounds, minutes, out)
    return out


def _complete(begin: np.ndarray, end: np.ndarray, unknown: np.ndarray, margin: float) -> np.ndarray:
    """False for storms with an unknown record inside or within `margin` minutes of them."""
    first = np.searchsorted(unknown[:, 1], begin - margin, side="right")
    last = np.searchsorted(unknown[:, 0], end + margin, side="left")
    return np.asarray(first >= last)


def _usable_years(wet: WetIntervals, allowed: float) -> tuple[list[int], dict[int, str]]:
    last = wet.origin + pd.Timedelta(minutes=wet.finish)
    years, left_out = [], {}
    for year in range(wet.origin.year, (last - pd.Timedelta(seconds=1)).year + 1):
        start, stop = (
            (pd.Timestamp(y, 1, 1) - wet.origin.tz_localize(None)) / pd.Timedelta(minutes=1) for y in (year, year + 1)
        )
        outside = max(0.0, min(0.0, stop) - start) + max(0.0, stop - max(wet.finish, start))
        inside = np.clip(np.minimum(wet.unknown[:, 1], stop) - np.maximum(wet.unknown[:, 0], start), 0, None).sum()
        share = float((outside + inside) / (stop - start))
        if share > allowed:
            left_out[year] = f"{100 * share:.0f} % of its time is unknown"
        else:
            years.append(year)
    if not years:
        found = "; ".join(f"{year}: {reason}" for year, reason in left_out.items())
        raise InputError(
            f"no year can be used ({found})", expected=f"at most {100 * allowed:.0f} % unknown",
            remedy="Widen allowed_unknown; for a record of the rainy season only, 0.6.",
        )  # fmt: skip
    return years, left_out


def _notes(wet: WetIntervals, left_out: dict[int, str], used: pd.DataFrame) -> tuple[Note, ...]:
    notes = []
    if left_out:
        listed = "; ".join(f"{year} ({reason})" for year, reason in left_out.items())
        named = "、".join(str(year) for year in left_out)
        notes.append(Note(f"Years left out: {listed}.", f"缺测过多、未参与计算的年份：{named}。"))
    partial = int((~used["complete"]).sum())
    if partial:
        english = f"{partial} storms have unknown records in or beside them; their erosivity is a lower bound."
        notes.append(Note(english, f"{partial} 场降雨之中或前后有缺测，其侵蚀力为下限。"))
    if len(wet.depth) and float(np.median(wet.end - wet.begin)) > 30:
        english = "Records are longer than 30 minutes: I30 and so R are too small."
        notes.append(Note(english, "资料时段长于 30 分钟，I30 及 R 值偏小。"))
    return tuple(notes)
