"""Cover and measures of a year: from land use, plant cover and measures to B, E and T."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from .. import erosion, grids, statistics
from ..errors import InputError
from ..progress import Progress
from ..tables import Table, load
from .findings import Finding
from .inputs import CountyInputs
from .rain import Erosivity
from .spec import CoverSource, FactorSource, Methods, RasterSource, Year

HALF_MONTHS = erosion.HALF_MONTHS
GROWING_SEASON = range(12, 16)
"""July and August: the half-months whose greatest cover grades the plants."""


@dataclass(frozen=True)
class YearCover:
    """B, E and T of a year with the land use they rest on."""

    land_use: xr.DataArray
    B: xr.DataArray
    E: xr.DataArray
    T: xr.DataArray
    cover: xr.DataArray | None = None


def year_cover(
    inputs: CountyInputs, year: Year, erosivity: Erosivity, methods: Methods, progress: Progress
) -> YearCover:
    """Read what changes from year to year and make its factors."""
    progress(0.0, "土地利用 land use")
    land_use = inputs.codes(year.land_use, "land_use", "land_use")
    classes = present_classes(inputs, land_use)
    B, cover = _biological(inputs, year, land_use, classes, erosivity, methods, progress)
    progress(0.95, "工程与耕作措施因子 E, T")
    E = _engineering(inputs, year, land_use)
    T = _tillage(inputs, year, land_use)
    progress(1.0, "工程与耕作措施因子 E, T")
    return YearCover(land_use, B, E, T, cover)


def present_classes(inputs: CountyInputs, land_use: xr.DataArray) -> Table:
    """The rows of the land-use table that occur on the ground.

    Raises InputError for codes without a row, with how many cells each has.
    """
    table = load("land_use_classes")
    codes = [int(c) for c in statistics.present_codes(land_use)]
    known = {int(c) for c in table.rows["code"]}
    strange = [c for c in codes if c not in known]
    if strange:
        cells = ", ".join(f"{c} ({int((land_use == c).sum()):,} cells)" for c in strange)
        raise InputError(
            f"unknown land-use codes {cells}",
            where=str(land_use.attrs.get("path", "land_use")),
            expected="codes of `shuibao tables land_use_classes`",
            remedy='Give a table recode = { "stored code" = code } in the county file.',
        )
    return inputs.table(table.where(code=codes))


def _biological(
    inputs: CountyInputs, year: Year, land_use: xr.DataArray, classes: Table, erosivity: Erosivity, methods: Methods,
    progress: Progress,
) -> tuple[xr.DataArray, xr.DataArray | None]:  # fmt: skip
    """B, and the cover of the growing season where there is one."""
    if "B" in year.factors:
        return inputs.numbers(year.factors["B"], "biological_factor", "factor B"), None
    under = _under_canopy(inputs, year, land_use, methods)
    tables = _cover_tables(inputs, classes, surveyed=under is not None)
    factor = erosion.CoverFactor(land_use, tables, under, least_share=methods.minimum_share)
    season: xr.DataArray | None = None
    for half in range(HALF_MONTHS):
        progress(0.05 + 0.9 * half / HALF_MONTHS, f"植被覆盖与生物措施因子 B {half + 1}/{HALF_MONTHS}")
        plants = half_month_cover(inputs, year, land_use, half)
        factor.add(half, plants, _share(erosivity, year.cover, half))
        if half in GROWING_SEASON:
            season = _greater(season, plants, land_use, tables)
    B = factor.factor()
    _note_gaps(inputs, factor.gaps)
    return B, season


def half_month_cover(inputs: CountyInputs, year: Year, land_use: xr.DataArray, half: int) -> xr.DataArray:
    """Vegetation index or cover of one half-month, 0 to 23.

    Raises InputError where the year names no cover, or more than one kind.
    """
    source, pattern = year.cover, cover_path(year.cover)
    assert source is not None
    if pattern is None:
        return _cover_by_land_use(source, land_use)
    name = "ndvi" if source.ndvi else "fractional_cover"
    dated = "{" in pattern
    file = RasterSource(
        path=pattern.format(half_month=half + 1) if dated else pattern, band=None if dated else half + 1, scale=source.scale,
        provenance=source.provenance,
    )  # fmt: skip
    return inputs.raster(file, name, name)


def cover_path(source: CoverSource | None) -> str | None:
    """The path or pattern of the files of plant cover, or None where each land use has one cover.

    Raises InputError where there is no cover, or more than one kind.
    """
    kinds = ("ndvi", "fraction", "by_land_use")
    given = [] if source is None else [k for k in kinds if getattr(source, k) is not None]
    if source is None or len(given) != 1:
        found = f"{len(given)} kinds of plant cover {given}"
        raise InputError(found, where="years.cover", expected=f"one of {', '.join(kinds)}", remedy="Or hand in B.")
    return source.ndvi or source.fraction


def _cover_by_land_use(source: CoverSource, land_use: xr.DataArray) -> xr.DataArray:
    """The cover of each land use, the year round; land without one is bare."""
    numbers = np.zeros(256, "float32")
    for code, fraction in (source.by_land_use or {}).items():
        numbers[int(code)] = fraction
    numbers[land_use.attrs["nodata"]] = np.nan
    values = numbers[land_use.values]
    return grids.layer(
        values,
        grids.geobox_of(land_use),
        "fractional_cover",
        provenance=source.provenance,
        path="years.cover.by_land_use",
    )


def _share(erosivity: Erosivity, source: CoverSource | None, half: int) -> float | xr.DataArray:
    if erosivity.share is not None:
        return erosivity.share(half)
    if source is not None and source.by_land_use is not None:
        return 1 / HALF_MONTHS  # cover that never changes does not ask when the rain falls
    raise InputError(
        "plant cover changes through the year, but no rain says how erosivity does", where="layers.rain",
        expected="daily rain, beside R handed in", remedy="Name the rain, or hand in B.",
    )  # fmt: skip


def _cover_tables(inputs: CountyInputs, classes: Table, *, surveyed: bool) -> erosion.CoverTables:
    """The tables of B, kept to the land uses that occur; surveyed: cover below the canopy comes from elsewhere."""
    groups, forms = set(classes.rows["group"]), set(classes.rows["loss_form"])
    codes = {int(c) for c in classes.rows["code"]}
    whole = erosion.CoverTables()
    plants = forms - {"fixed"}
    inputs.used += [
        t.where(**k) for t, k in ((whole.bounds, {"group": groups}), (whole.ratio, {"loss_form": plants})) if plants
    ]
    if not surveyed and codes & {int(c) for c in whole.under_canopy.rows["code"]}:
        inputs.table(whole.under_canopy.where(code=codes))
    return erosion.CoverTables(classes=classes)


def _under_canopy(inputs: CountyInputs, year: Year, land_use: xr.DataArray, methods: Methods) -> xr.DataArray | None:
    if year.under_canopy is not None:
        return inputs.raster(year.under_canopy, "under_canopy_cover", "under_canopy_cover")
    if methods.under_canopy is None:
        return None
    values = np.full(land_use.shape, methods.under_canopy, "float32")
    return grids.layer(values, grids.geobox_of(land_use), "under_canopy_cover")


def _greater(
    season: xr.DataArray | None, plants: xr.DataArray, land_use: xr.DataArray, tables: erosion.CoverTables
) -> xr.DataArray:
    """The greater of the covers known so far."""
    cover = erosion.fractional_cover(plants, land_use, tables) if plants.attrs["quantity"] == "ndvi" else plants
    if season is None:
        return cover
    np.fmax(season.values, cover.values, out=season.values)
    return season


def _note_gaps(inputs: CountyInputs, gaps: erosion.CoverGaps) -> None:
    if gaps.renormalised_cells or gaps.lost_cells:
        inputs.findings.append(
            Finding(
                "cover_gaps",
                f"cover is unknown in some half-months: {gaps.renormalised_cells:,} cells stand on the others, {gaps.lost_cells:,} are unknown",
                f"部分半月缺植被覆盖：{gaps.renormalised_cells:,} 个栅格按其余半月折算，{gaps.lost_cells:,} 个栅格作缺数据处理",
                "cover",
            )
        )


def _engineering(inputs: CountyInputs, year: Year, land_use: xr.DataArray) -> xr.DataArray:
    """E of the measures; 1 where no measures are mapped, and that is said."""
    if "E" in year.factors:
        return inputs.numbers(year.factors["E"], "engineering_factor", "factor E")
    if year.measures is None:
        note = "no engineering measures are mapped: E = 1 everywhere", "未提供工程措施图层，E 全部取 1"
        inputs.findings.append(Finding("no_measures", *note, "measures"))
        return grids.layer(np.ones(land_use.shape, "float32"), grids.geobox_of(land_use), "engineering_factor")
    measures = inputs.codes(year.measures, "measure", "measure", nodata=255, tiling=False)
    if not inputs.is_raster(year.measures.path):
        measures = measures.copy(data=np.where(measures.values == 255, 0, measures.values))  # no polygon: no measure
    codes = [int(c) for c in statistics.present_codes(measures)]
    table = load("engineering_measures")
    inputs.table(table.where(code=codes))
    return erosion.engineering_factor(measures, table)


def _tillage(inputs: CountyInputs, year: Year, land_use: xr.DataArray) -> xr.DataArray:
    """T of cropland by practice or rotation zone; without a zone every crop counts as bare, and that is said."""
    if "T" in year.factors:
        return inputs.numbers(year.factors["T"], "tillage_factor", "factor T")
    source = inputs.county.layers.rotation_zone
    if source is None:
        note = "no zone of crop rotation is named: T = 1 on all cropland", "未指定轮作区，耕地的 T 全部取 1"
        inputs.findings.append(Finding("no_rotation_zone", *note, "layers.rotation_zone"))
        return grids.layer(np.ones(land_use.shape, "float32"), grids.geobox_of(land_use), "tillage_factor")
    zone: int | xr.DataArray
    if isinstance(source, FactorSource) and source.value is not None:
        zone = int(source.value)
    else:
        zone = inputs.codes(source, "rotation_zone", "rotation_zone")
    present = [zone] if isinstance(zone, int) else [int(c) for c in statistics.present_codes(zone)]
    inputs.table(load("tillage_rotation").where(code=present))
    practices = (
        None
        if year.practices is None
        else inputs.codes(year.practices, "measure", "practices", nodata=255, tiling=False)
    )
    if practices is not None:
        used = [int(c) for c in statistics.present_codes(practices) if c != 0]
        inputs.used += [load("tillage_practices").where(code=used)] if used else []
    return erosion.tillage_factor(land_use, zone, practices=practices)
