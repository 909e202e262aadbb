"""Areas of cells on the ellipsoid."""

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod, Proj
from scipy.interpolate import RectBivariateSpline

from ..errors import CoordinateError
from .layers import layer

LATTICE = 33
"""Nodes a side at which the areal scale is taken; it is so smooth that a spline between them errs by less than 1e-10."""


def cell_areas(geobox: GeoBox) -> xr.DataArray:
    """Area of every cell [m²] on the ellipsoid of the grid's own datum.

    Geographic grids: exact, from the zone between two parallels. Projected grids: plane area divided by the areal scale.
    returns: float64 layer `cell_area`, shape (y, x)

    Raises CoordinateError where the grid has no coordinate system.
    Source: Snyder (1987), Map projections, eq. 3-12 and 4-19.
    """
    if geobox.crs is None:
        raise CoordinateError("the grid has no coordinate system")
    values = _projected(geobox) if geobox.crs.projected else _geographic(geobox)
    return layer(values, geobox, "cell_area")


def _geographic(geobox: GeoBox) -> np.ndarray:
    geod: Geod = geobox.crs.proj.get_geod()
    rows = geobox.shape[0]
    edges = np.radians(geobox.affine.f + geobox.affine.e * np.arange(rows + 1))
    zones = np.abs(np.diff(_authalic(np.sin(edges), geod)))
    width = np.radians(abs(geobox.affine.a))
    return np.repeat((zones * width * geod.b**2 / 2)[:, None], geobox.shape[1], axis=1)


def _authalic(sine: np.ndarray, geod: Geod) -> np.ndarray:
    e = np.sqrt(geod.es)
    return np.asarray(sine / (1 - geod.es * sine**2) + np.arctanh(e * sine) / e)


def _projected(geobox: GeoBox) -> np.ndarray:
    rows, cols = geobox.shape
    y, x = np.linspace(0, rows, LATTICE), np.linspace(0, cols, LATTICE)
    col, row = np.meshgrid(x, y)
    a = geobox.affine
    east, north = a.a * col + a.b * row + a.c, a.d * col + a.e * row + a.f
    projection = Proj(geobox.crs.proj)
    lon, lat = projection(east, north, inverse=True)
    scale = projection.get_factors(lon, lat).areal_scale
    plane = abs(a.a * a.e - a.b * a.d)
    spline = RectBivariateSpline(y, x, plane / scale, kx=3, ky=3)
    return np.asarray(spline(np.arange(rows) + 0.5, np.arange(cols) + 0.5))
