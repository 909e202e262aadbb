"""Boundaries for those who have no polygon: the catchment of an outlet, or the known cells of a raster."""

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox
from rasterio.features import shapes
from shapely.geometry import shape

from .. import grids, io, terrain
from ..errors import InputError
from .spec import FileSource, Grid, RasterSource

SNAP_CELLS = 3
"""An outlet moves to the largest stream within so many cells, as surveyed points seldom lie on it."""


def catchment_of(points: gpd.GeoDataFrame, elevation: RasterSource, path: str, grid: Grid) -> gpd.GeoDataFrame:
    """The polygon of the ground that drains through one point.

    points: one point in the grid's coordinate system; elevation: the raster at `path`, read whole

    Raises InputError where there are several points.
    """
    if len(points) != 1:
        raise InputError(f"{len(points)} points", where="layers.boundary", expected="a polygon, or one outlet point")
    raw = io.read_raster(path, "elevation", band=elevation.band, crs=elevation.crs, scale=elevation.scale)
    bounds = grids.geobox_of(raw).extent.to_crs(grid.crs).boundingbox
    box = GeoBox.from_bbox(bounds, grid.crs, resolution=grid.cell)
    drained = terrain.drainage(grids.align(raw, box))
    point = points.geometry.iloc[0]
    labels = terrain.catchments(
        drained.directions,
        [(point.x, point.y)],
        snap=SNAP_CELLS * grid.cell,
        contributing_cells=drained.contributing_cells,
    )
    return _polygons(labels.values > 0, box).to_crs(grid.crs)


def known_ground(source: FileSource, path: str, grid: Grid) -> gpd.GeoDataFrame:
    """The polygon around the known cells of a raster, in the grid's coordinate system.

    Gaps narrower than a county cell, such as streams left blank, are closed: they are no boundary.
    """
    mask = io.read_raster(path, "catchment", crs=source.crs)
    pieces = _polygons(grids.known(mask).values, grids.geobox_of(mask)).to_crs(grid.crs)
    half = grid.cell / 2
    whole = pieces.union_all().buffer(half, join_style="mitre").buffer(-half, join_style="mitre")
    return gpd.GeoDataFrame(geometry=[whole], crs=grid.crs)


def _polygons(mask: np.ndarray, box: GeoBox) -> gpd.GeoDataFrame:
    pieces = shapes(mask.astype("uint8"), mask=mask, transform=box.affine)
    return gpd.GeoDataFrame(geometry=[shape(piece) for piece, _ in pieces], crs=box.crs.to_wkt())
