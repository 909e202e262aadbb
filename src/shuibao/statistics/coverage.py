"""Exact polygon-by-cell fractions: which cells lie wholly in a polygon, and what share of the others."""

from dataclasses import dataclass

import numpy as np
import shapely
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from .kernels.coverage import cut_edges, paint, sweep

TOLERANCE = 1e-9
"""Shares of a cell below this are rounding of coordinates: a metre is kept to about 1e-10 in a projected system."""


@dataclass(frozen=True)
class Coverage:
    """The cells of one polygon.

    cells, fractions: flat index and share of the cells covered in part
    runs: (row, first column, column after the last) of whole cells
    """

    cells: np.ndarray
    fractions: np.ndarray
    runs: tuple[np.ndarray, np.ndarray, np.ndarray]


def cover(polygon: BaseGeometry, geobox: GeoBox) -> Coverage:
    """The exact share that `polygon`, in the coordinates of the grid, has of every cell.

    polygon: valid Polygon or MultiPolygon; what lies outside the grid is left out
    """
    columns = geobox.shape[1]
    inside = _in_cells(polygon, geobox)
    edges = _edges(inside)
    x0, y0, x1, y1, _ = edges
    room = int((2 * np.abs(np.floor(y1) - np.floor(y0)) + np.abs(np.floor(x1) - np.floor(x0)) + 4).sum())
    row, col = np.empty(room, np.int64), np.empty(room, np.int64)
    height, share = np.empty(room), np.empty(room)
    count = cut_edges(*edges, row, col, height, share)
    order = np.argsort(row[:count] * (columns + 1) + col[:count], kind="stable")
    border, fraction = np.empty(count, np.int64), np.empty(count)
    runs = tuple(np.empty(2 * count, np.int64) for _ in range(3))
    pieces = (row[order], col[order], height[order], share[order])
    cells, whole = sweep(*pieces, TOLERANCE, border, fraction, *runs, columns)
    first, start, end = (part[:whole].copy() for part in runs)
    return Coverage(border[:cells].copy(), fraction[:cells].copy(), (first, start, end))


def paint_runs(labels: np.ndarray, label: int, coverage: Coverage) -> np.ndarray:
    """Write `label` into the whole cells that are free; return the flat index of those that another zone holds."""
    _, start, end = coverage.runs
    marked = np.empty(0, np.int64)
    taken = paint(labels, label, *coverage.runs, marked)
    if taken:
        marked = np.empty(int((end - start).sum()), np.int64)
        paint(labels, label, *coverage.runs, marked)
    return marked[:taken]


def _in_cells(polygon: BaseGeometry, geobox: GeoBox) -> BaseGeometry:
    """The polygon in columns and rows, cut off at the grid's edge."""
    rows, columns = geobox.shape
    inverse = ~geobox.affine
    turn = np.array([[inverse.a, inverse.d], [inverse.b, inverse.e]])
    moved = shapely.transform(polygon, lambda xy: xy @ turn + (inverse.c, inverse.f))
    left, top, right, bottom = moved.bounds if not moved.is_empty else (0, 0, 0, 0)
    if left >= 0 and top >= 0 and right <= columns and bottom <= rows:
        return moved
    return shapely.intersection(moved, shapely.box(0, 0, columns, rows))


def _edges(polygon: BaseGeometry) -> tuple[np.ndarray, ...]:
    """Edges x0, y0, x1, y1 and their signs: +1 for the interior on one side, whichever way the rings run."""
    parts = [p for p in shapely.get_parts(polygon) if p.geom_type == "Polygon" and not p.is_empty]
    columns: list[list[np.ndarray]] = [[np.empty(0)] for _ in range(5)]
    for part in parts:
        for place, ring in enumerate(shapely.get_rings(part)):
            x, y = shapely.get_coordinates(ring).T
            turn = np.sign(np.sum((x[:-1] - x[0]) * (y[1:] - y[0]) - (x[1:] - x[0]) * (y[:-1] - y[0])))
            sign = np.full(len(x) - 1, turn if place == 0 else -turn)
            for column, values in zip(columns, (x[:-1], y[:-1], x[1:], y[1:], sign), strict=True):
                column.append(values)
    return tuple(np.ascontiguousarray(np.concatenate(column)) for column in columns)
