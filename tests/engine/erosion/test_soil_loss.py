"""A = R K L S B E T: the product, what is unknown, units, and errors that others have published."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.erosion import (
    erosion_modulus,
    intensity_classes,
    slope_factor,
    slope_length_factor,
    soil_loss,
)
from shuibao.erosion.csle import QUANTITIES
from shuibao.erosion.kernels.extremes import extremes, row_extremes
from shuibao.erosion.kernels.product import product_cells
from shuibao.errors import CoordinateError, InputError
from shuibao.quantities import quantity

HIGHEST = {"R": 3000.0, "K": 0.06, "L": 4.0, "S": 12.0, "B": 1.0, "E": 1.0, "T": 1.0, "G": 1.8}


@pytest.fixture
def factors(make_layer):
    rng = np.random.default_rng(12)
    return {
        letter: make_layer(rng.uniform(0.6, 1, (6, 8)) * high, QUANTITIES[letter]) for letter, high in HIGHEST.items()
    }


def test_the_loss_is_the_product(factors):
    expected = np.prod([f.values.astype(np.float64) for f in factors.values()], axis=0)
    loss = soil_loss(**factors)
    assert np.allclose(loss.values, expected, rtol=1e-6)
    assert loss.attrs["units"] == "t hm-2 a-1"
    assert np.allclose(erosion_modulus(loss).values, 100 * expected, rtol=1e-6)


def test_without_gullies_and_with_numbers_for_layers_it_is_the_same_product(factors, make_layer):
    del factors["G"]
    numbers = soil_loss(**factors | {"R": 1400.0, "E": 0.5, "T": 0.4})
    layers = soil_loss(
        **factors
        | {k: make_layer(np.full((6, 8), v), QUANTITIES[k]) for k, v in {"R": 1400.0, "E": 0.5, "T": 0.4}.items()}
    )
    assert np.allclose(numbers.values, layers.values, rtol=1e-6)


@pytest.mark.parametrize("letter", HIGHEST)
def test_where_any_factor_is_unknown_the_loss_is_unknown_and_nowhere_else(letter, factors):
    factors[letter].values[2, 3] = np.nan
    loss = soil_loss(**factors)
    assert np.argwhere(np.isnan(loss.values)).tolist() == [[2, 3]]


@pytest.mark.parametrize("letter", "RKLSBET")
def test_where_any_factor_is_zero_nothing_is_lost(letter, factors):
    factors[letter].values[1, 1] = 0
    loss = soil_loss(**factors)
    assert loss.values[1, 1] == 0
    assert (loss.values > 0).sum() == loss.size - 1


def test_zero_does_not_hide_what_is_unknown(factors):
    factors["B"].values[0, 0], factors["K"].values[0, 0] = 0, np.nan
    assert np.isnan(soil_loss(**factors).values[0, 0])


@given(letter=st.sampled_from("RKLSBET"), times=st.floats(0.1, 1))
@settings(max_examples=25)
def test_the_loss_goes_with_every_factor(letter, times):
    values = {k: 0.3 * v for k, v in HIGHEST.items() if k != "G"}
    cells = lambda d: tuple(np.full((1, 1), v) for v in d.values())  # noqa: E731
    one, other = np.empty((1, 1)), np.empty((1, 1))
    product_cells(cells(values), 1.0, one)
    product_cells(cells(values | {letter: values[letter] * times}), 1.0, other)
    assert other[0, 0] == pytest.approx(one[0, 0] * times)


@pytest.mark.parametrize(
    ("letter", "value", "message"),
    [
        ("B", 1.3, r"biological_factor\): B reaches 1\.3; expected 0 to 1"),
        ("B", -0.2, r"B reaches -0\.2"),
        ("E", 35.0, "E reaches 35.*Is it percent"),
        ("T", 48.8, "T reaches 48.8.*Is it percent"),
        ("K", 0.35, "K reaches 0.35.*multiplied by 0.1317"),
        ("R", 80_000.0, "R reaches 80000.*17.02"),
        ("L", 122.0, "L reaches 122"),
        ("S", 40.0, "S reaches 40"),
    ],
)
def test_a_factor_out_of_range_is_refused_by_name_and_value(letter, value, message, factors):
    factors[letter].values[3, 3] = value
    with pytest.raises(InputError, match=message):
        soil_loss(**factors)


def test_a_number_out_of_range_is_refused_as_well(factors):
    with pytest.raises(InputError, match=r"B reaches 1\.3"):
        soil_loss(**factors | {"B": 1.3})


def test_factors_on_two_grids_are_refused(factors, make_layer):
    with pytest.raises(CoordinateError, match="align"):
        soil_loss(**factors | {"K": make_layer(np.full((6, 9), 0.02), "soil_erodibility")})


def test_a_modulus_is_not_made_of_a_modulus(factors):
    modulus = erosion_modulus(soil_loss(**factors))
    with pytest.raises(InputError, match="a layer of erosion_modulus"):
        erosion_modulus(modulus)


def test_a_bare_steep_slope_of_a_hundred_metres_is_severe(make_layer):
    """One cell by hand: R 1410, K 0.02, 20°, 100 m, bare: about 39 200 t/(km² a)."""
    angle = make_layer([np.radians(20)], "slope_angle")
    L = slope_length_factor(make_layer([0.0], "upper_slope_length"), make_layer([100.0], "slope_length"), angle)
    modulus = erosion_modulus(soil_loss(R=1410.0, K=0.02, L=L, S=slope_factor(angle), B=1.0))
    assert modulus.item() == pytest.approx(39_145, rel=1e-3)
    assert intensity_classes(modulus, 1000).item() == 6


def test_made_data_stay_marked_as_such(factors):
    factors["K"].attrs["provenance"] = "synthetic"
    assert erosion_modulus(soil_loss(**factors)).attrs["provenance"] == "synthetic"


def test_lazy_in_lazy_out_with_the_same_values(factors):
    lazy = {k: f.copy(data=da.from_array(f.values, chunks=3 + i % 3)) for i, (k, f) in enumerate(factors.items())}
    modulus = erosion_modulus(soil_loss(**lazy))
    assert isinstance(modulus.data, da.Array)
    assert np.array_equal(modulus.values, erosion_modulus(soil_loss(**factors)).values)


def test_a_lazy_factor_out_of_range_is_refused_when_computed(factors):
    factors["B"].values[0, 0] = 1.3
    lazy = {k: f.copy(data=da.from_array(f.values, chunks=4)) for k, f in factors.items()}
    with pytest.raises(InputError, match=r"B reaches 1\.3"):
        soil_loss(**lazy).compute()


def test_the_extremes_leave_out_what_is_unknown():
    cells = np.array([[np.nan, 3, -2], [np.nan, np.nan, np.nan]], np.float32)
    assert extremes(cells) == (-2, 3)
    assert extremes(cells[1:]) == (np.inf, -np.inf)
    assert extremes(np.empty((0, 0), np.float32)) == (np.inf, -np.inf)


def test_compiled_and_plain_agree(factors):
    cells = tuple(f.values for f in factors.values())
    compiled, plain = np.empty((6, 8), np.float32), np.empty((6, 8), np.float32)
    product_cells(cells, 2.0, compiled)
    product_cells.py_func(cells, 2.0, plain)
    assert np.allclose(compiled, plain, rtol=1e-6)
    lows = [np.empty(6) for _ in range(4)]
    row_extremes(cells[0], lows[0], lows[1])
    row_extremes.py_func(cells[0], lows[2], lows[3])
    assert np.array_equal(lows[:2], lows[2:])


def test_every_letter_is_a_quantity_with_a_range():
    for name in QUANTITIES.values():
        what = quantity(name)
        assert np.isfinite([what.low, what.high]).all()
        assert what.units


class TestPublishedErrors:
    """Errors found in published programs, so that they never come in here."""

    def test_slope_length_is_not_the_height_over_the_sine(self, make_layer):
        """λ = z / sin θ makes a hilltop at 1500 m the end of a slope of kilometres."""
        angle = make_layer([np.radians(20)], "slope_angle")
        L = slope_length_factor(
            make_layer([0.0], "upper_slope_length"), make_layer([100.0], "slope_length"), angle
        ).item()
        wrong = (1500 / np.sin(np.radians(20)) / 22.13) ** 0.5
        assert wrong > 6 * L

    def test_no_factor_is_clipped_in_silence(self, make_layer):
        """LS cut at 45, or L at 122, hides wrong input; here the product stands or is refused."""
        L = make_layer(np.full((6, 8), 40.0), "slope_length_factor")
        S = make_layer(np.full((6, 8), 20.0), "slope_factor")
        loss = soil_loss(R=1.0, K=0.1, L=L, S=S, B=1.0)
        assert np.allclose(loss.values, 80.0, rtol=1e-6)

    def test_angles_are_not_taken_with_a_short_pi(self, make_layer):
        """With 3.14 for π the slope of 10° falls into the piece below and S by 15 %."""
        short = slope_factor(make_layer([10 * 3.14 / 180], "slope_angle")).item()
        true = slope_factor(make_layer([np.radians(10)], "slope_angle")).item()
        assert true == pytest.approx(2.8429, abs=1e-4)
        assert short < 0.86 * true
