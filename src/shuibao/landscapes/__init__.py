"""Landscapes: made ground with known answers, and the demonstration county.

Everything made here has the provenance `synthetic`.
"""

from .county import DemonstrationCounty, demonstration_county

__all__ = ["DemonstrationCounty", "demonstration_county"]
