"""Schematic places: townships grown around their seats, villages, roads; basins along the divide of the made ground.

No outlines of Ningwu's townships are public; these are drawn so that twelve places with the real names and codes tile the county.
"""

from typing import cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.features import shapes
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra

from . import frame
from .kernels.carving import spread_labels
from .kernels.stream_power import COL_STEP, ROW_STEP, upstream_order
from .lattice import Flags, Lattice, around, resample
from .site import Site

PLANNING_CELL = 240.0
"""Cell [m] of the lattice on which townships, villages and roads are laid out."""

Labels = npt.NDArray[np.int32]


class Plan:
    """The ground at `PLANNING_CELL` as a network of ways: steep ways and high ground cost more."""

    def __init__(self, site: Site) -> None:
        self.lattice = around(frame.boundary().bounds, PLANNING_CELL)
        self.height = resample(site.height, site.lattice, self.lattice).astype(float)
        self.height = np.where(np.isnan(self.height), np.nanmean(self.height), self.height)
        self.within = ndimage.binary_dilation(self.lattice.covered(frame.boundary(), touched=True))
        self.river = resample(np.log10(np.maximum(site.area_above, 1.0)), site.lattice, self.lattice)
        self.graph = self._graph()

    def _graph(self) -> sparse.csr_matrix:
        rows, cols = self.lattice.shape
        index = np.arange(rows * cols).reshape(rows, cols)
        starts, ends, costs = [], [], []
        for d in range(4):
            dr, dc = int(ROW_STEP[d]), int(COL_STEP[d])
            a = (slice(0, rows - dr), slice(max(0, -dc), cols - max(0, dc)))
            b = (slice(dr, rows), slice(max(0, dc), cols + min(0, dc)))
            length = PLANNING_CELL * np.hypot(dr, dc)
            grade = np.abs(self.height[a] - self.height[b]) / length
            passable = self.within[a] & self.within[b]
            starts.append(index[a][passable])
            ends.append(index[b][passable])
            costs.append((length * (1.0 + (grade / 0.06) ** 2))[passable])
        matrix = sparse.csr_matrix(
            (np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends))), shape=(index.size, index.size)
        )
        return matrix + matrix.T

    def node(self, point: shapely.Point) -> int:
        """The passable node nearest to a point."""
        east, north = self.lattice.centres()
        away = (east[None, :] - point.x) ** 2 + (north[:, None] - point.y) ** 2
        return int(np.where(self.within, away, np.inf).argmin())

    def point(self, node: int) -> shapely.Point:
        """The middle of a node's cell."""
        east, north = self.lattice.centres()
        return shapely.Point(east[node % self.lattice.cols], north[node // self.lattice.cols])


def townships(plan: Plan) -> gpd.GeoDataFrame:
    """The fourteen units of the statistical codes; twelve with schematic outlines that tile the county, two without area."""
    rows = frame.table("townships")
    seats = frame.points(rows, "seat_lon", "seat_lat")
    grown = seats[seats["has_area"] == 1]
    nodes = [plan.node(p) for p in grown.geometry]
    _, _, source = dijkstra(plan.graph, indices=nodes, min_only=True, return_predecessors=True)
    number = {node: k + 1 for k, node in enumerate(nodes)}
    labels = np.array([number.get(s, 0) for s in source], np.int32).reshape(plan.lattice.shape)
    outline = tile(labels, plan.lattice, 1.5 * PLANNING_CELL)
    geometry = [
        outline.get(number[plan.node(p)]) if area else None
        for p, area in zip(seats.geometry, seats["has_area"], strict=True)
    ]
    frame_ = rows.drop(columns=["seat_lon", "seat_lat", "has_area"]).assign(level="township", schematic=True)
    return gpd.GeoDataFrame(frame_, geometry=geometry, crs=frame.PROJECTED)


def seats() -> gpd.GeoDataFrame:
    """The schematic seats of the twelve townships as points."""
    rows = frame.points(frame.table("townships"), "seat_lon", "seat_lat")
    return rows[rows["has_area"] == 1].reset_index(drop=True)


def tile(labels: Labels, lattice: Lattice, smooth: float) -> dict[int, shapely.Geometry]:
    """Polygons of labels (0: none) that tile the county exactly; edges between them are smoothed by about `smooth` [m]."""
    filled = labels
    if (labels == 0).any():
        nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
        filled = labels[tuple(nearest)]
    pieces: dict[int, list[shapely.Geometry]] = {}
    for geometry, value in shapes(filled.astype(np.int32), transform=lattice.affine):
        pieces.setdefault(int(value), []).append(shapely.geometry.shape(geometry))
    keys = sorted(pieces)
    merged = np.array([shapely.union_all(pieces[k]) for k in keys], object)
    simple = shapely.coverage_simplify(merged, smooth)
    county = frame.boundary()
    cut = [shapely.intersection(g, county) for g in simple]
    return {k: _surface(g) for k, g in zip(keys, cut, strict=True) if not g.is_empty and g.area > 0}


def _surface(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry, without lines and points that touching outlines leave behind."""
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def villages(plan: Plan, places: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """The real names and codes of 209 villages at schematic places: low and even ground near water, well apart."""
    rows = frame.table("villages")
    even = ndimage.gaussian_gradient_magnitude(plan.height, 1.0) / PLANNING_CELL
    noise = np.random.default_rng([seed, 41]).random(plan.lattice.shape)
    score = -8.0 * even + 0.35 * plan.river + 0.8 * noise - np.maximum(plan.height - 1750.0, 0.0) / 300.0
    homes = dict(zip(places["code"], places.geometry, strict=True))
    homes["140925400"] = homes["140925101"]
    homes["140925401"] = homes["140925100"]
    found: dict[str, shapely.Point] = {}
    free = plan.lattice.covered(frame.boundary().buffer(-400.0))
    for code, group in rows.groupby("township", sort=True):
        inside = free & plan.lattice.covered(homes[cast(str, code)])
        for village in group["code"]:
            node = int(np.where(inside & free, score, -np.inf).argmax())
            found[village] = plan.point(node)
            _take(free, node, plan.lattice, 1100.0 if str(code) < "140925400" else 300.0)
    return gpd.GeoDataFrame(rows.assign(schematic=True), geometry=[found[c] for c in rows["code"]], crs=frame.PROJECTED)


def _take(free: Flags, node: int, lattice: Lattice, reach: float) -> None:
    """Mark the surroundings of a node as taken, in place."""
    row, col = divmod(node, lattice.cols)
    n = int(reach / lattice.cell)
    free[max(0, row - n) : row + n + 1, max(0, col - n) : col + n + 1] = False


def roads(plan: Plan, settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Main roads between the seats and rural roads from the villages to them, along the cheapest ways."""
    hub = plan.node(seats().geometry.iloc[0])
    towns = [plan.node(p) for p in seats().geometry[1:]]
    _, before = dijkstra(plan.graph, indices=hub, return_predecessors=True)
    main = {n for town in towns for n in _way(before, town)}
    _, before, _ = dijkstra(plan.graph, indices=sorted(main), min_only=True, return_predecessors=True)
    rows: list[dict[str, object]] = []
    trunk: set[int] = set()
    _, from_hub = dijkstra(plan.graph, indices=hub, return_predecessors=True)
    for town in towns:
        rows += _road(plan, _until(_way(from_hub, town), trunk), "main")
    done = set(main)
    for point in settlements.geometry:
        rows += _road(plan, _until(_way(before, plan.node(point)), done), "rural")
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=frame.PROJECTED)


def _way(before: npt.NDArray[np.int32], node: int) -> list[int]:
    """Nodes from `node` back to where the search began."""
    way = [node]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    return way


def _until(way: list[int], done: set[int]) -> list[int]:
    """A way up to the first node that already has a road, which it includes; its nodes are added to `done`."""
    out: list[int] = []
    for node in way:
        out.append(node)
        if node in done:
            break
    done.update(out)
    return out


def _road(plan: Plan, way: list[int], kind: str) -> list[dict[str, object]]:
    if len(way) < 2:
        return []
    line = shapely.LineString([plan.point(n) for n in way]).simplify(0.6 * PLANNING_CELL)
    line = shapely.intersection(line, frame.boundary())
    return [{"kind": kind, "schematic": True, "geometry": line}] if line.length > 0 else []


def basins(site: Site) -> gpd.GeoDataFrame:
    """River systems along the divide of the made ground, tiling the county: Fen, Hui, and what drains elsewhere.

    Water that leaves the county elsewhere belongs to the Yellow River in the west and south-west, to the Hai River in the east and north.
    """
    labels = _river_labels(site)
    stride = max(1, round(30.0 / site.lattice.cell))
    thin = labels[stride // 2 :: stride, stride // 2 :: stride]
    lattice = Lattice(site.lattice.left, site.lattice.top, thin.shape[0], thin.shape[1], site.lattice.cell * stride)
    outline = tile(_without_crumbs(thin, lattice), lattice, 1.5 * lattice.cell)
    names = {
        1: ("汾河", "黄河流域"),
        2: ("恢河", "海河流域"),
        3: ("黄河其他支流", "黄河流域"),
        4: ("滹沱河、桑干河其他支流", "海河流域"),
    }
    rows = [{"code": str(k), "name": names[k][0], "basin": names[k][1], "geometry": g} for k, g in outline.items()]
    return gpd.GeoDataFrame(pd.DataFrame(rows).assign(level="basin"), geometry="geometry", crs=frame.PROJECTED)


def _without_crumbs(labels: Labels, lattice: Lattice, least: float = 2e5) -> Labels:
    """Labels whose connected pieces smaller than `least` [m2] are left to their neighbours."""
    out = labels.copy()
    for value in np.unique(labels[labels > 0]):
        piece, _ = ndimage.label(labels == value)
        small = np.bincount(piece.ravel()) * lattice.cell**2 < least
        small[0] = False
        out[small[piece]] = 0
    return out


def exit_cells(site: Site) -> dict[str, int]:
    """The cell at which each river of `ningwu/exits.csv` leaves the county: the largest river within 2.5 km of the place."""
    found = {}
    east, north = site.lattice.centres()
    for _, row in frame.points(frame.table("exits")).iterrows():
        near = np.hypot(east[None, :] - row.geometry.x, north[:, None] - row.geometry.y) < 2500.0
        near &= site.lattice.covered(frame.boundary())
        found[row["river"]] = int(np.where(near, site.area_above, -1.0).argmax())
    return found


def _river_labels(site: Site) -> Labels:
    """1 above the exit of the Fen, 2 above that of the Hui, 3 other ways to the Yellow River, 4 other ways to the Hai River, 0 unknown."""
    flat = np.zeros(site.directions.size, np.int32)
    order = np.empty(int((site.directions <= 8).sum()), np.int64)
    count = upstream_order(site.directions, order)
    cols = site.lattice.cols
    codes = site.directions.ravel()
    ends = order[:count][codes[order[:count]] == 8]
    east, north = site.lattice.centres()
    lon, lat = frame.to_geographic(east[ends % cols], north[ends // cols])
    flat[ends] = np.where((lon < 112.26) | ((lat < 38.60) & (lon < 112.34)), 3, 4)
    exits = exit_cells(site)
    flat[exits["汾河"]], flat[exits["恢河"]] = 1, 2
    labels = flat.reshape(site.lattice.shape)
    spread_labels(site.directions, order, count, labels)
    return labels
