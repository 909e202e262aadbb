"""The demonstration county in files, and its two monitored years."""

import datetime as dt
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import xarray as xr

from .. import erosion, grids, io
from ..errors import SourceError
from ..landscapes import DemonstrationCounty, demonstration_county
from ..progress import Progress, part, silent
from .annual_monitoring import monitor_year

YEARS = (2024, 2025)
NDVI_UNIT = 1e-4
MARK = "# Demonstration county of Shuibao"

COUNTY_FILE = (
    MARK
    + """: made ground in the real frame of Ningwu. Every layer here is synthetic.

[county]
name = "宁武县（演示）"
code = "{code}"
statutory_area_km2 = 1987.7
synthetic = true
note = "地面、土壤、地类、植被和降雨均为合成；县界、河流、乡镇名称为事实"

[grid]
crs = "{crs}"
cell = {cell:g}
margin = 1000.0

[[targets]]
year = 2025
rate_percent = 56.04

[[targets]]
year = 2035
rate_percent = 57.2

[layers]
elevation = {{ path = "dem.tif", provenance = "synthetic" }}
boundary = "boundary.gpkg"
rivers = "rivers.gpkg"
parcels = {{ path = "parcels.tif", provenance = "synthetic" }}
soil = {{ path = "soil.tif", table = "soils.csv", provenance = "synthetic" }}
rain = {{ path = "rain.csv", stations = {{ path = "stations.csv" }} }}
# An assumption: 1000 t/(km² a) where the water goes to the Yellow River, 200 where it goes to the Hai
allowable_loss = {{ path = "zones.gpkg", field = "allowable_loss", provenance = "synthetic" }}
rotation_zone = {{ path = "zones.gpkg", field = "rotation_zone", provenance = "synthetic" }}

[[layers.places]]
level = "township"
path = "townships.gpkg"

[[layers.places]]
level = "basin"
path = "basins.gpkg"
"""
)

YEAR_TABLE = """
[years.{year}]
land_use = {{ path = "{year}/land_use.tif", provenance = "synthetic" }}
measures = {{ path = "{year}/measures.tif", provenance = "synthetic" }}
under_canopy = {{ path = "{year}/under_canopy.tif", provenance = "synthetic" }}
cover = {{ ndvi = "{year}/ndvi_{{half_month:02d}}.tif", scale = 1e-4, provenance = "synthetic" }}
"""


def run_demonstration(
    folder: Path, *, cell: float = 30.0, seed: int = 1, created: dt.datetime, progress: Progress = silent
) -> list[io.Product]:
    """Make the demonstration county in `folder`/county and monitor its two years into `folder`/products, the later against the earlier."""
    path = write_demonstration_county(folder / "county", cell=cell, seed=seed, progress=part(progress, 0.0, 0.4))
    products: list[io.Product] = []
    for number, year in enumerate(YEARS):
        start = 0.4 + 0.3 * number
        product = monitor_year(
            path, year, folder / "products" / str(year), baseline=products[-1].folder if products else None, created=created,
            progress=part(progress, start, start + 0.3),
        )  # fmt: skip
        products.append(product)
    return products


def write_demonstration_county(folder: Path, *, cell: float = 30.0, seed: int = 1, progress: Progress = silent) -> Path:
    """Write all files of the demonstration county; returns the path of its county.toml.

    An older demonstration county there is replaced when the new one is whole.
    Raises SourceError where the folder holds something else.
    """
    _refuse_strangers(folder)
    work = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        county = demonstration_county(cell, seed, YEARS, part(progress, 0.0, 0.5))
        _write_frame(county, work)
        _write_years(county, work, part(progress, 0.5, 1.0))
        (work / "county.toml").write_text(county_file(county), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder / "county.toml"


def county_file(county: DemonstrationCounty) -> str:
    """The county file of a demonstration county."""
    head = COUNTY_FILE.format(code=county.code, crs=f"EPSG:{county.geobox.crs.epsg}", cell=county.cell)
    return head + "".join(YEAR_TABLE.format(year=year) for year in county.years)


def _refuse_strangers(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    file = folder / "county.toml"
    if not file.is_file() or not file.read_text(encoding="utf-8", errors="replace").startswith(MARK):
        raise SourceError(
            "something that is not a demonstration county stands there", where=str(folder), expected="a new or empty folder",
            remedy="Choose another folder.",
        )  # fmt: skip


def _write_frame(county: DemonstrationCounty, folder: Path) -> None:
    """What stays the same through the years, and the truth about what does not."""
    io.write_raster(folder / "dem.tif", county.dem, title="高程 Elevation")
    io.write_raster(folder / "soil.tif", county.soil_type, title="土壤类型 Soil type")
    io.write_raster(folder / "parcels.tif", county.parcels, title="地块 Parcels")
    county.soils.to_csv(folder / "soils.csv", index=False, encoding="utf-8-sig")
    wide = county.rain.rename_axis("date")
    wide.to_csv(folder / "rain.csv", encoding="utf-8-sig", float_format="%.1f", date_format="%Y-%m-%d")
    _station_table(county.stations).to_csv(folder / "stations.csv", index=False, encoding="utf-8-sig")
    county.sources.to_csv(folder / "sources.csv", index=False, encoding="utf-8-sig")
    frames = {
        "boundary": county.boundary, "townships": county.townships, "villages": county.villages, "basins": county.basins,
        "zones": county.zones, "rivers": county.rivers, "roads": county.roads, "truth": county.truth,
    }  # fmt: skip
    for name, frame in frames.items():
        io.write_geopackage(folder / f"{name}.gpkg", frame, name)


def _station_table(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    degrees = stations.to_crs(4490)
    return degrees.drop(columns="geometry").assign(lon=degrees.geometry.x.round(6), lat=degrees.geometry.y.round(6))


def _write_years(county: DemonstrationCounty, folder: Path, progress: Progress) -> None:
    steps = len(county.years) * erosion.HALF_MONTHS
    for number, year in enumerate(county.years):
        place = folder / str(year)
        place.mkdir()
        io.write_raster(place / "land_use.tif", county.land_use[year], title="土地利用 Land use")
        io.write_raster(place / "measures.tif", county.measures[year], title="水土保持措施 Measures")
        io.write_raster(place / "under_canopy.tif", county.under_canopy(year), title="林下盖度 Cover below the canopy")
        for half in range(erosion.HALF_MONTHS):
            progress((number * erosion.HALF_MONTHS + half) / steps, f"写演示县 {year} NDVI {half + 1}/24")
            index = _small(county.ndvi(year, half))
            io.write_raster(place / f"ndvi_{half + 1:02d}.tif", index, title=f"NDVI {year} {half + 1:02d}/24")


def _small(index: xr.DataArray) -> xr.DataArray:
    """An index in whole ten-thousandths, as satellites deliver it: a quarter of the bytes."""
    cells = np.where(np.isnan(index.values), -30000, np.rint(index.values / NDVI_UNIT)).astype("int16")
    return grids.layer(cells, grids.geobox_of(index), "ndvi", provenance=index.attrs["provenance"], nodata=-30000)
