"""Check a county before it is computed: every problem at once, in plain words."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

import xarray as xr

from .. import erosion, io
from ..errors import InputError, ShuibaoError
from ..progress import Progress, silent
from .county_file import data_folder, read_county
from .cover import HALF_MONTHS, cover_path, present_classes
from .findings import Finding, from_error
from .ground import county_barriers, county_parcels
from .inputs import CountyInputs
from .rain import station_erosivity
from .soil import county_erodibility
from .spec import FactorSource, LayerSource, Year
from .year import checked_places

FACTORS = {
    "R": "rainfall_erosivity", "K": "soil_erodibility", "L": "slope_length_factor", "S": "slope_factor",
    "B": "biological_factor", "E": "engineering_factor", "T": "tillage_factor",
}  # fmt: skip
"""Quantities of the factors that can be handed in."""

Step = tuple[str, Callable[[], object]]


def check_county(county_path: Path, data: Path | None = None, *, progress: Progress = silent) -> list[Finding]:
    """Open every file of a county as a run would, and list what is wrong or doubtful.

    An error in one file does not hide those in the others; only a broken county file or boundary ends the check at once. The half-months
    of cover are opened, but their cells are not read.
    """
    try:
        county = read_county(county_path)
        inputs = CountyInputs(county, data_folder(county, county_path, data))
    except ShuibaoError as error:
        return [from_error(error, str(county_path))]
    found: list[Finding] = []
    if not _try("layers.boundary", lambda: inputs.geobox, found):
        return found
    steps = [*_lasting(inputs), *(s for year, dated in county.years.items() for s in _yearly(inputs, year, dated))]
    for number, (where, step) in enumerate(steps):
        progress(number / len(steps), where)
        _try(where, step, found)
    return _once([*found, *inputs.findings])


def _try(where: str, step: Callable[[], object], found: list[Finding]) -> bool:
    try:
        step()
    except ShuibaoError as error:
        found.append(from_error(error, where))
        return False
    return True


def _lasting(inputs: CountyInputs) -> list[Step]:
    """The steps for what stays the same through the years."""
    layers, day = inputs.county.layers, dt.date(max(inputs.county.years), 12, 31)
    steps: list[Step] = [
        ("layers.elevation", partial(inputs.raster, layers.elevation, "elevation", "elevation")),
        ("layers.allowable_loss", partial(inputs.numbers, layers.allowable_loss, "allowable_loss", "allowable_loss")),
    ]
    steps.append(("layers.soil", partial(county_erodibility, inputs)))
    if layers.rain is not None:
        steps.append(("layers.rain", partial(station_erosivity, inputs, layers.rain)))
    elif "R" not in layers.factors:
        steps.append(("layers.rain", _no_rain))
    for places in layers.places:
        steps.append((f"layers.places {places.level}", partial(checked_places, inputs, places, day)))
    for letter, source in layers.factors.items():
        steps.append((f"layers.factors.{letter}", partial(inputs.numbers, source, FACTORS[letter], FACTORS[letter])))
    if layers.rivers is not None:
        steps.append(("layers.rivers", partial(inputs.vector, layers.rivers, "rivers")))
    zone = layers.rotation_zone
    if zone is not None and not (isinstance(zone, FactorSource) and zone.value is not None):
        steps.append(("layers.rotation_zone", partial(inputs.codes, zone, "rotation_zone", "rotation_zone")))
    steps += [
        ("layers.parcels", partial(county_parcels, inputs)),
        ("layers.barriers", partial(county_barriers, inputs)),
    ]
    return steps


def _yearly(inputs: CountyInputs, year: int, dated: Year) -> list[Step]:
    """The steps for one year."""
    place = f"years.{year}"
    steps: list[Step] = [(f"{place}.land_use", partial(_land_use, inputs, dated))]
    if dated.measures is not None:
        steps.append((f"{place}.measures", partial(_measures, inputs, dated.measures)))
    for letter, source in dated.factors.items():
        steps.append((f"{place}.factors.{letter}", partial(inputs.numbers, source, FACTORS[letter], FACTORS[letter])))
    if dated.practices is not None:
        steps.append((f"{place}.practices", partial(_codes, inputs, dated.practices, "practices")))
    if dated.under_canopy is not None:
        name = "under_canopy_cover"
        steps.append((f"{place}.under_canopy", partial(inputs.raster, dated.under_canopy, name, name)))
    if dated.rain is not None:
        steps.append((f"{place}.rain", partial(station_erosivity, inputs, dated.rain)))
    return steps if "B" in dated.factors else [*steps, *_cover(inputs, place, dated)]


def _cover(inputs: CountyInputs, place: str, dated: Year) -> list[Step]:
    """Open the files of plant cover."""
    try:
        name = cover_path(dated.cover)
    except ShuibaoError as error:
        return [(f"{place}.cover", partial(_raise, error))]
    if name is None:
        return []
    names = [name.format(half_month=half) for half in range(1, HALF_MONTHS + 1)] if "{" in name else [name]
    return [(f"{place}.cover", partial(io.inspect_raster, inputs.path(n))) for n in names]


def _raise(error: ShuibaoError) -> None:
    raise error


def _codes(inputs: CountyInputs, source: LayerSource, role: str) -> xr.DataArray:
    return inputs.codes(source, "measure", role, nodata=255, tiling=False)


def _land_use(inputs: CountyInputs, dated: Year) -> None:
    present_classes(inputs, inputs.codes(dated.land_use, "land_use", "land_use"))


def _measures(inputs: CountyInputs, source: LayerSource) -> None:
    erosion.engineering_factor(_codes(inputs, source, "measure"))


def _no_rain() -> None:
    raise InputError("neither rain nor R", where="layers", expected="layers.rain or layers.factors.R")


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
