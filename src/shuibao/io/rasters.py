"""Read rasters: GeoTIFF and COG, ESRI ASCII, SRTM `.hgt`, NetCDF and what else the bundled GDAL knows.

A file becomes a layer: unknown cells NaN (or the integer `nodata`), numbers scaled to the unit of their quantity,
the grid north up, the coordinate system in its EPSG form. Whatever was done to the values stands in words in the
attribute `reading`.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.errors
import rasterio.windows
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import CRS

from ..errors import CoordinateError, InputError, SourceError
from ..grids import check_range, layer
from ..quantities import quantity as quantity_named
from .coordinate_systems import as_crs, identify, normal_crs, same_system
from .datum import Finding, declared_or_guess, suspect
from .datum_shift import accepted_shift
from .files import PathLike, existing
from .raster_values import Conversion, convert, storage

MARGIN = 4
"""Cells read around the part of a file that overlaps the wanted grid, so that resampling has its neighbours."""

NUMERALS = b"0123456789+-.,eE \t\r\n"
"""What numbers in an ASCII grid are written with."""

ASCII_HEAD = 6
"""Lines of names before the numbers of an ASCII grid, at most."""

STRIP = 1 << 22
"""Cells converted at a time, so that a large file needs little more memory than its layer."""


@dataclass(frozen=True)
class RasterFound:
    """What a raster file holds, told without reading its cells.

    resolution: width and height of a cell in units of `crs`; bounds: left, bottom, right, top
    variables: names of the variables of a NetCDF file that could be read
    """

    path: str
    driver: str
    rows: int
    columns: int
    bands: int
    dtype: str
    nodata: float | None
    resolution: tuple[float, float]
    bounds: tuple[float, float, float, float]
    crs: CRS | None
    variables: tuple[str, ...] = ()

    def sentence(self) -> str:
        """One line for a person."""
        system = identify(self.crs).label if self.crs is not None else "no coordinate system"
        cell = " × ".join(f"{abs(v):.6g}" for v in self.resolution)
        return f"{self.columns} × {self.rows} cells of {cell}, {self.bands} band(s) {self.dtype}, {system}"


def inspect_raster(path: PathLike, *, variable: str | None = None) -> RasterFound:
    """Tell size, cells, coordinate system and nodata value of a raster without reading its cells.

    Raises SourceError where the file is missing, broken or no raster.
    """
    with _open(path, variable) as dataset:
        transform = dataset.transform
        return RasterFound(
            str(path),
            dataset.driver,
            dataset.height,
            dataset.width,
            dataset.count,
            dataset.dtypes[0],
            dataset.nodata,
            (transform.a, transform.e),
            tuple(dataset.bounds),
            _crs_of(dataset),
            tuple(_variables(path)),
        )


def read_raster(
    path: PathLike,
    quantity: str,
    *,
    band: int | None = None,
    variable: str | None = None,
    crs: Any = None,
    window: GeoBox | None = None,
    margin: int = MARGIN,
    provenance: str = "measured",
    recode: dict[int, int] | None = None,
    scale: float | None = None,
    nodata: float | None = None,
    near: tuple[float, float] | None = None,
    accept_datum_shift: bool = False,
) -> xr.DataArray:
    """Read one band of a raster file as a layer.

    quantity: name of a row of `tables/quantities.csv`; continuous ones become float32 with NaN for unknown,
        categorical ones integers
    band: counted from 1; may be left out where the file has one
    variable: of a NetCDF file with several
    crs: used where the file names none; where it names another, the file is refused
    window: read only what overlaps this grid, and `margin` cells around it
    recode: code in the file → code in the layer, for categorical quantities; a code that is not listed is refused
    scale: factor on the file's numbers; by default the scale and offset of the file, and 0.0001 for NDVI in integers
        of 16 bits or more
    nodata: the number that means unknown, where the file does not say it
    near: longitude and latitude of the county [degrees]; data that come to lie elsewhere are refused
    accept_datum_shift: a person has agreed that the file will go to a `window` on another datum, from Beijing 54 or Xi'an 80

    returns: layer with attributes `path` (as given), `reading` (what was done to the values, sentences),
        `unknown_share` (0 to 1), `file_crs` (as the file names it), `findings` (doubts about its coordinates)

    Raises SourceError (missing, broken, not a raster), CoordinateError (no or another coordinate system, no overlap,
    coordinates that cannot be of the system named, a shift of datum that was not accepted), InputError (several bands, unlisted codes, values out of range,
    all cells unknown).
    """
    what, where = quantity_named(quantity), str(path)
    with _open(path, variable) as dataset:
        number = _band(dataset, band, where)
        _refuse_unplaced(dataset, where)
        system, notes = _system(dataset, crs, where)
        if window is not None:
            notes += accepted_shift(system, window.crs, dataset.bounds, accept=accept_datum_shift, where=where)
        part = _window(dataset, system, window, margin, where)
        geobox, turned, mirrored = _geobox(dataset, part, system)
        findings = _guard(dataset, system, near, where)
        plan = Conversion.of(what, dataset, number, scale=scale, nodata=nodata, recode=recode, where=where)
        cells = _cells(dataset, number, part, plan, where)
    if turned:
        cells = cells[::-1]
        notes.append("rows were turned north up")
    if mirrored:
        cells = cells[:, ::-1]
        notes.append("columns were turned to run from west to east")
    if window is not None:
        notes.append(
            f"only rows {part.row_off}-{part.row_off + part.height} and columns "
            f"{part.col_off}-{part.col_off + part.width} were read"
        )
    cells, storage_notes = storage(cells, plan)
    _refuse_unknown(plan, cells.size, window is not None, where)
    array = layer(
        cells,
        geobox,
        quantity,
        provenance=provenance,
        nodata=plan.target_nodata if what.kind == "categorical" else None,
        path=where,
        reading=[*notes, *plan.notes(), *storage_notes],
        unknown_share=plan.unknown_cells / max(1, cells.size),
        file_crs=system.name,
        findings=[f.as_dict() for f in findings],
    )
    return check_range(array, hint=plan.hint())


def _refuse_unknown(plan: Conversion, cells: int, part: bool, where: str) -> None:
    if plan.unknown_cells == cells:
        raise InputError(
            "every cell is unknown" + (" in the part that overlaps the grid" if part else ""),
            where=where,
            expected=f"some known {plan.what.en.lower()}",
            remedy="Check the nodata value and that the file is of this place.",
        )


def _open(path: PathLike, variable: str | None) -> Any:
    found = existing(path, "raster file")
    if found.suffix.lower() == ".asc":
        _refuse_words(found)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            dataset = rasterio.open(found)
            inner = dataset.subdatasets
            if not inner:
                return dataset
            return rasterio.open(_choose(inner, variable, str(path)))
    except rasterio.errors.RasterioIOError as error:
        raise SourceError(
            f"it cannot be opened as a raster ({_short(error)})",
            where=str(path),
            expected="a whole GeoTIFF, ESRI ASCII grid, .hgt or NetCDF file",
            remedy=_opening_advice(found.suffix.lower()),
        ) from None


def _refuse_words(path: Path) -> None:
    """Refuse an ASCII grid with anything but numbers below its head, which GDAL would read as 0.

    Raises SourceError naming the line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            strange = line.translate(None, NUMERALS).strip()
            head = line[:1].isalpha() and number <= ASCII_HEAD
            if strange and not head and strange.lower().replace(b"nan", b""):
                raise SourceError(
                    f"line {number} holds {strange[:20].decode('latin-1')!r} among its numbers",
                    where=str(path),
                    expected="numbers only below the head of an ESRI ASCII grid",
                    remedy="Export it again from the program that made it.",
                )


def _opening_advice(ending: str) -> str:
    if ending == ".hgt":
        return "A .hgt file must keep its name such as N38E112.hgt and its size of 1201² or 3601² cells of 2 bytes."
    return "It may be cut short or another kind of file: copy it again, and open it in a GIS."


def _variables(path: PathLike) -> list[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return [s.rsplit(":", 1)[-1] for s in dataset.subdatasets]
    except rasterio.errors.RasterioIOError:
        return []


def _choose(inner: list[str], variable: str | None, where: str) -> str:
    names = [s.rsplit(":", 1)[-1].strip("/") for s in inner]
    if variable is None:
        raise InputError(
            f"the file holds the variables {', '.join(names)}",
            where=where,
            expected="one",
            remedy="Name one: variable = ….",
        )
    if variable not in names:
        raise InputError(f"no variable {variable!r}", where=where, expected=f"one of {', '.join(names)}")
    return inner[names.index(variable)]


def _band(dataset: Any, band: int | None, where: str) -> int:
    if band is None and dataset.count > 1:
        named = [f"{i} {text}" for i, text in enumerate(dataset.descriptions, 1) if text]
        raise InputError(
            f"the file has {dataset.count} bands" + (f" ({', '.join(named)})" if named else ""),
            where=where,
            expected="one band",
            remedy="Name one: band = 1.",
        )
    if band is not None and not 1 <= band <= dataset.count:
        raise InputError(f"no band {band}", where=where, expected=f"1 to {dataset.count}")
    return band or 1


def _refuse_unplaced(dataset: Any, where: str) -> None:
    if dataset.transform.is_identity:
        raise CoordinateError(
            "the file does not say where its cells lie",
            where=where,
            expected="a geotransform, or a world file (.tfw) beside it",
            remedy="Export it again as GeoTIFF from the program that made it.",
        )


def _crs_of(dataset: Any) -> CRS | None:
    """The system the file names; a system without a place on Earth counts as none."""
    if dataset.crs is None or not dataset.crs.to_wkt():
        return None
    known = as_crs(dataset.crs)
    return None if identify(known).kind == "local" else known


def _system(dataset: Any, declared: Any, where: str) -> tuple[CRS, list[str]]:
    own = _crs_of(dataset)
    if own is None:
        return declared_or_guess(declared, tuple(dataset.bounds), where), [
            f"the file names no coordinate system; {declared} was given"
        ]
    if declared is not None and not same_system(own, declared):
        raise CoordinateError(
            f"the file is in {identify(own).label}, but {identify(declared).label} was given",
            where=where,
            expected="one of the two",
            remedy=(
                "If the file is right, leave `crs` out; if it is wrong, correct its label (gdal_edit, QGIS: Assign "
                "projection)."
            ),
        )
    normal = normal_crs(own)
    recognised = own.to_epsg() != normal.to_epsg()
    return normal, [f"its coordinate system was recognised as {identify(own).label}"] if recognised else []


def _guard(dataset: Any, system: CRS, near: tuple[float, float] | None, where: str) -> list[Finding]:
    findings = suspect(tuple(dataset.bounds), system, near=near, where=where)
    for finding in findings:
        if finding.decision == "refuse":
            raise CoordinateError(finding.message, where=where)
    return findings


def _window(dataset: Any, system: CRS, target: GeoBox | None, margin: int, where: str) -> rasterio.windows.Window:
    whole = rasterio.windows.Window(0, 0, dataset.width, dataset.height)
    if target is None:
        return whole
    box = target.extent.to_crs(system.to_wkt(), resolution=_step(target)).boundingbox
    corners = [
        ~dataset.transform * xy
        for xy in ((box.left, box.bottom), (box.left, box.top), (box.right, box.bottom), (box.right, box.top))
    ]
    cols, rows = [c for c, _ in corners], [r for _, r in corners]
    first_col, last_col = int(np.floor(min(cols) + 1e-6)), int(np.ceil(max(cols) - 1e-6))
    first_row, last_row = int(np.floor(min(rows) + 1e-6)), int(np.ceil(max(rows) - 1e-6))
    if first_col >= dataset.width or last_col <= 0 or first_row >= dataset.height or last_row <= 0:
        extent, wanted = ([round(v, 4) for v in b] for b in (dataset.bounds, box))
        raise CoordinateError(
            f"its extent {extent} does not meet the grid's {wanted} ({identify(system).label})",
            where=where,
            expected="a raster that overlaps the county",
            remedy="Check its coordinate system and that it is of this county.",
        )
    left, top = max(0, first_col - margin), max(0, first_row - margin)
    return rasterio.windows.Window(
        left, top, min(dataset.width, last_col + margin) - left, min(dataset.height, last_row + margin) - top
    )


def _step(target: GeoBox) -> float:
    """Length at which the edges of the grid are bent when they go to another projection."""
    box = target.boundingbox
    return float(max(box.right - box.left, box.top - box.bottom) / 20)


def _geobox(dataset: Any, part: rasterio.windows.Window, system: CRS) -> tuple[GeoBox, bool, bool]:
    """The grid of a part, and whether its rows and its columns must be turned for it to lie north up."""
    affine = dataset.transform * Affine.translation(part.col_off, part.row_off)
    upright = affine.b == affine.d == 0
    turned, mirrored = upright and affine.e > 0, upright and affine.a < 0
    if turned:
        affine = affine * Affine.translation(0, part.height) * Affine.scale(1, -1)
    if mirrored:
        affine = affine * Affine.translation(part.width, 0) * Affine.scale(-1, 1)
    code = system.to_epsg(100)
    return GeoBox((part.height, part.width), affine, f"EPSG:{code}" if code else system.to_wkt()), turned, mirrored


def _cells(dataset: Any, band: int, part: rasterio.windows.Window, plan: Conversion, where: str) -> np.ndarray:
    out = np.empty((part.height, part.width), plan.dtype)
    step = _strip_rows(dataset, part)
    for first in range(0, part.height, step):
        height = min(step, part.height - first)
        strip = rasterio.windows.Window(part.col_off, part.row_off + first, part.width, height)
        try:
            raw = dataset.read(band, window=strip)
        except (rasterio.errors.RasterioIOError, rasterio.errors.RasterioError) as error:
            raise SourceError(
                f"the cells of rows {part.row_off + first}-{part.row_off + first + height} cannot be read "
                f"({_short(error)})",
                where=where,
                expected="a whole file",
                remedy="The file was cut short or damaged; copy it again from its source.",
            ) from None
        convert(raw, plan, out[first : first + height])
    return out


def _strip_rows(dataset: Any, part: rasterio.windows.Window) -> int:
    block = int(dataset.block_shapes[0][0])
    return max(block, STRIP // max(1, int(part.width)) // block * block)


def _short(error: Exception) -> str:
    cause = error.__cause__ or error
    return str(cause).splitlines()[0][:160]
