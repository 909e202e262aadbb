"""A small product for the tests of the product writer."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from shuibao import grids, tables
from shuibao.io import ProductWriter

GRID = GeoBox((700, 600), Affine(30, 0, 400_000, 0, -30, 4_300_000), "EPSG:4546")
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
COUNTY = {"name": "宁武县", "code": "140925"}


def writer(folder: Path, *, year: int = 2025, kind: str = "statutory", grid: GeoBox = GRID) -> ProductWriter:
    return ProductWriter(
        folder, study="annual_monitoring", county=COUNTY, year=year, kind=kind, geobox=grid, engine_version="0.1.0"
    )


def soil_loss(seed: int = 0) -> xr.DataArray:
    cells = np.random.default_rng(seed).gamma(2, 8, GRID.shape).astype("float32")
    cells[:40] = np.nan
    return grids.layer(cells, GRID, "soil_loss", provenance="synthetic")


def intensity(seed: int = 0) -> xr.DataArray:
    cells = np.random.default_rng(seed).integers(0, 7, GRID.shape).astype("uint8")
    return grids.layer(cells, GRID, "intensity_class", nodata=0)


def townships() -> gpd.GeoDataFrame:
    boxes = [shapely.box(4e5, 4.29e6, 4.1e5, 4.3e6), shapely.box(4.1e5, 4.29e6, 4.2e5, 4.3e6)]
    return gpd.GeoDataFrame(
        {"code": ["140925100", "140925102"], "name": ["凤凰镇", "东寨镇"]}, geometry=boxes, crs=4546
    )


def place_table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": ["0140925", "140925102"],
            "name": ["宁武县", "东寨镇"],
            "total_area_km2": [1987.7, 171.25],
            "conservation_rate_percent": [56.0449, np.nan],
        }
    )


def small(folder: Path, *, year: int = 2025, kind: str = "statutory", seed: int = 0, **changes) -> Path:
    """A whole product: two layers, two vector layers, two tables, a picture and a report."""
    with writer(folder, year=year, kind=kind) as product:
        product.raster("soil_loss", soil_loss(seed), title="土壤流失量 Soil loss")
        product.raster("intensity_class", intensity(seed), colours={1: (20, 180, 40), 6: (120, 0, 60)})
        product.vector("townships", townships())
        product.vector("patches", townships().to_crs(4490))
        matrix = pd.DataFrame([[1.5, 0.25], [0, 3]], index=pd.Index([1, 2], name="before"), columns=[1, "unknown"])
        product.tables({"places": place_table(), "transition": matrix})
        product.file(b"not really a picture", "pictures/map.png", "visual")
        (product.folder / "report.html").write_text("<html>报告</html>", encoding="utf-8")
        product.finish(
            changes.get("summary", {"year": year, "conservation_rate_percent": np.float64(56.04), "mean": np.nan}),
            created=changes.get("created", NOON),
            inputs=changes.get(
                "inputs", [{"role": "dem", "path": "dem.tif", "sha256": "ab" * 32, "unknown_cells": np.int64(3)}]
            ),
            parameters=changes.get("parameters", {"year": year, "slope_length": "segments", "cap": 100.0}),
            tables_used=changes.get("tables_used", [tables.load("slope_grades"), tables.load("slope_grades")]),
            provisional=tables.load("slope_grades").provisional().head(2),
            warnings=[{"code": "synthetic", "message": "made up", "message_zh": "合成"}],
        )
    return folder
