"""Areas that cross themselves: found with their places, or mended with the change of area told."""

import re

import geopandas as gpd
import numpy as np
import shapely

from ..errors import InputError

FAMILIES = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon", 7: "collection"}
"""Kinds of geometry by shapely's type number."""

SHOWN = 5
"""Faulty rows named in one message."""


def family(frame: gpd.GeoDataFrame) -> np.ndarray:
    """point, line, polygon or collection, for every row."""
    return np.array([FAMILIES[int(t)] for t in shapely.get_type_id(frame.geometry.to_numpy())], dtype=object)


def checked_areas(frame: gpd.GeoDataFrame, where: str, *, repair: bool = False) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Refuse areas that are not valid, or mend them; lines and points pass.

    returns: the frame, and sentences on what was mended

    Raises InputError naming rows, faults and places; also where mending leaves a row without area.
    """
    shapes = frame.geometry.to_numpy()
    faulty = np.flatnonzero(~shapely.is_valid(shapes) & (family(frame) == "polygon"))
    if not len(faulty):
        return frame, []
    if not repair:
        listed = "; ".join(_fault(frame, shapes, i) for i in faulty[:SHOWN])
        more = f" and {len(faulty) - SHOWN} more" if len(faulty) > SHOWN else ""
        raise InputError(
            f"{len(faulty)} of {len(frame)} areas are not valid: {listed}{more}",
            where=where,
            expected="borders that neither cross nor touch themselves",
            remedy="Mend them in a GIS, or say repair = true; the change of area is then reported.",
        )
    return _mended(frame, shapes, faulty, where)


def _mended(
    frame: gpd.GeoDataFrame, shapes: np.ndarray, faulty: np.ndarray, where: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    mended = shapes.copy()
    mended[faulty] = [_areal(shape) for shape in shapely.make_valid(shapes[faulty])]
    lost = faulty[shapely.is_empty(mended[faulty])]
    if len(lost):
        raise InputError(f"row {lost[0] + 1} has no area once it is mended", where=where, expected="an area")
    before, after = shapely.area(shapes[faulty]).sum(), shapely.area(mended[faulty]).sum()
    change = f"{100 * (after - before) / before:+.4g} %" if before else f"{after:.6g} from nothing"
    note = f"{len(faulty)} areas that crossed themselves were mended; their area as drawn changed by {change}"
    return frame.set_geometry(gpd.GeoSeries(mended, index=frame.index, crs=frame.crs)), [note]


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas of a mended shape, without the lines and points that mending may leave."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    areas = parts[shapely.get_dimensions(parts) == 2]
    return shapely.union_all(areas) if len(areas) else shapely.Polygon()


def _fault(frame: gpd.GeoDataFrame, shapes: np.ndarray, row: int) -> str:
    reason = shapely.is_valid_reason(shapes[row])
    place = re.search(r"\[(\S+) (\S+)\]", reason)
    name = next((str(v) for c, v in frame.iloc[row].items() if isinstance(v, str) and c != frame.geometry.name), "")
    at = f" at {float(place[1]):.6f}, {float(place[2]):.6f}" if place and frame.crs and frame.crs.is_geographic else ""
    at = at or (f" at {float(place[1]):.2f}, {float(place[2]):.2f}" if place else "")
    kind = "it crosses itself" if reason.startswith("Self-intersection") else reason.split("[")[0].strip().lower()
    return f"row {row + 1}{f' ({name})' if name else ''}: {kind}{at}"
