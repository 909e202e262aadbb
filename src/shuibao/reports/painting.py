"""Paint layers as pictures of at most 256 colours: shaded classes, hatched classes, ramps."""

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from .style import Colours, Entry, Ramp, rgb, style

Cells = npt.NDArray[Any]
SHADES = 20
"""Levels of the hillshade; with six classes and the unknown ground they stay under 256 colours, so a picture packs well."""
RAMP_SIZE = 200


@dataclass(frozen=True)
class Picture:
    """An indexed picture.

    index: (rows, cols) uint8
    palette: (n, 4) uint8, red, green, blue and opacity of each index
    """

    index: npt.NDArray[np.uint8]
    palette: npt.NDArray[np.uint8]

    def rgba(self) -> npt.NDArray[np.uint8]:
        """The picture as (rows, cols, 4) uint8."""
        return self.palette[self.index]

    def on_paper(self) -> npt.NDArray[np.uint8]:
        """The picture as (rows, cols, 3) uint8 on white paper; as many colours as the palette has."""
        alpha = self.palette[:, 3:].astype(float) / 255
        flat = (self.palette[:, :3] * alpha + 255 * (1 - alpha)).round().astype(np.uint8)
        return flat[self.index]

    def png(self) -> bytes:
        """The picture as PNG with its palette and opacities."""
        image = Image.fromarray(self.index)
        image.putpalette(self.palette[:, :3].tobytes(), "RGB")
        out = io.BytesIO()
        image.save(out, "PNG", transparency=self.palette[:, 3].tobytes(), compress_level=9)
        return out.getvalue()


def data_uri(png: bytes) -> str:
    """A PNG as an address that needs no file."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def hillshade(elevation: Cells, cell: float, exaggeration: float = 1.0) -> npt.NDArray[np.float64]:
    """Light on the ground, 0 dark to 1 bright, from three quarters of the sky; 0.75 where the slope is unknown.

    elevation: [m], (rows, cols), NaN where unknown; cell: its side [m]
    The light from the north-west counts half, the west and north a quarter each, so valleys along one direction stay readable.
    Source: Horn (1981) for one lamp; weights are ours.
    """
    z = np.asarray(elevation, float) * exaggeration
    if min(z.shape) < 2:
        return np.full(z.shape, 0.75)
    south, east = np.gradient(z, cell)
    length = np.sqrt(1 + east**2 + south**2)
    light = np.zeros(z.shape)
    for azimuth, weight in ((315.0, 0.5), (270.0, 0.25), (0.0, 0.25)):
        zenith, angle = np.deg2rad(45.0), np.deg2rad(azimuth)
        towards_east, towards_north = np.sin(angle) * np.sin(zenith), np.cos(angle) * np.sin(zenith)
        light += weight * np.clip((np.cos(zenith) - east * towards_east + south * towards_north) / length, 0, 1)
    flat = np.cos(np.deg2rad(45.0))
    return np.where(np.isnan(light), 0.75, np.clip(0.75 + 0.62 * (light - flat), 0, 1))


def paint_shaded(codes: Cells, entries: list[tuple[int, str]], shade: Cells | None, strength: float = 0.55) -> Picture:
    """Codes in their colours, darkened and lit by the hillshade.

    codes: (rows, cols), codes that are not in `entries` stay clear; entries: code and colour, at most twelve
    shade: 0..1 as `hillshade` gives it, or None; strength: how much the light counts
    """
    levels = SHADES if shade is not None else 1
    index = np.zeros(codes.shape, np.uint8)
    level = (
        np.zeros(codes.shape, np.uint8) if shade is None else np.minimum(shade * levels, levels - 1).astype(np.uint8)
    )
    palette = [np.zeros((1, 4))]
    for place, (code, colour) in enumerate(entries):
        here = codes == code
        index[here] = 1 + place * levels + level[here]
        palette.append(_lit(rgb(colour), levels, strength))
    return Picture(index, np.concatenate(palette).astype(np.uint8))


def _lit(colour: tuple[int, int, int], levels: int, strength: float) -> Cells:
    """`levels` opaque colours from shaded to lit; the level of flat ground is the colour itself."""
    light = (np.arange(levels) + 0.5) / levels if levels > 1 else np.array([0.75])
    offset = (light - 0.75)[:, None] * strength
    base = np.array(colour, float)[None, :]
    lit = np.where(offset < 0, base * (1 + 1.3 * offset), base + (255 - base) * np.minimum(offset * 1.6, 1))
    return np.concatenate([np.clip(lit, 0, 255).round(), np.full((levels, 1), 255.0)], axis=1)


def hatch_mask(hatch: str, shape: tuple[int, int], spacing: int = 8) -> npt.NDArray[np.bool_]:
    """Where the pen of a hatch touches the paper, for a picture of `shape`; spacing in pixels.

    hatch: none | dots | slash | backslash | horizontal | vertical | cross
    """
    row, col = np.indices(shape, sparse=True)
    lines = {
        "none": (row + col) < 0,
        "dots": ((row % spacing) < 2) & (((col + (row // spacing % 2) * (spacing // 2)) % spacing) < 2),
        "slash": (row + col) % spacing < 1,
        "backslash": (row - col) % spacing < 1,
        "horizontal": ((row % max(3, spacing // 2)) < 1) & (col >= 0),
        "vertical": ((col % max(3, spacing // 2)) < 1) & (row >= 0),
        "cross": ((row + col) % spacing < 1) | ((row - col) % spacing < 1),
    }
    return np.broadcast_to(lines[hatch], shape)


def paint_hatched(codes: Cells, entries: list[Entry], zoom: int, spacing: int = 8) -> Picture:
    """Codes in their colour-blind-safe colours with their hatches; each cell becomes `zoom` by `zoom` pixels.

    Hatches are drawn dark on light colours and light on dark ones.
    """
    large = np.repeat(np.repeat(codes, zoom, 0), zoom, 1)
    index = np.zeros(large.shape, np.uint8)
    palette: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
    for entry in entries:
        here, at = large == entry.code, len(palette)
        colour = rgb(entry.safe)
        index[here] = at
        index[here & hatch_mask(entry.hatch, (large.shape[0], large.shape[1]), spacing)] = at + 1
        palette += [(*colour, 255), (*pen(colour), 255)]
    return Picture(index, np.array(palette, np.uint8))


def pen(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """The colour of the hatch on a ground of `colour`: darker on light ground, lighter on dark ground."""
    light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    other = (30, 50, 70) if light > 120 else (235, 242, 248)
    share = 0.58 if light > 120 else 0.6
    return (_mix(colour[0], other[0], share), _mix(colour[1], other[1], share), _mix(colour[2], other[2], share))


def _mix(one: int, other: int, share: float) -> int:
    return round(one * (1 - share) + other * share)


def paint_ramp(values: Cells, low: float, high: float, ramp: Ramp) -> Picture:
    """Values between `low` and `high` along a ramp; beyond them the end colours, unknown clear; all in its middle where the ends are the same."""
    known = np.isfinite(values)
    if high <= low:
        position = np.full(values.shape, 0.5)
    elif ramp.spread == "log":
        position = np.log10(np.maximum(values, low) / low) / max(np.log10(high / low), 1e-12)
    else:
        position = (values - low) / max(high - low, 1e-30)
    index = np.zeros(values.shape, np.uint8)
    index[known] = 1 + np.clip(position[known] * RAMP_SIZE, 0, RAMP_SIZE - 1).astype(np.uint8)
    table: Colours = ramp.table(RAMP_SIZE)
    palette = np.concatenate([np.zeros((1, 4)), np.column_stack([table, np.full(RAMP_SIZE, 255)])])
    return Picture(index, palette.astype(np.uint8))


def swatch(entry: Entry, hatched: bool, size: tuple[int, int] = (18, 30)) -> Picture:
    """The legend's sample of one entry, painted by the same hand as the map."""
    codes = np.full(size, entry.code, np.uint8)
    return paint_hatched(codes, [entry], 1) if hatched else paint_shaded(codes, [(entry.code, entry.colour)], None)


def beyond_entry(code: int) -> Entry:
    """How the land beyond the county is painted."""
    colour = style().page["beyond"]
    return Entry(code, "beyond", "界外", "Beyond", colour, colour, "none")


def unknown_entry(code: int) -> Entry:
    """How ground of unknown class is painted."""
    colour = style().page["unknown"]
    return Entry(code, "unknown", "未知", "Unknown", colour, colour, "vertical")
