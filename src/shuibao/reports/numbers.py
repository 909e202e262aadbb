"""How numbers are written: thousands with commas, fixed decimals rounded half up, an en dash for what is unknown."""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from markupsafe import Markup

UNKNOWN = "–"
DECIMALS = {
    "area": 2, "percent": 2, "share": 2, "modulus": 1, "loss": 0, "points": 2, "count": 0, "factor": 4, "erosivity": 1, "number": 2,
}  # fmt: skip


def is_number(value: Any) -> bool:
    """Whether a value is a finite number (bool is none)."""
    if isinstance(value, (bool, str, bytes)) or value is None:
        return False
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False


def rounded(value: float, decimals: int = 2) -> Decimal:
    """`value` rounded half up, as the statistics offices do, from its shortest decimal form."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def written(value: Any, kind: str = "number", *, signed: bool = False) -> str:
    """A number as text; `kind` is a key of DECIMALS. `signed` puts + or − before it."""
    if not is_number(value):
        return UNKNOWN
    number = rounded(value, DECIMALS[kind])
    text = f"{abs(number):,}"
    if number < 0:
        return f"−{text}"
    return f"+{text}" if signed and number > 0 else text


def datum(value: Any, kind: str = "number", *, signed: bool = False) -> Markup:
    """A number as HTML: the text for people, the exact value for programs (`<data value>`)."""
    if not is_number(value):
        return Markup('<span class="none">{}</span>').format(UNKNOWN)
    return Markup('<data value="{}">{}</data>').format(repr(float(value)), written(value, kind, signed=signed))
