"""Terrain: conditioning, flow directions, accumulation, slope, slope length, channels, catchments.

Heights, angles and lengths are layers (see `shuibao.grids`); unknown cells are NaN and water leaves the ground beside
them.
"""

from .breaching import breach_depressions
from .catchments import catchment_outlets, catchments, small_watersheds
from .channels import channels
from .drainage import (
    Drainage,
    DrainageCheck,
    check_drainage,
    drainage,
    fill_depressions,
    flow_accumulation,
    flow_directions,
)
from .multiple_flow import flow_accumulation_infinity, flow_accumulation_multiple
from .slope import aspect, slope
from .slope_length import SlopeLength, slope_length

__all__ = [
    "Drainage",
    "DrainageCheck",
    "SlopeLength",
    "aspect",
    "breach_depressions",
    "catchment_outlets",
    "catchments",
    "channels",
    "check_drainage",
    "drainage",
    "fill_depressions",
    "flow_accumulation",
    "flow_accumulation_infinity",
    "flow_accumulation_multiple",
    "flow_directions",
    "slope",
    "slope_length",
    "small_watersheds",
]
