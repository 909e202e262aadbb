"""Move data to another coordinate system, and say what that does to their datum.

CGCS2000 and WGS 84 lie within a metre of each other. From Beijing 54 and Xi'an 80 to CGCS2000 no exact parameters are
public: such a move is refused until a person accepts the accuracy that the EPSG data set states, or that none is
    stated.
"""

import functools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from ..errors import CoordinateError
from .coordinate_systems import as_crs, identify, normal_crs
from .datum import Finding

SAME_PLACE = ("CGCS2000", "WGS 84")
"""Datums that lie within a metre of each other, so that a map shows no difference."""


GOOD = 5.0
"""A stated accuracy [m] up to which data are moved without asking, unless one of the datums is an old Chinese one."""


@dataclass(frozen=True)
class Shift:
    """The steps from one system to another, the same for every point.

    accuracy: stated for the shift of datum [m], NaN where none is stated
    """

    steps: tuple[Transformer, ...]
    accuracy: float
    name: str

    def move(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 2) in the other system."""
        x, y = points[:, 0], points[:, 1]
        for step in self.steps:
            x, y = step.transform(x, y)
        return np.column_stack([x, y])


def datum_shift(source: Any, target: Any, bounds: Sequence[float] | None = None) -> Finding | None:
    """What moving data from one system to another does to their datum; None where the datum stays.

    bounds: left, bottom, right, top of the data in `source`, so that a published operation for that place can be found

    Source: coordinate operations of the EPSG data set, as carried by PROJ.
    """
    here, there = identify(source), identify(target)
    if here.datum == there.datum:
        return None
    if here.datum in SAME_PLACE and there.datum in SAME_PLACE:
        return Finding(
            "same_place",
            "ok",
            f"{here.datum} was taken as {there.datum}: they lie within a metre of each other",
            f"{here.datum} 与 {there.datum} 视为一致（相差不足 1 m）。",
            details={"accuracy_m": 1.0},
        )
    shift = best_shift(as_crs(source), as_crs(target), bounds)
    known = np.isfinite(shift.accuracy)
    stated = f"published accuracy {shift.accuracy:g} m ({shift.name})" if known else "usually 50 to 150 m off"
    stated_zh = f"公开参数精度 {shift.accuracy:g} m" if known else "无公开的精确参数，一般相差 50–150 m"
    stated = stated if known else f"no accuracy is published, {stated}"
    old = here.old or there.old
    advice = "; the province's survey office has exact parameters" if old else ""
    advice_zh = "；请优先采用省级测绘部门提供的参数" if old else ""
    return Finding(
        "datum_shift",
        "confirm" if old or not shift.accuracy <= GOOD else "ok",
        f"{here.label} to {there.label} is a shift of datum: {stated}{advice}",
        f"{here.label_zh} 转 {there.label_zh} 涉及基准转换：{stated_zh}{advice_zh}。",
        details={"accuracy_m": shift.accuracy},
    )


def accepted_shift(
    source: Any, target: Any, bounds: Sequence[float] | None, *, accept: bool, where: str = ""
) -> list[str]:
    """Words on what a move does to the datum, none where it stays.

    accept: a person has agreed to a move whose accuracy is poor or not known

    Raises CoordinateError where such a move was not accepted.
    """
    finding = datum_shift(source, target, bounds)
    if finding is None:
        return []
    if finding.decision != "ok" and not accept:
        remedy = "If that is good enough, say accept_datum_shift = true; else keep all data on one datum."
        raise CoordinateError(finding.message, where=where, expected="one datum", remedy=remedy)
    return [finding.message]


def best_shift(source: CRS, target: CRS, bounds: Sequence[float] | None = None) -> Shift:
    """The best operation that covers all of the data; one for all of them, so that neighbours move alike.

    Where EPSG knows none to CGCS2000 but one to WGS 84, that one is taken, as the two agree within a metre.
    """
    datums = {identify(source).datum, identify(target).datum}
    if len(datums) == 1:
        return Shift((Transformer.from_crs(source, target, always_xy=True),), 0.0, "")
    area = _area(source, bounds)
    direct = _covering(source, target, area)
    if np.isfinite(direct.accuracy) or "CGCS2000" not in datums or datums <= set(SAME_PLACE):
        return direct
    middle = CRS.from_epsg(4326)
    first, second = _covering(source, middle, area), _covering(middle, target, area)
    known = first if np.isfinite(first.accuracy) else second
    if not np.isfinite(known.accuracy):
        return direct
    return Shift((*first.steps, *second.steps), known.accuracy, f"{known.name}, WGS 84 taken as CGCS2000")


def _area(source: CRS, bounds: Sequence[float] | None) -> AreaOfInterest | None:
    if bounds is None or source.geodetic_crs is None:
        return None
    left, bottom, right, top = (float(v) for v in bounds)
    to_degrees = Transformer.from_crs(source, source.geodetic_crs, always_xy=True)
    return AreaOfInterest(*to_degrees.transform_bounds(left, bottom, right, top))


@functools.lru_cache(maxsize=64)
def _covering(source: CRS, target: CRS, area: Any) -> Shift:
    with warnings.catch_warnings():
        # PROJ would like grids from the network for other countries; the accuracy told is that of what is at hand.
        warnings.filterwarnings("ignore", "Best transformation is not available", UserWarning)
        group = TransformerGroup(source, target, always_xy=True, area_of_interest=area)
    covering = [t for t in group.transformers if t.accuracy is not None and t.accuracy >= 0 and _covers(t, area)]
    best = covering[0] if covering else group.transformers[-1]
    accuracy = float(best.accuracy) if covering and best.accuracy is not None else float("nan")
    steps = [part for part in best.description.split(" + ") if " to " in part]
    return Shift((best,), accuracy, steps[0] if steps else best.description)


def _covers(operation: Transformer, area: AreaOfInterest | None) -> bool:
    if area is None or operation.area_of_use is None:
        return False
    west, south, east, north = operation.area_of_use.bounds
    inside = west <= area.west_lon_degree and area.east_lon_degree <= east
    return bool(inside and south <= area.south_lat_degree and area.north_lat_degree <= north)


def transform(frame: gpd.GeoDataFrame, crs: Any, *, accept_datum_shift: bool = False) -> gpd.GeoDataFrame:
    """Bring geometries to another system; what happens to the datum stands in `attrs["reading"]`.

    accept_datum_shift: a person has agreed that Beijing 54 or Xi'an 80 is moved with the published accuracy or none

    Raises CoordinateError where the frame has no system, or a shift of datum was not accepted.
    """
    where = str(frame.attrs.get("path", ""))
    if frame.crs is None:
        raise CoordinateError("the data have no coordinate system", where=where, remedy="Read them with crs = …")
    target, bounds = normal_crs(crs), None if frame.empty else list(frame.total_bounds)
    said = accepted_shift(frame.crs, target, bounds, accept=accept_datum_shift, where=where)
    notes = [*frame.attrs.get("reading", []), *said]
    shift = best_shift(as_crs(frame.crs), target, bounds)
    shapes = shapely.transform(frame.geometry.to_numpy(), shift.move)
    moved = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=target))
    moved.attrs = {**frame.attrs, "reading": notes}
    return moved
