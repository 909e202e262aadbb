"""Cover and measures of a year: from land use, plant cover and measures to B, E and T."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from .. import erosion, grids, statistics
from ..errors import InputError
from ..progress import Progress
from ..tables import Table, load
from .findings import Finding
from .inputs import CountyInputs
from .rain import Erosivity
from .spec import CoverSource, FactorSource, Methods, RasterSource, Year

HALF_MONTHS = erosion.HALF_MONTHS


@dataclass(frozen=True)
class YearCover:
    """B, E and T of a year with the land use they rest on."""

    land_use: xr.DataArray
    B: xr.DataArray
    E: xr.DataArray
    T: xr.DataArray
    cover: xr.DataArray | None = None


def year_cover(inputs: CountyInputs, year: Year, erosivity: Erosivity, methods: Methods, progress: Progress) -> YearCover:
    """Read what changes from year to year and make its factors."""
    progress(0.0, "土地利用 land use")
    land_use = inputs.codes(year.land_use, "land_use", "land_use")
    classes = present_classes(inputs, land_use)
    B, cover = _biological(inputs, year, land_use, classes, erosivity, methods, progress)
    progress(0.95, "工程与耕作措施因子 E, T")
    E = _engineering(inputs, year, land_use)
    T = _tillage(inputs, year, land_use)
    progress(1.0, "工程与耕作措施因子 E, T")
    return YearCover(land_use, B, E, T, cover)


def present_classes(inputs: CountyInputs, land_use: xr.DataArray) -> Table:
    """The rows of the land-use table that occur on the ground.

    Raises InputError for codes without a row, with how many cells each has.
    """
    table = load("land_use_classes")
    codes = [int(c) for c in statistics.present_codes(land_use)]
    known = {int(c) for c in table.rows["code"]}
    strange = [c for c in codes if c not in known]
    if strange:
        cells = ", ".join(f"{c} ({int((land_use == c).sum()):,} cells)" for c in strange)
        raise InputError(
            f"unknown land-use codes {cells}",
            where=str(land_use.attrs.get("path", "land_use")),
            expected="codes of `shuibao tables land_use_classes`",
            remedy='Give a table recode = { "stored code" = code } in the county file.',
        )
    return inputs.table(table.where(code=codes))
