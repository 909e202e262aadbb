"""The demonstration county: Ningwu's real frame with made detail, and changes that are known."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from ..errors import InputError
from ..grids import layer
from ..progress import Progress, part, silent
from . import changes as known
from . import frame, land, places, rain
from .ground import fractal, make_ground
from .kernels.season import greenness_cells
from .lattice import Lattice
from .site import Cells, read_site

HALF_MONTHS = 24

USUAL_VIGOUR = 0.93
"""How well plants grow where nothing favours or hinders them."""

OVERGRAZED_SHARE, OVERGRAZED_LOSS = 0.20, 0.45
"""Share of the grass patches that are worn, and how much less grows on them."""

LAG = 0.9
"""Half-months by which leaves come later and go earlier a kilometre higher up."""


@dataclass(frozen=True)
class DemonstrationCounty:
    """All that a county's monitoring needs; everything but the frame is synthetic.

    Layers lie on one grid (CGCS2000, Gauss-Kruger CM 111E) that reaches 1.5 km beyond the border; tables carry the columns
    `code`, `name`, `schematic`, `valid_from` and `valid_to` where they are places.
    """

    name: str
    code: str
    cell: float
    seed: int
    years: tuple[int, ...]
    geobox: GeoBox
    boundary: gpd.GeoDataFrame
    rivers: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    basins: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    """Zones of allowable loss [t/(km2 a)] and of crop rotation; an assumption, status provisional."""
    roads: gpd.GeoDataFrame
    dem: xr.DataArray
    parcels: xr.DataArray
    """Number of the field of every cell; borders between fields end a slope."""
    soil_type: xr.DataArray
    soils: pd.DataFrame
    """Texture of the soils by code [%], organic carbon [%] and rock [%]."""
    land_use: dict[int, xr.DataArray]
    measures: dict[int, xr.DataArray]
    stations: gpd.GeoDataFrame
    rain: pd.DataFrame
    """Daily rain [mm] 1991-2020, one column a station, NaN where there is no record."""
    truth: gpd.GeoDataFrame
    """What changed after the first year: kind, event, area_m2, township, outline."""
    sources: pd.DataFrame
    """Where each table of the frame comes from."""
    vigour: Cells = field(repr=False)
    changed: land.Codes = field(repr=False)

    def under_canopy(self, year: int) -> xr.DataArray:
        """Cover below the canopy of tree land [0, 1], as a field survey would give it; 0 elsewhere, NaN beyond the margin.

        Raises InputError where the year is not of this county.
        """
        if year not in self.years:
            raise InputError(f"year {year}", where="under_canopy", expected=f"one of {self.years}")
        rows = frame.table("under_canopy")
        covers = np.zeros(256, np.float32)
        covers[rows["land_use"].astype(int)] = rows["cover"].astype(float)
        cells = np.clip(covers[self.land_use[year].values] * (0.4 + 0.6 * self.vigour / USUAL_VIGOUR), 0.0, 0.95)
        cells[np.isnan(self.dem.values)] = np.nan
        return layer(cells.astype(np.float32), self.geobox, "under_canopy_cover", provenance="synthetic", year=year)

    def ndvi(self, year: int, half_month: int) -> xr.DataArray:
        """NDVI [-] of one half-month (0..23) of one year, float32, NaN beyond the margin.

        Raises InputError where the year or the half-month is not of this county.
        """
        if year not in self.years or not 0 <= half_month < HALF_MONTHS:
            raise InputError(f"half-month {half_month} of {year}", where="ndvi", expected=f"0 to 23 of {self.years}")
        rows = frame.table("seasons")
        curves = np.zeros((256, 4))
        curves[rows["land_use"]] = rows[["winter", "summer", "green_up", "senescence"]]
        closed = self.changed == 1 + known.KINDS.index("closure")
        gain = np.where(closed & (year != self.years[0]), np.float32(known.CLOSURE_GAIN), np.float32(0.0))
        out = np.empty(self.vigour.shape, np.float32)
        greenness_cells(
            self.land_use[year].values, self.vigour, self.dem.values, gain, float(half_month), curves, LAG, out
        )
        return layer(out, self.geobox, "ndvi", provenance="synthetic", year=year, half_month=half_month)


def demonstration_county(
    cell: float = 30.0, seed: int = 1, years: tuple[int, ...] = (2024, 2025), progress: Progress = silent
) -> DemonstrationCounty:
    """Make the demonstration county.

    cell: side of a cell [m], 5 to 500; seed: another seed, another county in the same frame
    years: one or more, rising; the known changes come about after the first

    Raises InputError where the cell or the years are out of bounds.
    """
    if not 5.0 <= cell <= 500.0:
        raise InputError(f"cell {cell:g} m", where="demonstration county", expected="5 to 500 m")
    if not years or list(years) != sorted(set(years)):
        raise InputError(f"years {years}", where="demonstration county", expected="one or more years, rising")
    heights, lattice = make_ground(cell, seed, part(progress, 0.0, 0.6))
    dem = layer(heights, lattice.geobox, "elevation", provenance="synthetic")
    progress(0.62, "reading the ground")
    site = read_site(dem, lattice)
    plan = places.Plan(site)
    townships = places.townships(plan)
    villages = places.villages(plan, townships, seed)
    roads = places.roads(plan, villages)
    basins = places.basins(site)
    progress(0.72, "laying out soils and land use")
    where = land.setting(site, seed)
    soil = land.soil_types(where, seed)
    use = land.land_use(where, villages, roads, known.mines(frame.boundary(), villages, seed))
    measure = land.measures(where, use)
    progress(0.85, "drawing the changes")
    changes = known.make_changes(where, use, measure, townships, seed)
    later = known.after(use, measure, changes)
    vigour = _vigour(where, use, lattice, seed)
    progress(0.92, "letting it rain")
    gauges = rain.stations()
    return DemonstrationCounty(
        name=frame.COUNTY_NAME, code=frame.COUNTY_CODE, cell=cell, seed=seed, years=tuple(years), geobox=lattice.geobox,
        boundary=_boundary(), rivers=_rivers(), townships=townships, villages=villages, basins=basins, zones=_zones(basins), roads=roads,
        dem=dem, parcels=_parcels(where, lattice), soil_type=_codes(soil, lattice, "soil_type"), soils=frame.table("soils").astype({"code": int}),
        land_use={y: _codes(use if y == years[0] else later[0], lattice, "land_use") for y in years},
        measures={y: _codes(measure if y == years[0] else later[1], lattice, "measure", nodata=255) for y in years},
        stations=gauges, rain=rain.daily_rain(gauges, seed), truth=changes.truth, sources=frame.table("sources"),
        vigour=vigour, changed=changes.kind,
    )  # fmt: skip


def _parcels(where: land.Setting, lattice: Lattice) -> xr.DataArray:
    heart = where.fields.rows.astype(np.int32) * lattice.cols + where.fields.cols + 1
    return layer(np.where(where.site.known, heart, 0), lattice.geobox, "place", provenance="synthetic", nodata=0)


def _codes(values: land.Codes, lattice: Lattice, name: str, nodata: int = 0) -> xr.DataArray:
    return layer(values, lattice.geobox, name, provenance="synthetic", nodata=nodata)


def _vigour(where: land.Setting, use: land.Codes, lattice: Lattice, seed: int) -> Cells:
    """How well plants grow [-]: moister north slopes and hollows, better and worse patches."""
    moisture = 0.35 * where.site.northness + 0.05 * np.log1p(where.site.area_above / 1e4)
    values = 0.97 + moisture + 0.09 * fractal(lattice, 4000.0, 5, 0.6, seed + 9) + 0.16 * (where.fields.chance - 0.5)
    values -= np.float32(OVERGRAZED_LOSS) * ((where.stands.chance < OVERGRAZED_SHARE) & (use == land.OTHER_GRASS))
    return np.asarray(np.clip(values, 0.4, 1.12), np.float32)


def _boundary() -> gpd.GeoDataFrame:
    rows = {
        "code": [frame.COUNTY_CODE],
        "name": [frame.COUNTY_NAME],
        "level": ["county"],
        "valid_from": [None],
        "valid_to": [None],
    }
    return gpd.GeoDataFrame(rows, geometry=[frame.boundary()], crs=frame.PROJECTED)


def _rivers() -> gpd.GeoDataFrame:
    rows = frame.outlines("rivers")
    return rows.assign(geometry=shapely.intersection(rows.geometry.to_numpy(), frame.boundary()))


def _zones(basins: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The Yellow River part as loess plateau (1000), the Hai River part as earth and rock mountains (200)."""
    rules = frame.table("zones").set_index("basin")
    parts = basins.dissolve("basin")[["geometry"]].join(rules)
    return parts.reset_index()
