"""A county's files, opened once each onto the county grid, with a record of what was seen."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from .. import grids, io
from ..errors import CoordinateError, InputError
from ..quantities import all_quantities
from ..tables import Table
from .catchment import catchment_of, known_ground
from .findings import Finding
from .spec import CountyFile, FactorSource, LayerSource, Places, RasterSource, VectorSource

RASTER_ENDINGS = {".tif", ".tiff", ".asc", ".hgt", ".nc", ".img", ".vrt"}


@dataclass(frozen=True)
class InputRecord:
    """One file as it was read: what the manifest and the report say of it."""

    role: str
    path: str
    sha256: str
    size_bytes: int
    crs: str = ""
    resolution: str = ""
    unknown_share: float = 0.0


@dataclass
class CountyInputs:
    """Reads the layers of a county file onto its grid.

    county: the county file; folder: where its paths begin
    records, findings: grow with each file read
    """

    county: CountyFile
    folder: Path
    records: list[InputRecord] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    used: list[Table] = field(default_factory=list)

    def table(self, table: Table) -> Table:
        """Hand a parameter table through, remembering that its rows are used."""
        self.used.append(table)
        return table

    def is_raster(self, name: str) -> bool:
        """Whether a path names a raster file."""
        return Path(name).suffix.lower() in RASTER_ENDINGS

    @functools.cached_property
    def boundary(self) -> gpd.GeoDataFrame:
        """The county as one polygon in the grid's CRS; an outlet point stands for its catchment, a raster for its known cells."""
        layers, who = self.county.layers, self.county.county
        frame = self._boundary_shapes()
        polygons = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
        if polygons.empty:
            raise InputError(
                "no polygon", where=layers.boundary.path, expected="the county's polygon, or an outlet point"
            )
        whole = [polygons.union_all()]
        return gpd.GeoDataFrame({"code": [who.code], "name": [who.name]}, geometry=whole, crs=polygons.crs)

    def _boundary_shapes(self) -> gpd.GeoDataFrame:
        layers, grid = self.county.layers, self.county.grid
        path = str(self.path(layers.boundary.path))
        if self.is_raster(path):
            frame = known_ground(layers.boundary, path, grid)
            self._note("boundary", layers.boundary.path, str(frame.crs))
            return frame
        frame = self.vector(layers.boundary, "boundary")
        if (frame.geom_type == "Point").any():
            frame = catchment_of(frame, layers.elevation, str(self.path(layers.elevation.path)), grid)
            area = f"{frame.area.sum() / 1e6:.2f} km²"
            note = f"the boundary is the catchment of a point, {area}", f"边界由出口点的汇水区生成，{area}"
            self.findings.append(Finding("catchment_boundary", *note, layers.boundary.path))
        return frame

    @functools.cached_property
    def geobox(self) -> GeoBox:
        """The county grid: the boundary with its margin, snapped to whole cells."""
        grid = self.county.grid
        west, south, east, north = self.boundary.total_bounds
        bbox = (west - grid.margin, south - grid.margin, east + grid.margin, north + grid.margin)
        box = GeoBox.from_bbox(bbox, grid.crs, resolution=grid.cell, tight=False)
        grids.square_cell(box)
        return box

    @functools.cached_property
    def inside(self) -> np.ndarray:
        """True for every cell that the county touches."""
        from rasterio.features import geometry_mask

        return np.asarray(
            geometry_mask(
                self.boundary.geometry, tuple(self.geobox.shape), self.geobox.affine, all_touched=True, invert=True
            )
        )

    def path(self, name: str) -> Path:
        """The full path of a file named in the county file."""
        return self.folder / name

    def vector(self, source: VectorSource | LayerSource, role: str) -> gpd.GeoDataFrame:
        """A vector file in the grid's CRS."""
        path = self.path(source.path)
        frame = io.read_vector(
            path, layer=source.layer, encoding=source.encoding, crs=source.crs, repair=source.repair, near=self._near
        )
        self._note(role, source.path, str(frame.crs.to_string()))
        self._doubts(frame.attrs["findings"], source.path)
        if source.gcj02:
            frame = io.unshift_gcj02(frame.to_crs(4326))
        moved = io.transform(frame, self.county.grid.crs, accept_datum_shift=self.county.grid.accept_datum_shift)
        self._must_meet(moved, source.path)
        return moved

    def places(self, source: Places) -> gpd.GeoDataFrame:
        """Places with columns level, code, name, geometry."""
        frame = self.vector(source, source.level)
        for wanted in (source.code, source.name):
            if wanted not in frame:
                raise InputError(
                    f"no field {wanted!r}",
                    where=source.path,
                    expected=f"one of {[c for c in frame if c != 'geometry']}",
                )
        texts = {"code": frame[source.code].astype(str), "name": frame[source.name].astype(str)}
        self._refuse_shift(frame, source.path)
        dated = {c: frame[c] for c in ("valid_from", "valid_to") if c in frame}
        return gpd.GeoDataFrame({"level": source.level, **texts, **dated}, geometry=frame.geometry, crs=frame.crs)

    def raster(
        self, source: RasterSource | LayerSource, name: str, role: str, *, how: str | None = None
    ) -> xr.DataArray:
        """A raster file as a layer of quantity `name` on the county grid."""
        recode = {int(k): v for k, v in source.recode.items()} or None
        raw = io.read_raster(
            self.path(source.path), name, band=source.band, variable=source.variable, crs=source.crs, scale=source.scale,
            recode=recode, window=self.geobox, provenance=source.provenance, near=self._near,
            accept_datum_shift=self.county.grid.accept_datum_shift,
        )  # fmt: skip
        box = grids.geobox_of(raw)
        self._doubts(raw.attrs.pop("findings", []), source.path)
        aligned = grids.align(raw, self.geobox, how)
        lost = grids.unknown_count(aligned, xr.DataArray(self.inside, dims=aligned.dims, coords=aligned.coords))
        share = lost / max(1, int(self.inside.sum()))
        self._note(role, source.path, str(box.crs), f"{abs(box.resolution.x):g} × {abs(box.resolution.y):g}", share)
        if share == 1:
            raise InputError(
                "every cell of the county is unknown",
                where=source.path,
                expected="known cells",
                remedy="Check extent and NoData value.",
            )
        if share > 0:
            self.findings.append(_unknown(role, share, lost))
        return grids.check_range(aligned)

    def codes(self, source: LayerSource, name: str, role: str, *, nodata: int = 0, tiling: bool = True) -> xr.DataArray:
        """A raster or polygons of codes as a categorical layer on the county grid.

        tiling: the polygons tile the county, so that a cell at its rim belongs to the polygon that touches it
        """
        if self.is_raster(source.path):
            return self.raster(source, name, role)
        frame = self.vector(source, role)
        column = source.field or ""
        if source.recode and column in frame:
            frame = frame.assign(**{column: frame[column].astype(str).replace(source.recode)})
        return grids.burn(frame, column, self.geobox, name, nodata=nodata, provenance=source.provenance, touched=tiling)

    def numbers(self, source: FactorSource | LayerSource, name: str, role: str) -> xr.DataArray:
        """One value everywhere, a raster, or polygons with a number, as a continuous layer."""
        if isinstance(source, FactorSource) and source.value is not None:
            values = np.full(tuple(self.geobox.shape), source.value, "float32")
            return grids.check_range(
                grids.layer(values, self.geobox, name, provenance="derived", path=f"county file, {role}")
            )
        if self.is_raster(source.path):
            return self.raster(source, name, role)
        frame = self.vector(source, role)
        codes = grids.burn(
            frame.assign(row=np.arange(1, len(frame) + 1)), "row", self.geobox, "place", dtype="int32", touched=True
        )
        column = source.field or ""
        if column not in frame:
            raise InputError(
                f"no field {column!r}", where=source.path, expected=f"one of {[c for c in frame if c != 'geometry']}"
            )
        values = np.concatenate([[np.nan], frame[column].astype(float)]).astype("float32")[codes.values]
        return grids.check_range(grids.layer(values, self.geobox, name, provenance=source.provenance, path=source.path))

    def note_file(self, role: str, name: str) -> Path:
        """The path of a table, with its record taken."""
        self._note(role, name)
        return self.path(name)

    def _note(self, role: str, name: str, crs: str = "", resolution: str = "", unknown: float = 0.0) -> None:
        path = self.path(name)
        size = path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
        self.records.append(InputRecord(role, name, io.sha256_of(path), size, crs, resolution, round(unknown, 6)))

    @property
    def _near(self) -> tuple[float, float] | None:
        """Longitude and latitude of the county [degrees], once its boundary is known."""
        if "boundary" not in self.__dict__:
            return None
        point = self.boundary.geometry.representative_point().to_crs(4326).iloc[0]
        return float(point.x), float(point.y)

    def _doubts(self, findings: Iterable[io.Finding | Mapping[str, Any]], path: str) -> None:
        """Doubts of the reader about coordinates become warnings of the product."""
        for doubt in findings:
            told = doubt if isinstance(doubt, Mapping) else doubt.as_dict()
            if told["message"] not in {f.message for f in self.findings}:  # once is enough for all files of one system
                self.findings.append(Finding(told["code"], told["message"], told["message_zh"], path))

    def _refuse_shift(self, frame: gpd.GeoDataFrame, path: str) -> None:
        """Refuse a boundary that lies off the places of the county as web maps shift them.

        Raises CoordinateError with the way out.
        """
        found = io.detect_gcj02(self.boundary, frame)
        if found.code == "gcj02_untested" or found.decision == "ok":
            return
        wrong, right = (
            (self.county.layers.boundary.path, path) if found.decision == "refuse" else (path, "the boundary")
        )
        raise CoordinateError(
            found.message, where=wrong, expected=f"coordinates that fit {right}",
            remedy="Use the true file, or write gcj02 = true at its source in the county file to have the offset taken away.",
        )  # fmt: skip

    def _must_meet(self, frame: gpd.GeoDataFrame, path: str) -> None:
        if "boundary" in self.__dict__ and not frame.intersects(self.boundary.geometry.iloc[0]).any():
            raise CoordinateError(
                f"extent {np.round(frame.total_bounds, 1).tolist()} does not meet the county {np.round(self.boundary.total_bounds, 1).tolist()}",
                where=path, expected="a layer that overlaps the county", remedy="Check its coordinate system and that it is of this county.",
            )  # fmt: skip


def _unknown(role: str, share: float, cells: int) -> Finding:
    """The warning on unknown cells inside the county."""
    what = all_quantities()[role].zh if role in all_quantities() else role
    return Finding(
        "unknown_cells",
        f"{role}: {cells:,} cells of the county are unknown ({share:.3%})",
        f"{what}：县域内有 {cells:,} 个栅格缺数据（{share:.3%}）",
        role,
    )
