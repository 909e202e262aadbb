"""Slope length factor L: values by hand, segments that add up, Desmet and Govers, guards."""

import itertools

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import length_factor_desmet_govers, slope_length_factor
from shuibao.erosion.kernels.desmet_govers import area_factor, area_factor_cells
from shuibao.erosion.kernels.slope_length import exponent_of, segment_factor, segment_factor_cells
from shuibao.erosion.length import length_exponents
from shuibao.errors import CoordinateError, InputError
from shuibao.tables import load

UNIT = 22.13


def factor(upper, lower, degrees, make_layer, exponents="csle"):
    layers = [
        make_layer([float(value)], quantity)
        for value, quantity in (
            (upper, "upper_slope_length"),
            (lower, "slope_length"),
            (np.radians(degrees), "slope_angle"),
        )
    ]
    return slope_length_factor(*layers, exponents).item()


def exponent(degrees, equation):
    m = length_exponents(equation)
    return exponent_of(np.radians(degrees), np.sin(np.radians(degrees)), m.classes, m.ratio)


@pytest.mark.parametrize(
    ("upper", "lower", "degrees", "expected"),
    [
        (0, 22.13, 20, 1.0), (0, 100, 20, 2.1257), (90, 100, 20, 3.1075), (0, 10, 20, 0.6722),
        (40, 50, 8, 2.1379), (0, 100, 2, 1.5722),
    ],
)  # fmt: skip
def test_segments_give_the_values_computed_by_hand(upper, lower, degrees, expected, make_layer):
    assert factor(upper, lower, degrees, make_layer) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(
    ("degrees", "m"), [(0, 0.2), (1, 0.2), (1.01, 0.3), (3, 0.3), (3.01, 0.4), (5, 0.4), (5.01, 0.5), (60, 0.5)]
)
def test_the_exponent_goes_by_classes_whose_upper_bound_is_their_own(degrees, m):
    assert exponent(degrees, "csle") == m


def test_a_bound_in_single_precision_stays_in_its_class(make_layer):
    assert factor(0, 100, 5, make_layer) == pytest.approx((100 / UNIT) ** 0.4, rel=1e-6)


@pytest.mark.parametrize(("percent", "m"), [(2, 0.2441), (9, 0.5011), (50, 0.7003)])
def test_the_rusle_exponent_is_that_computed_by_hand(percent, m):
    """β = (sin θ / 0.0896) / (3 sin^0.8 θ + 0.56), m = β / (1 + β)."""
    assert exponent(np.degrees(np.arctan(percent / 100)), "mccool1989") == pytest.approx(m, abs=2e-4)


def test_the_exponent_of_steep_loess_is_lower():
    assert [exponent(d, "liu2000") for d in (8, 15, 30)] == [0.5, 0.44, 0.44]


@given(
    st.lists(st.floats(0.5, 60), min_size=1, max_size=12),
    st.sampled_from([0.2, 0.3, 0.4, 0.5, 0.63]),
)
def test_segments_weighted_by_their_length_make_the_whole_slope(lengths, m):
    ends = np.concatenate([[0], np.cumsum(lengths)])
    parts = sum(segment_factor(a, b, m, UNIT) * (b - a) for a, b in itertools.pairwise(ends))
    assert parts / ends[-1] == pytest.approx((ends[-1] / UNIT) ** m, rel=1e-9)


@given(st.floats(0, 300), st.floats(0.1, 50), st.floats(0.1, 50))
def test_a_segment_further_down_loses_more(upper, length, further):
    assert segment_factor(upper + further, upper + further + length, 0.5, UNIT) > segment_factor(
        upper, upper + length, 0.5, UNIT
    )


def test_a_segment_without_length_has_the_factor_of_its_point():
    thin = segment_factor(50.0, 50.001, 0.5, UNIT)
    assert segment_factor(50.0, 50.0, 0.5, UNIT) == pytest.approx(thin, rel=1e-4)


def areas(area, aspect_degrees, make_layer, cell=10.0, max_length=None):
    L = length_factor_desmet_govers(
        make_layer([float(area)], "contributing_area", cell=cell),
        make_layer([np.radians(aspect_degrees)], "aspect", cell=cell),
        make_layer([np.radians(20.0)], "slope_angle", cell=cell),
        max_length=max_length,
    )
    return L.item()


@pytest.mark.parametrize(("area", "aspect", "expected"), [(0, 0, 0.6722), (10_000, 0, 10.1084), (10_000, 45, 8.5001)])
def test_desmet_and_govers_give_the_values_computed_by_hand(area, aspect, expected, make_layer):
    assert areas(area, aspect, make_layer) == pytest.approx(expected, rel=1e-4)


@given(st.floats(1, 50), st.sampled_from([0.2, 0.3, 0.4, 0.5, 0.7]))
def test_without_area_above_desmet_and_govers_is_the_first_segment(cell, m):
    assert area_factor(0.0, 0.0, m, cell, UNIT, np.inf) == pytest.approx(segment_factor(0.0, cell, m, UNIT), rel=1e-9)


@given(st.integers(0, 200), st.floats(1, 50), st.sampled_from([0.3, 0.5]))
def test_along_the_rows_desmet_and_govers_is_every_segment(cells, cell, m):
    by_area = area_factor(cells * cell * cell, 0.0, m, cell, UNIT, np.inf)
    assert by_area == pytest.approx(segment_factor(cells * cell, (cells + 1) * cell, m, UNIT), rel=1e-7)


def test_the_slope_angle_does_not_stand_in_for_the_aspect(make_layer):
    """A published program takes |sin| + |cos| of the slope angle; the aspect decides."""
    assert areas(10_000, 45, make_layer) < areas(10_000, 0, make_layer)
    assert areas(10_000, 90, make_layer) == pytest.approx(areas(10_000, 0, make_layer), rel=1e-5)


def test_the_root_of_the_area_does_not_stand_in_for_the_area(make_layer):
    """A published program puts a length where the area belongs and gets 1.23 for 10.1."""
    assert areas(np.sqrt(10_000), 0, make_layer) == pytest.approx(1.23, abs=0.01)
    assert areas(10_000, 0, make_layer) / areas(np.sqrt(10_000), 0, make_layer) > 8


def test_the_longest_slope_ends_the_growth(make_layer):
    assert areas(1e6, 0, make_layer, max_length=100) == pytest.approx(segment_factor(90, 100, 0.5, UNIT), rel=1e-5)
    assert areas(1e6, 0, make_layer) > 10 * areas(1e6, 0, make_layer, max_length=100)


def test_flat_ground_has_no_aspect_and_still_a_factor(make_layer):
    assert areas(100, np.nan, make_layer) == areas(100, 0, make_layer)


def test_cells_are_no_area(make_layer):
    flat = make_layer([0.1], "slope_angle")
    with pytest.raises(InputError, match=r"contributing_cells.*Multiply contributing cells"):
        length_factor_desmet_govers(make_layer([7.0], "contributing_cells"), make_layer([0.0], "aspect"), flat)


def test_layers_on_two_grids_are_refused(make_layer):
    with pytest.raises(CoordinateError, match="differs"):
        slope_length_factor(
            make_layer([0.0], "upper_slope_length"),
            make_layer([[5.0, 6.0]], "slope_length"),
            make_layer([0.1], "slope_angle"),
        )


def test_degrees_are_refused(make_layer):
    with pytest.raises(InputError, match="Are these degrees"):
        slope_length_factor(
            make_layer([0.0], "upper_slope_length"),
            make_layer([9.0], "slope_length"),
            make_layer([12.0], "slope_angle"),
        )


def test_two_equations_at_once_are_refused(make_layer):
    with pytest.raises(InputError, match="expected one equation"):
        length_exponents(load("slope_length_exponents"))


def test_unknown_travels(make_layer):
    nan = np.nan
    L = slope_length_factor(
        make_layer([nan, 0, 0, 0.0], "upper_slope_length"), make_layer([9, nan, 9, 9.0], "slope_length"),
        make_layer([0.1, 0.1, nan, 0.1], "slope_angle"),
    )  # fmt: skip
    assert np.isnan(L.values[0]).tolist() == [True, True, True, False]


def test_lazy_in_lazy_out_with_the_same_values(make_layer):
    rng = np.random.default_rng(3)
    upper = make_layer(rng.uniform(0, 90, (20, 30)), "upper_slope_length")
    lower = make_layer(upper.values + 10, "slope_length")
    angle = make_layer(rng.uniform(0, 0.8, (20, 30)), "slope_angle")
    lazy = slope_length_factor(
        *(a.copy(data=da.from_array(a.values, chunks=c)) for a, c in ((upper, 7), (lower, 9), (angle, 20)))
    )
    assert isinstance(lazy.data, da.Array)
    assert np.array_equal(lazy.values, slope_length_factor(upper, lower, angle).values)


@pytest.mark.parametrize("equation", ["csle", "mccool1989"])
def test_compiled_and_plain_agree(equation):
    rng, m = np.random.default_rng(4), length_exponents(equation)
    upper = rng.uniform(0, 90, (5, 8)).astype(np.float32)
    angle = rng.uniform(0, 1, (5, 8)).astype(np.float32)
    angle[1, 1] = upper[3, 2] = np.nan
    lower, aspect = upper + np.float32(10), angle * 3
    for kernel, cells, extra in (
        (segment_factor_cells, (upper, lower, angle), ()),
        (area_factor_cells, (upper * 100, aspect, angle), (10.0, 100.0)),
    ):
        compiled, plain = np.empty_like(angle), np.empty_like(angle)
        kernel(*cells, m.classes, m.ratio, m.unit_length, *extra, compiled)
        kernel.py_func(*cells, m.classes, m.ratio, m.unit_length, *extra, plain)
        assert np.allclose(compiled, plain, rtol=1e-6, equal_nan=True)
        assert np.isnan(compiled).sum() == 2
