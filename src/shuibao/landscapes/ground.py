"""The made ground of the demonstration county: relief carved by water between the real frame's fixed points.

From a smooth surface with the given block means, over fractal unevenness, rivers cut and slopes creep on ever finer lattices
(480 m to the cell asked for). Each round routes the water, opens depressions, incises by stream power and brings the block means back.
The parameters stand in `ningwu/ground_levels.csv`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.features import rasterize
from scipy import ndimage

from ..grids import layer
from ..progress import Progress, part, silent
from ..terrain import fill_depressions, flow_directions
from . import frame
from .kernels.carving import carve, nearest_river, sum_areas
from .kernels.creep import creep_cells
from .kernels.gradient_noise import fractal_cells
from .kernels.stream_power import incise, upstream_order
from .lattice import Blocks, Lattice, around, coarse_lattice, resample

Heights = npt.NDArray[np.float32]

MARGIN = 1500.0
"""Ground known beyond the county's border [m]."""

LADDER = (480.0, 240.0, 120.0, 60.0, 30.0)
"""Cells [m] of the lattices passed through before the one asked for."""

RIVER_AREA = 1.5e6
"""A river has at least this above it [m2]."""

FLOOR = 5.0
"""Height [m] over which the floor of a river of 1 km2 reaches; it grows with the power 0.35 of the area."""

WHOLE_FROM = 120.0
"""Lattices this coarse or coarser cover all blocks, finer ones the county and its margin."""


@dataclass
class _Water:
    """The way of the water over one lattice."""

    directions: npt.NDArray[np.uint8]
    order: npt.NDArray[np.int64]
    count: int
    area: npt.NDArray[np.float64]
    filled: Heights


def county_lattice(cell: float) -> Lattice:
    """The lattice of the demonstration county: its outline and the margin, snapped to the cell [m]."""
    return around(frame.boundary().buffer(MARGIN).bounds, cell)


def make_ground(cell: float, seed: int, progress: Progress = silent) -> tuple[Heights, Lattice]:
    """Heights [m] on the county's lattice, NaN beyond the margin.

    cell: side of a cell [m]; seed: another seed, another county
    """
    ladder = [c for c in LADDER if c > 1.2 * cell]
    height, lattice = _first_ground(seed)
    for k, side in enumerate([*ladder, cell]):
        step = part(progress, k / (len(ladder) + 1), (k + 1) / (len(ladder) + 1))
        last = side == cell
        finer = lattice if k == 0 and not last else _lattice_of(side, last)
        if finer != lattice:
            height, lattice = resample(height, lattice, finer), finer
        height = _Level(lattice, side, seed, last).run(height, step)
    return height, lattice


def _lattice_of(side: float, last: bool) -> Lattice:
    if last:
        return county_lattice(side)
    if side >= WHOLE_FROM:
        whole = coarse_lattice()
        factor = round(whole.cell / side)
        return Lattice(whole.left, whole.top, whole.rows * factor, whole.cols * factor, side)
    return around(frame.boundary().buffer(MARGIN + 500.0).bounds, side, coarse_lattice().cell)


def _first_ground(seed: int) -> tuple[Heights, Lattice]:
    """Block means, unevenness as strong as the given ranges, rivers burnt in and crests lifted."""
    lattice = coarse_lattice()
    blocks = Blocks(lattice)
    _, _, mean, low, high = frame.block_heights()
    noise = fractal(lattice, 7000.0, 4, 0.55, seed)
    height = blocks.with_means(mean) + 0.15 * blocks.surface(high - low) * noise
    height -= 200.0 * ndimage.gaussian_filter(_burnt(lattice), 0.7)
    return height.astype(np.float32), lattice


def fractal(lattice: Lattice, wavelength: float, octaves: int, gain: float, seed: int) -> npt.NDArray[np.float32]:
    """Fractal noise of variance about 1 on a lattice."""
    out = np.empty(lattice.shape, np.float32)
    fractal_cells(lattice.left, lattice.top, lattice.cell, wavelength, octaves, gain, seed * 1009, out)
    return out


def river_lines() -> list[shapely.LineString]:
    """The rivers, led through the places where they leave the county."""
    exits = frame.points(frame.table("exits")).set_index("river").geometry
    lines = []
    for name, line in frame.outlines("rivers").set_index("name").geometry.items():
        leave = exits[name]
        where = line.project(leave)
        points = [shapely.Point(p) for p in line.coords]
        before = [p for p in points if line.project(p) < where - 1500.0]
        after = [p for p in points if line.project(p) > where + 1500.0]
        lines.append(shapely.LineString([*before, leave, *after]))
    return lines


def _burnt(lattice: Lattice) -> npt.NDArray[np.float64]:
    lines = [(line, 1.0) for line in river_lines()]
    return np.asarray(rasterize(lines, lattice.shape, transform=lattice.affine, all_touched=True), float)


def _crests(lattice: Lattice) -> Heights:
    """A wall [m] for the routing of water along the crests of `ningwu/divides.csv`, so that no river cuts through them."""
    lines = [
        shapely.LineString(frame.points(line).geometry.to_list()) for _, line in frame.table("divides").groupby("line")
    ]
    return np.asarray(
        rasterize([(line, 2000.0) for line in lines], lattice.shape, transform=lattice.affine, all_touched=True),
        np.float32,
    )


class _Level:
    """One lattice of the ladder: what is known, what the block means must be, how hard the rock is."""

    def __init__(self, lattice: Lattice, cell: float, seed: int, last: bool) -> None:
        self.lattice, self.cell, self.seed, self.last = lattice, cell, seed, last
        levels = frame.table("ground_levels")
        self.row: pd.Series = levels.loc[np.abs(np.log(levels["cell_m"] / cell)).idxmin()]
        whole = cell >= WHOLE_FROM and not last
        margin = MARGIN if last else MARGIN + 500.0
        self.within = None if whole else lattice.covered(frame.boundary().buffer(margin))
        self.blocks = Blocks(lattice, self.within)
        hardness = fractal(lattice, 8.0 * cell, 3, 0.8, seed + 77 + round(cell))
        self.erodibility = np.float32(self.row["erodibility"]) * np.exp(0.7 * hardness)
        self.crests = _crests(lattice)
        self.steepest = np.float32(self.row["steepest"]) * np.exp(0.2 * fractal(lattice, 1000.0, 4, 0.8, seed + 177))

    def run(self, height: Heights, progress: Progress) -> Heights:
        """Heights after the rounds of this level."""
        wanted = self._wanted(height)
        height = self._mask(height)
        if self.row["unevenness_m"] > 0:
            height = self._flatten_floors(height)
            height = height + self._unevenness(height)
        rounds = int(self.row["rounds"])
        for k in range(rounds):
            progress(k / rounds, f"carving the ground at {self.cell:g} m, round {k + 1} of {rounds}")
            height = self._round(height, k, wanted)
        if self.cell in LADDER[:2] and self.within is None:
            height = self._keep_ranges(height)
        if not self.last:
            return height
        height = self._flatten_floors(height)
        for _ in range(2):
            height = height + self.blocks.with_means(wanted - self.blocks.means(height), 2)
            water = self._route(height, None)
            carve(height, water.directions, water.order, water.count, np.float32(0.005))
        return self._mask(height)

    def _wanted(self, height: Heights) -> npt.NDArray[np.float64]:
        """The given means of complete blocks; the means of the coarser ground for blocks cut by the border."""
        mean = frame.block_heights()[2]
        if self.within is None:
            return mean
        return np.where(self.blocks.complete, mean, self.blocks.means(height))

    def _mask(self, height: Heights) -> Heights:
        return height if self.within is None else np.where(self.within, height, np.float32(np.nan))

    def _unevenness(self, height: Heights) -> Heights:
        """Fractal hills and hollows [m], stronger where the given ranges are great, none on valley floors."""
        _, _, _, low, high = frame.block_heights()
        rugged = np.clip(self.blocks.surface(high - low) / 330.0, 0.6, 1.3)
        water = self._route(height, None)
        above, floor = self._above_river(height, water, 20.0 * RIVER_AREA)
        rugged = rugged * (1.0 - np.exp(-above / floor))
        noise = fractal(self.lattice, float(self.row["wavelength_m"]), 2, 0.6, self.seed + 31 + round(self.cell))
        return np.asarray(np.float32(self.row["unevenness_m"]) * rugged * noise)

    def _route(self, height: Heights, jitter: Heights | None) -> _Water:
        surface = height if jitter is None else height + jitter
        ground = layer(surface, self.lattice.geobox, "elevation", provenance="synthetic")
        filled = fill_depressions(ground)
        directions = flow_directions(filled).values
        order = np.empty(directions.size if self.within is None else int(self.within.sum()), np.int64)
        count = upstream_order(directions, order)
        area = np.zeros(directions.shape)
        sum_areas(directions, order, count, self.cell**2, area)
        return _Water(directions, order, count, area, filled.values)

    def _round(self, height: Heights, k: int, wanted: npt.NDArray[np.float64]) -> Heights:
        """Route, open depressions by filling some and carving the rest, incise, creep, and bring the block means back."""
        jitter = (
            np.float32(0.08 * self.cell) * fractal(self.lattice, 6.0 * self.cell, 3, 0.8, self.seed + 5 + k // 3)
            + self.crests
        )
        water = self._route(height, jitter)
        coarse = self.cell >= LADDER[1] and not self.last
        filling = np.float32(0.4 if coarse else 0.15)
        height = np.asarray(height + filling * (water.filled - height - jitter), np.float32)
        if coarse:
            crest = ndimage.maximum_filter(height, 3) + np.float32(2.0)
            height = np.asarray(np.where(self.crests > 0, crest, height), np.float32)
        carve(height, water.directions, water.order, water.count, np.float32(0.0))
        incise(
            height,
            water.directions,
            water.order,
            water.count,
            water.area,
            self.erodibility,
            0.5,
            self.cell,
            self.steepest,
        )
        share = min(0.2, float(self.row["diffusivity_m2"]) / self.cell**2)
        crept = np.empty_like(height)
        creep_cells(height, share, crept)
        return np.asarray(crept + self.blocks.with_means(wanted - self.blocks.means(crept), 2))

    def _keep_ranges(self, height: Heights) -> Heights:
        """Draw the relief of each block nearer to the given range, without moving its mean."""
        _, _, mean, low, high = frame.block_heights()
        smooth = self.blocks.with_means(mean)
        gain = self.blocks.surface(np.clip(((high - low) / self.blocks.ranges(height)) ** 0.8, 0.6, 2.0))
        drawn = smooth + gain * (height - smooth)
        return np.asarray(drawn + self.blocks.with_means(mean - self.blocks.means(drawn), 2))

    def _above_river(self, height: Heights, water: _Water, threshold: float = RIVER_AREA) -> tuple[Heights, Heights]:
        """Height above the river below [m], and the height over which that river's floor reaches [m]."""
        base, size = np.full_like(height, np.nan), np.full_like(height, np.nan)
        nearest_river(height, water.directions, water.order, water.count, water.area, threshold, base, size)
        floor = np.float32(FLOOR) * (np.maximum(size, 1e5) / 1e6) ** np.float32(0.35)
        return np.maximum(height - base, 0.0), floor.astype(np.float32)

    def _flatten_floors(self, height: Heights) -> Heights:
        """Widen valley floors: what lies little above a river comes down towards it, the more the larger the river."""
        above, floor = self._above_river(height, self._route(height, None))
        return np.asarray(height - above * np.exp(-above / floor))
