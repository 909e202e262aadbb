"""The map itself: painted ground, borders, rivers, names, graticule, within a neat frame."""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import Stroke
from shapely.geometry.base import BaseGeometry

from .cartography import Box, Label, graticule, place_labels
from .content import ReportContent
from .fonts import families
from .ground import LABELLED, Ground
from .painting import Picture
from .style import style


@dataclass(frozen=True)
class Pens:
    """Sizes on paper: `size` of place names [pt], `width` a factor for all lines, `metres_per_point` of ground at the map's scale."""

    size: float
    width: float
    metres_per_point: float


def draw_panel(
    ax: Axes, content: ReportContent, ground: Ground, picture: Picture, box: Box, pens: Pens, *, raw: bool
) -> None:
    """Draw the map of `box` [map units] into `ax`.

    raw: hand the picture over pixel by pixel (for PDF) instead of resampling it to the resolution of the drawing
    """
    ax.set_xlim(box[0], box[2])
    ax.set_ylim(box[1], box[3])
    ax.set_aspect("auto")
    ax.set_facecolor(style().page["beyond"])
    left, bottom, right, top = ground.extent
    ax.imshow(
        picture.on_paper(),
        extent=(left, right, bottom, top),
        interpolation="none" if raw else "antialiased",
        aspect="auto",
        zorder=1,
    )
    _draw_lines(ax, content, ground, box, pens)
    _draw_graticule(ax, ground, box, pens)
    _draw_names(ax, content, box, pens)
    for spine in ax.spines.values():
        spine.set(linewidth=0.8 * pens.width, color=style().page["ink"])
        spine.set_zorder(9)


def _draw_lines(ax: Axes, content: ReportContent, ground: Ground, box: Box, pens: Pens) -> None:
    page, finest = style().page, pens.metres_per_point * 0.25
    if content.rivers is not None and not content.rivers.empty:
        lines = _segments(_clipped(content.rivers, ground, box), finest)
        ax.add_collection(
            LineCollection(lines, colors="white", linewidths=1.5 * pens.width, alpha=0.7, zorder=3, capstyle="round")
        )
        ax.add_collection(
            LineCollection(lines, colors=page["water"], linewidths=0.8 * pens.width, zorder=3.1, capstyle="round")
        )
    townships = content.places_of(*LABELLED)
    if townships is not None:
        lines = _segments(townships.geometry.boundary, finest)
        ax.add_collection(
            LineCollection(
                lines,
                colors=page["border"],
                linewidths=0.45 * pens.width,
                alpha=0.85,
                zorder=4,
                linestyles=(0, (5, 2.2)),
            )
        )
    if ground.outline is not None:
        # Borders made from cells have steps: where cells are large on paper they are smoothed by half a cell.
        lines = _segments([ground.outline.boundary], max(finest, 0.5 * ground.cell))
        ax.add_collection(
            LineCollection(lines, colors="white", linewidths=2.0 * pens.width, alpha=0.8, zorder=5, joinstyle="round")
        )
        ax.add_collection(
            LineCollection(lines, colors=page["ink"], linewidths=0.8 * pens.width, zorder=5.1, joinstyle="round")
        )


def _clipped(rivers: gpd.GeoDataFrame, ground: Ground, box: Box) -> list[BaseGeometry]:
    """Rivers as far as the county goes; without a county as far as the map."""
    window = ground.outline if ground.outline is not None else shapely.box(*box)
    return [g for g in shapely.intersection(rivers.geometry.values, window) if not g.is_empty]


def _segments(geometries: Iterable[BaseGeometry], finest: float) -> list[np.ndarray]:
    lines = shapely.simplify(np.array(list(geometries), dtype=object), finest)
    parts = shapely.get_parts(lines)
    return [xy for p in parts if len(xy := shapely.get_coordinates(p)) > 1]


def _draw_graticule(ax: Axes, ground: Ground, box: Box, pens: Pens) -> None:
    page, size = style().page, 0.78 * pens.size
    ticks: dict[bool, tuple[list[float], list[str]]] = {True: ([], []), False: ([], [])}
    for line in graticule(box, ground.geobox.crs.proj):
        ax.plot(line.x, line.y, color=page["ink"], linewidth=0.25 * pens.width, alpha=0.35, zorder=2)
        at = np.interp(box[1], line.y, line.x) if line.vertical else np.interp(box[0], line.x, line.y)
        low, high = (box[0], box[2]) if line.vertical else (box[1], box[3])
        if low + 0.03 * (high - low) < at < high - 0.03 * (high - low):
            ticks[line.vertical][0].append(float(at))
            ticks[line.vertical][1].append(line.label)
    ax.set_xticks(*ticks[True], fontsize=size, family=families(), color=page["quiet"])
    ax.set_yticks(*ticks[False], fontsize=size, family=families(), color=page["quiet"], rotation=90, va="center")
    ax.tick_params(length=2.2 * pens.width, width=0.4 * pens.width, color=page["ink"], pad=1.6 * pens.width)


def _draw_names(ax: Axes, content: ReportContent, box: Box, pens: Pens) -> None:
    places = content.places_of(*LABELLED)
    if places is None:
        return
    order = places.geometry.area.sort_values(ascending=False).index
    points = places.geometry.representative_point()
    wanted = [Label(str(places.at[i, "name"]), points[i].x, points[i].y) for i in order]
    # The halo is an outline of its own below the letters: a text with an effect would be drawn as shapes, no longer as text.
    halo = [Stroke(linewidth=2.2 * pens.width, foreground="white", alpha=0.85)]
    for label in place_labels(wanted, pens.size * pens.metres_per_point, box):
        for level, effects in ((7, halo), (8, [])):
            ax.text(
                label.x, label.y, label.text, size=pens.size, family=families(), color=style().page["ink"], ha="center", va="center",
                zorder=level, path_effects=effects, parse_math=False,
            )  # fmt: skip
