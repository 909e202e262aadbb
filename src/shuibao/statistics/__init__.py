"""Statistics: areas and means over zones, class tables, transitions, the conservation rate, dated places.

`Zones` are built once from polygons or labels, exact to the share of a cell; every statistic is then one pass over a
layer.
"""

from .classes import UNKNOWN, present_codes
from .grading import cover_grades, grade, grade_names, slope_grades
from .places import CoverCheck, Place, check_cover, codes_on, place_records, places_on, polygon_areas
from .rates import INTENSITY_NAMES, Rate, close_rounding, close_table, conservation_rate, eroded_area, half_up
from .zonal import class_areas, cross_table, transition_matrix, zonal_means, zonal_sums, zone_areas
from .zones import Zones

__all__ = [
    "INTENSITY_NAMES", "UNKNOWN", "CoverCheck", "Place", "Rate", "Zones", "check_cover", "class_areas",
    "close_rounding", "close_table",
    "codes_on", "conservation_rate", "cover_grades", "cross_table", "eroded_area", "grade", "grade_names", "half_up",
    "place_records", "places_on", "polygon_areas", "present_codes", "slope_grades",
    "transition_matrix", "zonal_means", "zonal_sums", "zone_areas",
]  # fmt: skip
