"""Grids, polygons and layers for the tests of statistics."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox

from shuibao import grids


@pytest.fixture(scope="session")
def county_grid() -> GeoBox:
    """400 by 300 cells of 30 m in a 3-degree Gauss-Krueger zone, 60 km east of its central meridian."""
    return GeoBox((400, 300), Affine(30, 0, 560_000, 0, -30, 4_310_000), "EPSG:4546")


@pytest.fixture(scope="session")
def townships(county_grid: GeoBox) -> gpd.GeoDataFrame:
    """Nine places that tile a round county without gap or overlap: Voronoi cells cut by its border."""
    left, bottom, right, top = county_grid.boundingbox
    seeds = np.random.default_rng(5).uniform((left, bottom), (right, top), (9, 2))
    county = shapely.Point((left + right) / 2, (bottom + top) / 2).buffer(4_200, quad_segs=90)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=county).geoms
    parts = [c.intersection(county) for c in cells if c.intersects(county)]
    codes = [f"14092510{at}" for at in range(len(parts))]
    return gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=parts, crs=county_grid.crs)


@pytest.fixture(scope="session")
def classes(county_grid: GeoBox):
    """Intensity classes 1 to 6 with a tenth unknown."""
    cells = np.random.default_rng(6).integers(1, 7, county_grid.shape).astype("uint8")
    cells[np.random.default_rng(7).random(county_grid.shape) < 0.1] = 0
    return grids.layer(cells, county_grid, "intensity_class", nodata=0)


@pytest.fixture(scope="session")
def modulus(county_grid: GeoBox):
    """Erosion modulus [t km-2 a-1] with a hole."""
    cells = np.random.default_rng(8).gamma(2, 900, county_grid.shape).astype("float32")
    cells[100:150, 120:200] = np.nan
    return grids.layer(cells, county_grid, "erosion_modulus")
