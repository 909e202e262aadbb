"""Soil loss of construction land by SL 773-2018 (生产建设项目土壤流失量): six kinds of disturbed ground.

Disturbed ground with its vegetation damaged or its soil turned; cut faces without and with run-on from above; spoil
heaps without and with run-on. Everything is a number or an array; loss is in tonnes of the period to which the
erosivity belongs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..tables import Table, load
from .kernels.slope_length import exponent_of
from .kernels.slope_steepness import slope_factor
from .length import length_exponents
from .slope import slope_pieces

Number = float | npt.NDArray[np.float64]

SQUARE_METRES_PER_HECTARE = 10_000.0
HECTARES_PER_KM2 = 100.0


@dataclass(frozen=True)
class SlopeUnit:
    """One piece of disturbed ground, or many at once: numbers or arrays of one shape.

    length: λx along the slope [m]; angle: θ [rad]; width: ω [m]

    Raises InputError where an angle cannot be radians or a length leaves the range of `construction_limits`.
    """

    length: Number
    angle: Number
    width: Number

    def __post_init__(self) -> None:
        steepest = float(np.max(self.angle))
        if steepest > np.pi / 2:
            raise InputError(
                f"slope angle reaches {steepest:.4g}",
                where="slope unit",
                expected="radians, at most 1.57",
                remedy="Are these degrees? np.deg2rad(angle) converts them.",
            )
        refuse_beyond_limits(length=self.length, width=self.width)

    @property
    def horizontal_length(self) -> Number:
        """λ = λx cos θ [m]."""
        return self.length * np.cos(self.angle)

    @property
    def area(self) -> Number:
        """Horizontal area [hm²]."""
        return self.width * self.horizontal_length / SQUARE_METRES_PER_HECTARE


@dataclass(frozen=True)
class ConstructionLoss:
    """What one kind of disturbed ground loses in its period.

    kind: damaged_vegetation, turned_soil, cut_face, cut_face_run_on, spoil_heap or spoil_heap_run_on
    loss: M [t]; area: horizontal [hm²]; factors: every factor by its letter
    run_on_loss: the part of the loss that run-on makes [t]
    cut_short: whether the slope is longer than the 100 m that count for L, so that it should be divided
    """

    kind: str
    loss: Number
    area: Number
    factors: dict[str, Number]
    run_on_loss: Number
    cut_short: bool

    @property
    def modulus(self) -> Number:
        """Loss of the period by area [t km⁻²]; of a year only where the period is one year."""
        return HECTARES_PER_KM2 * self.loss / self.area


def damaged_vegetation(
    unit: SlopeUnit, *, R: Number, K: Number, B: Number, E: Number = 1.0, T: Number = 1.0, table: Table | None = None
) -> ConstructionLoss:
    """Loss of ground whose vegetation is damaged (植被破坏型): M = R K L S B E T A.

    L = (λ / 20)^m with m by slope as in the CSLE, S of Nearing 1997; R of the period [MJ mm hm⁻² h⁻¹], K in SI

    Raises InputError where a number leaves its range (`construction_limits`).
    Source: SL 773-2018.
    """
    return _disturbed("damaged_vegetation", unit, R, K, (B, E, T), _coefficients(table))


def turned_soil(
    unit: SlopeUnit,
    *,
    R: Number,
    K: Number,
    B: Number = 1.0,
    E: Number = 1.0,
    T: Number = 1.0,
    turned_ratio: Number | None = None,
    table: Table | None = None,
) -> ConstructionLoss:
    """Loss of ground whose soil is turned (地表翻扰型): M = R (N K) L S B E T A.

    turned_ratio: N, of measured plots; None for the 2.13 of the standard; the rest as `damaged_vegetation`

    Raises InputError where a number leaves its range.
    Source: SL 773-2018.
    """
    numbers = _coefficients(table)
    ratio = numbers["turned_soil_ratio"] if turned_ratio is None else turned_ratio
    refuse_beyond_limits(K=K, turned_ratio=ratio)
    return _disturbed("turned_soil", unit, R, ratio * K, (B, E, T), numbers, undisturbed=K)


def cut_face(
    unit: SlopeUnit,
    *,
    R: Number,
    silt: Number,
    clay: Number,
    density: Number,
    run_on: Number | None = None,
    table: Table | None = None,
) -> ConstructionLoss:
    """Loss of a cut face (工程开挖面): M = R G L S A, and with run-on from above (上方有来水) F G' L' S' A more.

    silt, clay: shares of mass [0, 1]; density: ρ [g cm⁻³]; G = 0.004 exp(4.28 SIL (1 - CLA) / ρ), L = (λ / 5)^-0.57,
        S = 0.80 sin θ + 0.38
    run_on: W of the event by width [m³ m⁻¹], at most 3; F = 10 000 W^0.95; None where nothing comes from above

    Raises InputError where a number leaves its range.
    Source: SL 773-2018.
    """
    numbers = _coefficients(table)
    refuse_beyond_limits(R=R, silt=silt, clay=clay, density=density)
    if float(np.max(np.add(silt, clay))) > 1 + 1e-9:
        raise InputError(
            f"silt and clay make {float(np.max(np.add(silt, clay))):.4g}", where="cut_face", expected="at most 1"
        )
    own = _cut_factors(unit, silt, clay, density, numbers, "")
    more = None if run_on is None else _cut_factors(unit, silt, clay, density, numbers, "_run_on")
    return _face("cut_face", unit, R, own, run_on, more, numbers, numbers["cut_run_on_limit"])


def spoil_heap(
    unit: SlopeUnit,
    *,
    R: Number,
    gravel: Number,
    texture: str = "loam",
    shape: str = "leaning",
    run_on: Number | None = None,
    table: Table | None = None,
    heaps: Table | None = None,
) -> ConstructionLoss:
    """Loss of a spoil heap (工程堆积体): M = X R G L S A, and with run-on from above F G' L' S' A more.

    gravel: δ, share of mass [0, 1]; G = a exp(b δ), L = (λ / 5)^f, S = (θ / 25°)^d with the numbers of the texture in
        `construction_heaps`
    shape: leaning on a slope (X = 1) or cone (X = 0.92); run_on: W [m³ m⁻¹], at most 1.5

    Raises InputError where a number leaves its range, or the table has no number for the texture.
    Source: SL 773-2018; the numbers are provisional.
    """
    numbers = _coefficients(table)
    if f"heap_{shape}" not in numbers:
        raise InputError(f"shape {shape!r}", where="spoil_heap", expected="leaning or cone")
    refuse_beyond_limits(R=R, gravel=gravel)
    row = (load("construction_heaps") if heaps is None else heaps).where(texture=texture)
    own = {"X": numbers[f"heap_{shape}"], **_heap_factors(unit, gravel, row, numbers, "")}
    more = None if run_on is None else _heap_factors(unit, gravel, row, numbers, "_run_on")
    return _face("spoil_heap", unit, R, own, run_on, more, numbers, numbers["heap_run_on_limit"])


def refuse_beyond_limits(**numbers: Number) -> None:
    """Raise InputError where a number leaves the range that the table `construction_limits` sets for its name."""
    table = load("construction_limits")
    for name, value in numbers.items():
        row = table.where(name=name).rows.iloc[0]
        low, high = float(np.min(value)), float(np.max(value))
        if not (row["low"] <= low and high <= row["high"]):
            raise InputError(
                f"{name} is {low:.6g}" + ("" if low == high else f" to {high:.6g}"),
                where="construction land",
                expected=f"{row['low']:g} to {row['high']:g} {row['units']}",
                remedy=row["hint"] if isinstance(row["hint"], str) else "",
            )


def _coefficients(table: Table | None) -> dict[str, float]:
    rows = (load("construction_coefficients") if table is None else table).rows
    return dict(zip(rows["name"], rows["value"].astype(float), strict=True))


def _disturbed(
    kind: str,
    unit: SlopeUnit,
    R: Number,
    K: Number,
    cover: tuple[Number, Number, Number],
    numbers: dict[str, float],
    undisturbed: Number | None = None,
) -> ConstructionLoss:
    B, E, T = cover
    refuse_beyond_limits(R=R, K=K if undisturbed is None else undisturbed, B=B, E=E, T=T)
    length, cut_short = _counted_length(unit, numbers)
    L = (length / numbers["unit_length_disturbed"]) ** _exponent(unit.angle)
    factors: dict[str, Number] = {"R": R, "K": K, "L": L, "S": _steepness(unit.angle), "B": B, "E": E, "T": T}
    return ConstructionLoss(kind, _product(factors) * unit.area, unit.area, factors, 0.0, cut_short)


def _face(
    kind: str,
    unit: SlopeUnit,
    R: Number,
    own: dict[str, Number],
    run_on: Number | None,
    more: dict[str, Number] | None,
    numbers: dict[str, float],
    limit: float,
) -> ConstructionLoss:
    """Loss of a face from its own rain and, where there is run-on, from that as well."""
    factors: dict[str, Number] = {"R": R, **own}
    loss, cut_short = _product(factors) * unit.area, _counted_length(unit, numbers)[1]
    if run_on is None or more is None:
        return ConstructionLoss(kind, loss, unit.area, factors, 0.0, cut_short)
    refuse_beyond_limits(run_on=run_on)
    if float(np.max(run_on)) > limit:
        raise InputError(
            f"run-on of {float(np.max(run_on)):.4g} m3/m",
            where=kind,
            expected=f"at most {limit:g}, where the experiments end",
        )
    flow: dict[str, Number] = {"F": numbers["run_on_scale"] * np.power(run_on, numbers["run_on_power"]), **more}
    added = _product(flow) * unit.area
    named = {f"{letter}_run_on": value for letter, value in flow.items()}
    return ConstructionLoss(f"{kind}_run_on", loss + added, unit.area, factors | named, added, cut_short)


def _cut_factors(
    unit: SlopeUnit, silt: Number, clay: Number, density: Number, numbers: dict[str, float], case: str
) -> dict[str, Number]:
    length, _ = _counted_length(unit, numbers)
    G = numbers["cut_erodibility_gain"] * np.exp(numbers[f"cut_erodibility_rate{case}"] * silt * (1 - clay) / density)
    L = np.power(length / numbers["unit_length_face"], numbers[f"cut_length_exponent{case}"])
    S = numbers[f"cut_slope_gain{case}"] * np.sin(unit.angle) + numbers[f"cut_slope_offset{case}"]
    return {"G": G, "L": L, "S": S}


def _heap_factors(
    unit: SlopeUnit, gravel: Number, row: Table, numbers: dict[str, float], case: str
) -> dict[str, Number]:
    columns = ("erodibility", "gravel_rate", "length_exponent", "slope_exponent")
    erodibility, rate, f, d = (row.number(f"{column}{case}") for column in columns)
    if not np.isfinite([erodibility, rate, f, d]).all():
        raise InputError(
            f"numbers{' with run-on' if case else ''} of texture {row.rows['texture'].iloc[0]} are empty",
            where=f"table {row.name}",
            expected=", ".join(f"{column}{case}" for column in columns),
            remedy="Type them in from SL 773-2018, or hand in a table of your own.",
        )
    length, _ = _counted_length(unit, numbers)
    S = np.power(np.degrees(unit.angle) / numbers["heap_unit_slope"], d)
    return {"G": erodibility * np.exp(rate * gravel), "L": np.power(length / numbers["unit_length_face"], f), "S": S}


def _counted_length(unit: SlopeUnit, numbers: dict[str, float]) -> tuple[Any, bool]:
    longest = numbers["longest_length"]
    return np.minimum(unit.horizontal_length, longest), bool(np.max(unit.horizontal_length) > longest)


def _exponent(angle: Number) -> Any:
    m = length_exponents("csle")
    return np.vectorize(lambda theta: exponent_of(theta, np.sin(theta), m.classes, m.ratio), otypes=[float])(angle)[()]


def _steepness(angle: Number) -> Any:
    pieces = slope_pieces("nearing1997")
    return np.vectorize(lambda theta: slope_factor(theta, np.sin(theta), pieces), otypes=[float])(angle)[()]


def _product(factors: dict[str, Number]) -> Any:
    return np.prod(np.broadcast_arrays(*factors.values()), axis=0)[()]
