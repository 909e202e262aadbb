"""Soil texture: what is refused, how rock fragments are left out (土壤质地).

Percents of fine earth by the limits of USDA: sand 0.05 to 2 mm, silt 0.002 to 0.05 mm, clay below 0.002 mm. Textures
by the limits of Kachinsky (1, 0.01 and 0.001 mm) must be converted before.
"""

from typing import NamedTuple

import numpy as np

from ..errors import InputError
from ..tables import Table, load


class Texture(NamedTuple):
    """Percents of fine earth, summing to 100; NaN where unknown."""

    sand: np.ndarray
    silt: np.ndarray
    clay: np.ndarray


def fine_earth(sand: object, silt: object, clay: object, rock: object = 0.0, *, table: Table | None = None) -> Texture:
    """Percents of sand, silt and clay of the fine earth alone, summing to 100 exactly.

    sand, silt, clay: percents, of the fine earth or of the whole soil with its rock fragments; numbers or arrays of
        one shape
    rock: fragments above 2 mm [% of the whole soil], 0 where there are none

    Raises InputError naming the first row where a percent lies outside 0..100, fractions stand for percents, or the
    sum is neither 100 nor 100 − rock within 2 points.
    """
    parts = [np.asarray(p, dtype=np.float64) for p in (sand, silt, clay, rock)]
    sands, silts, clays, rocks = np.broadcast_arrays(*parts)
    tolerance = (table or load("soil_erodibility")).number("value", method="limits", parameter="texture_tolerance")
    for name, values in zip(("sand", "silt", "clay", "rock fragments"), (sands, silts, clays, rocks), strict=True):
        _refuse(~((values >= 0) & (values <= 100)) & ~np.isnan(values), values, f"{name} of {{:g}} %", "0 to 100 %", "")
    total = sands + silts + clays
    _refuse(
        np.abs(total - 1) <= tolerance / 100, total, "sand, silt and clay sum to {:.3g}", "percents that sum to 100",
        "Are these fractions? Multiply by 100.",
    )  # fmt: skip
    off = np.minimum(np.abs(total - 100), np.abs(total + rocks - 100))
    _refuse(
        off > tolerance, total, "sand, silt and clay sum to {:.4g} %",
        f"100 or 100 less the rock fragments, within {tolerance:g}",
        "Leave out rock fragments, or hand them in as rock; look whether a layer of the profile was mixed up.",
    )  # fmt: skip
    scale = 100 / total
    return Texture(sands * scale, silts * scale, clays * scale)


def _refuse(wrong: np.ndarray, values: np.ndarray, found: str, expected: str, remedy: str) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        where = f"row {rows[0] + 1}" if values.size > 1 else "texture"
        raise InputError(found.format(values.ravel()[rows[0]]), where=where, expected=expected, remedy=remedy)
