"""Places with dates of validity: which there were on a day, what became of them, whether they cover the ground."""

import datetime as dt
import itertools
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import Geod

from ..errors import CoordinateError, InputError
from .zonal import SQUARE_METRES


@dataclass(frozen=True)
class Place:
    """A county, township, basin or other place, as it was from `valid_from` to `valid_to`.

    Both days are included; None is open.
    """

    level: str
    code: str
    name: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class CoverCheck:
    """How the polygons of a place layer share the ground.

    overlaps: columns a, b (codes) and area_km2, for every two places that overlap
    gaps: polygons that no place covers, with area_km2, largest first
    outside_km2: area of the places beyond the whole
    """

    overlaps: pd.DataFrame
    gaps: gpd.GeoDataFrame
    outside_km2: float

    @property
    def clean(self) -> bool:
        """No overlap, no gap, nothing outside."""
        return self.overlaps.empty and self.gaps.empty and self.outside_km2 == 0


def places_on(places: gpd.GeoDataFrame, day: dt.date) -> gpd.GeoDataFrame:
    """The rows in force on `day`: `valid_from` and `valid_to` are both included, empty ones are open; without them a
    row always holds.

    Raises InputError where a date cannot be read, a row ends before it begins, or a code is in force twice on the day.
    """
    begin, end = _dates(places, "valid_from"), _dates(places, "valid_to")
    backwards = begin > end
    if backwards.any():
        raise InputError(
            f"rows {list(places.index[backwards])} end before they begin",
            where="places",
            expected="valid_from <= valid_to",
        )
    stamp = pd.Timestamp(day)
    kept = places[~(begin > stamp) & ~(end < stamp)]
    doubled = sorted(set(kept.loc[kept["code"].duplicated(), "code"].astype(str))) if "code" in kept else []
    if doubled:
        raise InputError(
            f"codes {doubled} are in force twice on {day}", where="places", expected="one row a code on a day"
        )
    return kept


def place_records(places: gpd.GeoDataFrame, level: str) -> list[Place]:
    """The rows of a place layer as records of one level; needs columns code and name."""
    begin, end = _dates(places, "valid_from"), _dates(places, "valid_to")
    rows = zip(places["code"].astype(str), places["name"].astype(str), begin, end, strict=True)
    return [Place(level, code, name, _day(first), _day(last)) for code, name, first, last in rows]


def codes_on(places: pd.DataFrame, day: dt.date) -> dict[str, tuple[str, ...]]:
    """Every code of the layer, past or present, to the codes that stand for it on `day`.

    places: columns code, valid_from, valid_to and `successor`: the code, or codes parted by ";", that a place went
    into when it ended;
        a place that ended without a successor stands for nothing

    Raises InputError where successors run in a circle or are not in the layer.
    """
    now = set(places_on(places, day)["code"].astype(str))
    following: dict[str, set[str]] = {code: set() for code in places["code"].astype(str)}
    if "successor" in places:
        for code, text in zip(places["code"].astype(str), places["successor"], strict=True):
            following[code] |= {part.strip() for part in str(text).split(";") if pd.notna(text) and part.strip()}
    return {code: tuple(sorted(_follow(code, following, now, ()))) for code in following}


def check_cover(
    places: gpd.GeoDataFrame, whole: gpd.GeoDataFrame | None = None, *, smallest_km2: float = 1e-4
) -> CoverCheck:
    """Whether places cover the ground once and wholly.

    places: polygons with a column code; whole: the ground to be covered, by default the outer border of the places
    themselves
    smallest_km2: smaller slivers are passed over (default 100 m²)

    Raises CoordinateError where a layer has no coordinate system.
    """
    if places.crs is None or (whole is not None and whole.crs is None):
        raise CoordinateError("no coordinate system", where="places")
    covered = places.union_all()
    ground = _without_holes(covered) if whole is None else whole.to_crs(places.crs).union_all()
    gaps = _pieces(ground.difference(covered), places, smallest_km2)
    beyond = _pieces(covered.difference(ground), places, smallest_km2)
    return CoverCheck(_overlaps(places, smallest_km2), gaps, float(beyond["area_km2"].sum()))


def polygon_areas(places: gpd.GeoDataFrame) -> pd.Series:
    """Area of each polygon on the ellipsoid [km²]; its edges are geodesics between vertices.

    Raises CoordinateError where the layer has no coordinate system.
    Source: Karney (2013), Algorithms for geodesics.
    """
    if places.crs is None:
        raise CoordinateError("no coordinate system", where="places")
    geod: Geod = places.crs.get_geod()
    degrees = places.geometry.to_crs(places.crs.geodetic_crs)
    areas = [abs(geod.geometry_area_perimeter(shapely.normalize(g))[0]) / SQUARE_METRES for g in degrees]
    return pd.Series(areas, index=places.index, name="area_km2", dtype=float)


def _dates(places: pd.DataFrame, column: str) -> pd.Series:
    if column not in places:
        return pd.Series(pd.NaT, index=places.index, dtype="datetime64[ns]")
    text = places[column].where(places[column].notna(), None)
    read = pd.to_datetime(text.replace("", None), format="ISO8601", errors="coerce")
    unread = read.isna() & text.notna() & (text.astype(str).str.strip() != "")
    if unread.any():
        raise InputError(
            f"dates {sorted(set(text[unread].astype(str)))}",
            where=f"column {column}",
            expected="dates like 2021-05-20 or nothing",
        )
    return read


def _day(stamp: pd.Timestamp) -> dt.date | None:
    return None if pd.isna(stamp) else stamp.date()


def _follow(code: str, following: dict[str, set[str]], now: set[str], path: tuple[str, ...]) -> set[str]:
    if code in now:
        return {code}
    if code in path or code not in following:
        found = " -> ".join([*path, code])
        raise InputError(
            f"successors {found}", where="places", expected="successors in the layer that lead to places of later days"
        )
    return set(itertools.chain.from_iterable(_follow(c, following, now, (*path, code)) for c in following[code]))


def _overlaps(places: gpd.GeoDataFrame, smallest_km2: float) -> pd.DataFrame:
    shapes, codes = places.geometry.to_numpy(), places["code"].astype(str).to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b)
    common = gpd.GeoDataFrame(
        {"a": [codes[a] for a, _ in pairs], "b": [codes[b] for _, b in pairs]},
        geometry=[_polygonal(shapes[a].intersection(shapes[b])) for a, b in pairs], crs=places.crs,
    )  # fmt: skip
    common["area_km2"] = polygon_areas(common)
    return pd.DataFrame(common[common["area_km2"] >= smallest_km2].drop(columns="geometry")).reset_index(drop=True)


def _pieces(ground: shapely.Geometry, places: gpd.GeoDataFrame, smallest_km2: float) -> gpd.GeoDataFrame:
    parts = [p for p in shapely.get_parts(ground) if p.geom_type == "Polygon"]
    pieces = gpd.GeoDataFrame(geometry=parts, crs=places.crs)
    pieces["area_km2"] = polygon_areas(pieces)
    return pieces[pieces["area_km2"] >= smallest_km2].sort_values("area_km2", ascending=False, ignore_index=True)


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.MultiPolygon([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _without_holes(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all([shapely.Polygon(p.exterior) for p in shapely.get_parts(shape)])
