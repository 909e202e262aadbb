"""Slope factor S: published values, jumps, guards."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import slope_factor
from shuibao.erosion.kernels.slope_steepness import slope_factor as slope_factor_of
from shuibao.erosion.kernels.slope_steepness import slope_factor_cells
from shuibao.erosion.slope import slope_pieces
from shuibao.errors import InputError
from shuibao.tables import load

DEGREES = [0, 3, 5, 8, 9.999, 10, 15, 20, 25, 30, 35, 45]
BY_HAND = {
    "csle": [
        0.0300, 0.5952, 0.9642, 1.8381, 2.4170, 2.8429, 4.7081, 6.5302, 8.2953, 9.9900, 11.6013, 14.5256,
    ],
    "nearing1997": [
        0.0491, 0.5611, 0.9777, 1.7273, 2.3129, 2.3132, 4.0612, 6.0953, 8.1738, 10.0460, 11.5613, 13.4973,
    ],
}  # fmt: skip


def factor(degrees, make_layer, equation="csle"):
    return slope_factor(make_layer(np.radians(degrees), "slope_angle"), equation).values[0]


def single(degrees, equation="csle"):
    angle = np.radians(degrees)
    return slope_factor_of(angle, np.sin(angle), slope_pieces(equation))


@pytest.mark.parametrize("equation", BY_HAND)
def test_slope_factor_gives_the_values_computed_by_hand(equation, make_layer):
    assert factor(DEGREES, make_layer, equation) == pytest.approx(BY_HAND[equation], abs=6e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("degrees", "expected"), [(5, 0.9642), (10, 2.8429)])
def test_a_bound_belongs_to_the_piece_above_in_either_precision(dtype, degrees, expected, make_layer):
    angle = make_layer(np.full((1, 1), np.radians(degrees)).astype(dtype), "slope_angle")
    assert slope_factor(angle).item() == pytest.approx(expected, abs=6e-5)


def test_the_official_pieces_jump_by_what_is_known():
    assert single(5) / single(5 - 1e-5) - 1 == pytest.approx(-0.007, abs=5e-4)
    assert single(10) / single(10 - 1e-5) - 1 == pytest.approx(0.176, abs=5e-4)


def test_mccool_and_liu_begin_alike_and_join_at_nine_percent(make_layer):
    nine_percent = np.degrees(np.arctan(0.09))
    for equation in ("mccool1987", "liu1994"):
        assert single(3, equation) == single(3)
        assert single(nine_percent + 1e-6, equation) == pytest.approx(single(nine_percent - 1e-6, equation), rel=0.03)
    assert single(20, "liu1994") == pytest.approx(21.91 * np.sin(np.radians(20)) - 0.96)
    assert single(20, "mccool1987") == pytest.approx(16.8 * np.sin(np.radians(20)) - 0.5)


@given(st.floats(0, 80), st.floats(0, 80))
def test_slope_factor_rises_with_the_slope_except_at_five_degrees(one, other):
    low, high = sorted((one, other))
    assert single(low, "nearing1997") <= single(high, "nearing1997")
    fall = 0.008 if low < 5 <= high else 0
    assert single(low) <= single(high) + fall


def test_unknown_stays_unknown_and_nothing_else_becomes_so(make_layer):
    values = factor([np.nan, 0, 90], make_layer)
    assert np.isnan(values).tolist() == [True, False, False]


def test_degrees_are_refused_with_a_way_out(make_layer):
    with pytest.raises(
        InputError, match=r"slope angle reaches 41\.3; expected radians, at most 1\.57\. Are these degrees\?"
    ):
        slope_factor(make_layer([0.2, 41.3], "slope_angle"))


def test_negative_angles_are_refused(make_layer):
    with pytest.raises(InputError, match=r"falls to -0\.1"):
        slope_factor(make_layer([-0.1], "slope_angle"))


def test_several_equations_at_once_are_refused(make_layer):
    with pytest.raises(InputError, match="equations"):
        slope_factor(make_layer([0.1], "slope_angle"), load("slope_factor_branches"))


def test_an_equation_that_does_not_begin_at_the_level_is_refused(make_layer):
    table = load("slope_factor_branches").where(equation="csle", from_degrees=[5, 10])
    with pytest.raises(InputError, match="from 0 upwards"):
        slope_factor(make_layer([0.1], "slope_angle"), table)


def test_rows_of_ones_own_are_used(make_layer):
    table = load("slope_factor_branches").where(equation="csle")
    own = type(table)(table.name, table.rows.assign(gain=table.rows["gain"] * 2))
    angle = make_layer([0.3], "slope_angle")
    official, doubled = slope_factor(angle).item(), slope_factor(angle, own).item()
    assert doubled - official == pytest.approx(21.9 * np.sin(0.3), rel=1e-6)


def test_lazy_in_lazy_out_with_the_same_values(make_layer):
    angle = make_layer(np.random.default_rng(1).uniform(0, 1.2, (20, 30)), "slope_angle")
    lazy = slope_factor(angle.copy(data=da.from_array(angle.values, chunks=(7, 11))))
    assert isinstance(lazy.data, da.Array)
    assert np.array_equal(lazy.values, slope_factor(angle).values)


def test_lazy_degrees_are_refused_when_computed(make_layer):
    angle = make_layer(np.full((4, 4), 20.0), "slope_angle")
    with pytest.raises(InputError, match="Are these degrees"):
        slope_factor(angle.copy(data=da.from_array(angle.values, chunks=2))).compute()


@pytest.mark.parametrize("equation", ["csle", "nearing1997"])
def test_compiled_and_plain_agree(equation):
    angle = np.random.default_rng(2).uniform(0, 1.5, (6, 7)).astype(np.float32)
    angle[2, 3] = np.nan
    compiled, plain = np.empty_like(angle), np.empty_like(angle)
    slope_factor_cells(angle, slope_pieces(equation), compiled)
    slope_factor_cells.py_func(angle, slope_pieces(equation), plain)
    assert np.allclose(compiled, plain, rtol=1e-6, equal_nan=True)
