"""Shuibao (水保): a fast, honest engine for soil and water conservation.

The parts, from the ground up: `grids`, `terrain`, `statistics`, `erosion`, `io`, `landscapes`, `reports`, `studies`, `cli`.
Import the part you need: ``from shuibao import terrain``.
"""

__version__ = "0.1.0"
