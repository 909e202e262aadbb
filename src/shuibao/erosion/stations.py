"""Values of rain stations brought to a grid: kriged or weighted by distance on a coarse lattice, then bilinear.

Rain fields are smooth against cells of 10 m; a lattice of 1 km holds all that some tens of stations can tell. Kriging
is PyKrige's ordinary kriging; distances are searched by SciPy's k-d tree.
"""

import logging
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.spatial import cKDTree

from ..errors import CoordinateError, InputError
from ..grids import align, layer
from ..progress import Progress, silent
from .kernels.bilinear import bilinear_cells, share_cells
from .notes import Note

Method = Literal["kriging", "idw"]
METHODS = ("kriging", "idw")
Variogram = Literal["spherical", "linear", "exponential", "gaussian"]

FEWEST_FOR_KRIGING = 5
"""Stations below which a variogram says nothing."""

NEIGHBOURS = 12
"""Stations that enter one node by inverse distance."""

OVERSHOOT = 1.5
"""Kriged values may exceed the highest station by half; beyond, and below 0, they are cut."""

MOST_NODES = 1_000_000

BLOCK = 20_000
"""Nodes computed at a time: their distances to all stations stand in memory together."""

MOST_CHECKED = 100
"""Stations left out one at a time for the check; of more, as many evenly chosen ones."""


@dataclass(frozen=True, eq=False)
class StationSurface:
    """Station values on a lattice, ready for any grid."""

    lattice: GeoBox
    """Grid whose cell centres are the nodes."""
    nodes: np.ndarray
    """float64, shape (k, rows, cols)."""
    method: tuple[str, ...]
    """kriging | idw | constant, for each of the k columns."""
    errors: pd.DataFrame
    """Leave-one-out check of the row sums by station: observed, predicted, error; empty for fewer than 2."""
    notes: tuple[Note, ...]
    """Warnings for the report, whole sentences; each has its Chinese in `.zh`."""

    @property
    def total(self) -> np.ndarray:
        """Sum of all columns on the lattice, shape (rows, cols)."""
        return np.asarray(self.nodes.sum(axis=0))

    @property
    def root_mean_square_error(self) -> float:
        """Of the leave-one-out check; NaN for fewer than 2 stations."""
        return float(np.sqrt((self.errors["error"] ** 2).mean()))

    def layer(self, k: int | None, geobox: GeoBox, quantity: str = "half_month_erosivity") -> xr.DataArray:
        """Column `k` on `geobox`, or the sum of all columns where `k` is None; float32, NaN beyond the lattice.

        Raises InputError where there is no such column, CoordinateError where grid and lattice do not meet.
        """
        return self._on(self.total if k is None else self._column(k), geobox, quantity)

    def at(self, geobox: GeoBox, quantity: str = "rainfall_erosivity") -> xr.DataArray:
        """The sum of all columns on `geobox`: for half-months, R of the year."""
        return self.layer(None, geobox, quantity)

    def shares(self, k: int, geobox: GeoBox) -> xr.DataArray:
        """Column `k` over the sum of all, cell by cell: for half-months WR_k = R_k / R [-]; an even share where R is 0.

        Raises as `layer`.
        """
        column = self._column(k)
        positions = self._positions(geobox)
        if positions is None:
            part, whole = self.layer(k, geobox).values, self.layer(None, geobox).values
            even = np.where(np.isnan(whole), np.nan, 1 / len(self.nodes)).astype(np.float32)
            ratio = np.divide(part, whole, out=even, where=whole > 0)
            return layer(ratio, geobox, "erosivity_share")
        out = np.empty(tuple(geobox.shape), np.float32)
        share_cells(column, self.total, *positions, 1 / len(self.nodes), out)
        return layer(out, geobox, "erosivity_share")

    def _column(self, k: int) -> np.ndarray:
        if not 0 <= k < len(self.nodes):
            raise InputError(f"column {k}", expected=f"0 to {len(self.nodes) - 1}")
        return np.ascontiguousarray(self.nodes[k])

    def _on(self, nodes: np.ndarray, geobox: GeoBox, quantity: str) -> xr.DataArray:
        positions = self._positions(geobox)
        if positions is None:
            return align(layer(nodes.astype(np.float32), self.lattice, quantity), geobox, "bilinear")
        out = np.empty(tuple(geobox.shape), np.float32)
        bilinear_cells(nodes, *positions, out)
        return layer(out, geobox, quantity)

    def _positions(self, geobox: GeoBox) -> tuple[np.ndarray, np.ndarray] | None:
        """Row and column positions [nodes] of the cell centres; None where the grid is turned or in another system."""
        grid, lattice = geobox.affine, self.lattice.affine
        if geobox.crs != self.lattice.crs or grid.b or grid.d:
            return None
        y = grid.f + grid.e * (np.arange(geobox.shape[0]) + 0.5)
        x = grid.c + grid.a * (np.arange(geobox.shape[1]) + 0.5)
        return (y - lattice.f) / lattice.e - 0.5, (x - lattice.c) / lattice.a - 0.5


def interpolate_stations(
    stations: gpd.GeoDataFrame,
    values: np.ndarray,
    geobox: GeoBox,
    method: Method = "kriging",
    *,
    variogram: Variogram = "spherical",
    power: float = 2.0,
    lattice: float = 1000.0,
    progress: Progress = silent,
) -> StationSurface:
    """Bring values of stations to the ground around `geobox`.

    stations: points with a coordinate system, one row a station
    values: shape (stations,) or (stations, k), for R the 24 half-months; 0 or more, NaN where a station has none
    method: kriging (ordinary) | idw (inverse distance); kriging falls back to idw, with a note, for fewer than 5
        stations or where its system fails; a single station gives a constant, with a note
    variogram: model fitted by PyKrige to every column
    power: of the distance, for idw
    lattice: spacing of the nodes [m]
    returns: StationSurface; nodes lie in 0 .. 1.5 times the highest station

    Raises InputError for values of another shape, negative or infinite values, a column without any, no or twice the
    same station; CoordinateError where the stations are no points or without a coordinate system.
    """
    if method not in METHODS:
        raise InputError(f"interpolation {method!r}", expected=f"one of {METHODS}")
    if not (power > 0 and lattice > 0):
        raise InputError(f"power {power:g} and lattice {lattice:g} m", expected="numbers above 0")
    table = _checked_values(values, len(stations))
    plane = _metric_system(geobox)
    points = _checked_points(stations, plane)
    grid, notes = _lattice(geobox, lattice)
    targets = _node_points(grid, plane)
    columns, used = [], []
    for k in range(table.shape[1]):
        progress(k / table.shape[1], "interpolate stations")
        column, how, more = _column(points, table[:, k], targets, method, variogram, power)
        columns.append(column.reshape(tuple(grid.shape)))
        used.append(how)
        notes += [note for note in more if note not in notes]
    errors = _leave_one_out(stations, points, table.sum(axis=1), used, variogram, power)
    progress(1.0, "interpolate stations")
    return StationSurface(grid, np.stack(columns), tuple(used), errors, tuple(notes))


def _checked_values(values: np.ndarray, stations: int) -> np.ndarray:
    table = np.asarray(values, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if stations == 0 or table.ndim != 2 or len(table) != stations:
        raise InputError(
            f"values of shape {np.shape(values)}", where="stations", expected=f"one row for each of {stations} stations"
        )
    wrong = np.argwhere((table < 0) | np.isinf(table))
    if len(wrong):
        row, col = wrong[0]
        raise InputError(f"value {table[row, col]:g}", where=f"station {row + 1}, column {col}", expected="0 or more")
    blank = np.flatnonzero(np.isnan(table).all(axis=0))
    if len(blank):
        raise InputError(f"no station has a value in column {blank[0]}", where="stations", expected="at least one")
    return table


def _checked_points(stations: gpd.GeoDataFrame, plane: str) -> np.ndarray:
    """Plane coordinates [m], shape (stations, 2)."""
    if stations.crs is None:
        raise CoordinateError(
            "stations have no coordinate system", expected="one, usually EPSG:4490", remedy="stations.set_crs(4490)"
        )
    if not (stations.geometry.geom_type == "Point").all():
        raise CoordinateError(f"stations are {sorted(set(stations.geometry.geom_type))}", expected="points")
    moved = stations.to_crs(plane).geometry
    points = np.column_stack([moved.x, moved.y])
    if not np.isfinite(points).all():
        raise CoordinateError("a station has no place on the map", expected="coordinates of every station")
    pairs = cKDTree(points).query_pairs(1.0)
    if pairs:
        first, second = sorted(min(pairs))
        raise InputError(
            f"stations {first + 1} and {second + 1} lie at one place", expected="one row a station",
            remedy="Join their records, or drop one.",
        )  # fmt: skip
    return points


def _metric_system(geobox: GeoBox) -> str:
    """A plane system in metres: the grid's own, or an equidistant one about its middle."""
    if geobox.crs is None:
        raise CoordinateError("the grid has no coordinate system")
    if geobox.crs.projected:
        return str(geobox.crs.to_wkt())
    box = geobox.extent.to_crs("EPSG:4326").boundingbox
    lon, lat = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84 +units=m +type=crs"


def _lattice(geobox: GeoBox, spacing: float) -> tuple[GeoBox, list[Note]]:
    """Grid of nodes that covers `geobox` with one node to spare on every side, and notes."""
    box = geobox.extent.boundingbox
    width, height = box.right - box.left, box.top - box.bottom
    unit = 1.0 if geobox.crs.projected else 1 / 111_195.0
    notes = []
    step = spacing * unit
    if (width / step + 4) * (height / step + 4) > MOST_NODES:
        step = float(np.sqrt(width * height / MOST_NODES) * 1.1)
        spacing = step / unit
        english = f"The lattice between stations was widened to {spacing:.0f} m."
        notes.append(Note(english, f"站点插值格网间距已放宽到 {spacing:.0f} m。"))
    rows, cols = int(np.ceil(height / step)) + 3, int(np.ceil(width / step)) + 3
    left, top = box.left - 1.5 * step, box.top + 1.5 * step
    return GeoBox.from_bbox(
        (left, top - rows * step, left + cols * step, top), crs=geobox.crs, shape=(rows, cols)
    ), notes


def _node_points(grid: GeoBox, plane: str) -> np.ndarray:
    """Plane coordinates [m] of all nodes, row by row, shape (nodes, 2)."""
    rows, cols = grid.shape
    place = grid.affine
    x, y = np.meshgrid(place.c + place.a * (np.arange(cols) + 0.5), place.f + place.e * (np.arange(rows) + 0.5))
    if not grid.crs.projected:
        x, y = Transformer.from_crs(grid.crs.to_wkt(), plane, always_xy=True).transform(x, y)
    return np.column_stack([np.ravel(x), np.ravel(y)])


def _column(
    points: np.ndarray, values: np.ndarray, targets: np.ndarray, method: Method, variogram: Variogram, power: float
) -> tuple[np.ndarray, str, list[Note]]:
    """One column at the targets, the method that was used, and notes."""
    known = ~np.isnan(values)
    notes = []
    if not known.all():
        absent = int((~known).sum())
        notes.append(Note(f"{absent} stations without a value were left out.", f"{absent} 个无值的站点未参与插值。"))
    points, values = points[known], values[known]
    if len(values) == 1:
        notes.append(Note("One station only: its values stand for all the ground.", "只有一个站点，全域取该站的值。"))
    if np.ptp(values) == 0:
        return np.full(len(targets), values[0]), "constant", notes
    if method == "kriging" and len(values) < FEWEST_FOR_KRIGING:
        english = f"Kriging needs {FEWEST_FOR_KRIGING} stations; {len(values)} were weighted by distance instead."
        chinese = f"克里金插值至少需要 {FEWEST_FOR_KRIGING} 个站点，现有 {len(values)} 个，改用反距离加权。"
        notes.append(Note(english, chinese))
    elif method == "kriging":
        kriged = _krige(points, values, targets, variogram)
        if kriged is not None:
            return np.clip(kriged, 0, OVERSHOOT * values.max()), "kriging", notes
        english = "The kriging system failed; stations were weighted by distance instead."
        notes.append(Note(english, "克里金方程组无法求解，改用反距离加权。"))
    return _inverse_distance(points, values, targets, power), "idw", notes


def _krige(points: np.ndarray, values: np.ndarray, targets: np.ndarray, variogram: Variogram) -> np.ndarray | None:
    """Ordinary kriging, or None where the variogram cannot be fitted or the system cannot be solved."""
    from pykrige.ok import OrdinaryKriging

    middle, scale = points.mean(axis=0), max(float(np.ptp(points, axis=0).max()), 1.0)
    here, there = (points - middle) / scale, (targets - middle) / scale
    top = values.max()
    try:
        # not exact: with a nugget, a node that happens to meet a station would stand out as a spike
        model = OrdinaryKriging(*here.T, values / top, variogram_model=variogram, exact_values=False)
        blocks = [there[k : k + BLOCK] for k in range(0, len(there), BLOCK)]
        kriged = np.concatenate([np.ma.filled(model.execute("points", *b.T)[0], np.nan) for b in blocks])
    except (ValueError, RuntimeError, np.linalg.LinAlgError, FloatingPointError) as reason:
        logging.getLogger(__name__).info("kriging failed: %s", reason)
        return None
    return np.asarray(kriged * top) if np.isfinite(kriged).all() else None


def _inverse_distance(points: np.ndarray, values: np.ndarray, targets: np.ndarray, power: float) -> np.ndarray:
    """Mean of the nearest stations weighted by distance to the minus `power`; a station's own value at its place.

    Where there are more stations than enter, the weight is (1/d − 1/D)^power with D the distance of the first that
    does not enter:
    it fades to 0 before a station leaves, so no seams show. Source: Franke and Nielson (1980), modified Shepard
    weights.
    """
    tree, count = cKDTree(points), min(NEIGHBOURS, len(values))
    more = len(values) > count
    out = np.empty(len(targets))
    for first in range(0, len(targets), BLOCK):
        block = slice(first, first + BLOCK)
        distance, index = (a.reshape(-1, count + more) for a in tree.query(targets[block], k=count + more))
        near = np.maximum(distance, 1e-6)
        faded = near[:, :1] / near - (near[:, :1] / near[:, -1:] if more else 0.0)
        weight = faded**power
        weight[near[:, 0] >= near[:, -1]] = 1.0  # all as far away as the first that does not enter
        out[block] = (weight * values[index]).sum(axis=1) / weight.sum(axis=1)
    return out


def _leave_one_out(
    stations: gpd.GeoDataFrame,
    points: np.ndarray,
    sums: np.ndarray,
    used: list[str],
    variogram: Variogram,
    power: float,
) -> pd.DataFrame:
    """Each station's row sum against what the others say of it, by the method most columns used."""
    known = np.flatnonzero(~np.isnan(sums))
    method: Method = "kriging" if used.count("kriging") * 2 > len(used) else "idw"
    if len(known) < 2:
        return pd.DataFrame({"observed": [], "predicted": [], "error": []}, dtype=float)
    checked = known[np.unique(np.linspace(0, len(known) - 1, min(MOST_CHECKED, len(known))).astype(int))]
    predicted = []
    for left_out in checked:
        others = known[known != left_out]
        value, _, _ = _column(points[others], sums[others], points[left_out][None], method, variogram, power)
        predicted.append(value[0])
    frame = pd.DataFrame({"observed": sums[checked], "predicted": predicted}, index=stations.index[checked])
    return frame.assign(error=frame["predicted"] - frame["observed"])
