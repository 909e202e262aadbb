"""Ephemeral gullies on steep cropland (浅沟): a scientific layer, no part of the statutory number."""

import math
from typing import Any

import numpy as np
import xarray as xr

from ..grids import map_cells
from ..tables import Table, load
from .angles import guarded
from .codes import PLACES, by_code, byte_codes, nodata_of
from .kernels.ephemeral_gully import ephemeral_gully_cells
from .slope import chosen


def ephemeral_gully_factor(
    angle: xr.DataArray,
    land_use: xr.DataArray | None = None,
    table: Table | str = "jiang1996",
    classes: Table | None = None,
) -> xr.DataArray:
    """Factor G of ephemeral gullies (浅沟侵蚀因子): G = 1 + 1.60 sin(θ - 15°) above 15°, else 1.

    angle: slope angle θ [rad]; land_use: codes; G is 1 on land that the table `land_use_classes` does not call
        gully-prone (without it every slope counts as cropland)
    returns: G [-], float32; NaN where the angle or the land use is unknown

    Raises InputError where the angles cannot be radians.
    Limits: from plots and small catchments of the loess hills; says nothing about gullies proper.
    Source: Jiang, Wang and Liu 1996.
    """
    row = chosen("ephemeral_gully", table)
    gain, start = row.number("gain"), math.radians(row.number("from_degrees"))
    if land_use is None:
        return map_cells(guarded(_on_all_land), [angle], "ephemeral_gully_factor", gain, start)
    land = load("land_use_classes") if classes is None else classes
    prone = by_code(land.mapping("code", "gully_prone"), nodata_of(land_use))
    return map_cells(
        guarded(ephemeral_gully_cells), [angle, byte_codes(land_use)], "ephemeral_gully_factor", prone, gain, start
    )


def _on_all_land(angle: Any, gain: float, start: float, out: Any) -> None:
    ephemeral_gully_cells(angle, np.zeros(angle.shape, np.uint8), np.ones(PLACES), gain, start, out)
