"""Soils, land use and conservation measures as patches that fit the made ground.

Patches take one use from the slope, height, exposure and neighbourhood at their heart. How much of each use there is stands in
`ningwu/land_shares.csv`, what carries measures in `ningwu/measure_shares.csv`. Codes are those of the tables of the erosion part.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
import shapely.affinity
from scipy import ndimage

from . import frame
from .ground import fractal
from .lattice import Flags, Lattice
from .places import seats
from .site import Cells, Patches, Site, patches, smoothed

Codes = npt.NDArray[np.uint8]

FIELD, STAND = 170.0, 430.0
"""Mean width [m] of a field and of a stand of trees."""

DRY_CROPLAND, IRRIGATED, ORCHARD, FOREST, SHRUB, OTHER_FOREST = 13, 12, 21, 31, 32, 33
PASTURE, OTHER_GRASS, URBAN, RURAL, DISTURBED, OTHER_BUILT = 41, 43, 51, 52, 53, 54
RURAL_ROAD, OTHER_TRANSPORT, WATER, BARE_ROCK = 61, 62, 71, 84


@dataclass(frozen=True)
class Setting:
    """What the choice of land use looks at, patch by patch."""

    site: Site
    county: Flags
    fields: Patches
    stands: Patches
    slope: Cells
    """Slope [degrees] over about a field."""
    mood: Cells
    """Fractal noise over kilometres: no two valleys are used alike."""


def setting(site: Site, seed: int) -> Setting:
    """Everything the choice of land use looks at."""
    lattice = site.lattice
    return Setting(
        site, lattice.covered(frame.boundary()), patches(lattice, FIELD, seed + 1), patches(lattice, STAND, seed + 2),
        smoothed(site.slope, lattice, 60.0), fractal(lattice, 6000.0, 4, 0.6, seed + 3),
    )  # fmt: skip


def soil_types(where: Setting, seed: int) -> Codes:
    """Soil codes of `ningwu/soils.csv`; 0 beyond the margin."""
    site, stands = where.site, where.stands
    height = stands.at_heart(site.height) + 60.0 * fractal(site.lattice, 2500.0, 3, 0.6, seed + 4)
    slope, above = stands.at_heart(where.slope), stands.at_heart(site.above_river)
    soil = np.full(site.lattice.shape, 2, np.uint8)
    soil[height < 1480.0] = 1
    soil[(slope > 17.0) & (height < 1850.0) & (stands.chance < 0.75)] = 3
    soil[height > 1850.0] = 4
    soil[height > 2420.0] = 5
    soil[(slope > 27.0) & (height > 1650.0) & (stands.chance < 0.6)] = 6
    soil[(site.above_river < 7.0) & (above < 15.0) & (where.slope < 6.0) & (height < 1600.0)] = 7
    soil[~site.known] = 0
    return soil


def land_use(
    where: Setting, settlements: gpd.GeoDataFrame, ways: gpd.GeoDataFrame, mines: list[shapely.Polygon]
) -> Codes:
    """Land-use codes of the first year; 0 beyond the margin."""
    use = _vegetation(where)
    use = _orchards(use, where, settlements)
    lattice, slope = where.site.lattice, where.slope
    towns = _near(lattice, seats().geometry.iloc[:1], 1700.0) | _near(lattice, seats().geometry, 520.0)
    use[_near(lattice, settlements.geometry, 210.0) & (where.fields.chance < 0.75)] = RURAL
    use[towns & (where.fields.at_heart(slope) < 11.0)] = URBAN
    use[towns & (where.fields.at_heart(slope) < 11.0) & (where.fields.chance > 0.9)] = OTHER_BUILT
    for mine in mines:
        use[lattice.covered(mine)] = DISTURBED
    for kind, width, code in (("rural", 6.0, RURAL_ROAD), ("main", 18.0, OTHER_TRANSPORT)):
        line = shapely.union_all(ways.geometry[ways["kind"] == kind].to_numpy())
        use[lattice.covered(line.buffer(width / 2))] = code
    use[_rivers(where.site)] = WATER
    use[~where.site.known] = 0
    return use


def _vegetation(where: Setting) -> Codes:
    """Forest, cropland, shrub, plantations, pasture and grass by rank of fitness, each up to its share."""
    site, stands, fields, mood = where.site, where.stands, where.fields, where.mood
    height, north = stands.at_heart(site.height), stands.at_heart(smoothed(site.northness, site.lattice, 120.0))
    use = np.full(site.lattice.shape, OTHER_GRASS, np.uint8)
    shares = frame.table("land_shares").set_index("name")["share"]
    free = site.known.copy()
    high = np.minimum(height - 1700.0, 750.0) / 330.0
    scores = {
        BARE_ROCK: (
            shares["bare_rock"],
            fields.at_heart(where.slope) / 20.0 + (height - 1900.0) / 300.0 + 0.3 * fields.chance,
        ),
        PASTURE: (
            shares["mountain_pasture"],
            (height - 1900.0) / 170.0 - stands.at_heart(where.slope) / 9.0 + 0.7 * mood,
        ),
        FOREST: (shares["forest"], high + 2.6 * north + 0.55 * mood + 0.9 * stands.chance),
    }
    heart = fields.at_heart(where.slope)
    flat = -np.maximum(heart - 4.0, 0.0) / 8.5 - np.maximum(fields.at_heart(site.height) - 1650.0, 0.0) / 220.0
    scores[DRY_CROPLAND] = (
        shares["cropland"],
        flat - fields.at_heart(site.above_river) / 220.0 + 0.35 * mood + 0.9 * fields.chance,
    )
    scores[SHRUB] = (
        shares["shrub"],
        1.2 * north + stands.at_heart(where.slope) / 22.0 + 0.8 * stands.chance - 0.3 * mood,
    )
    scores[OTHER_FOREST] = (
        shares["other_forest"],
        fields.at_heart(stands.chance) + 0.8 * fields.chance + 0.5 * mood - np.abs(heart - 15.0) / 20.0,
    )
    total = int((site.known & where.county).sum())
    for code, (share, score) in scores.items():
        chosen = _best(score, free, where.county, share * total)
        use[chosen] = code
        free &= ~chosen
    use[(use == DRY_CROPLAND) & (heart < 5.0) & (fields.at_heart(site.height) < 1480.0)] = IRRIGATED
    return use


def _best(score: npt.NDArray[np.floating], free: Flags, county: Flags, cells: float) -> Flags:
    """The free cells of greatest score, so many that `cells` of them lie in the county."""
    scores = score[free & county]
    if scores.size == 0 or cells < 1:
        return np.zeros(free.shape, bool)
    k = max(0, scores.size - round(cells))
    return np.asarray(free & (score >= np.partition(scores, min(k, scores.size - 1))[min(k, scores.size - 1)]))


def _orchards(use: Codes, where: Setting, settlements: gpd.GeoDataFrame) -> Codes:
    near = _near(where.site.lattice, settlements.geometry, 900.0)
    allowed = near & np.isin(use, (DRY_CROPLAND, OTHER_GRASS)) & (where.fields.at_heart(where.slope) < 18.0)
    share = float(frame.table("land_shares").set_index("name")["share"]["orchard"])
    chosen = _best(where.fields.chance, allowed, where.county, share * float(where.county.sum()))
    return np.where(chosen, np.uint8(ORCHARD), use)


def _near(lattice: Lattice, points: gpd.GeoSeries, reach: float) -> Flags:
    """Cells within a ragged `reach` [m] of points."""
    return lattice.covered(shapely.union_all(points.to_numpy()).buffer(reach))


def _rivers(site: Site) -> Flags:
    """Cells of the two rivers where more than 120 km2 drain to them, about 40 m wide."""
    channel = site.area_above > 1.2e8
    wide = round(20.0 / site.lattice.cell)
    return np.asarray(ndimage.binary_dilation(channel, iterations=wide)) if wide else channel


def measures(where: Setting, use: Codes) -> Codes:
    """Codes of conservation measures of the first year; 0 where there is none."""
    out = np.zeros(use.shape, np.uint8)
    slope, chance = where.fields.at_heart(where.slope), _second_chance(where.fields.chance)
    for land, rows in frame.table("measure_shares").groupby("land_use"):
        begun = np.zeros(use.shape, np.float32)
        for code, low, high, share in rows[["measure", "slope_from", "slope_to", "share"]].to_numpy(float):
            fits = (use == land) & (slope >= low) & (slope < high)
            out[fits & (chance >= begun) & (chance < begun + np.float32(share))] = code
            begun[fits] += np.float32(share)
    return out


def _second_chance(chance: Cells) -> Cells:
    """Another chance of the same patch, independent of the first for practical purposes."""
    return np.asarray((chance * np.float32(9973.0)) % np.float32(1.0), np.float32)


def blob(centre: shapely.Point, area: float, rng: np.random.Generator) -> shapely.Polygon:
    """A ragged outline of about `area` [m2] around a point."""
    angle = np.linspace(0.0, 2.0 * np.pi, 40, endpoint=False)
    radius = np.full(40, 1.0)
    for wave in range(2, 7):
        radius += 0.28 / wave * np.cos(wave * angle + rng.uniform(0.0, 2.0 * np.pi)) * rng.uniform(0.5, 1.5)
    shape = shapely.Polygon(
        np.column_stack([centre.x + radius * np.cos(angle), centre.y + radius * np.sin(angle) * rng.uniform(0.6, 1.0)])
    )
    return shapely.affinity.scale(
        shape, (area / shape.area) ** 0.5, (area / shape.area) ** 0.5, origin=(centre.x, centre.y)
    )
