"""The datum guard: do the coordinates fit the system they are said to be in?

Every doubt is a `Finding` with a decision: ok (worth a word), confirm (a person must say yes), refuse (it cannot be
right).
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from pyproj import CRS, Transformer

from ..errors import CoordinateError
from ..tables import load
from .coordinate_systems import TABLE, CoordinateSystem, as_crs, identify, normal_crs, system_of_row

Bounds = tuple[float, float, float, float]

CHINA = (73.0, 3.0, 136.0, 54.0)
"""Longitudes and latitudes between which China lies [degrees]: west, south, east, north."""

NORTHINGS = (330_000.0, 5_980_000.0)
"""Distances from the equator between which China lies [m]."""

ZONE_REACH = {"gauss_kruger_3": 2.4, "gauss_kruger_6": 4.0, "utm": 4.0}
"""How far from its central meridian a place still plausibly uses a zone [degrees]: half the zone and a county's
width."""


@dataclass(frozen=True)
class Finding:
    """One doubt about coordinates.

    code: a word for programs; decision: ok | confirm | refuse
    message, message_zh: plain words for people, with the way out
    candidates: EPSG names that would fit
    details: figures behind it
    """

    code: str
    decision: str
    message: str
    message_zh: str
    candidates: tuple[str, ...] = ()
    details: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def bounds_of(thing: Any) -> Bounds:
    """Left, bottom, right, top of a GeoDataFrame, a GeoBox, or four numbers."""
    values = thing.total_bounds if hasattr(thing, "total_bounds") else getattr(thing, "boundingbox", thing)
    left, bottom, right, top = (float(v) for v in values)
    return left, bottom, right, top


def guess(thing: Any, near: tuple[float, float] | None = None) -> list[CoordinateSystem]:
    """The systems of the table whose coordinates could be these, CGCS2000 first.

    thing: GeoDataFrame, GeoBox or bounds without a coordinate system
    near: longitude and latitude of the county [degrees]; leaves only the zones that place the data within 1.5
        degrees of it
    """
    left, bottom, right, top = bounds_of(thing)
    rows = load(TABLE).rows
    if CHINA[0] <= left and right <= CHINA[2] and CHINA[1] <= bottom and top <= CHINA[3]:
        picked = rows[rows.kind == "geographic"]
    elif not (NORTHINGS[0] <= bottom and top <= NORTHINGS[1]):
        return []
    elif left >= 13_000_000 and right < 46_000_000:
        picked = rows[(rows.prefix == "yes") & (rows.zone == int((left + right) / 2 // 1_000_000))]
    elif left >= 100_000 and right <= 900_000:
        picked = rows[(rows.prefix == "no") & (rows.kind != "geographic")]
    else:
        return []
    found = [system_of_row(row) for _, row in picked.iterrows()]
    if near is not None:
        found = [s for s in found if _lands_near((left, bottom, right, top), s, near)]
    order = ("CGCS2000", "WGS 84", "Xi'an 1980", "Beijing 1954", "New Beijing 1954")
    return sorted(found, key=lambda s: (order.index(s.datum), s.kind, s.zone or 0))


def declared_or_guess(declared: Any, thing: Any, where: str) -> CRS:
    """The system that was declared for data which name none.

    Raises CoordinateError where none was declared: the message names the systems that their coordinates could be in
    and the way out.
    """
    if declared is not None:
        return normal_crs(declared)
    systems = guess(thing)
    raise CoordinateError(
        f"no coordinate system is named; {_likely(bounds_of(thing), systems)}",
        where=where,
        expected="a known coordinate system",
        remedy=(
            'Say it in the county file (crs = "EPSG:4546") or put its .prj beside it; ask whoever made the data, do '
            "not guess the datum."
        ),
    )


def _likely(bounds: Bounds, systems: list[CoordinateSystem]) -> str:
    span = ", ".join(f"{v:.6g}" if abs(v) < 1000 else f"{v:.0f}" for v in bounds)
    if not systems:
        return f"its coordinates ({span}) are those of no Chinese system"
    if systems[0].kind == "geographic":
        return f"its coordinates ({span}) are degrees, of CGCS2000 (EPSG:4490), WGS 84 (EPSG:4326) or an older datum"
    if systems[0].prefix:
        names = " or ".join(s.label for s in systems)
        return f"its eastings ({span}) begin with zone {systems[0].zone}: {names}"
    return f"its coordinates ({span}) have eastings of 6 digits, which fit any of {len(systems)} zones and datums"


def suspect(thing: Any, crs: Any = None, *, near: tuple[float, float] | None = None, where: str = "") -> list[Finding]:
    """Doubts about the coordinates of a GeoDataFrame, GeoBox or bounds in a system; an empty list where there is none.

    crs: the system; None asks for a missing one, and a GeoDataFrame or GeoBox brings its own
    near: longitude and latitude of the county [degrees], which shows a wrong zone
    """
    bounds = bounds_of(thing)
    given = crs if crs is not None else getattr(thing, "crs", None)
    if given is None:
        return [_missing(bounds, near)]
    system = identify(given)
    if system.kind == "local":
        return []
    checks = (_swapped, _degrees_expected, _prefix, _zone, _far)
    for check in checks:
        finding = check(bounds, system, as_crs(given), near)
        if finding is not None:
            return [finding]
    return [old_datum(system)] if system.old else []


def _missing(bounds: Bounds, near: tuple[float, float] | None) -> Finding:
    systems = guess(bounds, near)
    likely = _likely(bounds, systems)
    names = tuple(f"EPSG:{s.epsg}" for s in systems)
    zh = "、".join(s.label_zh for s in systems[:4]) or "无法由坐标推断"
    return Finding(
        "missing_crs",
        "refuse",
        f"no coordinate system is named; {likely}",
        f"缺少坐标系（.prj）；由坐标大小推断可能为：{zh}。请在县域文件中写明 crs。",
        names,
    )


def _swapped(bounds: Bounds, system: CoordinateSystem, crs: CRS, near: Any) -> Finding | None:
    left, bottom, right, top = bounds
    if system.kind == "geographic":
        turned = CHINA[1] <= left and right <= CHINA[3] and CHINA[0] <= bottom and top <= CHINA[2]
        what, zh = "longitude and latitude", "经纬度"
    else:
        plane = (bottom >= 100_000 and top <= 900_000) or (bottom >= 13_000_000 and top < 46_000_000)
        turned = system.kind in ZONE_REACH and left >= 1_500_000 and right <= NORTHINGS[1] and plane
        what, zh = "easting and northing", "纵横坐标（X、Y）"
    if not turned:
        return None
    return Finding(
        "swapped_axes",
        "refuse",
        f"{what} are exchanged: x runs from {left:.6g} to {right:.6g}, y from {bottom:.6g} to {top:.6g}; exchange "
        "the columns",
        f"{zh}颠倒：x 为 {left:.6g}–{right:.6g}，y 为 {bottom:.6g}–{top:.6g}；请交换两列。",
    )


def _degrees_expected(bounds: Bounds, system: CoordinateSystem, crs: CRS, near: Any) -> Finding | None:
    left, bottom, right, top = bounds
    if system.kind == "geographic":
        if left >= -360.01 and right <= 360.01 and bottom >= -90.01 and top <= 90.01:
            return None
        return _unit(bounds, system, "no degrees", "超出经纬度范围")
    if (
        system.kind == "local"
        or max(abs(left), abs(right)) > 180
        or max(abs(bottom), abs(top)) > 90
        or not (left or bottom)
    ):
        return None
    return _unit(bounds, system, "degrees", "经纬度（度）")


def _unit(bounds: Bounds, system: CoordinateSystem, are: str, are_zh: str) -> Finding:
    systems = guess(bounds)
    span = ", ".join(f"{v:.8g}" for v in bounds)
    return Finding(
        "wrong_unit",
        "refuse",
        f"the system is {system.label}, but the coordinates ({span}) are {are}; {_likely(bounds, systems)}",
        f"标注的坐标系为{system.label_zh}，而坐标（{span}）是{are_zh}；请核对坐标系。",
        tuple(f"EPSG:{s.epsg}" for s in systems[:12]),
    )


def _prefix(bounds: Bounds, system: CoordinateSystem, crs: CRS, near: Any) -> Finding | None:
    if system.kind not in ("gauss_kruger_3", "gauss_kruger_6", "utm"):
        return None
    middle = (bounds[0] + bounds[2]) / 2
    begins = int(middle // 1_000_000) if 13_000_000 <= middle < 46_000_000 else 0
    if begins == (system.zone if system.prefix else 0):
        return None
    rows = load(TABLE).rows
    like = rows[(rows.datum == system.datum) & rows.kind.str.startswith("gauss_kruger")]
    if begins:
        fitting = like[(like.prefix == "yes") & (like.zone == begins)]
        found, found_zh = f"the eastings begin with zone {begins}", f"横坐标以带号 {begins} 开头"
    elif system.prefix and 0 < middle < 1_000_000:
        fitting = like[
            (like.prefix == "no") & (like.central_meridian == system.central_meridian) & (like.kind == system.kind)
        ]
        found, found_zh = "the eastings carry no zone number", "横坐标不带带号"
    else:
        return None
    names = tuple(f"EPSG:{code}" for code in fitting.epsg)
    expected = f"zone {system.zone} before the easting" if system.prefix else "eastings without a zone number"
    return Finding(
        "wrong_prefix",
        "refuse",
        f"{found} ({middle:.0f}), but {system.label} wants {expected}; fitting would be "
        f"{' or '.join(names) or 'none of that datum'}",
        f"{found_zh}（{middle:.0f}），与坐标系 {system.label_zh} 不符；可能应为 {'、'.join(names) or '其他坐标系'}。",
        names,
    )


def _zone(bounds: Bounds, system: CoordinateSystem, crs: CRS, near: Any) -> Finding | None:
    reach = ZONE_REACH.get(system.kind)
    if reach is None or system.central_meridian is None:
        return None
    lon, lat = _middle(bounds, crs)
    off = lon - system.central_meridian
    if abs(off) <= reach:
        return None
    return Finding(
        "far_from_zone",
        "confirm",
        f"the data lie {abs(off):.1f} degrees from the central meridian of {system.label}; the zone is wrong, or "
        "they belong into a neighbouring one",
        f"数据距 {system.label_zh} 的中央经线 {abs(off):.1f}°，带号可能有误，或应采用邻带。",
        details={"longitude": lon, "latitude": lat, "degrees_off": off},
    )


def _far(bounds: Bounds, system: CoordinateSystem, crs: CRS, near: tuple[float, float] | None) -> Finding | None:
    if near is None:
        return None
    lon, lat = _middle(bounds, crs)
    if abs(lon - near[0]) <= 1.5 and abs(lat - near[1]) <= 1.5:
        return None
    fitting = [s for s in guess(bounds, near) if s.datum == system.datum]
    names = tuple(f"EPSG:{s.epsg}" for s in fitting)
    out = f"; {' or '.join(s.label for s in fitting)} would place them there" if fitting else ""
    return Finding(
        "wrong_place",
        "refuse",
        f"in {system.label} the data lie at {lon:.2f} E {lat:.2f} N, but the county at {near[0]:.2f} E "
        f"{near[1]:.2f} N{out}",
        f"按 {system.label_zh}，数据位于 {lon:.2f}°E {lat:.2f}°N，而本县位于 {near[0]:.2f}°E {near[1]:.2f}°N；"
        f"可能应为 {'、'.join(names) or '其他坐标系'}。",
        names,
        {"longitude": lon, "latitude": lat},
    )


def _middle(bounds: Bounds, crs: CRS) -> tuple[float, float]:
    """Longitude and latitude of the middle on the datum of the system itself."""
    geodetic = crs.geodetic_crs
    assert geodetic is not None
    move = Transformer.from_crs(crs, geodetic, always_xy=True)
    lon, lat = move.transform((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return float(lon), float(lat)


def _lands_near(bounds: Bounds, system: CoordinateSystem, near: tuple[float, float]) -> bool:
    lon, lat = _middle(bounds, as_crs(system.epsg))
    return abs(lon - near[0]) <= 1.5 and abs(lat - near[1]) <= 1.5


def old_datum(system: CoordinateSystem) -> Finding:
    """The word that goes with a project whose data all stay in a datum from before CGCS2000."""
    return Finding(
        "old_datum",
        "ok",
        f"the data are on {system.datum}; they may be computed with as they are, but not laid over CGCS2000 data "
        "without a confirmed shift",
        f"数据采用{system.label_zh.split()[0]}；可在原坐标系内计算，与2000国家大地坐标系数据叠加前须确认转换参数。",
    )
