"""Read vectors: GeoPackage, Shapefile (also zipped), File Geodatabase (also zipped), GeoJSON, KML, DXF, FlatGeobuf.

A file becomes a GeoDataFrame in two dimensions with a known coordinate system and names in readable Chinese.
Whatever was done to it stands in words in `attrs["reading"]`.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
import shapely
from pyproj import CRS

from ..errors import CoordinateError, InputError, SourceError
from .archives import unpack
from .coordinate_systems import identify, normal_crs, same_system
from .datum import declared_or_guess, suspect
from .encodings import detect, refuse_mojibake
from .files import PathLike, existing
from .geometries import FAMILIES, checked_areas, family
from .shapefiles import complete_or_refuse, shapefile_encoding

JSON = (".geojson", ".json")
READABLE = "GeoPackage, Shapefile (.shp or .zip), File Geodatabase (.gdb or .zip), GeoJSON, KML, DXF or FlatGeobuf"


def vector_layers(path: PathLike) -> list[str]:
    """Names of the layers of a vector file that hold geometry.

    Raises SourceError where the file is missing, broken or no vector file.
    """
    found = existing(path, "vector file")
    if found.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            return _layers(unpack(found, None, Path(folder))[0], str(path))
    source = _json_text(found, None, str(path))[0] if found.suffix.lower() in JSON else found
    return _layers(source, str(path))


def read_vector(
    path: PathLike,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    crs: Any = None,
    geometry: str | None = None,
    repair: bool = False,
    near: tuple[float, float] | None = None,
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file.

    layer: may be left out where the file has one with geometry; in an archive of several files, the name of one
    encoding: of the text of a Shapefile or GeoJSON; by default its .cpg where it fits, else UTF-8 or GB 18030 as the
        bytes tell
    crs: used where the file names none; where it names another, the file is refused
    geometry: polygon | line | point, where only that will do
    repair: mend areas that cross themselves and report how much area that changed; by default they are refused with
        their places
    near: longitude and latitude of the county [degrees]; data that come to lie elsewhere are refused

    returns: GeoDataFrame in 2-D whose `attrs` hold `path`, `layer`, `encoding`, `reading` (what was done, sentences)
        and `findings` (doubts about the coordinates)

    Raises SourceError (missing, broken, incomplete, garbled text), CoordinateError (no or another coordinate system,
    coordinates that cannot be of it), InputError (several layers, no rows, self-crossing areas, another kind of
    geometry).
    """
    found, where = existing(path, "vector file"), str(path)
    if found.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            inner, rest = unpack(found, layer, Path(folder))
            frame = _read(inner, rest, encoding, where)
    else:
        frame = _read(found, layer, encoding, where)
    attrs = frame.attrs
    refuse_mojibake([str(c) for c in frame.columns] + _texts(frame), where)
    frame, shape_notes = _shapes(frame, where)
    frame, system_notes = _system(frame, crs, where)
    _wanted(frame, geometry, where)
    findings = suspect(frame, near=near, where=where)
    for finding in findings:
        if finding.decision == "refuse":
            raise CoordinateError(finding.message, where=where)
    frame, more = checked_areas(frame, where, repair=repair)
    notes = [*attrs["reading"], *shape_notes, *system_notes, *more]
    frame.attrs = {**attrs, "path": where, "reading": notes, "findings": [f.as_dict() for f in findings]}
    return frame


def _layers(source: Any, where: str) -> list[str]:
    """Names of the layers that hold geometry, of a path or of bytes."""
    try:
        return [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(where, error) from None


def _unreadable(where: str, error: Exception) -> SourceError:
    remedy = "It may be cut short, or another kind of file under this name: copy it again, and open it in a GIS."
    if where.lower().endswith(".dwg"):
        remedy = "DWG cannot be read: save it as DXF in the drawing program."
    text = str(error).splitlines()[0].split(";")[0][:160]
    return SourceError(f"it cannot be read ({text})", where=where, expected=READABLE, remedy=remedy)


def _read(found: Path, layer: str | None, encoding: str | None, where: str) -> gpd.GeoDataFrame:
    """One layer as it stands in the file, with `layer`, `format`, `encoding` and `reading` in its attrs."""
    complete_or_refuse(found)
    ending = found.suffix.lower()
    source: Any = found
    used, notes = encoding or "UTF-8", list[str]()
    if ending == ".shp" and encoding is None:
        used, notes = shapefile_encoding(found)
    elif ending in JSON:
        source, used, notes = _json_text(found, encoding, where)
    name = _one_layer(_layers(source, where), layer, where)
    try:
        frame, more = _frame(source, name, used if ending in (".shp", ".tab", ".mif") else None)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise _unreadable(where, error) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("the layer holds no geometry", where=where, expected="areas, lines or points")
    frame.attrs = {"layer": name, "format": ending.lstrip("."), "encoding": used, "reading": notes + more}
    return frame


def _one_layer(names: list[str], layer: str | None, where: str) -> str:
    if not names:
        raise InputError("no layer holds geometry", where=where, expected="areas, lines or points")
    if layer is None and len(names) > 1:
        listed = f"{len(names)} layers: {', '.join(names)}"
        raise InputError(listed, where=where, expected="one", remedy='Name one: layer = "…".')
    if layer is not None and layer not in names:
        raise InputError(f"no layer {layer!r}", where=where, expected=f"one of {', '.join(names)}")
    return layer or names[0]


def _frame(source: Any, name: str, encoding: str | None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Read a layer; where a field name was cut within a character, byte by byte, leaving that half character out."""
    try:
        # Bytes in memory get a new name at every opening, so there the layer is taken as the only one.
        return pyogrio.read_dataframe(source, layer=None if isinstance(source, bytes) else name, encoding=encoding), []
    except UnicodeDecodeError:
        if encoding is None:
            raise
    frame = pyogrio.read_dataframe(source, layer=name, encoding="ISO-8859-1")

    def put_right(text: Any) -> Any:
        return text.encode("latin-1").decode(encoding, "ignore") if isinstance(text, str) else text

    for column in frame.columns.drop("geometry", errors="ignore"):
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(put_right)
    frame = frame.rename(columns=put_right)
    return frame, [f"names or text cut within a character of {encoding} lost that half character"]


def _json_text(found: Path, encoding: str | None, where: str) -> tuple[Any, str, list[str]]:
    """GeoJSON is UTF-8 by its standard (RFC 7946); one in GB 18030 is turned into it, one cut short is refused by
    its line.
    """
    data = found.read_bytes()
    used = encoding or detect([data]) or "utf-8"
    try:
        text = data.decode(used)
        json.loads(text)
    except UnicodeDecodeError:
        raise SourceError(
            f"its text is not {used}", where=where, expected="UTF-8", remedy="Save it as UTF-8."
        ) from None
    except json.JSONDecodeError as error:
        raise SourceError(
            f"it is no whole JSON: {error.msg} in line {error.lineno}",
            where=where,
            expected="a whole GeoJSON file",
            remedy="It was cut short or edited by hand; take it from its source again.",
        ) from None
    if used == "utf-8":
        return found, "UTF-8", []
    return text.encode(), used, [f"its text was read as {used}, though GeoJSON is to be UTF-8"]


def _texts(frame: gpd.GeoDataFrame) -> list[str]:
    """The different texts of all columns, up to a thousand a column."""
    texts: list[str] = []
    for column in frame.columns.drop(frame.geometry.name):
        if frame[column].dtype == object or pd.api.types.is_string_dtype(frame[column]):
            texts += [str(t) for t in frame[column].dropna().unique()[:1000]]
    return texts


def _shapes(frame: gpd.GeoDataFrame, where: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Two dimensions, and no rows without a shape."""
    notes = []
    if frame.empty:
        raise InputError("the layer holds no rows", where=where, expected="at least one")
    shapes = frame.geometry.to_numpy()
    if shapely.has_z(shapes).any():
        frame = frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), index=frame.index, crs=frame.crs))
        notes.append("heights of the points were dropped")
    without = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if without.all():
        raise InputError("no row has a shape", where=where, expected="areas, lines or points")
    if without.any():
        rows = (np.flatnonzero(without)[:5] + 1).tolist()
        notes.append(f"{int(without.sum())} rows without a shape were left out (rows {', '.join(map(str, rows))}, …)")
        frame = frame[~without].reset_index(drop=True)
    if not np.isfinite(frame.total_bounds).all():
        raise InputError("a shape has a coordinate that is no number", where=where, expected="finite coordinates")
    kinds = sorted({FAMILIES[int(t)] for t in shapely.get_type_id(frame.geometry.to_numpy())})
    if len(kinds) > 1:
        notes.append(f"it mixes {', '.join(kinds)}")
    return frame, notes


def _system(frame: gpd.GeoDataFrame, declared: Any, where: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    own, ending = frame.crs, str(frame.attrs.get("format", ""))
    if own is not None and identify(own).kind == "local":
        own = None
    if own is None:
        guessed = declared_or_guess(declared, frame, where)
        return frame.set_crs(guessed, allow_override=True), [
            f"the file names no coordinate system; {declared} was given"
        ]
    if declared is not None and not same_system(own, declared):
        if _by_default(own, ending):
            note = f"{declared} was given and taken, as this format names WGS 84 even where it is not"
            return frame.set_crs(normal_crs(declared), allow_override=True), [note]
        raise CoordinateError(
            f"the file is in {identify(own).label}, but {identify(declared).label} was given",
            where=where,
            expected="one of the two",
            remedy="If the file is right, leave `crs` out; if it is wrong, correct its .prj.",
        )
    normal = normal_crs(own)
    recognised = CRS.from_user_input(own).to_epsg() != normal.to_epsg()
    notes = [f"its coordinate system was recognised as {identify(own).label}"] if recognised else []
    return frame.set_crs(normal, allow_override=True), notes


def _by_default(own: Any, ending: str) -> bool:
    """GeoJSON and KML count as WGS 84 where they say nothing."""
    return ending in ("geojson", "json", "kml") and identify(own).epsg == 4326


def _wanted(frame: gpd.GeoDataFrame, geometry: str | None, where: str) -> None:
    if geometry is None:
        return
    kinds = family(frame)
    wrong = np.flatnonzero(kinds != geometry)
    if len(wrong):
        raise InputError(
            f"row {wrong[0] + 1} is a {kinds[wrong[0]]} ({len(wrong)} such rows)",
            where=where,
            expected=f"{geometry}s only",
            remedy="Take another layer, or select the wanted kind in a GIS.",
        )
