"""The real frame of the demonstration county: outline, rivers, block heights, stations, names.

Everything here is a fact carried in as a small table; `ningwu/sources.csv` says whence it comes. What is made is made elsewhere.
"""

import functools
import json
from importlib import resources

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer

GEOGRAPHIC = "EPSG:4490"
"""CGCS2000, longitude and latitude."""

PROJECTED = "EPSG:4546"
"""CGCS2000 / 3-degree Gauss-Kruger CM 111E: the county's middle (112.2 E) lies 1.2 degrees from 111 E and 1.8 from 114 E."""

COUNTY_NAME, COUNTY_CODE = "宁武县", "140925"

Floats = npt.NDArray[np.float64]


def table(name: str) -> pd.DataFrame:
    """One table of `ningwu/` by its file name without ending; codes stay text."""
    with (
        resources.files(__name__.rpartition(".")[0]).joinpath(f"ningwu/{name}.csv").open("r", encoding="utf-8") as file
    ):
        return pd.read_csv(file, dtype={"code": str, "township": str, "id": str})


def outlines(name: str) -> gpd.GeoDataFrame:
    """One GeoJSON of `ningwu/` by its file name without ending, in the county's projected system."""
    text = resources.files(__name__.rpartition(".")[0]).joinpath(f"ningwu/{name}.geojson").read_text(encoding="utf-8")
    return gpd.GeoDataFrame.from_features(json.loads(text), crs=GEOGRAPHIC).to_crs(PROJECTED)


@functools.cache
def boundary() -> shapely.Polygon:
    """The county's outline [m] in the projected system."""
    return outlines("boundary").geometry.iloc[0]


def to_projected(lon: object, lat: object) -> tuple[Floats, Floats]:
    """East and north [m] of longitude and latitude [degrees]."""
    east, north = _transformer(GEOGRAPHIC, PROJECTED).transform(lon, lat)
    return np.asarray(east, float), np.asarray(north, float)


def to_geographic(east: object, north: object) -> tuple[Floats, Floats]:
    """Longitude and latitude [degrees] of east and north [m]."""
    lon, lat = _transformer(PROJECTED, GEOGRAPHIC).transform(east, north)
    return np.asarray(lon, float), np.asarray(lat, float)


@functools.cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


@functools.cache
def block_heights() -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Longitudes and latitudes of the blocks' middles, and their mean, lowest and highest ground [m], each (lat, lon), south first."""
    rows = table("heights_3min")
    planes = [rows.pivot_table(index="lat", columns="lon", values=f"{c}_m") for c in ("mean", "min", "max")]
    lon, lat = planes[0].columns.to_numpy(float), planes[0].index.to_numpy(float)
    return lon, lat, *(p.to_numpy(float) for p in planes)  # type: ignore[return-value]


def points(rows: pd.DataFrame, lon: str = "lon", lat: str = "lat") -> gpd.GeoDataFrame:
    """A table with longitude and latitude as points in the projected system."""
    east, north = to_projected(rows[lon].to_numpy(), rows[lat].to_numpy())
    return gpd.GeoDataFrame(rows.drop(columns=[lon, lat]), geometry=shapely.points(east, north), crs=PROJECTED)
