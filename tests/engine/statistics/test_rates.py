"""The conservation rate and rounding that closes."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import InputError
from shuibao.statistics import INTENSITY_NAMES, close_rounding, close_table, conservation_rate, eroded_area, half_up


def areas(slight: float, light: float, unknown: float = 0.0, **more: float) -> dict[str, float]:
    return dict.fromkeys(INTENSITY_NAMES.values(), 0.0) | {"slight": slight, "light": light, "unknown": unknown} | more


def test_the_targets_of_ningwu_mean_the_published_areas():
    """Erosion notes, appendix A: 1987.7 km2 at 56.04 % and 57.2 %."""
    now, goal = eroded_area(56.04, 1987.7), eroded_area(57.2, 1987.7)
    assert half_up(now, 1) == 873.8
    assert half_up(goal, 1) == 850.7
    assert half_up(now - goal) == 23.06


def test_the_rate_is_the_share_that_does_not_erode():
    rate = conservation_rate(areas(560.4, 300, moderate=100, severe=39.6))
    assert rate.percent == pytest.approx(56.04, abs=1e-12)
    assert rate.rounded_percent == 56.04
    assert rate.eroded_area_km2 == pytest.approx(439.6)
    assert rate.bounds_percent == (rate.percent, rate.percent)
    assert rate.known_share == 1


def test_unknown_ground_is_neither_sound_nor_eroded_but_widens_the_bounds():
    rate = conservation_rate(areas(54, 36, unknown=10))
    assert rate.percent == pytest.approx(60)
    assert rate.bounds_percent == pytest.approx((54, 64))
    assert rate.known_share == pytest.approx(0.9)
    assert rate.total_area_km2 == 100


def test_where_nothing_is_known_the_rate_is_unknown():
    rate = conservation_rate(areas(0, 0, unknown=5))
    assert math.isnan(rate.percent)
    assert math.isnan(rate.rounded_percent)
    assert rate.bounds_percent == (0, 100)


def test_the_rate_of_the_map_is_laid_on_the_statutory_area():
    rate = conservation_rate(pd.Series(areas(56.04, 43.96)), statutory_area_km2=1987.7)
    assert rate.statutory_eroded_area_km2 == pytest.approx(873.79, abs=0.01)
    assert rate.eroded_area_km2 == pytest.approx(43.96)
    assert conservation_rate(areas(1, 1)).statutory_eroded_area_km2 is None


def test_classes_may_come_by_code():
    assert conservation_rate({1: 3.0, 2: 1.0}).percent == 75


@pytest.mark.parametrize(
    "wrong", [{"slight": -1.0, "light": 2.0}, {"sleight": 1.0}, {7: 1.0}, {"slight": math.nan}, {"slight": 0.0}]
)
def test_areas_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputError, match="conservation rate"):
        conservation_rate(wrong)


@pytest.mark.parametrize(("percent", "area"), [(101, 5), (-1, 5), (50, 0), (50, math.nan)])
def test_a_target_that_cannot_be_is_refused(percent, area):
    with pytest.raises(InputError, match="rate from 0 to 100"):
        eroded_area(percent, area)


@pytest.mark.parametrize(
    ("value", "rounded"), [(56.045, 56.05), (0.125, 0.13), (2.675, 2.68), (-0.125, -0.13), (1e-9, 0.0), (57.2, 57.2)]
)
def test_halves_are_rounded_as_one_reads_them(value, rounded):
    assert half_up(value) == rounded


def test_thirds_of_a_hundred_close():
    assert close_rounding([100 / 3] * 3).tolist() == [33.34, 33.33, 33.33]


def test_the_larger_of_equal_remainders_goes_up_first():
    assert close_rounding([1.005, 7.005, 3.005, 3.005]).tolist() == [1.0, 7.01, 3.01, 3.0]


parts = st.lists(st.floats(0, 5000, allow_subnormal=False), min_size=1, max_size=12)


@given(parts, st.integers(0, 4))
def test_rounded_parts_add_up_to_their_rounded_sum(values, decimals):
    rounded = close_rounding(values, decimals=decimals)
    unit = Decimal(1).scaleb(-decimals)
    exact = sum((Decimal(repr(v)) for v in values), Decimal(0))
    total = sum((Decimal(repr(float(r))) for r in rounded), Decimal(0))
    assert abs(total - exact) <= unit / 2
    assert total == total.quantize(unit)
    assert all(abs(Decimal(repr(float(r))) - Decimal(repr(v))) < unit for r, v in zip(rounded, values, strict=True))


@given(parts)
def test_rounding_does_not_turn_the_order_round(values):
    rounded = close_rounding(values)
    order = np.lexsort((rounded, values))  # equal parts may differ by one unit
    assert (np.diff(rounded[order]) >= -1e-9).all()


@given(parts)
def test_what_is_rounded_already_stays(values):
    once = close_rounding(values)
    assert close_rounding(once).tolist() == once.tolist()


def test_a_total_of_other_parts_is_refused():
    with pytest.raises(InputError, match="Scale the parts"):
        close_rounding([1.0, 2.0], total=4.0)
    with pytest.raises(InputError, match="finite"):
        close_rounding([1.0, math.nan])


def test_every_row_of_a_table_closes():
    table = pd.DataFrame(np.random.default_rng(0).random((6, 7)) * 100, columns=list("abcdefg"))
    closed = close_table(table)
    for key, row in closed.iterrows():
        assert round(row.sum(), 2) == half_up(table.loc[key].sum())
    assert list(closed) == list(table)


@given(st.lists(st.floats(0, 3000), min_size=7, max_size=7).filter(lambda v: sum(v) > 1))
def test_the_bounds_hold_the_rate_and_part_as_far_as_the_unknown_reaches(values):
    rate = conservation_rate(dict(zip([*INTENSITY_NAMES.values(), "unknown"], values, strict=True)))
    low, high = rate.bounds_percent
    assert high - low == pytest.approx(100 * values[6] / sum(values), abs=1e-9)
    if rate.known_share > 0:
        assert low - 1e-9 <= rate.percent <= high + 1e-9
        assert rate.eroded_area_km2 == pytest.approx(sum(values[1:6]))
