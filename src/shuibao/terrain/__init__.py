"""Terrain: conditioning, flow directions, accumulation, slope, slope length, channels, catchments.

Heights, angles and lengths are layers (see `shuibao.grids`); unknown cells are NaN and water leaves the ground beside them.
"""

from .drainage import Drainage, DrainageCheck, check_drainage, drainage, fill_depressions, flow_accumulation, flow_directions

__all__ = [
    "Drainage", "DrainageCheck", "check_drainage", "drainage", "fill_depressions", "flow_accumulation", "flow_directions",
]  # fmt: skip
