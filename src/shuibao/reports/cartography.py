"""Round scales, scale bars, graticules and places for labels: the arithmetic of a map sheet."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
STEPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)
MINUTES = (0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300)


def round_scale(ground: float, paper: float) -> int:
    """The largest usual scale number N (1:N) at which `ground` [m] fits into `paper` [m]."""
    least = ground / paper
    power = 10.0 ** math.floor(math.log10(least))
    candidates = [step * p for p in (power, power * 10) for step in STEPS]
    return round(min(n for n in candidates if n >= least * (1 - 1e-9)))


def bar_length(width: float) -> float:
    """A round length [m] for a scale bar of at most `width` [m]: 1, 2, 4 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width))
    return max(step * power for step in (1.0, 2.0, 4.0, 5.0) if step * power <= width * (1 + 1e-9))


def fit(box: Box, width: float, height: float, scale: float) -> Box:
    """The ground [m] that a frame of `width` by `height` [m of paper] shows at 1:`scale`, centred on `box`."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x - width * scale / 2, y - height * scale / 2, x + width * scale / 2, y + height * scale / 2


@dataclass(frozen=True)
class Meridian:
    """One line of the graticule: its points on the map, its label, whether it runs north-south."""

    x: np.ndarray
    y: np.ndarray
    label: str
    vertical: bool


def graticule(box: Box, crs: CRS, lines: int = 4) -> list[Meridian]:
    """Meridians and parallels through `box` [map units] at a round step so that about `lines` cross its shorter side."""
    backward = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    forward = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    edge = np.linspace(0, 1, 21)
    across, up = box[0] + edge * (box[2] - box[0]), box[1] + edge * (box[3] - box[1])
    x = np.concatenate([across, across, np.full(21, box[0]), np.full(21, box[2])])
    y = np.concatenate([np.full(21, box[1]), np.full(21, box[3]), up, up])
    lon, lat = backward.transform(x, y)
    step = _round_minutes(min(np.ptp(lon), np.ptp(lat)) / lines * 60) / 60
    found = []
    for vertical, along, over in ((True, lon, lat), (False, lat, lon)):
        course = np.linspace(over.min(), over.max(), 60)
        for value in np.arange(math.ceil(along.min() / step), math.floor(along.max() / step) + 1) * step:
            fixed = np.full(60, value)
            points = forward.transform(fixed, course) if vertical else forward.transform(course, fixed)
            found.append(Meridian(points[0], points[1], _degrees(float(value), vertical), vertical))
    return found


def _round_minutes(minutes: float) -> float:
    return next((m for m in MINUTES if m >= minutes), MINUTES[-1])


def _degrees(value: float, vertical: bool) -> str:
    side = ("E" if value >= 0 else "W") if vertical else ("N" if value >= 0 else "S")
    seconds = round(abs(value) * 3600)
    text = f"{seconds // 3600}°{seconds % 3600 // 60:02d}′"
    return f"{text}{seconds % 60:02d}″{side}" if seconds % 60 else text + side


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in the unit of its `size`: an em for Chinese, a bit more than half of it for the rest."""
    return size * sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in text)


def wrap(text: str, size: float, width: float) -> list[str]:
    """Break a text into lines of at most `width`; between any two Chinese characters, at blanks in Latin text."""
    lines, line = [], ""
    for word in _words(text):
        if line and text_width(line + word.rstrip(), size) > width and word[0] not in "，。；、：）」%":
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> Iterable[str]:
    word = ""
    for c in text:
        if ord(c) > 0x2E7F:
            if word:
                yield word
            yield c
            word = ""
        elif c == " ":
            yield word + " "
            word = ""
        else:
            word += c
    if word:
        yield word


@dataclass(frozen=True)
class Label:
    """A text set at a point, centred there; units of the map."""

    text: str
    x: float
    y: float


def place_labels(wanted: Iterable[Label], size: float, frame: Box, taken: Iterable[Box] = ()) -> list[Label]:
    """Set labels one after another where they touch neither each other nor `taken` nor the frame; drop those that find no room.

    wanted: the important ones first; size: height of the letters in map units
    Each tries its point, then places above, below, right, left and the corners, half and a whole step away.
    """
    boxes, placed = list(taken), []
    for label in wanted:
        width = text_width(label.text, size)
        for away in (0.0, 0.7, 1.4, 2.1):
            spot = _free_spot(label, width, size, away, frame, boxes)
            if spot is not None:
                boxes.append(spot[1])
                placed.append(spot[0])
                break
    return placed


def _free_spot(
    label: Label, width: float, size: float, away: float, frame: Box, boxes: list[Box]
) -> tuple[Label, Box] | None:
    directions = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)] if away else [(0, 0)]
    for dx, dy in directions:
        x, y = label.x + dx * away * size * 1.4, label.y + dy * away * size
        box = (x - width / 2 - 0.2 * size, y - 0.65 * size, x + width / 2 + 0.2 * size, y + 0.65 * size)
        inside = frame[0] < box[0] and frame[1] < box[1] and box[2] < frame[2] and box[3] < frame[3]
        if inside and not any(_touch(box, other) for other in boxes):
            return Label(label.text, x, y), box
    return None


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
