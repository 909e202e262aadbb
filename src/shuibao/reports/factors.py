"""Small maps of single layers with their legends: the factors, the modulus, the elevation."""

from dataclasses import dataclass

import numpy as np

from ..quantities import quantity
from .content import ReportContent
from .ground import Ground, ground_of, ramp_picture
from .painting import RAMP_SIZE, Cells, data_uri
from .style import Ramp, style

ORDER = ("R", "K", "L", "S", "B", "E", "T", "erosion_modulus", "soil_loss", "elevation")
PIXELS = 460
POWERS = {"2": "²", "3": "³"}


@dataclass(frozen=True)
class Tick:
    """A number of a legend and where it stands along the ramp [%]."""

    at: float
    text: str


@dataclass(frozen=True)
class SmallMap:
    """One small map: names, unit, picture, ramp from low to high, ticks, mean of the known cells and how they are stretched."""

    key: str
    zh: str
    en: str
    symbol: str
    unit: str
    picture: str
    width: int
    height: int
    colours: tuple[str, ...]
    ticks: tuple[Tick, ...]
    clipped: bool

    @property
    def constant(self) -> bool:
        """Whether the layer has one value only; its legend is one colour with one tick."""
        return len(self.ticks) == 1


def small_maps(content: ReportContent) -> list[SmallMap]:
    """Every continuous layer that there is, in the order of the equation."""
    keys = [k for k in ORDER if k in content.layers]
    if not keys:
        return []
    ground = ground_of(content, PIXELS, keys)
    return [_small_map(ground, k) for k in keys] if ground is not None else []


def _small_map(ground: Ground, key: str) -> SmallMap:
    array = ground.layers[key]
    what = quantity(array.attrs["quantity"])
    ramp = style().ramp(what.name)
    low, high, clipped = stretch(np.where(ground.inside, array.values, np.nan), ramp.spread)
    constant = low == high
    picture = ramp_picture(ground, key, low, high)
    rows, cols = picture.index.shape
    ticks = (Tick(50, brief(low)),) if constant else tuple(_ticks(low, high, ramp.spread))
    colours = (ramp_colour(ramp),) * 2 if constant else ramp.colours
    return SmallMap(
        key,
        what.zh,
        what.en,
        what.symbol,
        unit_text(what.units),
        data_uri(picture.png()),
        cols,
        rows,
        colours,
        ticks,
        clipped,
    )


def stretch(values: Cells, spread: str) -> tuple[float, float, bool]:
    """From which to which value the ramp runs: the 2nd to the 98th percentile, or all where they are few; and whether values lie beyond.

    Both ends are the same where the values are: then nothing is stretched.
    """
    known = values[np.isfinite(values)]
    if known.size == 0:
        return 0.0, 1.0, False
    least, most = float(known.min()), float(known.max())
    if most - least <= 1e-6 * abs(most):
        return most, most, False
    low, high = (float(v) for v in np.percentile(known, (2, 98)))
    if high <= low:
        low, high = least, most
    if spread == "log":
        low = max(low, 10.0)
        high = max(high, low * 10)
    return low, high, bool(least < low or most > high)


def ramp_colour(ramp: Ramp) -> str:
    """The colour in the middle of a ramp, as the picture of a layer of one value has it."""
    red, green, blue = (int(v) for v in ramp.table(RAMP_SIZE)[RAMP_SIZE // 2])
    return f"#{red:02x}{green:02x}{blue:02x}"


def _ticks(low: float, high: float, spread: str) -> list[Tick]:
    shares = (0.0, 0.5, 1.0)
    values = [low * (high / low) ** s if spread == "log" else low + (high - low) * s for s in shares]
    return [Tick(100 * s, brief(v)) for s, v in zip(shares, values, strict=True)]


def brief(value: float) -> str:
    """A number of three digits for a legend, never in powers of ten."""
    if value == 0:
        return "0"
    digits = max(0, 2 - int(np.floor(np.log10(abs(value)))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_text(units: str) -> str:
    """Units with their powers as a fraction, as they are written in Chinese reports; nothing for pure numbers."""
    if units in ("1", ""):
        return ""
    over, under = [], []
    for part in units.split():
        base, _, power = part.partition("-")
        base = base.replace("2", "²") if base in ("hm2", "km2", "m2") else base
        if power:
            under.append(base + POWERS.get(power, ""))
        else:
            over.append(base)
    top = "·".join(over) or "1"
    if not under:
        return top
    return f"{top}/({'·'.join(under)})" if len(under) > 1 else f"{top}/{under[0]}"
