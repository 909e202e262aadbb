"""Products: the folder in which a study lays down what it found, written whole or not at all.

The layout is told in `docs/product.md`: `layers/*.tif`, `product.gpkg` and `vectors/*.parquet`, `tables/*.csv` and
`tables.xlsx`, `summary.json`, `manifest.json`, and what else the study adds, as a report and its pictures.
"""

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from ..errors import InputError
from ..tables import Table
from .analytic_rasters import write_raster
from .manifest import AssetRecord, ProductHead, as_json, build_item, layer_record, plain, raster_fields, table_records
from .product_folders import MANIFEST, WorkFolder, disk_trouble, require_space
from .product_vectors import write_vector
from .workbook import NameColumn, NameTable, column_record, flat, plain_heading, plain_title, write_csv, write_workbook

SUMMARY = "summary.json"
PACKAGE = "product.gpkg"
WORKBOOK = "tables.xlsx"

BYTES_A_CELL = 3.0
"""What a float cell takes on the disk, compressed and with its overviews: 2.9 to 3.3 measured on noisy layers."""

NOTE = (
    "面积为椭球面积，单位 km²；“未知”从不计入“未流失”。"
    "Areas are ellipsoidal, in km²; unknown ground never counts as sound."
)

ROLES = {".html": "report", ".pdf": "report", ".png": "visual", ".svg": "visual", ".jpg": "visual"}
"""Roles of files that a study left in the folder without saying what they are for."""


class ProductWriter:
    """Writes one product; a context manager.

    ``with ProductWriter(folder, study=..., ...) as product: product.raster(...); ...; product.finish(summary,
    created=now)``

    The folder appears, or takes the place of the product that was there, when the block ends after `finish`. Whatever
    ends the block before that leaves everything as it was.

    folder: where the product shall stand; study: name of the recipe; kind: statutory or scientific
    county: name and code; year: the year it tells of; geobox: the county grid; engine_version: of this package
    layers: about how many rasters will be written, for the look at the free space

    Raises SourceError where the folder holds something else than a product, ResourceError where the disk is too full,
    where it may not be written or where another run is writing there.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        study: str,
        county: Mapping[str, str],
        year: int,
        kind: str,
        geobox: GeoBox,
        engine_version: str,
        layers: int = 12,
    ) -> None:
        self.place = Path(folder)
        self.head = ProductHead(study, county, year, kind, geobox, engine_version)
        self._expected = int(layers * geobox.shape[0] * geobox.shape[1] * BYTES_A_CELL) + (32 << 20)
        self._work: WorkFolder | None = None
        self._assets: dict[str, AssetRecord] = {}
        self._layers: list[dict[str, Any]] = []
        self._tables: list[dict[str, Any]] = []
        self._finished = False

    def __enter__(self) -> Self:
        require_space(self.place.absolute().parent, self._expected)
        self._work = WorkFolder(self.place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        work, self._work = self._open, None
        with contextlib.ExitStack() as stack:
            stack.callback(work.discard)
            if kind is not None:
                return
            if not self._finished:
                raise InputError(
                    "the product was left without `finish`",
                    where=str(self.place),
                    expected="finish(summary, ...) as the last call",
                )
            work.publish()
            stack.pop_all()

    @property
    def folder(self) -> Path:
        """The hidden folder in which the product grows; files laid into it belong to the product."""
        return self._open.path

    def raster(
        self,
        key: str,
        array: xr.DataArray,
        *,
        title: str = "",
        colours: Mapping[int, tuple[int, int, int]] | None = None,
    ) -> Path:
        """Write a layer as `layers/<key>.tif`, a cloud-optimised GeoTIFF.

        array: layer with quantity, units and provenance; title: description of its band, by default the name of its
        quantity
        colours: red, green and blue of the classes of a uint8 layer

        Raises InputError where the key was used before, ResourceError where the disk is full.
        """
        name = f"layers/{key}.tif"
        text = title or str(array.attrs.get("long_name", key))
        self._add(key, name, ("data",), text, **raster_fields(array, self.head.geobox))
        write_raster(self._path(name), array, title=text, colours=colours)
        self._layers.append(layer_record(key, array, name))
        return self._path(name)

    def vector(self, key: str, shapes: gpd.GeoDataFrame, *, title: str = "") -> Path:
        """Write shapes as the layer `key` of `product.gpkg` and as `vectors/<key>.parquet` (GeoParquet).

        Raises InputError where the key was used before or there is no shape, CoordinateError without a coordinate
        system.
        """
        name = f"vectors/{key}.parquet"
        self._add(key, name, ("data",), title or key)
        if PACKAGE not in self._names():
            self._add("product_gpkg", PACKAGE, ("data",), "矢量数据 Vector layers")
        write_vector(self._path(PACKAGE), self._path(name), key, shapes, self.head.end)
        return self._path(name)

    def tables(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        about: Sequence[tuple[str, str]] = (),
        name_column: NameColumn = plain_heading,
        name_table: NameTable = plain_title,
    ) -> Path:
        """Write all tables of the product: `tables.xlsx`, and `tables/<name>.csv` each.

        tables: by name; an index that says something becomes columns
        about: lines of the workbook's first sheet, a name and what it says; by default what the product is
        name_column, name_table: headings (zh, en, unit, kind) and titles (zh, en) for the machine names

        Raises InputError where there is no table or columns have double names, ResourceError where the disk is full.
        """
        sheets = {name: flat(table) for name, table in tables.items()}
        for name, table in sheets.items():
            columns = [column_record(table[c], name_column(c)) for c in table.columns]
            self._add(
                f"table_{name}", f"tables/{name}.csv", ("data", "table"), " ".join(dict.fromkeys(name_table(name)))
            )
            write_csv(self._path(f"tables/{name}.csv"), table, name_column)
            self._tables.append({"name": name, "asset": f"table_{name}", "columns": columns})
        self._add("tables_xlsx", WORKBOOK, ("data", "table"), "全部表格 All tables")
        lines = list(about) or self._about()
        stamp = self.head.end.replace(tzinfo=None)
        write_workbook(
            self._path(WORKBOOK), sheets, about=lines, stamp=stamp, name_column=name_column, name_table=name_table
        )
        return self._path(WORKBOOK)

    def file(self, content: str | Path | bytes, name: str, role: str, *, title: str = "") -> Path:
        """Add a file: a report, a picture.

        content: bytes, or the path of a file to be copied (one that already lies in `folder` stays there)
        name: its path inside the product, as "pictures/map.png"; role: report, visual, thumbnail, metadata, data

        Raises InputError where the name leads out of the product or was used before.
        """
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InputError(f"name {name!r}", where="file of a product", expected="a path inside the product")
        path = self._path(name)
        self._add(
            Path(name).as_posix().replace("/", "_").replace(".", "_"),
            Path(name).as_posix(),
            (role,),
            title or Path(name).name,
        )
        with disk_trouble(path, len(content) if isinstance(content, bytes) else Path(content).stat().st_size):
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif Path(content).absolute() != path:
                shutil.copyfile(content, path)
        return path

    def finish(
        self,
        summary: Mapping[str, Any],
        *,
        created: dt.datetime,
        inputs: Iterable[Any] = (),
        parameters: Mapping[str, Any] | None = None,
        tables_used: Iterable[Table] = (),
        provisional: pd.DataFrame | Sequence[Mapping[str, str]] = (),
        warnings: Sequence[Mapping[str, str]] = (),
    ) -> Path:
        """Write `summary.json` and `manifest.json`; the last call of the block.

        summary: the figures; created: the time, handed in so that the clock is asked in one place
        inputs: mappings or dataclasses: role, path as the user gave it, sha256, size, crs, resolution, unknown cells
        parameters: of the study; tables_used: parameter tables; provisional: rows (table, row, source); warnings:
        code, message, message_zh

        Raises InputError where `created` has no time zone.
        """
        if created.tzinfo is None:
            raise InputError(f"time {created}", where="finish", expected="a time with its zone, as datetime.now(UTC)")
        self.file(as_json(summary), SUMMARY, "metadata", title="汇总 Summary")
        self._adopt()
        properties = {
            "parameters": parameters or {}, "inputs": [plain(i) for i in inputs], "tables": table_records(tables_used),
            "layers": self._layers, "synthetic": any(record["provenance"] == "synthetic" for record in self._layers),
             "data_tables": self._tables, "warnings": list(warnings), "provisional_rows":
            plain(provisional),
        }  # fmt: skip
        item = build_item(self.head, self.folder, list(self._assets.values()), properties=properties, created=created)
        with disk_trouble(self.folder, 1 << 20):
            (self.folder / MANIFEST).write_bytes(as_json(item))
        self._finished = True
        return self.folder / MANIFEST

    @property
    def _open(self) -> WorkFolder:
        if self._work is None:
            raise InputError(
                "the product is not being written", where=str(self.place), expected="a call inside the `with` block"
            )
        return self._work

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _names(self) -> set[str]:
        return {asset.name for asset in self._assets.values()}

    def _add(self, key: str, name: str, roles: tuple[str, ...], title: str, **extra: Any) -> None:
        if key in self._assets or name in self._names() or name == MANIFEST:
            raise InputError(f"{name} ({key}) was written before", where=str(self.place), expected="each file once")
        self._assets[key] = AssetRecord(key, name, roles, title, extra)

    def _adopt(self) -> None:
        """Files that were laid into the folder directly become assets too."""
        known = self._names()
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            name = path.relative_to(self.folder).as_posix()
            if name not in known:
                self.file(path, name, ROLES.get(path.suffix.lower(), "data"))

    def _about(self) -> list[tuple[str, str]]:
        head = self.head
        return [
            ("产品 Product", head.identifier), ("县 County", " ".join(str(v) for v in head.county.values())),
            ("年份 Year", str(head.year)),
            ("类型 Kind", head.kind), ("坐标系 Coordinate system", str(head.geobox.crs)),
            ("程序版本 Engine version", head.engine_version),
            ("说明 Note", NOTE),
        ]  # fmt: skip
