"""Erosion: the factors of the CSLE, soil loss and its classes (土壤侵蚀)."""

from .construction import (
    ConstructionLoss,
    SlopeUnit,
    cut_face,
    damaged_vegetation,
    refuse_beyond_limits,
    spoil_heap,
    turned_soil,
)
from .construction_periods import (
    ConstructionPeriod,
    CountyClimate,
    background_modulus,
    county_climate,
    period_erosivity,
)
from .cover import CoverFactor, CoverGaps, fractional_cover, soil_loss_ratio
from .csle import erosion_modulus, soil_loss
from .ephemeral import ephemeral_gully_factor
from .half_months import AllowedMissing, HalfMonthErosivity, half_month_erosivity
from .intensity import intensity_classes
from .land_use import CoverTables
from .length import length_factor_desmet_govers, slope_length_factor
from .measures import allowable_loss, engineering_factor, tillage_factor
from .rain import (
    HALF_MONTHS,
    annual_erosivity,
    daily_erosivity,
    fournier_erosivity,
    half_month,
    zhang_parameters,
)
from .slope import slope_factor
from .soil import (
    erodibility_correction,
    erodibility_diameter,
    erodibility_epic,
    erodibility_nomograph,
    floor_erodibility,
    geometric_mean_diameter,
    organic_carbon,
)
from .soil_layer import erodibility_of_soils, soil_erodibility
from .stations import StationSurface, interpolate_stations
from .storms import StormErosivity, erosive_storms, rain_energy, storm_erosivity, storm_events
from .topography import Topography, segment_topography, topographic_factor

__all__ = [
    "HALF_MONTHS",
    "AllowedMissing",
    "ConstructionLoss",
    "ConstructionPeriod",
    "CountyClimate",
    "CoverFactor",
    "CoverGaps",
    "CoverTables",
    "HalfMonthErosivity",
    "SlopeUnit",
    "StationSurface",
    "StormErosivity",
    "Topography",
    "allowable_loss",
    "annual_erosivity",
    "background_modulus",
    "county_climate",
    "cut_face",
    "daily_erosivity",
    "damaged_vegetation",
    "engineering_factor",
    "ephemeral_gully_factor",
    "erodibility_correction",
    "erodibility_diameter",
    "erodibility_epic",
    "erodibility_nomograph",
    "erodibility_of_soils",
    "erosion_modulus",
    "erosive_storms",
    "floor_erodibility",
    "fournier_erosivity",
    "fractional_cover",
    "geometric_mean_diameter",
    "half_month",
    "half_month_erosivity",
    "intensity_classes",
    "interpolate_stations",
    "length_factor_desmet_govers",
    "organic_carbon",
    "period_erosivity",
    "rain_energy",
    "refuse_beyond_limits",
    "segment_topography",
    "slope_factor",
    "slope_length_factor",
    "soil_erodibility",
    "soil_loss",
    "soil_loss_ratio",
    "spoil_heap",
    "storm_erosivity",
    "storm_events",
    "tillage_factor",
    "topographic_factor",
    "turned_soil",
    "zhang_parameters",
]
