"""The county file: what a county has, where it lies, and how it is to be computed.

The models below are the only declaration of `county.toml`: they validate it, name its fields in errors, and make `docs/county_file.md`.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

KINDS = ("statutory", "scientific")
Kind = Literal["statutory", "scientific"]


def _as_path(value: Any) -> Any:
    """A plain string stands for ``{ path = "…" }``."""
    return {"path": value} if isinstance(value, str) else value


def _as_number(value: Any) -> Any:
    """A plain number stands for the same value everywhere."""
    return {"value": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else _as_path(value)


class Part(BaseModel):
    """A table of the county file; unknown fields are refused, so that a misspelt one is not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSource(Part):
    """A file of the county."""

    path: str = Field(description="path, relative to the data folder")
    crs: str | None = Field(None, description="coordinate system where the file names none, such as EPSG:4546")


class RasterSource(FileSource):
    """A raster file."""

    band: int | None = Field(None, ge=1, description="band, from 1, where the file has several")
    variable: str | None = Field(None, description="variable of a NetCDF file")
    scale: float | None = Field(None, description="factor on the stored values where the file names none")
    recode: dict[str, int] = Field(default_factory=dict, description="stored code to code of the scheme")
    provenance: Literal["measured", "derived", "predicted", "synthetic"] = Field(
        "measured", description="how the layer came about"
    )


class VectorSource(FileSource):
    """A vector file."""

    layer: str | None = Field(None, description="layer, where the file has several")
    encoding: str | None = Field(None, description="text encoding, where it is not recognised")
    field: str | None = Field(None, description="field that holds the value or code")
    repair: bool = Field(False, description="mend self-crossing polygons and report the change of area")
    gcj02: bool = Field(False, description="the file carries the GCJ-02 offset of web maps: take it away")


class LayerSource(Part):
    """A raster, or polygons with a field of codes."""

    path: str = Field(description="path, relative to the data folder")
    crs: str | None = Field(None, description="coordinate system where the file names none")
    band: int | None = Field(None, ge=1, description="band, from 1, where the file has several")
    variable: str | None = Field(None, description="variable of a NetCDF file")
    scale: float | None = Field(None, description="factor on the stored values")
    layer: str | None = Field(None, description="layer of a vector file")
    encoding: str | None = Field(None, description="text encoding of a vector file")
    field: str | None = Field(None, description="field of a vector file that holds the code")
    repair: bool = Field(False, description="mend self-crossing polygons")
    gcj02: bool = Field(False, description="a vector file carries the GCJ-02 offset of web maps: take it away")
    recode: dict[str, int] = Field(default_factory=dict, description="stored code to code of the scheme")
    provenance: Literal["measured", "derived", "predicted", "synthetic"] = Field(
        "measured", description="how the layer came about"
    )


class FactorSource(LayerSource):
    """A factor handed in: a raster, or one value everywhere."""

    path: str = Field("", description="path of a raster, relative to the data folder")
    value: float | None = Field(None, description="one value everywhere, instead of a file")


Raster = Annotated[RasterSource, BeforeValidator(_as_path)]
Vector = Annotated[VectorSource, BeforeValidator(_as_path)]
Layer = Annotated[LayerSource, BeforeValidator(_as_path)]
Factor = Annotated[FactorSource, BeforeValidator(_as_number)]
File = Annotated[FileSource, BeforeValidator(_as_path)]


class County(Part):
    """Who the county is."""

    name: str = Field(description="name, as on the report")
    code: str = Field(description="administrative code")
    statutory_area_km2: float | None = Field(
        None, gt=0, description="statutory area (国土面积) [km²]; the map area where absent"
    )
    synthetic: bool = Field(False, description="made data; shown on every output")
    note: str = Field("", description="a line for the report")


class Grid(Part):
    """The county grid on which everything is computed."""

    crs: str = Field(description="projected coordinate system, such as EPSG:4546")
    cell: float = Field(gt=0, le=1000, description="cell size [m]")
    accept_datum_shift: bool = Field(
        False,
        description="lay files of an older datum (Beijing 54, Xi'an 80) over the grid with approximate parameters",
    )
    margin: float = Field(
        1000.0, ge=0, description="ground computed beyond the boundary [m], so that slopes are not cut there"
    )


class Target(Part):
    """A target of the conservation rate."""

    year: int = Field(description="year in which it is due")
    rate_percent: float = Field(ge=0, le=100, description="conservation rate [%]")


class Places(VectorSource):
    """A layer of places with codes and names."""

    level: str = Field(description="township, basin, watershed, zone …")
    code: str = Field("code", description="field of the code")
    name: str = Field("name", description="field of the name")


class SoilSource(RasterSource):
    """The soil map with its table of texture or K."""

    table: str | None = Field(None, description="CSV or Excel file with one row a soil")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="code, sand, silt, clay, organic_carbon or organic_matter, rock or K: the column of each",
    )
    top_layer_of: str | None = Field(
        None, description="separator where a cell of the table lists the horizons, top first"
    )
    method: Literal["epic", "nomograph", "diameter"] = Field("epic", description="formula of K")
    correction: Literal["none", "zhang2008_on_si", "zhang2008_on_us"] = Field(
        "zhang2008_on_us", description="correction for China; two readings exist"
    )


class RainSource(FileSource):
    """Daily rain of one or several stations, or the records of one gauge within the day."""

    stations: File | None = Field(None, description="table of stations: id, name, lon, lat")
    form: Literal["auto", "long", "wide", "cma"] = Field("auto", description="form of the file")
    unit: float = Field(1.0, gt=0, description="millimetres a unit of the file")
    records: Literal["daily", "sub_daily"] = Field(
        "daily", description="sub_daily: records of 30 minutes or less, for EI30 of storms"
    )
    energy: Literal["rusle", "rusle2"] = Field("rusle", description="energy of rain for sub-daily records")
    model: Literal["official", "xie2016"] = Field("official", description="daily erosivity model")
    first_year: int | None = Field(None, description="first year of the mean")
    last_year: int | None = Field(None, description="last year of the mean")
    method: Literal["kriging", "idw"] = Field("kriging", description="interpolation between stations")


class CoverSource(Part):
    """Plant cover through the year: NDVI or cover of 24 half-months, or one cover a land use."""

    ndvi: str | None = Field(
        None, description="path of the half-months, with {half_month:02d} from 01 to 24; or one file of 24 bands"
    )
    fraction: str | None = Field(None, description="the same, as fractional cover")
    by_land_use: dict[str, float] | None = Field(None, description="land-use code to fractional cover, the year round")
    scale: float | None = Field(None, description="factor on the stored values")
    provenance: Literal["measured", "derived", "predicted", "synthetic"] = Field(
        "measured", description="how the layers came about"
    )


class Year(Part):
    """What changes from year to year."""

    land_use: Layer = Field(description="land use, by the 25 second-level classes")
    cover: CoverSource | None = Field(None, description="plant cover")
    measures: Layer | None = Field(
        None, description="engineering measures, by the codes of `shuibao tables engineering_measures`"
    )
    practices: Layer | None = Field(
        None, description="tillage practices, by the codes of `shuibao tables tillage_practices`"
    )
    under_canopy: Raster | None = Field(None, description="cover below the canopy, 0 to 1")
    rain: Annotated[RainSource | None, BeforeValidator(_as_path)] = Field(
        None, description="the year's own rain, for the scientific product"
    )
    factors: dict[Literal["B", "E", "T"], Factor] = Field(
        default_factory=dict, description="factors of this year handed in"
    )


class Layers(Part):
    """What stays the same through the years."""

    elevation: Raster = Field(description="elevation [m]")
    boundary: Vector = Field(
        description="boundary of the county: polygons; or one outlet point, for its catchment; or a raster, for its known cells"
    )
    places: list[Places] = Field(default_factory=list, description="townships, basins and other places to report")
    soil: Annotated[SoilSource | None, BeforeValidator(_as_path)] = Field(None, description="soil map")
    rain: Annotated[RainSource | None, BeforeValidator(_as_path)] = Field(None, description="daily rain of many years")
    allowable_loss: Annotated[LayerSource | FactorSource, BeforeValidator(_as_number)] = Field(
        description="allowable loss [t/(km² a)]: zones with a field, a raster, or one value"
    )
    rotation_zone: Annotated[LayerSource | FactorSource | None, BeforeValidator(_as_number)] = Field(
        None, description="zone of crop rotation: a layer, or one code"
    )
    rivers: Vector | None = Field(None, description="river lines, for the map")
    parcels: Layer | None = Field(None, description="parcels whose borders end a slope (frozen over the years)")
    barriers: Layer | None = Field(
        None, description="roads, terrace edges, shoulder lines or water that end a slope (frozen over the years)"
    )
    factors: dict[Literal["R", "K", "L", "S"], Factor] = Field(default_factory=dict, description="factors handed in")


class Methods(Part):
    """How it is computed. The defaults are those of the statutory product."""

    filling: Literal["fill", "breach"] = Field("fill", description="how depressions are removed before routing")
    channel_area_km2: float = Field(0.1, gt=0, description="contributing area where channels begin [km²]")
    max_length: float | None = Field(100.0, gt=0, description="cap of the slope length [m]")
    slope: Literal["horn", "steepest"] = Field("horn", description="slope of a cell")
    slope_routing: Literal["d8", "facets"] = Field(
        "d8", description="how slope lengths are handed down: to one neighbour, or split over facets"
    )
    slope_factor: Literal["csle", "nearing1997", "mccool1987"] = Field("csle", description="formula of S")
    under_canopy: float | None = Field(
        None, ge=0, le=1, description="cover below the canopy everywhere, instead of the table"
    )
    minimum_share: float = Field(0.9, gt=0, le=1, description="share of the year's erosivity whose cover must be known")
    ephemeral_gullies: bool = Field(False, description="multiply by the ephemeral gully factor (scientific only)")
    erosivity_from_year: bool = Field(False, description="R from the year's own rain (scientific only)")


class CountyFile(Part):
    """All of `county.toml`."""

    county: County
    grid: Grid
    targets: list[Target] = Field(default_factory=list, description="targets of the conservation rate")
    layers: Layers
    years: dict[int, Year] = Field(min_length=1, description="a table for each monitored year: [years.2025]")
    methods: Methods = Field(default_factory=Methods, description="how it is computed")
    scientific: dict[str, Any] = Field(default_factory=dict, description="methods that the scientific product changes")
    data_folder: str = Field(".", description="folder of the data, relative to this file; `--data` overrides it")
    in_force: dt.date | None = Field(
        None, description="day on which parameter rows must be valid; the year's last day by default"
    )

    def methods_of(self, kind: Kind) -> Methods:
        """The methods of one kind; the scientific one takes S of Nearing (1997) and divided flow unless told otherwise."""
        if kind == "statutory":
            return self.methods.model_copy(update={"ephemeral_gullies": False, "erosivity_from_year": False})
        changed = {"slope_factor": "nearing1997", "slope_routing": "facets", **self.scientific}
        return Methods.model_validate({**self.methods.model_dump(), **changed})
