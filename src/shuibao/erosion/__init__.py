"""Erosion: the factors of the CSLE, soil loss and its classes (土壤侵蚀)."""

from .half_months import AllowedMissing, HalfMonthErosivity, half_month_erosivity
from .rain import (
    HALF_MONTHS,
    annual_erosivity,
    daily_erosivity,
    fournier_erosivity,
    half_month,
    zhang_parameters,
)
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
from .storms import StormErosivity, rain_energy, storm_erosivity, storm_events

__all__ = [
    "HALF_MONTHS",
    "AllowedMissing",
    "HalfMonthErosivity",
    "StationSurface",
    "StormErosivity",
    "annual_erosivity",
    "daily_erosivity",
    "erodibility_correction",
    "erodibility_diameter",
    "erodibility_epic",
    "erodibility_nomograph",
    "erodibility_of_soils",
    "floor_erodibility",
    "fournier_erosivity",
    "geometric_mean_diameter",
    "half_month",
    "half_month_erosivity",
    "interpolate_stations",
    "organic_carbon",
    "rain_energy",
    "soil_erodibility",
    "storm_erosivity",
    "storm_events",
    "zhang_parameters",
]
