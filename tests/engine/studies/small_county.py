"""A small county in files, written with rasterio and geopandas alone, so that tests can spoil one file at a time."""

import textwrap
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

CRS = "EPSG:4546"
CELL, ROWS, COLS = 30.0, 44, 40
WEST, NORTH = 600000.0, 4300020.0
SOILS = pd.DataFrame({
    "code": [1, 2], "name": ["褐土", "黄绵土"], "sand": [20, 10], "silt": [65, 70], "clay": [15, 20], "organic_carbon": [0.6, 1.0],
})  # fmt: skip
YEARS = (2024, 2025)


def write_raster(path, cells, nodata, *, crs=CRS, west=WEST, north=NORTH, cell=CELL, **extra):
    """One or several bands as a plain GeoTIFF."""
    bands = cells[None] if cells.ndim == 2 else cells
    profile = {
        "driver": "GTiff", "dtype": bands.dtype, "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
        "transform": from_origin(west, north, cell, cell), "nodata": nodata, "crs": crs,
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **profile, **extra) as file:
        file.write(bands)


def heights():
    """Ground without pits that falls to the south-east in gentle ridges."""
    row, col = np.mgrid[0:ROWS, 0:COLS].astype(float)
    ridges = 9 * np.sin(row / 5.0) + 7 * np.cos(col / 4.0)
    return (1800 - 9.0 * row - 8.0 * col + ridges).astype("float32")


def land_use(year):
    """Dry cropland, grass, shrub, forest, orchard, a village and a disturbed patch that comes in 2025."""
    cells = np.full((ROWS, COLS), 41, "uint8")
    cells[:, :14], cells[:12, 14:], cells[30:, 26:], cells[12:20, 20:30] = 13, 31, 32, 21
    cells[22:26, 4:8] = 52
    if year == 2025:
        cells[33:37, 10:14] = 53
    return cells


def measures(year):
    """Terraces on part of the cropland, more of them in 2025."""
    cells = np.zeros((ROWS, COLS), "uint8")
    cells[5:12, 2:12] = 1
    if year == 2025:
        cells[14:20, 2:12] = 1
    return cells


def ndvi(year, half):
    """A seasonal curve with a little texture, 0 to 1."""
    season = 0.18 + 0.5 * np.exp(-(((half - 14) / 4.5) ** 2))
    row, col = np.mgrid[0:ROWS, 0:COLS]
    texture = 0.06 * np.sin(row / 3 + col / 7) + 0.01 * (year - 2024)
    return (season + texture).astype("float32")


def rain():
    """Twenty-two years of days of one station, seeded."""
    days = pd.date_range("1995-01-01", "2016-12-31")
    random = np.random.default_rng(7)
    summer = np.exp(-(((days.day_of_year.to_numpy() - 205) / 45.0) ** 2))
    wet = random.random(len(days)) < 0.08 + 0.3 * summer
    depth = np.where(wet, random.gamma(0.7, 4 + 12 * summer), 0.0).round(1)
    return pd.DataFrame({"station": 53577, "date": days.strftime("%Y-%m-%d"), "p_mm": depth})


def boundary():
    """A county that cuts cells: its sides lie a third of a cell off the grid."""
    return box(WEST + 100, NORTH - ROWS * CELL + 110, WEST + COLS * CELL - 95, NORTH - 130)


def townships():
    """Two townships that tile the county."""
    west, south, east, north = boundary().bounds
    middle = west + 415
    shapes = [box(west, south, middle, north), box(middle, south, east, north)]
    return gpd.GeoDataFrame(
        {"code": ["140925100", "140925101"], "name": ["凤凰镇", "阳方口镇"]}, geometry=shapes, crs=CRS
    )


TOML = """
[county]
name = "小县"
code = "140925"
statutory_area_km2 = 1.2

[grid]
crs = "EPSG:4546"
cell = 30.0
margin = 60.0

[[targets]]
year = 2025
rate_percent = 56.04

[layers]
elevation = "dem.tif"
boundary = "boundary.gpkg"
allowable_loss = 1000
rotation_zone = 2
soil = {{ path = "soil.tif", table = "soils.csv" }}
rain = {{ path = "rain.csv" }}

[[layers.places]]
level = "township"
path = "townships.gpkg"
{years}
"""

YEAR = """
[years.{year}]
land_use = "{year}/land_use.tif"
measures = "{year}/measures.tif"
cover = {{ ndvi = "{year}/ndvi_{{half_month:02d}}.tif" }}
"""


def write_small_county(folder: Path) -> Path:
    """Write all files; returns the path of county.toml."""
    write_raster(folder / "dem.tif", heights(), -9999.0)
    soil = np.ones((ROWS, COLS), "uint8")
    soil[:, 22:] = 2
    write_raster(folder / "soil.tif", soil, 0)
    SOILS.to_csv(folder / "soils.csv", index=False)
    rain().to_csv(folder / "rain.csv", index=False)
    gpd.GeoDataFrame({"name": ["小县"]}, geometry=[boundary()], crs=CRS).to_file(folder / "boundary.gpkg")
    townships().to_file(folder / "townships.gpkg")
    for year in YEARS:
        write_raster(folder / f"{year}/land_use.tif", land_use(year), 0)
        write_raster(folder / f"{year}/measures.tif", measures(year), 255)
        for half in range(24):
            write_raster(folder / f"{year}/ndvi_{half + 1:02d}.tif", ndvi(year, half), np.nan)
    years = "".join(YEAR.format(year=year) for year in YEARS)
    path = folder / "county.toml"
    path.write_text(textwrap.dedent(TOML).format(years=years), encoding="utf-8")
    return path
