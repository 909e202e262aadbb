"""Soil erodibility K from texture and organic matter (土壤可蚀性因子): equations and correction by plots.

All take and give numbers or arrays. K is in SI, t hm² h hm⁻² MJ⁻¹ mm⁻¹, unless US units are asked for
(ton acre h per hundred acre foot tonf inch; times 0.1317 is SI). Coefficients stand in the table `soil_erodibility`.
"""

from typing import Literal

import numpy as np

from ..errors import InputError
from ..tables import Table, load
from .texture import fine_earth

Units = Literal["SI", "US"]
Correction = Literal["none", "zhang2008_on_si", "zhang2008_on_us"]
CORRECTIONS = ("none", "zhang2008_on_si", "zhang2008_on_us")


def erodibility_epic(
    sand: object,
    silt: object,
    clay: object,
    organic_carbon: object,
    *,
    rock: object = 0.0,
    units: Units = "SI",
    table: Table | None = None,
) -> np.ndarray:
    """K by the EPIC equation of Williams (1990).

    K_US = {0.2 + 0.3 exp[−0.0256 SAN (1 − SIL/100)]} [SIL/(CLA+SIL)]^0.3 {1 − 0.25 C/[C + exp(3.72 − 2.95 C)]}
           {1 − 0.7 SN/[SN + exp(−5.51 + 22.9 SN)]},  SN = 1 − SAN/100;  K_SI = 0.1317 K_US

    sand, silt, clay: percents as of `texture.fine_earth`; rock: fragments above 2 mm [%]
    organic_carbon: organic carbon [%], which is organic matter / 1.724
    returns: float64, NaN where an input is

    Raises InputError for textures that cannot be, organic carbon outside 0..60 % and unknown units.
    Limits: made on soils of the United States; without correction two to three times what plots on loess show.
    """
    table = table or load("soil_erodibility")
    san, sil, cla = fine_earth(sand, silt, clay, rock, table=table)
    carbon = _percent(
        organic_carbon, "organic carbon", 60.0, "Organic matter / 1.724 is organic carbon; g/kg / 10 is percent."
    )
    n = _numbers(table, "epic")
    fines = 1 - san / 100
    sandy = n["sand_base"] + n["sand_gain"] * np.exp(-n["sand_decay"] * san * (1 - sil / 100))
    ratio = np.divide(sil, cla + sil, out=np.zeros_like(sil), where=(cla + sil) != 0)
    humic = 1 - n["carbon_drop"] * carbon / (carbon + np.exp(n["carbon_offset"] - n["carbon_slope"] * carbon))
    coarse = 1 - n["fines_drop"] * fines / (fines + np.exp(n["fines_offset"] + n["fines_slope"] * fines))
    return _in_units(sandy * ratio ** n["silt_exponent"] * humic * coarse, units, table)


def erodibility_nomograph(
    silt: object,
    very_fine_sand: object,
    clay: object,
    organic_matter: object,
    structure: object,
    permeability: object,
    *,
    extrapolate: bool = False,
    units: Units = "SI",
    table: Table | None = None,
) -> np.ndarray:
    """K by the nomograph of Wischmeier and Smith (1978) in its equation.

    K_SI = [2.1e-4 (12 − OM) M^1.14 + 3.25 (b − 2) + 2.5 (c − 3)] / 759,  M = (silt + very fine sand)(100 − clay)

    silt, very_fine_sand (0.05 to 0.1 mm), clay: percents of the fine earth
    organic_matter: organic matter [%], 1.724 times organic carbon
    structure: class b, 1 very fine granular to 4 blocky, platy or massive
    permeability: class c, 1 rapid to 6 very slow
    extrapolate: compute beyond 70 % silt and very fine sand as well, where the equation is not valid

    Raises InputError where percents or classes cannot be, and for silt and very fine sand above 70 % unless
    `extrapolate`. Limits: loess lies at 70 % or beyond.
    """
    table = table or load("soil_erodibility")
    n = _numbers(table, "nomograph")
    cla = _percent(clay, "clay", 100.0)
    fine = _percent(silt, "silt", 100.0) + _percent(very_fine_sand, "very fine sand", 100.0)
    _refuse_above(fine + cla, 100 + 1e-9, "silt, very fine sand and clay sum to {:.4g} %", "at most 100 %", "")
    if not extrapolate:
        _refuse_above(
            fine, n["silt_limit"], "silt and very fine sand reach {:.4g} %",
            f"at most {n['silt_limit']:g} %, the limit of the nomograph",
            "Use erodibility_epic for loess, or pass extrapolate=True.",
        )  # fmt: skip
    matter = _percent(organic_matter, "organic matter", n["matter_limit"])
    b, c = _class(structure, "structure", 4), _class(permeability, "permeability", 6)
    grain = n["coefficient"] * (n["matter_limit"] - matter) * (fine * (100 - cla)) ** n["exponent"]
    total = (
        grain
        + n["structure_slope"] * (b - n["structure_base"])
        + n["permeability_slope"] * (c - n["permeability_base"])
    )
    return np.asarray(total / n[_known(units)])


def geometric_mean_diameter(
    sand: object, silt: object, clay: object, *, rock: object = 0.0, table: Table | None = None
) -> np.ndarray:
    """Geometric mean diameter Dg [mm] of the fine earth: exp(Σ f ln m), m = 1.025, 0.026 and 0.001 mm for sand, silt
    and clay.

    sand, silt, clay, rock: percents as of `texture.fine_earth`
    Source: Shirazi and Boersma 1984.
    """
    table = table or load("soil_erodibility")
    n = _numbers(table, "diameter")
    parts = fine_earth(sand, silt, clay, rock, table=table)
    sizes = (n["sand_size"], n["silt_size"], n["clay_size"])
    return np.asarray(np.exp(sum(part / 100 * np.log(size) for part, size in zip(parts, sizes, strict=True))))


def erodibility_diameter(diameter: object, *, units: Units = "SI", table: Table | None = None) -> np.ndarray:
    """K from the geometric mean diameter Dg alone, where organic matter is unknown.

    K_US = 7.594 {0.0034 + 0.0405 exp[−½ ((log10 Dg + 1.659)/0.7101)²]};  K_SI = 0.1317 K_US

    diameter: Dg [mm], see `geometric_mean_diameter`

    Raises InputError where a diameter is not above 0 or is above 2 mm.
    Source: Römkens et al. 1986, in Renard et al. 1997.
    """
    table = table or load("soil_erodibility")
    size = np.asarray(diameter, dtype=np.float64)
    wrong = ~((size > 0) & (size <= 2)) & ~np.isnan(size)
    if wrong.any():
        raise InputError(f"mean diameter of {size[wrong].ravel()[0]:g} mm", expected="above 0 and at most 2 mm")
    n = _numbers(table, "diameter")
    bell = np.exp(-0.5 * ((np.log10(size) + n["centre"]) / n["width"]) ** 2)
    return _in_units(n["scale"] * (n["base"] + n["gain"] * bell), units, table)


def erodibility_correction(
    K: object, method: Correction, *, equation: Literal["epic", "nomograph"] = "epic", table: Table | None = None
) -> np.ndarray:
    """K [SI] brought to what Chinese plots show, by a line fitted to them; two readings of the paper are in use.

    zhang2008_on_si: a + b K_SI · zhang2008_on_us: 0.1317 (a + b K_US) · none: K as it is
    a, b: −0.01383, 0.51575 for EPIC and −0.00911, 0.55066 for the nomograph

    K: erodibility [SI] of `equation`
    returns: float64 [SI], not clamped: on SI the line falls below 0 for sands; `floor_erodibility` clamps and counts

    Raises InputError for an unknown method or equation, and for K that looks like US units.
    Limits: for a loess silt loam the two readings differ by a factor of 1.84; ask which one the official K map of the
    region used. Source: Zhang et al. 2008.
    """
    table = table or load("soil_erodibility")
    values = checked_erodibility(K, table=table)
    if method not in CORRECTIONS:
        raise InputError(f"correction {method!r}", expected=f"one of {CORRECTIONS}")
    if method == "none":
        return values
    if equation not in ("epic", "nomograph"):
        raise InputError(
            f"correction {method!r} of equation {equation!r}",
            expected="equation epic or nomograph, for which plots were compared",
            remedy="Use correction='none'.",
        )  # fmt: skip
    n = _numbers(table, f"zhang2008_{equation}")
    if method == "zhang2008_on_si":
        return np.asarray(n["intercept"] + n["slope"] * values)
    factor = table.number("value", method="units", parameter="us_to_si")
    return np.asarray((n["intercept"] + n["slope"] * values / factor) * factor)


def floor_erodibility(K: object, *, table: Table | None = None) -> tuple[np.ndarray, int]:
    """K [SI] not below 0.001, and how many values were raised to it; NaN stays."""
    least = (table or load("soil_erodibility")).number("value", method="limits", parameter="floor")
    values = np.asarray(K, dtype=np.float64)
    low = values < least
    return np.where(low, least, values), int(low.sum())


def checked_erodibility(K: object, where: str = "", *, table: Table | None = None) -> np.ndarray:
    """K [SI] as float64.

    Raises InputError where a value is negative, or above 0.12 and so perhaps in US units.
    """
    table = table or load("soil_erodibility")
    values = np.asarray(K, dtype=np.float64)
    if bool((values < 0).any()):
        raise InputError(f"K of {np.nanmin(values):g}", where=where, expected="0 or more")
    most = table.number("value", method="limits", parameter="ceiling")
    if bool((values > most).any()):
        factor = table.number("value", method="units", parameter="us_to_si")
        raise InputError(
            f"K reaches {np.nanmax(values):.4g}", where=where, expected=f"at most {most:g} t hm² h/(hm² MJ mm)",
            remedy=f"Is this in US units? Multiply by {factor:g}.",
        )  # fmt: skip
    return values


def organic_carbon(organic_matter: object, *, table: Table | None = None) -> np.ndarray:
    """Organic carbon [%] of organic matter [%]: divided by 1.724 (van Bemmelen)."""
    factor = (table or load("soil_erodibility")).number("value", method="units", parameter="matter_to_carbon")
    return np.asarray(np.asarray(organic_matter, dtype=np.float64) / factor)


def _numbers(table: Table, method: str) -> dict[str, float]:
    rows = table.where(method=method).rows
    return {str(name): float(value) for name, value in zip(rows["parameter"], rows["value"], strict=True)}


def _known(units: Units) -> str:
    if units not in ("SI", "US"):
        raise InputError(f"units {units!r}", expected="'SI' or 'US'")
    return f"divisor_{units.lower()}"


def _in_units(K_us: np.ndarray, units: Units, table: Table) -> np.ndarray:
    _known(units)
    factor = table.number("value", method="units", parameter="us_to_si") if units == "SI" else 1.0
    return np.asarray(K_us * factor)


def _percent(values: object, name: str, most: float, remedy: str = "") -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    wrong = ~((array >= 0) & (array <= most)) & ~np.isnan(array)
    if wrong.any():
        raise InputError(f"{name} of {array[wrong].ravel()[0]:g} %", expected=f"0 to {most:g} %", remedy=remedy)
    return array


def _class(values: object, name: str, most: int) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    wrong = ~((array >= 1) & (array <= most)) & ~np.isnan(array)
    if wrong.any():
        raise InputError(f"{name} class {array[wrong].ravel()[0]:g}", expected=f"1 to {most}")
    return array


def _refuse_above(values: np.ndarray, most: float, found: str, expected: str, remedy: str) -> None:
    if bool((values > most).any()):
        raise InputError(found.format(float(np.nanmax(values))), expected=expected, remedy=remedy)
