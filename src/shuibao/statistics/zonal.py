"""Areas, sums and means of layers over zones.

All areas are ellipsoidal and in km². Unknown cells have their own column and are never counted as anything else.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from ..errors import InputError
from ..grids import geobox_of
from .classes import Codes, Columns, class_columns
from .kernels import zonal as kernels
from .zones import Zones

SQUARE_METRES = 1e6
"""In a square kilometre."""

BANDS = 64
"""Bands of rows with partial sums of their own; fewer where the sums themselves would grow large. It never depends on
threads."""

LARGEST_SUMS = 8_000_000
"""Partial sums held at once."""


def zone_areas(zones: Zones) -> pd.Series:
    """Area of each zone on the grid [km²], float64, by identifier."""
    everything = np.zeros(zones.labels.shape, np.float32)
    return pd.Series(_sums(everything, zones)[:, 1] / SQUARE_METRES, index=zones.ids, name="area_km2")


def class_areas(classes: xr.DataArray, zones: Zones, codes: Codes | None = None) -> pd.DataFrame:
    """Area of each class in each zone [km²] (分级面积).

    classes: integer layer on the grid of the zones
    codes: all codes the table shall have, or code to column name; by default the codes that occur
    returns: float64, a row a zone, a column a class and the last one `unknown`; a row adds up to the zone's area

    Raises InputError for codes not in `codes`, CoordinateError where the grids differ.
    """
    zones.check(classes)
    classes = classes.compute()
    columns = class_columns(classes, codes)
    alone = Columns(columns.low, np.zeros_like(columns.lookup), ["all"])
    sums = _cross(classes.values, columns, classes.values, alone, zones)
    return pd.DataFrame(sums, index=zones.ids, columns=pd.Index(columns.names, name=classes.name))


def cross_table(
    rows: xr.DataArray,
    columns: xr.DataArray,
    zones: Zones | None = None,
    *,
    row_codes: Codes | None = None,
    column_codes: Codes | None = None,
) -> pd.DataFrame:
    """Area of each pair of classes of two layers [km²], as intensity by land use, slope grade or cover grade.

    zones: by default the whole grid
    returns: float64; without zones a row a class of `rows`, with zones a row a (zone, class); a column a class of
    `columns`;
        `unknown` is the last row and the last column

    Raises InputError for codes not in the lists, CoordinateError where the grids differ.
    """
    places = Zones.whole(geobox_of(rows)) if zones is None else zones
    places.check(rows, columns)
    rows, columns = rows.compute(), columns.compute()
    down, across = class_columns(rows, row_codes), class_columns(columns, column_codes)
    sums = _cross(rows.values, down, columns.values, across, places).reshape(-1, len(across.names))
    names = pd.Index(down.names, name=rows.name, dtype=object)
    index = names if zones is None else pd.MultiIndex.from_product([zones.ids, names])
    return pd.DataFrame(sums, index=index, columns=pd.Index(across.names, name=columns.name, dtype=object))


def transition_matrix(
    before: xr.DataArray, after: xr.DataArray, zones: Zones | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Area that went from each class before (rows) to each class after (columns) [km²] (转移矩阵).

    codes: all codes of both layers, by default those that occur in either
    returns: float64; unknown is a class of its own, the last row and the last column; with zones a row a (zone, class)

    Raises InputError for codes not in `codes`, CoordinateError where the grids differ.
    """
    before, after = before.compute(), after.compute()
    if codes is None:
        found = {c for year in (before, after) for c in class_columns(year).names[:-1]}
        codes = sorted(int(c) for c in found)
    elif not isinstance(codes, Mapping):
        codes = list(codes)
    table = cross_table(before, after, zones, row_codes=codes, column_codes=codes)
    table.index = table.index.set_names([*table.index.names[:-1], "before"])
    return table.rename_axis(columns="after")


def zonal_sums(values: xr.DataArray, zones: Zones) -> pd.DataFrame:
    """Values times area, added up over each zone.

    values: float layer, NaN unknown; of an amount per km², such as the erosion modulus [t km⁻² a⁻¹], the sum is the
    amount [t a⁻¹]
    returns: float64, a row a zone: sum [units·km²], known_area_km2, unknown_area_km2

    Raises InputError where the layer holds classes, CoordinateError where the grids differ.
    """
    zones.check(values)
    if values.dtype.kind != "f":
        raise InputError(
            f"values of type {values.dtype}", where=str(values.name), expected="a continuous layer, NaN where unknown"
        )
    sums = _sums(values.values, zones) / SQUARE_METRES
    return pd.DataFrame(sums, index=zones.ids, columns=["sum", "known_area_km2", "unknown_area_km2"])


def zonal_means(values: xr.DataArray, zones: Zones) -> pd.DataFrame:
    """Area-weighted mean of the known cells of each zone.

    returns: float64, a row a zone: mean [units of the layer] (NaN where nothing is known), known_area_km2,
    unknown_area_km2

    Raises InputError where the layer holds classes, CoordinateError where the grids differ.
    """
    table = zonal_sums(values, zones)
    table.insert(0, "mean", table.pop("sum") / table["known_area_km2"].where(table["known_area_km2"] > 0))
    return table


def _bands(zones: Zones, columns: int) -> int:
    return int(np.clip(LARGEST_SUMS // max(1, len(zones.ids) * columns), 2, BANDS))


def _cross(first: np.ndarray, down: Columns, second: np.ndarray, across: Columns, zones: Zones) -> np.ndarray:
    """Areas [km²] of shape (zones, first columns * second columns)."""
    width = len(across.names)
    pairs = len(down.names) * width
    sums = np.zeros((_bands(zones, pairs), len(zones.ids), pairs))
    layers = (first, down.low, down.lookup, second, across.low, across.lookup, width, zones.areas)
    kernels.cross_areas(zones.labels, *layers, sums)
    total: np.ndarray = sums.sum(axis=0)
    kernels.cross_areas_border(zones.cells, zones.members, zones.fractions, *layers, total)
    return total / SQUARE_METRES


def _sums(values: np.ndarray, zones: Zones) -> np.ndarray:
    """Value times area, known area, unknown area [m²], shape (zones, 3)."""
    sums = np.zeros((_bands(zones, 3), len(zones.ids), 3))
    kernels.sums_over_area(zones.labels, values, zones.areas, sums)
    total: np.ndarray = sums.sum(axis=0)
    kernels.sums_over_area_border(zones.cells, zones.members, zones.fractions, values, zones.areas, total)
    return total
