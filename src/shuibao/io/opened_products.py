"""Open a finished product, check its files, and tell whether two products may be compared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import rasterio.windows
import xarray as xr
from odc.geo.geobox import GeoBox
from xarray.backends import BackendArray
from xarray.core import indexing

from ..errors import InputError, SourceError
from ..grids import layer
from .files import existing, sha256_of
from .manifest import SHA256_MULTIHASH
from .product_folders import MANIFEST, is_product
from .products import SUMMARY

FROZEN_LAYERS = ("rainfall_erosivity", "soil_erodibility", "slope_length_factor", "slope_factor", "allowable_loss")
"""Quantities that a statutory series keeps from year to year."""

SUBJECTS = {
    "study": "专题", "kind": "成果类型", "county": "县", "engine_version": "程序版本", "grid": "格网",
    "parameters": "参数", "tables": "参数表", "layers": "图层",
}  # fmt: skip
"""What may differ, in Chinese."""


@dataclass(frozen=True)
class Difference:
    """One thing in which two products differ so that their figures do not compare like for like.

    what: kind, study, county, grid, engine_version, parameters, tables or layers; first, second: what each has
    """

    what: str
    first: str
    second: str

    @property
    def message(self) -> str:
        """In English."""
        return f"{self.what} differs: {self.first} against {self.second}"

    @property
    def message_zh(self) -> str:
        """In Chinese."""
        subject, _, detail = self.what.partition(".")
        return f"{SUBJECTS[subject]}{detail and f' {detail} '}不同：{self.first} 与 {self.second}"


@dataclass(frozen=True)
class Product:
    """A finished product.

    folder: where it stands; manifest: its STAC Item; summary: its figures
    """

    folder: Path
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Any]:
        """The properties of the manifest."""
        found: Mapping[str, Any] = self.manifest["properties"]
        return found

    @property
    def paths(self) -> dict[str, Path]:
        """The path of every asset by its key."""
        return {key: self.folder / asset["href"] for key, asset in self.manifest["assets"].items()}

    @property
    def layers(self) -> list[str]:
        """Keys of the raster layers."""
        return [str(record["key"]) for record in self.properties["shuibao:layers"]]

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return [str(record["name"]) for record in self.properties["shuibao:data_tables"]]

    def layer(self, key: str) -> xr.DataArray:
        """A raster layer; its cells are read when they are asked for, and a part of them where only a part is.

        Raises InputError where there is no such layer, SourceError where its file is gone or broken.
        """
        record = _record(self.properties["shuibao:layers"], "key", key)
        path = existing(self.paths[record["asset"]], "layer")
        cells = _RasterCells(path)
        nodata = None if cells.dtype.kind == "f" or cells.nodata is None else int(cells.nodata)
        blank = np.broadcast_to(np.zeros((), cells.dtype), cells.shape)
        dressed = layer(
            blank, cells.geobox, record["quantity"], provenance=record["provenance"], nodata=nodata, path=str(path)
        )
        return dressed.copy(data=indexing.LazilyIndexedArray(cells))

    def table(self, name: str) -> pd.DataFrame:
        """A table with its machine names as columns.

        Raises InputError where there is no such table, SourceError where its file is gone.
        """
        record = _record(self.properties["shuibao:data_tables"], "name", name)
        path = existing(self.paths[record["asset"]], "table")
        names = [column["name"] for column in record["columns"]]
        texts = {column["name"]: str for column in record["columns"] if column["type"] == "text"}
        return pd.read_csv(
            path, encoding="utf-8-sig", header=0, names=names, dtype=texts, keep_default_na=False, na_values=[""]
        )

    def vector(self, key: str) -> gpd.GeoDataFrame:
        """A vector layer, from its GeoParquet file.

        Raises InputError where there is no such layer.
        """
        path = self.paths.get(key)
        if path is None or path.suffix != ".parquet":
            raise InputError(
                f"no vector layer {key!r}", where=str(self.folder), expected="a key of `paths` of a GeoParquet file"
            )
        return gpd.read_parquet(existing(path, "layer"))

    def verify(self) -> list[str]:
        """Names of files that are missing or are no longer what the manifest says, and of files it does not know."""
        wrong = [name for name, asset in self._files() if not self._unchanged(name, asset)]
        known = {name for name, _ in self._files()} | {MANIFEST}
        there = sorted(p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file())
        return sorted(wrong + [name for name in there if name not in known])

    def _files(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [(asset["href"].removeprefix("./"), asset) for asset in self.manifest["assets"].values()]

    def _unchanged(self, name: str, asset: Mapping[str, Any]) -> bool:
        path = self.folder / name
        same_size = path.is_file() and path.stat().st_size == asset["file:size"]
        return same_size and SHA256_MULTIHASH + sha256_of(path) == asset["file:checksum"]


def open_product(folder: str | Path) -> Product:
    """Open a product.

    Raises SourceError where the folder is missing, is not a product, or its manifest or summary cannot be read.
    """
    place = existing(folder, "product folder")
    if not place.is_dir() or not is_product(place):
        raise SourceError(
            "not a product of Shuibao", where=str(folder), expected=f"a folder with a {MANIFEST} of Shuibao"
        )
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        summary = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        raise SourceError(
            f"manifest or summary cannot be read ({trouble})", where=str(folder), remedy="Make the product again."
        ) from trouble
    return Product(place, manifest, summary)


def comparable(first: Product, second: Product) -> list[Difference]:
    """In what two products differ besides their years: nothing means that their figures compare like for like.

    Compared are study, kind, county, grid, engine version, parameters, parameter tables, and, where both are
    statutory, the layers that a statutory series keeps frozen (R, K, L, S and the allowable loss).
    """
    one, two = first.properties, second.properties
    out = [
        _difference(name, one.get(f"shuibao:{name}"), two.get(f"shuibao:{name}"))
        for name in ("study", "kind", "county", "engine_version")
    ]
    out.append(_difference("grid", _grid(one), _grid(two)))
    settings, others = one["shuibao:parameters"], two["shuibao:parameters"]
    names = [n for n in dict.fromkeys([*settings, *others]) if n != "year"]
    out += [_difference(f"parameters.{n}", settings.get(n), others.get(n)) for n in names]
    hashes = [{t["name"]: t["sha256"][:12] for t in p["shuibao:tables"]} for p in (one, two)]
    out += [_difference(f"tables.{n}", *(h.get(n) for h in hashes)) for n in sorted({*hashes[0], *hashes[1]})]
    if one["shuibao:kind"] == two["shuibao:kind"] == "statutory":
        sums = [_frozen(p) for p in (first, second)]
        out += [_difference(f"layers.{n}", *(s.get(n) for s in sums)) for n in FROZEN_LAYERS]
    return [d for d in out if d is not None]


def _difference(what: str, first: Any, second: Any) -> Difference | None:
    return None if first == second else Difference(what, _short(first), _short(second))


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _grid(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties.get(f"proj:{name}") for name in ("code", "shape", "transform")}


def _frozen(product: Product) -> dict[str, str]:
    assets = product.manifest["assets"]
    return {r["quantity"]: assets[r["asset"]]["file:checksum"][-12:] for r in product.properties["shuibao:layers"]}


def _record(records: list[Mapping[str, Any]], name: str, wanted: str) -> Mapping[str, Any]:
    for record in records:
        if record[name] == wanted:
            return record
    raise InputError(f"no {wanted!r} in the product", expected=f"one of {[r[name] for r in records]}")


class _RasterCells(BackendArray):  # type: ignore[misc, unused-ignore]
    """The cells of a raster file for xarray's lazy indexing; the file is opened for each reading, so threads do not
    meet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with rasterio.open(path) as file:
                self.shape, self.dtype = file.shape, np.dtype(file.dtypes[0])
                self.nodata, self.geobox = file.nodata, GeoBox(file.shape, file.transform, file.crs.to_wkt())
        except rasterio.errors.RasterioIOError as trouble:
            raise SourceError(
                f"the layer cannot be read ({trouble})", where=str(path), remedy="`verify` lists what changed."
            ) from trouble

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        rows, cols = (_span(part, size) for part, size in zip(key, self.shape, strict=True))
        window = rasterio.windows.Window(cols[0], rows[0], max(0, cols[1] - cols[0]), max(0, rows[1] - rows[0]))
        with rasterio.open(self._path) as file:
            cells = file.read(1, window=window)
        inner = tuple(_within(part, span[0]) for part, span in zip(key, (rows, cols), strict=True))
        return np.asarray(cells[inner])


def _span(part: Any, size: int) -> tuple[int, int]:
    """First cell and the one after the last that a basic index touches."""
    if not isinstance(part, slice):
        return int(part) % size, int(part) % size + 1
    at = range(size)[part]
    return (min(at[0], at[-1]), max(at[0], at[-1]) + 1) if len(at) else (0, 0)


def _within(part: Any, first: int) -> Any:
    """The same index counted from the first cell read."""
    if not isinstance(part, slice):
        return 0
    return slice(None, None, part.step)
