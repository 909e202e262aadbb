"""GCJ-02 (火星坐标): the offset that Chinese web maps put on positions, and how to tell a boundary that carries it.

The offset is a smooth field of 300 to 700 m that no coordinate system records, so a file cannot say that it is shifted.
A boundary is tested against another boundary of the same place that is known to be true.

Source of the field: the public formulas as they circulate since 2010 ("eviltransform"), on the Krassowsky 1940
ellipsoid.
"""

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from ..errors import CoordinateError, InputError
from .datum import Finding
from .datum_shift import transform

AXIS = 6_378_245.0
"""Semi-major axis of Krassowsky 1940 [m]."""

ECCENTRICITY_SQUARED = 0.00669342162296594323

ROUNDS = 12
"""Fixed-point rounds of the way back; the field changes by less than 1 % over its own offset, so each gains two
digits."""

SPACING = 200.0
"""Distance of the points at which two boundaries are compared [m]."""

CLEAR = 0.7
"""A boundary counts as shifted where taking the offset away brings it below this part of its distance to the
reference."""

SMALL = 60.0
"""Boundaries that lie closer than this to each other are not shifted [m]; the offset is 300 m and more."""


APART = 3000.0
"""Boundaries whose points lie farther apart than this are not of one place [m]."""


def offset(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The offset [degrees] in longitude and latitude that GCJ-02 adds to true positions [degrees]; 0 outside China."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    x, y = lon - 105.0, lat - 35.0
    common = _waves(x, (20, 6), (20, 2))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + common
    north += _waves(y, (20, 1), (40, 1 / 3)) + _waves(y, (160, 1 / 12), (320, 1 / 30))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + common
    east += _waves(x, (20, 1), (40, 1 / 3)) + _waves(x, (150, 1 / 12), (300, 1 / 30))
    phi = np.radians(lat)
    curve = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    degrees_east = np.degrees(east * np.sqrt(curve) / (AXIS * np.cos(phi)))
    degrees_north = np.degrees(north * curve**1.5 / (AXIS * (1 - ECCENTRICITY_SQUARED)))
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return np.where(inside, degrees_east, 0.0), np.where(inside, degrees_north, 0.0)


def _waves(at: np.ndarray, *terms: tuple[float, float]) -> np.ndarray:
    total = np.zeros_like(at)
    for height, turns in terms:
        total += height * np.sin(turns * np.pi * at)
    return total * 2 / 3


def gcj02_from_wgs84(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shifted positions [degrees] of true ones [degrees]."""
    east, north = offset(lon, lat)
    return np.asarray(lon) + east, np.asarray(lat) + north


def wgs84_from_gcj02(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True positions [degrees] of shifted ones [degrees], to 1e-9 degrees."""
    true_lon, true_lat = np.asarray(lon, float), np.asarray(lat, float)
    for _ in range(ROUNDS):
        east, north = offset(true_lon, true_lat)
        true_lon, true_lat = np.asarray(lon) - east, np.asarray(lat) - north
    return true_lon, true_lat


def unshift_gcj02(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A frame in degrees with the offset of GCJ-02 taken away; said in `attrs["reading"]`.

    Raises CoordinateError where the frame is not in geographic coordinates: undo the shift before any projection.
    """
    if frame.crs is None or not frame.crs.is_geographic:
        raise CoordinateError("the frame is not in degrees", expected="geographic coordinates, as web maps give them")
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda p: np.column_stack(wgs84_from_gcj02(p[:, 0], p[:, 1])))
    moved = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
    moved.attrs = {**frame.attrs, "reading": [*frame.attrs.get("reading", []), "the GCJ-02 offset was taken away"]}
    return moved


def detect_gcj02(boundary: gpd.GeoDataFrame, reference: gpd.GeoDataFrame | None = None) -> Finding:
    """Whether a boundary carries the GCJ-02 offset, judged by a true boundary of the same place.

    The median distance of its points from the reference is taken as it is, and again with the offset taken away. If
    that brings it
    clearly nearer, it is shifted: decision `refuse`. If adding the offset does, the reference is: `confirm`. Without
        a reference it
    cannot be told, and the finding says so: `ok`.

    Raises CoordinateError where either has no coordinate system; InputError where either is empty.
    """
    if reference is None:
        return Finding(
            "gcj02_untested",
            "ok",
            "whether the boundary carries the GCJ-02 offset of web maps cannot be told without a true boundary of "
            "the same place",
            "缺少同一区域的可信边界，无法判断该边界是否为火星坐标（GCJ-02）。",
        )
    shape, true = (_line(_in_degrees(f)) for f in (boundary, reference))
    plane = _Plane(true.centroid.x, true.centroid.y)
    line = plane.flat(true)
    distance = {share: plane.distance(_moved(shape, share), line) for share in (-1.0, -0.5, 0.0, 0.5, 1.0)}
    if min(distance.values()) > APART:
        km = distance[0.0] / 1000
        return Finding(
            "gcj02_untested",
            "confirm",
            f"the boundary lies {km:.0f} km from the reference; they are not of the same place",
            f"边界与参考边界相距 {km:.0f} km，不是同一区域，无法判断是否为火星坐标。",
        )
    east, north = offset(np.array([plane.lon]), np.array([plane.lat]))
    return _verdict(distance, float(np.hypot(east[0] * plane.east, north[0] * plane.north)))


def _verdict(distance: dict[float, float], metres: float) -> Finding:
    """The finding from the distances [m] with shares of the offset added (-1 takes it away), and its size there [m].

    A boundary moved by something else may come nearer too, but then half of the offset brings it nearer still.
    """
    as_is, undone, added = distance[0.0], distance[-1.0], distance[1.0]
    shifted = as_is > SMALL and undone < CLEAR * as_is and undone <= distance[-0.5]
    reference_shifted = as_is > SMALL and added < CLEAR * as_is and added <= distance[0.5]
    details = {"distance_m": as_is, "distance_without_offset_m": undone, "distance_with_offset_m": added}
    details["offset_m"] = metres
    if shifted:
        return Finding(
            "gcj02",
            "refuse",
            f"the boundary carries the GCJ-02 offset of web maps ({metres:.0f} m here): it lies {as_is:.0f} m from the "
            f"reference, and {undone:.0f} m once the offset is taken away, as unshift_gcj02 does",
            f"边界为火星坐标（GCJ-02，本地偏移约 {metres:.0f} m）：与参考边界相距 {as_is:.0f} m，"
            f"去除偏移后为 {undone:.0f} m；请先纠偏。",
            details=details,
        )
    if reference_shifted:
        return Finding(
            "gcj02_reference",
            "confirm",
            f"the reference seems to carry the GCJ-02 offset ({metres:.0f} m), not the boundary: {as_is:.0f} m apart, "
            f"{added:.0f} m once it is added",
            f"参考边界疑似火星坐标（GCJ-02），两者相距 {as_is:.0f} m，加上偏移后为 {added:.0f} m。",
            details=details,
        )
    return Finding(
        "not_gcj02",
        "ok",
        f"the boundary carries no GCJ-02 offset; it lies {as_is:.0f} m from the reference",
        f"边界未发现火星坐标偏移：与参考边界相距 {as_is:.0f} m。",
        details=details,
    )


def _in_degrees(frame: gpd.GeoDataFrame) -> np.ndarray:
    if frame.empty:
        raise InputError("the boundary holds nothing", where=str(frame.attrs.get("path", "boundary")))
    moved = transform(frame, "EPSG:4326", accept_datum_shift=True)
    return np.asarray(moved.geometry.to_numpy())


def _line(shapes: np.ndarray) -> shapely.Geometry:
    """The outer border of all areas together; lines stay as they are."""
    whole = shapely.union_all(shapes)
    return whole.boundary if shapely.get_dimensions(whole) == 2 else whole


def _moved(shape: shapely.Geometry, share: float) -> shapely.Geometry:
    """A shape with a share of the offset added: 1 the whole, -1 taken away, 0 as it is."""

    def move(points: np.ndarray) -> np.ndarray:
        true = np.column_stack(wgs84_from_gcj02(points[:, 0], points[:, 1])) if share < 0 else points
        step = points - true if share < 0 else np.column_stack(offset(points[:, 0], points[:, 1]))
        return points + share * step

    return shapely.transform(shape, move)


class _Plane:
    """A plane [m] around one place, good to a part in a thousand over a county."""

    def __init__(self, lon: float, lat: float) -> None:
        geod = Geod(ellps="WGS84")
        self.lon, self.lat = lon, lat
        self.east = geod.inv(lon, lat, lon + 0.01, lat)[2] * 100
        self.north = geod.inv(lon, lat, lon, lat + 0.01)[2] * 100

    def flat(self, shape: shapely.Geometry) -> shapely.Geometry:
        """A shape in degrees on the plane [m]."""
        scale = np.array([self.east, self.north])
        return shapely.transform(shape, lambda p: (p - (self.lon, self.lat)) * scale)

    def distance(self, shape: shapely.Geometry, line: shapely.Geometry) -> float:
        """Median distance [m] of points along `shape` (degrees) from `line` (plane)."""
        points = shapely.points(shapely.get_coordinates(shapely.segmentize(self.flat(shape), SPACING)))
        shapely.prepare(line)
        return float(np.median(shapely.distance(points, line)))
