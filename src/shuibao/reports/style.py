"""The look of maps, charts and the report, read from the one file `style.toml`."""

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Entry:
    """One legend entry: a code with its key, names, colour, colour-blind-safe colour and hatch."""

    code: int
    key: str
    zh: str
    en: str
    colour: str
    safe: str
    hatch: str


@dataclass(frozen=True)
class Ramp:
    """Colours from low to high, and whether the values are spread linearly or by their logarithm."""

    colours: tuple[str, ...]
    spread: str

    def table(self, size: int) -> Colours:
        """`size` colours (size, 3), evenly interpolated."""
        stops = np.array([rgb(c) for c in self.colours], float)
        at, ends = np.linspace(0, 1, size), np.linspace(0, 1, len(stops))
        return np.stack([np.interp(at, ends, stops[:, k]) for k in range(3)], axis=1).round().astype(np.uint8)


@dataclass(frozen=True)
class Style:
    """All of `style.toml`."""

    page: dict[str, str]
    classes: tuple[Entry, ...]
    land_use: tuple[Entry, ...]
    change: dict[int, str]
    ramps: dict[str, Ramp]

    def ramp(self, quantity: str) -> Ramp:
        """The ramp of a quantity, or the default one."""
        return self.ramps.get(quantity, self.ramps["default"])

    def class_of(self, key: object) -> Entry | None:
        """The intensity class of a key, a code or a Chinese name; None where it is none."""
        return next((e for e in self.classes if key in (e.key, e.code, str(e.code), e.zh)), None)

    def land_use_of(self, code: object) -> Entry | None:
        """The land use of a code, with or without its leading zero; None where it is none."""
        text = str(code).lstrip("0").removesuffix(".0")
        return next((e for e in self.land_use if text == str(e.code)), None)


@functools.cache
def style() -> Style:
    """Read `style.toml` once."""
    raw = tomllib.loads(resources.files("shuibao.reports").joinpath("style.toml").read_text(encoding="utf-8"))
    uses = tuple(
        Entry(int(c), str(c), zh, en, colour, colour, hatch) for c, zh, en, colour, hatch in raw["land_use"]["rows"]
    )
    ramps = {name: Ramp(tuple(r["colours"]), r["spread"]) for name, r in raw["ramp"].items()}
    change = {int(step): colour for step, colour in raw["change"]["rows"]}
    return Style(raw["page"], tuple(Entry(**row) for row in raw["class"]), uses, change, ramps)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0..255) of '#rrggbb'."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def lightness(colour: str) -> float:
    """CIE L* (0 black .. 100 white) of '#rrggbb' in sRGB; tells whether a ramp reads in grey.

    Source: CIE 15:2004.
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb(colour))]
    y = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y
