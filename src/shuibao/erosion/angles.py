"""Slope angles that come in: radians, never degrees."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InputError
from .kernels.extremes import extremes


def refuse_degrees(angle: Any) -> None:
    """Raise InputError where slope angles (an array of rows and columns) cannot be radians between 0 and π/2."""
    low, high = extremes(angle)
    if high > math.pi / 2 + 1e-6:
        raise InputError(
            f"slope angle reaches {high:.4g}",
            expected="radians, at most 1.57",
            remedy="Are these degrees? np.deg2rad(angle) converts them.",
        )
    if low < 0:
        raise InputError(f"slope angle falls to {low:.4g}", expected="radians from 0 to 1.57")


def guarded(kernel: Callable[..., None], place: int = 0) -> Callable[..., None]:
    """The kernel with its argument number `place` checked to be slope angles in radians, block by block."""

    def run(*arguments: Any) -> None:
        refuse_degrees(arguments[place])
        kernel(*arguments)

    return run


def bound_from_below(degrees: float) -> float:
    """A bound [rad] that an angle given in degrees reaches, in single or in double precision."""
    angle = math.radians(degrees)
    return min(angle, float(np.float32(angle)))


def bound_from_above(degrees: float) -> float:
    """A bound [rad] that an angle given in degrees does not exceed, in single or in double precision."""
    angle = math.radians(degrees)
    return max(angle, float(np.float32(angle)))
