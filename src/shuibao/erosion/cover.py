"""Plant cover and the biological factor B (植被覆盖与生物措施因子), half-month by half-month.

B = Σ SLR_k WR_k over the 24 half-months: the soil loss ratio of the cover, weighted by the half-month's share of the
year's erosivity.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ..errors import InputError
from ..grids import layer, map_cells, same_grid
from ..grids.layers import geobox_of
from .codes import byte_codes, codes_of, nodata_of, refuse_unlisted
from .kernels.cover import add_half_month, add_missing_share, cover_cells, finish_cells, ratio_cells
from .kernels.extremes import extremes
from .land_use import CoverTables
from .rain import HALF_MONTHS

Cells = npt.NDArray[Any]

NONE = np.empty((0, 0), np.float32)
"""Says to a kernel that there is no such layer."""
SHARE_TOLERANCE = 1e-6
LAYER_TOLERANCE = 1e-5
"""Shares kept in single precision by cell add up to 1 no better than this."""


def fractional_cover(ndvi: xr.DataArray, land_use: xr.DataArray, tables: CoverTables | None = None) -> xr.DataArray:
    """Fractional vegetation cover FVC = (NDVI - NDVI_bare) / (NDVI_full - NDVI_bare), held within 0 to 1 (植被覆盖度).

    ndvi: vegetation index [-1, 1]; land_use: codes, whose group chooses the bounds of the table
        `vegetation_index_bounds`
    returns: FVC, float32; NaN where index or land use is unknown; NumPy- or Dask-backed

    Raises InputError where the index cannot be one (scaled by 10000?) or a code has no row.
    Source: Carlson and Ripley 1997 (linear form), bounds of the table.
    """
    given = tables or CoverTables()
    plan, nodata, name = given.plan(), nodata_of(land_use), str(land_use.name)

    def kernel(index: Cells, codes: Cells, out: Cells) -> None:
        _refuse_index(index)
        refuse_unlisted(codes, codes_of(given.classes), nodata, name, given.classes)
        cover_cells(index, codes, plan, out)

    return map_cells(kernel, [ndvi, byte_codes(land_use)], "fractional_cover")


def soil_loss_ratio(
    cover: xr.DataArray,
    land_use: xr.DataArray,
    under_canopy: xr.DataArray | None = None,
    tables: CoverTables | None = None,
) -> xr.DataArray:
    """Soil loss ratio SLR of one half-month on land with plant cover (土壤流失比例).

    cover: fractional cover [0, 1]; land_use: codes; under_canopy: cover below the canopy of tree land [0, 1], None
        for the table's
    returns: SLR, float32; NaN on land whose B is a fixed number, and where cover or land use is unknown; NumPy- or
        Dask-backed

    Raises InputError where a cover is beyond 0 to 1 (percent?) or a code has no row.
    Limits: shrub and grass without cover lose 0.49 of bare soil, so sparse grass and bare soil differ by a factor of
    two.
    Source: scheme of regional dynamic monitoring 2018 (equations in the table `soil_loss_ratio`).
    """
    given = tables or CoverTables()
    plan, nodata, name = given.plan(), nodata_of(land_use), str(land_use.name)

    def kernel(*arguments: Cells) -> None:
        *cells, out = arguments
        refuse_unlisted(cells[1], codes_of(given.classes), nodata, name, given.classes)
        for values in (cells[0], *cells[2:]):
            _refuse_cover(values)
        ratio_cells(cells[0], cells[1], cells[2] if len(cells) > 2 else NONE, plan, out)

    layers = [cover, byte_codes(land_use)] + ([] if under_canopy is None else [under_canopy])
    return map_cells(kernel, layers, "soil_loss_ratio")


@dataclass(frozen=True)
class CoverGaps:
    """Where cover was unknown on vegetated land.

    unknown_cells: by half-month 0 to 23, how many cells had no cover and a share above 0
    renormalised_cells: cells whose known shares reach the least share, so that they stand for the year
    lost_cells: cells given up as unknown
    """

    unknown_cells: dict[int, int] = field(default_factory=dict)
    renormalised_cells: int = 0
    lost_cells: int = 0


class CoverFactor:
    """Sums up B while half-months of cover pass by, one at a time.

    land_use: codes of `land_use_classes`; land with a fixed B needs no cover
    under_canopy: cover below the canopy of tree land [0, 1]; None takes the table's number of the land use
    least_share: a cell with unknown half-months counts as known where its known half-months hold at least this share
        of the year's erosivity; their sum is then divided by that share. Elsewhere its B is unknown. `gaps` counts
        both.

    It holds one float32 sum by cell, and a second one only if cover is missing somewhere or shares come as layers.
    Raises InputError for codes without a row (naming each and its cells) and for a cover below the canopy beyond 0 to
    1.
    Source: scheme of regional dynamic monitoring 2018.
    """

    def __init__(
        self,
        land_use: xr.DataArray,
        tables: CoverTables | None = None,
        under_canopy: xr.DataArray | None = None,
        *,
        least_share: float = 0.9,
    ) -> None:
        if not 0 < least_share <= 1:
            raise InputError(f"least share {least_share}", expected="a share above 0, at most 1")
        self.tables = tables or CoverTables()
        self.geobox = geobox_of(land_use) if under_canopy is None else same_grid(land_use, under_canopy)
        self._synthetic = "synthetic" in {a.attrs.get("provenance") for a in (land_use, under_canopy) if a is not None}
        self._codes = np.asarray(byte_codes(land_use).data)
        refuse_unlisted(
            self._codes, codes_of(self.tables.classes), nodata_of(land_use), str(land_use.name), self.tables.classes
        )
        self._under = NONE if under_canopy is None else _single(under_canopy)
        _refuse_cover(self._under)
        self._plan, self._least_share = self.tables.plan(), least_share
        self._weighted = np.zeros(self._codes.shape, np.float32)
        self._missing, self._shares = NONE, NONE
        self._share, self._seen = 0.0, set[int]()
        self._gaps = CoverGaps()

    @property
    def gaps(self) -> CoverGaps:
        """Unknown cover so far; the renormalised and the lost cells are counted by `factor`."""
        return self._gaps

    def add(self, half_month: int, cover: xr.DataArray, share: float | xr.DataArray) -> None:
        """Add one half-month, 0 to 23.

        cover: its vegetation index (quantity ndvi) or fractional cover (quantity fractional_cover) on the grid of the
            land use
        share: its share WR of the year's erosivity [0, 1], one number or a layer

        Raises InputError where the half-month was added before, the cover is neither or out of range, or the share
        beyond 0 to 1.
        """
        if half_month not in range(HALF_MONTHS) or half_month in self._seen:
            raise InputError(
                f"half-month {half_month}", where="CoverFactor.add", expected=f"each of 0 to {HALF_MONTHS - 1} once"
            )
        values, as_index = self._cover(cover)
        shares = self._layer_of_shares(share)
        number = 0.0 if isinstance(share, xr.DataArray) else _share_in_range(float(share))
        count = np.zeros(values.shape[0], np.int64)
        add_half_month(values, self._codes, self._under, number, shares, self._plan, as_index, self._weighted, count)
        if count.any():
            if not self._missing.size:
                self._missing = np.zeros(values.shape, np.float32)
            add_missing_share(values, self._codes, self._under, number, shares, self._plan, as_index, self._missing)
            self._gaps.unknown_cells[half_month] = int(count.sum())
        self._note_share(number, shares)
        self._seen.add(half_month)
        self._synthetic = self._synthetic or cover.attrs.get("provenance") == "synthetic"

    def factor(self) -> xr.DataArray:
        """B of every cell [0, 1], float32, once all half-months are added.

        `gaps` then tells of the cells filled up and lost.

        Half-months without erosivity may be left out. Raises InputError where the shares do not add up to 1.
        """
        self._refuse_share_sum()
        out = np.empty(self._codes.shape, np.float32)
        filled, lost = np.zeros(len(out), np.int64), np.zeros(len(out), np.int64)
        fixed = self.tables.fixed()
        finish_cells(
            self._weighted, self._missing, self._codes, fixed, self._plan, self._least_share, out, filled, lost
        )
        self._gaps = CoverGaps(self._gaps.unknown_cells, int(filled.sum()), int(lost.sum()))
        return layer(out, self.geobox, "biological_factor", provenance="synthetic" if self._synthetic else "derived")

    def _cover(self, cover: xr.DataArray) -> tuple[Cells, bool]:
        kind = cover.attrs.get("quantity")
        if kind not in ("ndvi", "fractional_cover"):
            raise InputError(f"a layer of {kind}", where="CoverFactor.add", expected="ndvi or fractional_cover")
        self._refuse_other_grid(cover)
        values = _single(cover)
        (_refuse_index if kind == "ndvi" else _refuse_cover)(values)
        return values, kind == "ndvi"

    def _layer_of_shares(self, share: float | xr.DataArray) -> Cells:
        if not isinstance(share, xr.DataArray):
            return NONE
        self._refuse_other_grid(share)
        shares = _single(share)
        low, high = extremes(shares)
        _share_in_range(low if np.isfinite(low) else 0.0)
        _share_in_range(high if np.isfinite(high) else 0.0)
        return shares

    def _note_share(self, number: float, shares: Cells) -> None:
        self._share += number
        if shares.size:
            self._shares = (
                shares.astype(np.float32) if not self._shares.size else np.add(self._shares, shares, out=self._shares)
            )

    def _refuse_share_sum(self) -> None:
        low, high = extremes(self._shares) if self._shares.size else (0.0, 0.0)
        tolerance = LAYER_TOLERANCE if self._shares.size else SHARE_TOLERANCE
        low, high = (0.0, 0.0) if low > high else (low, high)
        if abs(self._share + low - 1) > tolerance or abs(self._share + high - 1) > tolerance:
            absent = sorted(set(range(HALF_MONTHS)) - self._seen)
            raise InputError(
                f"shares of erosivity add up to {self._share + low:.7g} … {self._share + high:.7g}",
                where="CoverFactor.factor", expected="1", remedy=f"Half-months not added: {absent or 'none'}.",
            )  # fmt: skip

    def _refuse_other_grid(self, other: xr.DataArray) -> None:
        same_grid(layer(self._codes, self.geobox, "land_use", nodata=0), other)


def _single(array: xr.DataArray) -> Cells:
    return np.asarray(array.data, np.float32)


def _share_in_range(share: float) -> float:
    if not 0 <= share <= 1 + SHARE_TOLERANCE:
        raise InputError(
            f"a share of {share:.6g}",
            expected="a share of the year's erosivity from 0 to 1",
            remedy="Is it percent? Divide by 100.",
        )
    return share


def _refuse_index(index: Cells) -> None:
    low, high = extremes(index)
    if low < -1 - 1e-6 or high > 1 + 1e-6:
        raise InputError(
            f"NDVI reaches from {low:.6g} to {high:.6g}", expected="-1 to 1",
            remedy="Is it scaled by 10000? Divide, and turn the fill value into NaN.",
        )  # fmt: skip


def _refuse_cover(cover: Cells) -> None:
    if not cover.size:
        return
    low, high = extremes(cover)
    if low < -1e-6 or high > 1 + 1e-6:
        raise InputError(
            f"cover reaches from {low:.6g} to {high:.6g}",
            expected="a fraction from 0 to 1",
            remedy="Is it percent? Divide by 100.",
        )
