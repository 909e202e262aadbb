"""Landscapes: made ground with known answers, and the demonstration county.

Everything made here has the provenance `synthetic`.
"""

from .analytic import (
    Truth,
    cone,
    cone_truth,
    plane,
    plane_truth,
    roof,
    roof_truth,
    rough,
    square,
    steps,
    steps_truth,
    valley,
    valley_truth,
)
from .county import DemonstrationCounty, demonstration_county

__all__ = [
    "DemonstrationCounty", "Truth", "cone", "cone_truth", "demonstration_county", "plane", "plane_truth", "roof", "roof_truth", "rough",
    "square", "steps", "steps_truth", "valley", "valley_truth",
]  # fmt: skip
