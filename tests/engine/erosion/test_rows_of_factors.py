"""L and S row by row: each cell has what its own scalar formula gives it."""

import numpy as np
import pytest

from shuibao.erosion.kernels.sine import sines
from shuibao.erosion.kernels.slope_length import exponent_of, exponent_row, segment_factor, segment_factor_row
from shuibao.erosion.kernels.slope_steepness import slope_factor, slope_factor_row
from shuibao.erosion.length import length_exponents
from shuibao.erosion.slope import slope_pieces


@pytest.mark.parametrize("kernel", [sines, sines.py_func])
def test_the_sine_is_right_to_the_last_place(kernel):
    angles = np.append(np.linspace(0, np.pi / 2, 2001), np.nan)
    found = np.empty_like(angles)
    kernel(angles, found)
    np.testing.assert_allclose(found, np.sin(angles), rtol=3e-16, atol=3e-16)
    assert np.isnan(found[-1])


@pytest.fixture
def angles():
    """Angles over all classes with the bounds of classes and pieces themselves, and one unknown."""
    rng = np.random.default_rng(12)
    bounds = np.radians([0, 1, 3, 5, 10, 11.309932474, 25, 90])
    return np.concatenate([bounds, np.nextafter(bounds, 0), [np.nan], rng.uniform(0, 1.5, 60)]).astype(np.float32)


@pytest.mark.parametrize("equation", ["csle", "mccool1987", "liu1994", "nearing1997"])
@pytest.mark.parametrize("compiled", [True, False])
def test_steepness_of_a_row_is_that_of_its_cells(angles, equation, compiled):
    pieces, sine, found = slope_pieces(equation), np.empty(angles.size), np.empty(angles.size)
    sines(angles, sine)
    (slope_factor_row if compiled else slope_factor_row.py_func)(angles, sine, pieces, found)
    wanted = [slope_factor.py_func(a, s, pieces) for a, s in zip(angles, sine, strict=True)]
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    assert np.isnan(found[np.isnan(angles)]).all()


@pytest.mark.parametrize("equation", ["csle", "liu2000", "mccool1989"])
@pytest.mark.parametrize("compiled", [True, False])
def test_length_factors_of_a_row_are_those_of_its_cells(angles, equation, compiled):
    m = length_exponents(equation)
    upper = np.linspace(0, 90, angles.size, dtype=np.float32)
    lower = (upper + np.resize([10, 0, 3.5], angles.size)).astype(np.float32)
    sine, exponents, found = (np.empty(angles.size) for _ in range(3))
    sines(angles, sine)
    exponent_row(angles, sine, m.classes, m.ratio, exponents)
    kernel = segment_factor_row if compiled else segment_factor_row.py_func
    with np.errstate(invalid="ignore", divide="ignore"):
        kernel(upper, lower, angles, exponents, m.unit_length, found)
    each = zip(upper.astype(float), lower.astype(float), angles, sine, strict=True)
    wanted = [
        segment_factor.py_func(u, w, exponent_of.py_func(a, s, m.classes, m.ratio), m.unit_length)
        for u, w, a, s in each
    ]
    known = ~np.isnan(angles)
    np.testing.assert_allclose(found[known], np.array(wanted)[known], rtol=1e-12)
    assert np.isnan(found[~known]).all()
