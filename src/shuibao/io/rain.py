"""Read rain: daily depths, records of a recording gauge, and lists of stations.

A day's rain is that from 20 to 20 hours Beijing time unless the file says otherwise. Missing days stay in the series
as NaN; they are counted, never taken as dry.
"""

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError
from ..quantities import quantity
from .datum import suspect
from .files import PathLike
from .rain_codes import decode_cma
from .tabular import SHOWN, TextTable, convert, read_text_table, require_columns

STATION = (
    "station", "stationid", "station_id", "site", "stcd", "v01301", "v01000", "区站号", "台站号", "站号", "站码",
    "测站编码", "站点", "测站", "站名", "id",
)  # fmt: skip
DATE = ("date", "datetime", "time", "tm", "日期", "时间", "资料时间")
DEPTH = (
    "p_mm", "p", "pcp", "prcp", "rain", "rain_mm", "rainfall", "precipitation", "precip", "drp", "value", "降水量",
    "降雨量", "雨量", "日降水量", "日降雨量", "20-20时降水量", "20-20时累计降水量",
)  # fmt: skip
CMA = ("prcp20_20", "v13201", "pre_time_2020")
YEAR, MONTH, DAY = ("year", "v04001", "年"), ("month", "mon", "v04002", "月"), ("day", "v04003", "日")
LON, LAT = ("lon", "longitude", "经度", "v06001"), ("lat", "latitude", "纬度", "v05001")
NAME = ("name", "station_name", "站名", "名称", "stnm")
ALTITUDE = ("altitude_m", "altitude", "elevation", "alt", "height", "海拔", "高程", "海拔高度", "v07001")
"""Names of columns, in lower case, in the order of preference."""

MISSING = (-9999.0, -999.9, -999.0, -99.9, -99.0, 9999.0, 99999.0, 999999.0, 32766.0)
"""Numbers that stand for a missing depth in tables of rain."""

CMA_CODES = 30_000.0
"""A depth from here on is a code of the archive."""

FIXED_COLUMNS = 13
"""Columns of a monthly file of the archive: station, latitude, longitude, altitude, year, month, day, 20-8, 8-20,
20-20 h, 3 marks."""


def read_daily_rain(
    path: PathLike,
    *,
    stations: list[str] | None = None,
    form: str = "auto",
    unit: str = "mm",
    sheet: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read daily rain of one or several stations.

    form: long (one row a station and day), wide (one column a station), cma (archived numbers with codes, under a
        name such as prcp20_20, or the 13 columns of the monthly files), or auto to tell by the names of the columns
    stations: the ones wanted, by default all
    unit: mm, or 0.1 mm for plain tables in tenths

    returns: columns station (text), date (midnight of the day), p_mm (NaN for missing), every day from a station's
        first to its last, sorted; `attrs` hold `path`, `encoding`, `form`, `day`, `counts` (days, missing, trace, snow,
        …) and `reading` (sentences)

    Raises SourceError (missing, unreadable) and InputError: columns that cannot be told, negative or impossible
    depths, a date that is none or stands twice for a station, several records a day, an unknown station.
    """
    where = str(path)
    table = read_text_table(path, sheet=sheet, encoding=encoding)
    if form not in ("auto", "long", "wide", "cma"):
        raise InputError(f"form {form!r}", where=where, expected="auto, long, wide or cma")
    if unit not in ("mm", "0.1 mm"):
        raise InputError(f"unit {unit!r}", where=where, expected="mm or 0.1 mm")
    form, rows = _long_rows(table, form, where)
    rows, counts, notes = _depths(rows, form, unit, where)
    rows, day = _days(rows, table.comments, where)
    rows = _wanted(rows, stations, where)
    _refuse_twice(rows, where)
    rows, inserted = _every_day(rows)
    counts |= {"days": len(rows), "missing": int(rows.p_mm.isna().sum()), "inserted": inserted}
    if inserted:
        notes.append(f"{inserted} days without a row were put in as missing")
    rows.attrs = {
        "path": where,
        "encoding": table.encoding,
        "form": form,
        "day": day,
        "counts": counts,
        "reading": notes,
    }
    return rows


def read_subdaily_rain(
    path: PathLike, *, station: str | None = None, encoding: str | None = None, sheet: str | None = None
) -> pd.DataFrame:
    """Read the depths of a recording gauge: one row a record, its time the end of the interval in which the depth fell.

    station: where the file holds several

    returns: columns station, time, p_mm, sorted by time; `attrs` hold `interval_minutes` (None where the records are
        not evenly spaced), `path`, `encoding`, `counts` and `reading`

    Raises InputError: columns that cannot be told, times that are none or stand twice, negative depths, several
    stations.
    """
    where = str(path)
    table = read_text_table(path, sheet=sheet, encoding=encoding)
    rows = _plain_rows(table.rows, where)
    rows, counts, notes = _depths(rows, "long", "mm", where)
    rows["time"] = convert(rows["when"].rename("time"), "date", where)
    rows = _wanted(rows, [station] if station else None, where)
    names = rows.station.unique()
    if len(names) > 1:
        raise InputError(f"stations {', '.join(names)}", where=where, expected="one", remedy='Name one: station = "…".')
    twice = rows.time.duplicated(keep=False)
    if twice.any():
        raise InputError(
            f"{rows.time[twice].iloc[0]} stands twice ({_lines(rows.index[twice])})",
            where=where,
            expected="every time once",
        )
    rows = rows.sort_values("time")[["station", "time", "p_mm"]].reset_index(drop=True)
    steps = rows.time.diff().dropna().dt.total_seconds().div(60)
    even = float(steps.iloc[0]) if len(steps) and (steps == steps.iloc[0]).all() else None
    counts |= {"records": len(rows), "missing": int(rows.p_mm.isna().sum())}
    rows.attrs = {
        "path": where,
        "encoding": table.encoding,
        "interval_minutes": even,
        "counts": counts,
        "reading": notes,
    }
    return rows


def read_stations(
    path: PathLike, *, crs: Any = "EPSG:4490", encoding: str | None = None, sheet: str | None = None
) -> gpd.GeoDataFrame:
    """Read a list of stations.

    returns: columns station (text), name, altitude_m (where the file has them), geometry (points in `crs`); `attrs`
        hold path and reading

    Raises InputError where the columns cannot be told, a station stands twice, or a place is none; degrees and
    minutes as in the archive (3752 for 37°52′) are turned into degrees and this is said.
    """
    where = str(path)
    table = read_text_table(path, sheet=sheet, encoding=encoding)
    rows, names = table.rows, _by_lower(table.rows)
    columns = {key: _first(names, wanted) for key, wanted in (("station", STATION), ("lon", LON), ("lat", LAT))}
    for key, column in columns.items():
        if column is None:
            require_columns(rows, [key], where)
    out = pd.DataFrame({"station": _codes(rows[columns["station"]])}, index=rows.index)
    for key, wanted, kind in (("name", NAME, "text"), ("altitude_m", ALTITUDE, "number")):
        column = _first(names, wanted)
        if column is not None and column != columns["station"]:
            out[key] = convert(rows[column], kind, where)
    lon, lat = (convert(rows[columns[key]], "number", where) for key in ("lon", "lat"))
    lon, lat, notes = _degrees(lon, lat, where)
    if out.station.duplicated().any():
        raise InputError(
            f"station {out.station[out.station.duplicated()].iloc[0]} stands twice",
            where=where,
            expected="every station once",
        )
    frame = gpd.GeoDataFrame(out, geometry=gpd.points_from_xy(lon, lat), crs=crs).reset_index(drop=True)
    for finding in suspect(frame, where=where):
        if finding.decision == "refuse":
            raise InputError(finding.message, where=where, expected="longitude and latitude in degrees")
    frame.attrs = {"path": where, "encoding": table.encoding, "reading": notes}
    return frame


def _by_lower(rows: pd.DataFrame) -> dict[str, str]:
    return {str(c).lower(): str(c) for c in rows.columns}


def _first(names: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    """The column that bears the first of the names wanted; a unit in brackets behind it does not matter."""
    bare = {re.split(r"[（(\[]", low)[0].strip(): name for low, name in reversed(list(names.items()))}
    return next((bare[w] for w in wanted if w in bare), None)


def _long_rows(table: TextTable, form: str, where: str) -> tuple[str, pd.DataFrame]:
    """One row a station and record, columns station, when, raw (text), indexed by line."""
    names = _by_lower(table.rows)
    if form in ("auto", "cma") and _is_archive(table.rows):
        return "cma", _archive_rows(table.rows)
    code = _first(names, CMA)
    if form == "cma" and code is None:
        code = _first(names, DEPTH)
    if form in ("auto", "cma") and code is not None:
        return "cma", _plain_rows(table.rows, where, code)
    if form == "wide" or (form == "auto" and _first(names, DEPTH) is None and _first(names, DATE) is not None):
        return "wide", _wide_rows(table.rows, where)
    return "long", _plain_rows(table.rows, where)


def _plain_rows(rows: pd.DataFrame, where: str, depth: str | None = None) -> pd.DataFrame:
    names = _by_lower(rows)
    depth = depth or _first(names, DEPTH)
    if depth is None:
        have = ", ".join(map(str, rows.columns))
        raise InputError(
            "no column of rain depths can be told", where=where, expected=f"a name such as p_mm or 降水量 among {have}"
        )
    station = _first(names, STATION)
    out = pd.DataFrame({"station": _codes(rows[station]) if station else "1", "raw": rows[depth]}, index=rows.index)
    out["when"] = _when(rows, names, where)
    return out


def _when(rows: pd.DataFrame, names: dict[str, str], where: str) -> pd.Series:
    date = _first(names, DATE)
    if date is not None:
        return rows[date]
    parts = [_first(names, wanted) for wanted in (YEAR, MONTH, DAY)]
    if any(p is None for p in parts):
        have = ", ".join(map(str, rows.columns))
        raise InputError(
            "no column of dates can be told", where=where, expected=f"date, or year, month and day, among {have}"
        )
    year, month, day = (rows[p].str.strip().str.zfill(2) for p in parts)
    return year + "-" + month + "-" + day


def _wide_rows(rows: pd.DataFrame, where: str) -> pd.DataFrame:
    names = _by_lower(rows)
    when = _when(rows, names, where)
    taken = {_first(names, wanted) for wanted in (DATE, YEAR, MONTH, DAY)}
    stations = [c for c in rows.columns if c not in taken]
    if not stations:
        raise InputError(
            "no column of a station", where=where, expected="one column of depths a station beside the date"
        )
    parts = [pd.DataFrame({"station": s, "when": when, "raw": rows[s]}, index=rows.index) for s in stations]
    return pd.concat(parts)


def _is_archive(rows: pd.DataFrame) -> bool:
    """Whether this is a monthly file of the archive: numbers only, its first row taken for names."""
    first = str(rows.columns[0]).split() if rows.shape[1] == 1 else []
    return len(first) == FIXED_COLUMNS and all(re.fullmatch(r"-?\d+", c) for c in first)


def _archive_rows(rows: pd.DataFrame) -> pd.DataFrame:
    text = pd.Series([str(rows.columns[0]), *rows.iloc[:, 0]], index=pd.Index([1, *rows.index], name="line"))
    cells = text.str.split(expand=True)
    when = cells[4] + "-" + cells[5].str.zfill(2) + "-" + cells[6].str.zfill(2)
    return pd.DataFrame({"station": _codes(cells[0]), "when": when, "raw": cells[9]})


def _codes(cells: pd.Series) -> pd.Series:
    """Names of stations as text, without the .0 that a spreadsheet may add."""
    return cells.str.strip().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def _depths(rows: pd.DataFrame, form: str, unit: str, where: str) -> tuple[pd.DataFrame, dict[str, int], list[str]]:
    raw = convert(rows.raw.rename("rain"), "number", where)
    notes = []
    if form == "cma":
        rows["p_mm"], counts = decode_cma(raw, where=where)
        told = ", ".join(
            f"{n} of {kind.replace('_', ' ')}" for kind, n in counts.items() if n and kind not in ("rain", "missing")
        )
        notes.append("archived tenths of a millimetre were decoded" + (f": {told}" if told else ""))
    else:
        marked = raw.isin(MISSING)
        counts = {"marked": int(marked.sum())}
        if counts["marked"]:
            marks = ", ".join(f"{m:g}" for m in sorted(raw[marked].unique()))
            notes.append(f"{counts['marked']} depths of {marks} were taken as missing")
        rows["p_mm"] = raw.mask(marked) * (0.1 if unit == "0.1 mm" else 1.0)
        notes += ["tenths of a millimetre were turned into millimetres"] if unit == "0.1 mm" else []
    _refuse_depths(rows.p_mm, where)
    return rows.drop(columns="raw"), counts, notes


def _refuse_depths(depth: pd.Series, where: str) -> None:
    negative = depth < 0
    if negative.any():
        shown = "; ".join(f"line {i}: {v:g}" for i, v in depth[negative].head(SHOWN).items())
        raise InputError(
            f"{int(negative.sum())} negative depths of rain ({shown})",
            where=where,
            expected="0 mm or more",
            remedy="Leave the cell empty where the depth is missing.",
        )
    high = quantity("rain_depth").high
    large = depth > high
    if large.any():
        line, value = next(iter(depth[large].items()))
        code = value >= CMA_CODES
        raise InputError(
            f"a depth of {value:g} mm in line {line}",
            where=where,
            expected=f"at most {high:g} mm",
            remedy='These are codes of the archive: form = "cma".'
            if code
            else 'Are these tenths of a millimetre? unit = "0.1 mm" says so.',
        )


def _days(rows: pd.DataFrame, comments: tuple[str, ...], where: str) -> tuple[pd.DataFrame, str]:
    """The day of every record, and in words which day that is."""
    times = convert(rows["when"].rename("date"), "date", where)
    if times.isna().any():
        raise InputError(f"no date in {_lines(rows.index[times.isna()])}", where=where, expected="a date in every row")
    clock = times - times.dt.normalize()
    said = next((c for c in comments if "TIME" in c.upper()), "")
    stamps = sorted(clock.unique())
    if len(stamps) > 1 and rows.assign(day=times.dt.normalize()).duplicated(["station", "day"]).any():
        raise InputError(
            f"several records a day, the first two at {times.iloc[0]} and {times.iloc[1]}",
            where=where,
            expected="one depth a day",
            remedy="Records of a gauge are read by read_subdaily_rain.",
        )
    hours = stamps[0] / pd.Timedelta(hours=1) if len(stamps) == 1 else None
    if hours == 20:
        day = "20-20 h, the day on which it ends"
    elif said:
        day = f"the date as written; the file says {said}"
    else:
        day = "the date as written; taken as 20-20 h Beijing time"
    return rows.drop(columns="when").assign(date=times.dt.normalize()), day


def _wanted(rows: pd.DataFrame, stations: list[str] | None, where: str) -> pd.DataFrame:
    if stations is None:
        return rows
    names = [str(s) for s in stations]
    missing = [s for s in names if s not in set(rows.station)]
    if missing:
        have = sorted(rows.station.unique())
        raise InputError(f"no station {', '.join(missing)}", where=where, expected=f"one of {', '.join(have[:20])}")
    return rows[rows.station.isin(names)]


def _refuse_twice(rows: pd.DataFrame, where: str) -> None:
    twice = rows.duplicated(["station", "date"], keep=False)
    if not twice.any():
        return
    first = rows[twice].iloc[0]
    same = rows[(rows.station == first.station) & (rows.date == first.date)]
    days = len(rows[twice].drop_duplicates(["station", "date"]))
    raise InputError(
        f"{first.date:%Y-%m-%d} of station {first.station} stands {len(same)} times ({_lines(same.index)}), and so "
        f"{days} days in all",
        where=where,
        expected="every day once a station",
        remedy="Delete the rows that are wrong; which one counts cannot be told.",
    )


def _lines(index: pd.Index) -> str:
    shown = ", ".join(str(i) for i in index[:SHOWN])
    return f"line{'s' if len(index) > 1 else ''} {shown}{', …' if len(index) > SHOWN else ''}"


def _every_day(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    parts = []
    for station, part in rows.groupby("station", sort=True):
        days = pd.date_range(part.date.min(), part.date.max(), freq="D", name="date")
        whole = part.set_index("date").p_mm.reindex(days)
        parts.append(pd.DataFrame({"station": station, "date": days, "p_mm": whole.to_numpy(float)}))
    whole_rows = pd.concat(parts, ignore_index=True)
    return whole_rows, len(whole_rows) - len(rows)


def _degrees(lon: pd.Series, lat: pd.Series, where: str) -> tuple[pd.Series, pd.Series, list[str]]:
    if lon.isna().any() or lat.isna().any():
        raise InputError(
            f"no place in {_lines(lon.index[lon.isna() | lat.isna()])}", where=where, expected="longitude and latitude"
        )
    if lat.abs().max() <= 90:
        return lon, lat, []
    minutes = np.maximum(lon % 100, lat % 100)
    if (minutes >= 60).any() or lat.max() > 9000 or lon.max() > 18000 or lon.min() <= 360:
        swapped = lon.abs().max() <= 90
        raise InputError(
            f"latitude reaches {lat.max():g}",
            where=where,
            expected="degrees, or degrees and minutes such as 3752",
            remedy="Exchange longitude and latitude." if swapped else "Give the places of the stations in degrees.",
        )
    note = "places in degrees and minutes (3752 for 37°52′) were turned into degrees"
    return lon // 100 + lon % 100 / 60, lat // 100 + lat % 100 / 60, [note]
