"""Numbers are written as a statistics office writes them, and keep their exact value for programs."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.reports.numbers import DECIMALS, datum, is_number, rounded, written


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (56.045, "56.05"),
        (56.0449999, "56.04"),
        (0.005, "0.01"),
        (2.675, "2.68"),
        (1.005, "1.01"),
        (-0.125, "−0.13"),
        (99.995, "100.00"),
    ],
)
def test_halves_are_rounded_away_from_zero_as_people_see_the_number(value, shown):
    assert written(value, "percent") == shown


def test_thousands_are_set_apart():
    assert written(1948.3084, "area") == "1,948.31"
    assert written(2618345.25, "loss") == "2,618,345"
    assert written(999.999, "area") == "1,000.00"
    assert written(999.99, "area") == "999.99"


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf"), -float("inf"), np.nan, "", "12", True, object()])
def test_what_is_no_number_is_a_dash(nothing):
    assert not is_number(nothing)
    assert written(nothing, "area") == "–"
    assert "data" not in datum(nothing, "area")


@pytest.mark.parametrize("number", [0, 1, -2.5, np.float32(3), np.int16(-4), Decimal("1.5")])
def test_numbers_of_any_make_are_numbers(number):
    assert is_number(number)


def test_every_kind_has_its_decimals():
    for kind, decimals in DECIMALS.items():
        text = written(1.23456789, kind)
        assert len(text.partition(".")[2]) == decimals


def test_a_sign_is_written_only_where_asked_and_never_before_zero():
    assert written(0.47, "points", signed=True) == "+0.47"
    assert written(-0.47, "points", signed=True) == "−0.47"
    assert written(0.0, "points", signed=True) == "0.00"
    assert written(0.001, "points", signed=True) == "0.00"
    assert written(-0.001, "points", signed=True) == "0.00"
    assert written(0.47, "points") == "0.47"


def test_the_minus_is_a_minus_and_no_hyphen():
    assert written(-1234.5, "modulus") == "−1,234.5"
    assert "-" not in written(-1234.5, "modulus")


@given(st.floats(-1e9, 1e9))
def test_the_page_keeps_the_exact_value_beside_the_rounded_one(value):
    text = str(datum(value, "area"))
    exact = float(text.split('value="')[1].split('"')[0])
    assert exact == value


@given(st.floats(-1e7, 1e7))
def test_rounding_never_moves_a_number_by_more_than_half_of_the_last_place(value):
    assert abs(rounded(value) - Decimal(repr(value))) <= Decimal("0.005")
