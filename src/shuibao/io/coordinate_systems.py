"""The coordinate systems of Chinese survey: name one, whatever way it is written.

Known are the rows of `tables/coordinate_systems.csv`: CGCS2000, Xi'an 1980, Beijing 1954 and New Beijing 1954,
geographic and in 3-degree and 6-degree Gauss-Krüger zones with and without the zone number before the easting, WGS
84 and its UTM zones 43-53 N.
"""

import functools
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pyproj import CRS, Proj
from pyproj.exceptions import CRSError

from ..errors import CoordinateError
from ..tables import load

TABLE = "coordinate_systems"
OLD_DATUMS = ("Xi'an 1980", "Beijing 1954", "New Beijing 1954")
"""Datums without public exact parameters to CGCS2000."""

DATUM_WORDS = (
    ("New Beijing 1954", ("newbeijing",)),
    ("Beijing 1954", ("beijing1954", "beijing54", "北京54", "1954年北京")),
    ("Xi'an 1980", ("xian1980", "xian80", "西安80", "1980西安")),
    ("CGCS2000", ("cgcs2000", "china2000", "chinageodeticcoordinatesystem2000", "2000国家")),
    ("WGS 84", ("wgs84", "wgs1984", "worldgeodeticsystem1984")),
)  # fmt: skip
"""Words in the name of a datum, without blanks and underscores, in lower case."""

ZH = {
    "geographic": "地理坐标",
    "gauss_kruger_3": "高斯-克吕格3度带",
    "gauss_kruger_6": "高斯-克吕格6度带",
    "utm": "UTM",
}


@dataclass(frozen=True)
class CoordinateSystem:
    """What a coordinate system is.

    kind: geographic | gauss_kruger_3 | gauss_kruger_6 | utm | projected (another projection) | local (no place on
        Earth)
    datum: CGCS2000 | WGS 84 | Xi'an 1980 | Beijing 1954 | New Beijing 1954, or the name the file gives
    zone, central_meridian: of a zoned projection [degrees]
    prefix: the easting begins with the zone number (8 digits)
    epsg: its EPSG code where it is one
    """

    kind: str
    datum: str
    zone: int | None = None
    central_meridian: float | None = None
    prefix: bool = False
    epsg: int | None = None
    label: str = ""
    label_zh: str = ""

    @property
    def old(self) -> bool:
        """Its datum has no exact public way to CGCS2000."""
        return self.datum in OLD_DATUMS


def as_crs(crs: Any) -> CRS:
    """A pyproj CRS of anything that names one: EPSG text or number, WKT, or the CRS of another library.

    Raises CoordinateError where it cannot be understood.
    """
    try:
        return CRS.from_user_input(crs.to_wkt() if hasattr(crs, "to_wkt") and not isinstance(crs, CRS) else crs)
    except CRSError as error:
        raise CoordinateError(
            f"{str(crs)[:80]!r} is no coordinate system that can be understood ({str(error)[:80]})",
            expected='a name such as "EPSG:4546" or the text of a .prj file',
        ) from None


def identify(crs: Any) -> CoordinateSystem:
    """Name a coordinate system by its datum and projection, even where its text carries no code and other names than
    EPSG's.

    Raises CoordinateError where it cannot be understood.
    """
    known = as_crs(crs)
    if known.is_engineering or known.geodetic_crs is None:
        return CoordinateSystem("local", "none", label=known.name, label_zh="局部坐标系")
    datum = _datum(known)
    if known.is_geographic:
        rows = _rows()
        return _of_row(rows[(rows.datum == datum) & (rows.kind == "geographic")]) or _other("geographic", datum, known)
    parameters = _parameters(known)
    if parameters is None:
        return _other("projected", datum, known)
    return _match(datum, known.name, *parameters) or _other("projected", datum, known)


def normal_crs(crs: Any) -> CRS:
    """The EPSG form of a coordinate system that is one of the table's, else the system as it stands.

    The two are exchanged only where they place the middle of the zone within a millimetre of each other.
    """
    given = as_crs(crs)
    found = identify(given)
    if found.epsg is None:
        return given
    normal = CRS.from_epsg(found.epsg)
    if found.central_meridian is None:
        return normal
    place = (found.central_meridian + 0.7, 38.0)
    here, there = Proj(given)(*place), Proj(normal)(*place)
    return normal if max(abs(a - b) for a, b in zip(here, there, strict=True)) < 1e-3 else given


def same_system(first: Any, second: Any) -> bool:
    """Whether two descriptions mean one system: equal, or equal once both have their EPSG form."""
    return bool(normal_crs(first).equals(normal_crs(second), ignore_axis_order=True))


@functools.cache
def _rows() -> pd.DataFrame:
    return load(TABLE).rows


def _datum(crs: CRS) -> str:
    geodetic = crs.geodetic_crs
    assert geodetic is not None
    name = geodetic.datum.name if geodetic.datum else geodetic.name
    for text in (name, geodetic.name):
        flat = "".join(c for c in text.lower() if c not in " _-'/")
        for datum, words in DATUM_WORDS:
            if any(word in flat for word in words):
                return datum
    return name


def _parameters(crs: CRS) -> tuple[float, float, bool] | None:
    """Central meridian, false easting and whether it is UTM, of a transverse Mercator projection in metres, or None.

    Its origin must lie on the equator.
    """
    operation = crs.coordinate_operation
    if operation is None or operation.method_name not in ("Transverse Mercator", "Gauss-Kruger", "Gauss Kruger"):
        return None
    value: dict[str, float] = {}
    for p in operation.params:
        metres = p.unit_conversion_factor if p.name.startswith("False") else 1.0
        value[p.name] = float(p.value) * metres
    scale = value.get("Scale factor at natural origin", 1.0)
    if value.get("Latitude of natural origin", 0) or value.get("False northing", 0):
        return None
    if crs.axis_info[0].unit_conversion_factor != 1 or min(abs(scale - 1), abs(scale - 0.9996)) > 1e-9:
        return None
    return value["Longitude of natural origin"], value.get("False easting", 0.0), abs(scale - 0.9996) < 1e-9


def _match(datum: str, name: str, meridian: float, easting: float, utm: bool) -> CoordinateSystem | None:
    rows = _rows()
    prefix = int(easting // 1_000_000)
    if easting - prefix * 1_000_000 != 500_000.0:
        return None
    kinds = rows.kind.eq("utm") if utm else rows.kind.str.startswith("gauss_kruger")
    rows = rows[(rows.datum == datum) & kinds & (rows.central_meridian == meridian)]
    rows = rows[(rows.zone == prefix) & (rows.prefix == "yes")] if prefix else rows[rows.prefix == "no"]
    if len(rows) > 1:
        three = ("3" in name.split("zone")[0] and "degree" in name.lower()) or "3度" in name
        six = not three and (name in set(rows.name) or ("6" in name.split("zone")[0] and "degree" in name.lower()))
        rows = rows[rows.kind == ("gauss_kruger_6" if six else "gauss_kruger_3")]
    return _of_row(rows)


def _of_row(rows: pd.DataFrame) -> CoordinateSystem | None:
    return system_of_row(rows.iloc[0]) if len(rows) == 1 else None


def system_of_row(row: Any) -> CoordinateSystem:
    """The system of one row of `tables/coordinate_systems.csv`."""
    zone = None if pd.isna(row.zone) else int(row.zone)
    meridian = None if pd.isna(row.central_meridian) else float(row.central_meridian)
    prefix = row.prefix == "yes"
    zh = f"{row.datum_zh} {ZH[row.kind]}"
    if meridian is not None:
        zh += f" {zone}带 中央经线{meridian:g}°E" + ("（坐标带带号）" if prefix else "（坐标不带带号）")
    return CoordinateSystem(
        str(row.kind), str(row.datum), zone, meridian, prefix, int(row.epsg), f"{row['name']} (EPSG:{row.epsg})", zh
    )


def _other(kind: str, datum: str, crs: CRS) -> CoordinateSystem:
    code = crs.to_epsg()
    label = f"{crs.name} (EPSG:{code})" if code else crs.name
    return CoordinateSystem(kind, datum, epsg=code, label=label, label_zh=label)
