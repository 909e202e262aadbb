"""Engineering measures E (工程措施因子), tillage T (耕作措施因子) and the allowable loss of a zone."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from ..errors import InputError
from ..grids import layer, map_cells
from ..grids.layers import geobox_of
from ..tables import Table, load
from .codes import PLACES, Numbers, by_code, byte_codes, codes_of, nodata_of, refuse_unlisted
from .kernels.extremes import extremes
from .kernels.lookup import damaged_cells, lookup_cells, tillage_cells


def engineering_factor(
    measures: xr.DataArray, table: Table | None = None, *, damage: xr.DataArray | None = None
) -> xr.DataArray:
    """Factor of engineering measures E (工程措施因子) from a layer of measure codes.

    measures: codes of the table `engineering_measures`: 0 none (E = 1), 1 to 12 measures on the slope; `nodata`, by
        custom 255, is unknown. Check dams, gully checks and cellars (101 to 103) hold back sediment or water and
        leave E at 1.
    damage: share [0, 1] of the measure that is destroyed, E = E0 + (1 - E0) damage; None for sound measures
    returns: E [-], float32, NumPy- or Dask-backed as the layer is

    Raises InputError for codes without a row, naming each and its number of cells, and for a damage beyond 0 to 1.
    Limits: one measure a cell, the strongest; the damage rule is ours and not part of the scheme.
    Sources: the rows of the table.
    """
    rows = load("engineering_measures") if table is None else table
    return _factor_of_codes(measures, rows, "engineering_factor", damage)


def allowable_loss(zones: xr.DataArray, table: Table | None = None) -> xr.DataArray:
    """Allowable soil loss (容许土壤流失量) [t km⁻² a⁻¹] of every cell from a layer of SL 190 zones.

    zones: codes of the table `allowable_loss`: 1 north-west loess (1000), 2 north-east black soil (200), 3 north
        earth and rock (200), 4 south red soil (500), 5 south-west earth and rock (500)

    Raises InputError for codes without a row.
    Source: SL 190-2007.
    """
    return _factor_of_codes(zones, load("allowable_loss") if table is None else table, "allowable_loss", None)


def tillage_factor(
    land_use: xr.DataArray,
    rotation_zone: xr.DataArray | int,
    *,
    practices: xr.DataArray | None = None,
    rotation_table: Table | None = None,
    practice_table: Table | None = None,
    classes: Table | None = None,
) -> xr.DataArray:
    """Factor of tillage T (耕作措施因子): on cropland that of the practice or else of the rotation zone, elsewhere 1.

    land_use: codes of `land_use_classes`, of which the rows with `cultivated` are cropland
    rotation_zone: codes of `tillage_rotation`, as a layer or one code for the whole county
    practices: codes of `tillage_practices`, 0 for none; None where no practice is mapped
    returns: T [-], float32; NaN where the land use is unknown, or cropland lies in no known zone

    Raises InputError for codes without a row.
    Sources: the rows of the tables.
    """
    rotation = load("tillage_rotation") if rotation_table is None else rotation_table
    practice = load("tillage_practices") if practice_table is None else practice_table
    land = load("land_use_classes") if classes is None else classes
    zones = rotation_zone if isinstance(rotation_zone, xr.DataArray) else _constant_codes(land_use, rotation_zone)
    single = _constant_codes(land_use, 0) if practices is None else practices
    numbers = [
        by_code(land.mapping("code", "cultivated"), nodata_of(land_use)),
        by_code(rotation.mapping("code", "tillage_factor"), nodata_of(zones)),
        by_code(practice.mapping("code", "tillage_factor"), nodata_of(single)),
    ]
    layers, tables = [land_use, zones, single], [land, rotation, practice]
    listed = [codes_of(land), codes_of(rotation), [0, *codes_of(practice)]]
    checks = [
        functools.partial(_check, listed=c, nodata=nodata_of(a), layer_name=str(a.name), table=t)
        for a, t, c in zip(layers, tables, listed, strict=True)
    ]

    def kernel(*arguments: Any) -> None:
        for check, cells in zip(checks, arguments, strict=False):
            check(cells)
        tillage_cells(*arguments)

    return map_cells(kernel, [byte_codes(a) for a in layers], "tillage_factor", *numbers)


def _factor_of_codes(codes: xr.DataArray, table: Table, column: str, damage: xr.DataArray | None) -> xr.DataArray:
    """One column of a table for every cell of a layer of its codes."""
    numbers = by_code(table.mapping("code", column), nodata_of(codes))
    check = functools.partial(
        _check, listed=codes_of(table), nodata=nodata_of(codes), layer_name=str(codes.name), table=table
    )
    if damage is None:
        return map_cells(_checked(lookup_cells, check), [byte_codes(codes)], column, numbers)
    return map_cells(_checked(_damaged, check), [byte_codes(codes), damage], column, numbers)


def _damaged(codes: Any, damage: Any, numbers: Numbers, out: Any) -> None:
    low, high = extremes(damage)
    if low < 0 or high > 1:
        raise InputError(
            f"damage reaches from {low:.4g} to {high:.4g}",
            expected="a share from 0 to 1",
            remedy="Is it percent? Divide by 100.",
        )
    damaged_cells(codes, damage, numbers, out)


def _check(cells: Any, *, listed: list[int], nodata: int | None, layer_name: str, table: Table) -> None:
    refuse_unlisted(cells, listed, nodata, layer_name, table)


def _checked(kernel: Callable[..., None], check: Callable[[Any], None]) -> Callable[..., None]:
    def run(*arguments: Any) -> None:
        check(arguments[0])
        kernel(*arguments)

    return run


def _constant_codes(like: xr.DataArray, code: int) -> xr.DataArray:
    """One code for every cell of the grid of `like`, backed as it is; it costs no memory in NumPy."""
    if not 0 <= code < PLACES:
        raise InputError(f"code {code}", where="rotation_zone", expected="a code from 0 to 255")
    cells: Any = np.broadcast_to(np.uint8(code), like.shape)
    if not isinstance(like.data, np.ndarray):
        import dask.array as da

        cells = da.full(like.shape, code, dtype=np.uint8, chunks=like.data.chunks)
    return layer(cells, geobox_of(like), "rotation_zone")
