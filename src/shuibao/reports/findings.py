"""What the summary says in plain words: against the targets, against the baseline, and how sure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .content import ReportContent
from .numbers import is_number, rounded


@dataclass(frozen=True)
class Verdict:
    """One target against the rate.

    points: rate minus target, both rounded half up to two decimals as they are published [percentage points]
    area_km2: the same as an area of the county, from the unrounded rate [km²]; the ground to be treated where negative
    certain: whether the verdict holds for any state of the unknown ground
    """

    year: int
    target_percent: float
    met: bool
    points: float
    area_km2: float
    certain: bool


@dataclass(frozen=True)
class Change:
    """The summary minus the baseline's."""

    year: int
    points: float
    eroded_area_km2: float
    modulus: float | None
    same_kind: bool


def verdicts(content: ReportContent) -> list[Verdict]:
    """Every target against the rate, by year; empty where the rate is unknown."""
    rate = content.summary["conservation_rate_percent"]
    if not is_number(rate):
        return []
    return [_verdict(content.summary, float(rate), t) for t in content.all_targets if is_number(t.get("rate_percent"))]


def _verdict(summary: Mapping[str, Any], rate: float, target: Mapping[str, float]) -> Verdict:
    wanted = float(target["rate_percent"])
    met = rounded(rate) >= rounded(wanted)
    bounds = [b for b in summary.get("rate_bounds_percent") or () if is_number(b)]
    return Verdict(
        year=int(target["year"]), target_percent=wanted, met=met, points=float(rounded(rate) - rounded(wanted)),
        area_km2=(rate - wanted) / 100 * float(summary["total_area_km2"]),
        certain=all((rounded(b) >= rounded(wanted)) == met for b in bounds),
    )  # fmt: skip


def change(content: ReportContent) -> Change | None:
    """The change since the baseline, or None where there is no baseline."""
    now, before = content.summary, content.baseline
    if before is None or not (
        is_number(before.get("conservation_rate_percent")) and is_number(now["conservation_rate_percent"])
    ):
        return None
    moduli = now.get("mean_modulus_t_km2_a"), before.get("mean_modulus_t_km2_a")
    return Change(
        year=int(before["year"]),
        points=float(rounded(now["conservation_rate_percent"]) - rounded(before["conservation_rate_percent"])),
        eroded_area_km2=now["eroded_area_km2"] - before["eroded_area_km2"],
        modulus=moduli[0] - moduli[1] if is_number(moduli[0]) and is_number(moduli[1]) else None,  # type: ignore[operator]
        same_kind=now.get("kind") == before.get("kind"),
    )


def class_shares(summary: Mapping[str, Any]) -> list[tuple[str, float, float]]:
    """Key, area [km²] and share of the map area [%] of each of the six classes, then of the unknown ground where there is any."""
    areas = dict(summary.get("class_area_km2") or {})
    if is_number(summary.get("nodata_area_km2")) and summary["nodata_area_km2"] > 0:
        areas["unknown"] = summary["nodata_area_km2"]
    whole = float(summary["total_area_km2"]) or 1.0
    return [(key, float(area), 100 * float(area) / whole) for key, area in areas.items() if is_number(area)]
