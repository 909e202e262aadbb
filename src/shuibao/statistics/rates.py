"""The conservation rate (水土保持率) and the rounding of its tables."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..errors import InputError
from .classes import UNKNOWN

SOUND = "slight"
"""The class that does not erode (微度); every other known class is eroded ground (水土流失面积)."""


_ROWS = tables.load("intensity_classes").rows.sort_values("code")

INTENSITY_NAMES = {int(code): str(name) for code, name in zip(_ROWS["code"], _ROWS["name"], strict=True)}
"""Code to name of the intensity classes of SL 190, slight to severe; the columns of a table of class areas."""


@dataclass(frozen=True)
class Rate:
    """A conservation rate and what stands behind it.

    percent: of the known area, unrounded; NaN where nothing is known
    rounded_percent: half-up to two decimals, as published
    total_area_km2: area on the map, unknown included; eroded_area_km2: the eroded part of what is known on the map
    statutory_area_km2: frozen area of the place, if given; statutory_eroded_area_km2: the eroded area that goes with it
    low_percent, high_percent: the rate if all that is unknown were eroded, and if none of it were
    known_share: known part of the area, 0 to 1
    """

    percent: float
    rounded_percent: float
    total_area_km2: float
    eroded_area_km2: float
    statutory_area_km2: float | None
    statutory_eroded_area_km2: float | None
    low_percent: float
    high_percent: float
    known_share: float

    @property
    def bounds_percent(self) -> tuple[float, float]:
        """The lowest and the highest rate that the unknown area admits."""
        return self.low_percent, self.high_percent


def conservation_rate(areas: Mapping[Any, float] | pd.Series, statutory_area_km2: float | None = None) -> Rate:
    """The share of the ground that does not erode (水土保持率): (A − A_eroded) / A · 100 %.

    areas: area of each intensity class [km²] by code or name, and of `unknown`; a row of `class_areas`
    statutory_area_km2: the frozen area of the place; the rate of the map is laid on it

    What is unknown is in neither part of the fraction; the bounds say how far it could move the rate.
    Raises InputError for other keys, negative areas or no area at all.
    Source: definition of the Ministry of Water Resources (2019); rounding as in the published series.
    """
    named = {INTENSITY_NAMES.get(key, key): float(value) for key, value in dict(areas).items()}
    strange = [key for key in named if key not in (*INTENSITY_NAMES.values(), UNKNOWN)]
    if strange or any(not value >= 0 for value in named.values()):
        raise InputError(
            f"areas {named}",
            where="conservation rate",
            expected=f"areas >= 0 of {[*INTENSITY_NAMES.values(), UNKNOWN]}",
        )
    unknown = named.pop(UNKNOWN, 0.0)
    known = math.fsum(named.values())
    eroded = math.fsum(value for key, value in named.items() if key != SOUND)
    total = known + unknown
    if total <= 0:
        raise InputError("no area", where="conservation rate", expected="a place with some ground on the grid")
    percent = 100 * (known - eroded) / known if known > 0 else math.nan
    return Rate(
        percent=percent, rounded_percent=half_up(percent),
        total_area_km2=total, eroded_area_km2=eroded, statutory_area_km2=statutory_area_km2,
        statutory_eroded_area_km2=None if statutory_area_km2 is None else eroded_area(percent, statutory_area_km2),
        low_percent=100 * (known - eroded) / total, high_percent=100 * (total - eroded) / total,
        known_share=known / total,
    )  # fmt: skip


def eroded_area(percent: float, area_km2: float) -> float:
    """The eroded area [km²] that a conservation rate [%] means for an area [km²].

    Raises InputError for a rate outside 0 to 100 or an area that is not positive.
    """
    if percent < 0 or percent > 100 or not area_km2 > 0:
        raise InputError(f"rate {percent} % of {area_km2} km2", expected="a rate from 0 to 100 % of a positive area")
    return area_km2 * (100 - percent) / 100


def half_up(value: float, decimals: int = 2) -> float:
    """Round as one reads it: 0.125 becomes 0.13 and 56.045 becomes 56.05; NaN stays NaN."""
    if not math.isfinite(value):
        return value
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def close_rounding(
    values: Sequence[float] | np.ndarray | pd.Series, total: float | None = None, decimals: int = 2
) -> np.ndarray:
    """Round parts so that they add up to their rounded total (largest remainder, 平差).

    values: parts, of any finite numbers; total: what they shall add up to, by default their sum
    returns: float64 of the same length; every part is one of its two neighbours of `decimals` decimals. The parts
    with the largest
        remainders go up; of equal remainders the larger part first, then the earlier one

    Raises InputError for a part that is not finite and for a total that no such rounding reaches.
    Source: Hamilton's method of largest remainders.
    """
    parts = [float(v) for v in values]
    if not all(math.isfinite(v) for v in parts):
        raise InputError(f"parts {parts}", where="rounding", expected="finite numbers")
    unit = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(v)) / unit for v in parts]
    floors = [v.to_integral_value(ROUND_FLOOR) for v in exact]
    whole = sum(exact, Decimal(0)) if total is None else Decimal(repr(float(total))) / unit
    lacking = int(whole.to_integral_value(ROUND_HALF_UP) - sum(floors, Decimal(0)))
    can_rise = [at for at in range(len(parts)) if exact[at] != floors[at]]
    if not 0 <= lacking <= len(can_rise):
        raise InputError(
            f"parts add up to {math.fsum(parts)}, the total is {total}", where="rounding",
            expected="a total of the same parts", remedy="Scale the parts to the total first.",
        )  # fmt: skip
    order = sorted(can_rise, key=lambda at: (floors[at] - exact[at], -parts[at], at))
    raised = set(order[:lacking])
    return np.array([float((floor + (at in raised)) * unit) for at, floor in enumerate(floors)])


def close_table(table: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """Every row of a table of areas rounded so that its columns add up to its rounded sum."""
    rows: dict[Hashable, np.ndarray] = {
        key: close_rounding(row.to_numpy(float), decimals=decimals) for key, row in table.iterrows()
    }
    return pd.DataFrame(list(rows.values()), index=table.index, columns=table.columns)
