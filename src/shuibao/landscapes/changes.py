"""Known changes from the first year to the next: new terraces, new disturbance, closed hillsides; kept as truth.

Each event is a set of cells; its polygon is the outline of those cells, so layers and truth agree cell by cell.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.features import shapes

from . import frame
from .land import DISTURBED, DRY_CROPLAND, OTHER_GRASS, RURAL, SHRUB, URBAN, WATER, Codes, Setting, blob
from .lattice import Flags, Lattice

KINDS = ("new_terrace", "new_disturbance", "closure")

TERRACE = 1
"""Code of the level terrace with earth banks in `tables/engineering_measures.csv`."""

SLOPING_TERRACE = 3
"""Code of the sloping terrace, which may be made level."""

LEAST = 0.1
"""Share of an event's outline that must hold ground on which it can happen."""

CLOSURE_GAIN = 0.45
"""What closing a hillside adds to the vigour of its grass and shrub."""


@dataclass(frozen=True)
class Changes:
    """Which cells change, and how: 0 not, else 1 + the index in `KINDS`; the events as polygons."""

    kind: Codes
    truth: gpd.GeoDataFrame


def mines(county: shapely.Polygon, settlements: gpd.GeoDataFrame, seed: int) -> list[shapely.Polygon]:
    """Ragged outlines of coal mines and quarries of the first year, near villages of the northern coal field and elsewhere."""
    number, least, most = _plan_of("mine")
    rng = np.random.default_rng([seed, 71])
    north = settlements[settlements.geometry.y > county.centroid.y + 8000.0].geometry
    found = []
    for _ in range(number):
        start = (north if rng.random() < 0.7 else settlements.geometry).iloc[int(rng.integers(len(north)))]
        centre = shapely.Point(start.x + rng.normal(0.0, 700.0), start.y + rng.normal(0.0, 700.0))
        found.append(blob(centre, rng.uniform(least, most), rng))
    return found


def _plan_of(kind: str) -> tuple[int, float, float]:
    """How many events of a kind, and the least and the greatest area of one [m2]."""
    events, least, most = (
        frame.table("changes").set_index("kind").loc[kind, ["events", "area_from_km2", "area_to_km2"]].to_numpy(float)
    )
    return int(events), 1e6 * float(least), 1e6 * float(most)


def make_changes(where: Setting, use: Codes, measure: Codes, townships: gpd.GeoDataFrame, seed: int) -> Changes:
    """Draw the events of all kinds; cells change once at most."""
    slope = where.fields.at_heart(where.slope)
    eligible = {
        "new_terrace": (use == DRY_CROPLAND) & np.isin(measure, (0, SLOPING_TERRACE)) & (slope >= 4.0) & (slope < 25.0),
        "new_disturbance": ~np.isin(use, (0, DISTURBED, URBAN, RURAL, WATER)) & (where.slope < 22.0),
        "closure": np.isin(use, (OTHER_GRASS, SHRUB)) & (measure == 0),
    }
    lattice, kind = where.site.lattice, np.zeros(use.shape, np.uint8)
    events = []
    for index, name in enumerate(KINDS):
        rng = np.random.default_rng([seed, 83, index])
        for k in range(_plan_of(name)[0]):
            made = _event(name, eligible[name] & where.county, kind, lattice, rng)
            if made is not None:
                window, cells = made
                kind[window][cells] = index + 1
                events.append(
                    {"kind": name, "event": f"{name}-{k + 1:02d}", "geometry": _outline(cells, window, lattice)}
                )
    truth = gpd.GeoDataFrame(
        pd.DataFrame(events, columns=["kind", "event", "geometry"]), geometry="geometry", crs=frame.PROJECTED
    )
    return Changes(kind, _with_places(truth, townships))


Window = tuple[slice, slice]


def _event(
    name: str, eligible: Flags, taken: Codes, lattice: Lattice, rng: np.random.Generator
) -> tuple[Window, Flags] | None:
    """The window and the cells of one event, or None where forty tries find no room."""
    _, least, most = _plan_of(name)
    places = np.flatnonzero(eligible)
    for _ in range(40 if places.size else 0):
        area = float(rng.uniform(least, most))
        start = int(places[int(rng.random() * places.size)])
        east, north = lattice.affine * (start % lattice.cols + 0.5, start // lattice.cols + 0.5)
        outline = blob(shapely.Point(east, north), area, rng)
        window, part = cut(lattice, outline)
        cells = part.covered(outline) & eligible[window] & (taken[window] == 0)
        if cells.sum() * lattice.cell**2 > LEAST * area:
            return window, cells
    return None


def cut(lattice: Lattice, geometry: shapely.Polygon) -> tuple[Window, Lattice]:
    """The window of a lattice that holds a geometry, and the lattice of that window; without rows or columns outside."""
    left, bottom, right, top = geometry.bounds
    rows = np.clip(
        [(lattice.top - top) // lattice.cell, (lattice.top - bottom) // lattice.cell + 1], 0, lattice.rows
    ).astype(int)
    cols = np.clip(
        [(left - lattice.left) // lattice.cell, (right - lattice.left) // lattice.cell + 1], 0, lattice.cols
    ).astype(int)
    part = Lattice(
        lattice.left + cols[0] * lattice.cell,
        lattice.top - rows[0] * lattice.cell,
        int(rows[1] - rows[0]),
        int(cols[1] - cols[0]),
        lattice.cell,
    )
    return (slice(int(rows[0]), int(rows[1])), slice(int(cols[0]), int(cols[1]))), part


def _outline(cells: Flags, window: Window, lattice: Lattice) -> shapely.Geometry:
    part = Lattice(
        lattice.left + window[1].start * lattice.cell,
        lattice.top - window[0].start * lattice.cell,
        cells.shape[0],
        cells.shape[1],
        lattice.cell,
    )
    pieces = shapes(cells.astype(np.uint8), mask=cells, transform=part.affine)
    return shapely.union_all([shapely.geometry.shape(g) for g, _ in pieces])


def _with_places(truth: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the area [m2] in the plane and the township that holds the most of each event."""
    places = townships[townships.geometry.notna()]
    shares: npt.NDArray[np.float64] = np.array(
        [shapely.area(shapely.intersection(truth.geometry.to_numpy(), p)) for p in places.geometry]
    ).reshape(len(places), len(truth))
    names = places["code"].to_numpy()
    home = [str(names[i]) for i in shares.argmax(axis=0)] if len(truth) else []
    return truth.assign(area_m2=truth.area, township=home, provenance="synthetic")


def after(use: Codes, measure: Codes, changes: Changes) -> tuple[Codes, Codes]:
    """Land use and measures once the changes have come about."""
    later, works = use.copy(), measure.copy()
    works[changes.kind == 1 + KINDS.index("new_terrace")] = TERRACE
    disturbed = changes.kind == 1 + KINDS.index("new_disturbance")
    later[disturbed], works[disturbed] = DISTURBED, 0
    return later, works
