"""The layer of soil erodibility K from a map of soils and their table (土壤可蚀性栅格)."""

from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from ..errors import InputError
from ..grids import map_cells
from ..tables import Table, load
from .kernels.code_lookup import ABSENT, look_up
from .soil import (
    Correction,
    checked_erodibility,
    erodibility_correction,
    erodibility_diameter,
    erodibility_epic,
    erodibility_nomograph,
    floor_erodibility,
    geometric_mean_diameter,
    organic_carbon,
)

Equation = Literal["epic", "nomograph", "diameter"]
NEEDED = {
    "epic": ("sand", "silt", "clay", "organic_carbon"),
    "nomograph": ("silt", "very_fine_sand", "clay", "organic_matter", "structure", "permeability"),
    "diameter": ("sand", "silt", "clay"),
}


def soil_erodibility(
    soil_type: xr.DataArray,
    soils: pd.DataFrame,
    *,
    method: Equation = "epic",
    correction: Correction = "zhang2008_on_us",
    code: str = "code",
    table: Table | None = None,
) -> xr.DataArray:
    """K [t hm² h hm⁻² MJ⁻¹ mm⁻¹] of every cell from its soil code.

    soil_type: layer of soil codes, integers, `nodata` where unknown; NumPy- or Dask-backed
    soils: one row a soil as of `erodibility_of_soils`
    returns: float32 layer `soil_erodibility`, NaN where the code is nodata; attributes `method`, `correction`,
        `floored_soils` (codes raised to 0.001) and `floored_cells`

    Raises InputError where a code of the layer has no row (all are listed with their cells), and as
    `erodibility_of_soils`.
    """
    if soil_type.dtype.kind not in "iu":
        raise InputError(f"soil codes of type {soil_type.dtype}", where=str(soil_type.name), expected="whole numbers")
    listed = erodibility_of_soils(soils, method=method, correction=correction, code=code, table=table)
    nodata = soil_type.attrs.get("nodata", np.iinfo(np.int64).min)
    order = listed.sort_index()
    keys, values = order.index.to_numpy(np.int64), order["erodibility"].to_numpy(np.float64)
    out = map_cells(look_up, [soil_type], "soil_erodibility", keys, values, np.int64(nodata))
    if bool((out == ABSENT).any()):
        raise _unknown_codes(soil_type, out)
    floored = order.index[order["floored"]].to_numpy()
    cells = int(np.isin(soil_type.values, floored).sum()) if len(floored) else 0
    out.attrs.update(method=method, correction=correction, floored_soils=[int(c) for c in floored], floored_cells=cells)
    return out


def erodibility_of_soils(
    soils: pd.DataFrame,
    *,
    method: Equation = "epic",
    correction: Correction = "zhang2008_on_us",
    code: str = "code",
    table: Table | None = None,
) -> pd.DataFrame:
    """K of every soil of a table.

    soils: columns `code` (its name is an argument) and
        `erodibility`: K [SI], taken as it is where it stands, and else what the method needs:
        epic: `sand`, `silt`, `clay` [%] and `organic_carbon` or `organic_matter` [%] · diameter: `sand`, `silt`, `clay`
        nomograph: `silt`, `very_fine_sand`, `clay`, `organic_matter` [%], `structure` (1..4), `permeability` (1..6)
        `rock`: optional, fragments above 2 mm [% of the whole soil] · `no_soil`: optional, true for water and rock, K
        = 0
    method, correction: how K is computed from texture; a correction is known for epic and nomograph only
    returns: indexed by code: `erodibility` [SI], `floored` (true where the correction fell below 0.001)

    Raises InputError where codes are missing, repeated or not whole, a column or a value is missing, K looks like US
    units, or texture cannot be; the message names the soil.
    """
    table = table or load("soil_erodibility")
    if method not in NEEDED:
        raise InputError(f"method {method!r}", expected=f"one of {tuple(NEEDED)}")
    rows = soils.set_axis(_codes(soils, code))
    no_soil = _marked(rows["no_soil"]) if "no_soil" in rows else np.zeros(len(rows), bool)
    given = rows["erodibility"].to_numpy(np.float64) if "erodibility" in rows else np.full(len(rows), np.nan)
    checked_erodibility(given, "column erodibility of the soil table", table=table)
    K, floored = np.where(no_soil, 0.0, given), np.zeros(len(rows), bool)
    wanted = np.isnan(K)
    if wanted.any():
        raw = _equation(rows[wanted], method, table)
        corrected = erodibility_correction(raw, correction, equation=_corrected(method, correction), table=table)
        K[wanted] = floor_erodibility(corrected, table=table)[0]
        floored[wanted] = K[wanted] > corrected
    return pd.DataFrame({"erodibility": K, "floored": floored}, index=rows.index)


def _codes(soils: pd.DataFrame, code: str) -> pd.Index:
    if code not in soils:
        raise InputError(f"no column {code!r}", where="soil table", expected=f"one of {list(soils)}")
    numbers = pd.to_numeric(soils[code], errors="coerce")
    wrong = np.flatnonzero(numbers.isna() | (numbers % 1 != 0))
    if len(wrong):
        raise InputError(
            f"code {soils[code].iloc[wrong[0]]}", where=f"soil table, row {wrong[0] + 1}", expected="a whole number"
        )
    codes = pd.Index(numbers.astype(np.int64), name="code")
    if codes.has_duplicates:
        raise InputError(
            f"codes {sorted(set(codes[codes.duplicated()]))} stand twice", where="soil table", expected="one row a soil"
        )
    return codes


def _marked(column: pd.Series) -> np.ndarray:
    """True where a row is water or rock; an empty cell is not."""
    numbers = pd.to_numeric(column.fillna(0), errors="coerce")
    wrong = np.flatnonzero(~numbers.isin([0, 1]))
    if len(wrong):
        found = f"no_soil of {column.iloc[wrong[0]]!r}"
        raise InputError(found, where=f"soil table, row {wrong[0] + 1}", expected="true, false, 1, 0 or an empty cell")
    return np.asarray(numbers == 1)


def _corrected(method: Equation, correction: Correction) -> Literal["epic", "nomograph"]:
    if method == "diameter" and correction != "none":
        raise InputError(
            f"correction {correction!r} with method 'diameter'", expected="correction='none'",
            remedy="Plots were compared with EPIC and the nomograph only.",
        )  # fmt: skip
    return "nomograph" if method == "nomograph" else "epic"


def _equation(rows: pd.DataFrame, method: Equation, table: Table) -> np.ndarray:
    """K [SI] before correction of the rows, all of which must be complete."""
    if "organic_carbon" not in rows and "organic_matter" in rows:
        rows = rows.assign(organic_carbon=organic_carbon(rows["organic_matter"], table=table))
    columns = NEEDED[method]
    absent = [c for c in columns if c not in rows]
    if absent:
        raise InputError(
            f"columns {absent} are missing", where="soil table", expected=f"{', '.join(columns)} for method {method!r}",
            remedy="Or give K itself in a column `erodibility`; water and rock are marked in a column `no_soil`.",
        )  # fmt: skip
    empty = rows[list(columns)].isna().any(axis=1)
    if empty.any():
        raise InputError(
            f"soil {rows.index[empty.to_numpy()][0]} has an empty cell among {', '.join(columns)}",
            where="soil table", expected="texture of every soil",
            remedy="Fill it, give its K in column `erodibility`, or mark it in column `no_soil`.",
        )  # fmt: skip
    rock = rows["rock"].fillna(0.0).to_numpy() if "rock" in rows else 0.0
    values = [rows[c].to_numpy(np.float64) for c in columns]
    if method == "nomograph":
        return erodibility_nomograph(*values, table=table)
    if method == "diameter":
        return erodibility_diameter(geometric_mean_diameter(*values, rock=rock, table=table), table=table)
    return erodibility_epic(*values, rock=rock, table=table)


def _unknown_codes(soil_type: xr.DataArray, out: xr.DataArray) -> InputError:
    strange = np.asarray(soil_type.values)[np.asarray(out.values) == ABSENT]
    codes, counts = np.unique(strange, return_counts=True)
    text = ", ".join(f"{c} ({n} cells)" for c, n in zip(codes[:20], counts[:20], strict=True))
    more = f" and {len(codes) - 20} more" if len(codes) > 20 else ""
    return InputError(
        f"soil codes without a row: {text}{more}", where=str(soil_type.attrs.get("path", soil_type.name)),
        expected="a row of the soil table for every code of the map",
        remedy="Add rows; water and rock are marked in column `no_soil`.",
    )  # fmt: skip
