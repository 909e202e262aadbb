"""The manifest of a product: a STAC Item from which every number can be followed back.

Nothing in it depends on the machine or on the hour, but the one stamp `created` that the caller hands in.
Source: SpatioTemporal Asset Catalog 1.1.0 with the extensions file, projection and raster.
"""

import dataclasses
import datetime as dt
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pystac
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pystac.extensions.file import SCHEMA_URI as FILE_EXTENSION
from pystac.extensions.projection import SCHEMA_URI as PROJECTION_EXTENSION
from pystac.extensions.raster import SCHEMA_URI as RASTER_EXTENSION

from ..grids import geobox_of
from ..tables import Table
from .analytic_rasters import nodata_of
from .files import sha256_of

SHA256_MULTIHASH = "1220"
"""Says that 32 bytes of SHA-256 follow, as the extension `file` wants it."""

MEDIA_TYPES: dict[str, str] = {
    ".tif": pystac.MediaType.COG, ".gpkg": pystac.MediaType.GEOPACKAGE, ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8", ".json": "application/json", ".geojson": "application/geo+json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


@dataclass(frozen=True)
class AssetRecord:
    """One file of a product.

    name: its path inside the product, with slashes; roles: what it is for; extra: further fields of the asset
    """

    key: str
    name: str
    roles: tuple[str, ...]
    title: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ProductHead:
    """What a product is.

    study: name of the recipe; kind: statutory or scientific; county: its name and code; year: the year it tells of
    geobox: the county grid; engine_version: of the package that made it
    """

    study: str
    county: Mapping[str, str]
    year: int
    kind: str
    geobox: GeoBox
    engine_version: str

    @property
    def identifier(self) -> str:
        """The name of the item: county, study, kind and year."""
        return "-".join(str(p) for p in (self.county.get("code", "county"), self.study, self.kind, self.year) if p)

    @property
    def end(self) -> dt.datetime:
        """The last second of the product's year, the stamp of files that want one."""
        return dt.datetime(self.year, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NumPy numbers as numbers, dates as text, NaN as null, tables as rows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, (np.ndarray, pd.Series)):
        return [plain(v) for v in value.tolist()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if value is None or value is pd.NaT or isinstance(value, (bool, str, int)):
        return None if value is pd.NaT else value
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return str(value)


def as_json(value: Any) -> bytes:
    """A value as indented JSON in UTF-8, the same bytes for the same value."""
    return (json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def table_record(table: Table) -> dict[str, Any]:
    """What of a parameter table was used: name, number of rows, how many of them provisional, fingerprint."""
    text = table.rows.sort_index(axis=1).to_csv(index=False, lineterminator="\n")
    return {
        "name": table.name, "rows": len(table.rows), "provisional": int((table.rows["status"] == "provisional").sum()),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }  # fmt: skip


def table_records(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """The records of all tables used, each once, by name."""
    records = {(r["name"], r["sha256"]): r for r in map(table_record, tables)}
    return [records[key] for key in sorted(records)]


def layer_record(key: str, array: xr.DataArray, name: str) -> dict[str, Any]:
    """What the manifest says of a layer: key, quantity, units, provenance and its asset."""
    told = {name: array.attrs[name] for name in ("quantity", "units", "provenance")}
    return {"key": key, **told, "asset": key, "href": f"./{name}"}


def raster_fields(array: xr.DataArray, product: GeoBox) -> dict[str, Any]:
    """Fields of a raster asset: its band, and its grid where that is not the product's."""
    box, nodata = geobox_of(array), nodata_of(array)
    mark = "nan" if isinstance(nodata, float) else nodata
    band = {
        "data_type": array.dtype.name,
        "unit": array.attrs["units"],
        "sampling": "area",
        "spatial_resolution": abs(box.affine.a),
    }
    grid = {} if box == product else _grid_fields(box)
    return {"raster:bands": [band if mark is None else {"nodata": mark, **band}], **grid}


def build_item(
    head: ProductHead,
    folder: Path,
    assets: Sequence[AssetRecord],
    *,
    properties: Mapping[str, Any],
    created: dt.datetime,
) -> dict[str, Any]:
    """The STAC Item of a product whose files lie in `folder`.

    properties: everything else the manifest tells, its names without their prefix; they become `shuibao:<name>`
    created: when the product was made, handed in by whoever looked at the clock
    """
    outline = head.geobox.extent.to_crs("EPSG:4326").geom
    item = pystac.Item(
        id=head.identifier, geometry=shapely.geometry.mapping(outline), bbox=list(outline.bounds), datetime=None,
        start_datetime=dt.datetime(head.year, 1, 1, tzinfo=dt.UTC), end_datetime=head.end,
        properties={
            "title": f"{head.county.get('name', '')} {head.year} {head.study}".strip(),
            "created": created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **_grid_fields(head.geobox),
            "shuibao:study": head.study, "shuibao:kind": head.kind, "shuibao:county": plain(head.county),
            "shuibao:year": head.year, "shuibao:engine_version": head.engine_version,
            **{f"shuibao:{name}": plain(value) for name, value in properties.items()},
        },
        stac_extensions=[FILE_EXTENSION, PROJECTION_EXTENSION, RASTER_EXTENSION],
    )  # fmt: skip
    for asset in sorted(assets, key=lambda a: a.name):
        item.add_asset(asset.key, _asset(asset, folder))
    out: dict[str, Any] = plain(item.to_dict(include_self_link=False, transform_hrefs=False))
    return out


def _asset(asset: AssetRecord, folder: Path) -> pystac.Asset:
    path = folder / asset.name
    fields = {
        "file:size": path.stat().st_size,
        "file:checksum": SHA256_MULTIHASH + sha256_of(path),
        **plain(asset.extra),
    }
    kind = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    return pystac.Asset(
        f"./{asset.name}", title=asset.title or None, media_type=kind, roles=list(asset.roles), extra_fields=fields
    )


def _grid_fields(box: GeoBox) -> dict[str, Any]:
    authority = box.crs.authority if box.crs is not None else ("", "")
    code = f"{authority[0]}:{authority[1]}" if all(authority) else None
    more = {} if code or box.crs is None else {"proj:wkt2": box.crs.wkt}
    return {
        "proj:code": code, **more, "proj:shape": list(box.shape), "proj:transform": list(box.affine)[:6], "proj:bbox":
        list(box.boundingbox),
    }  # fmt: skip
