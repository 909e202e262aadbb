"""E, T and the allowable loss: codes to numbers, damage, guards."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.erosion import allowable_loss, engineering_factor, tillage_factor
from shuibao.erosion.codes import by_code
from shuibao.erosion.kernels import lookup
from shuibao.errors import InputError
from shuibao.tables import load

DRY, FOREST, URBAN = 13, 31, 51


@pytest.fixture
def measures(make_layer):
    return lambda codes: make_layer(np.array(codes, np.uint8), "measure", nodata=255)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("none", 1), ("earth_bank_terrace", 0.084), ("stone_bank_terrace", 0.121), ("sloping_terrace", 0.414),
        ("spaced_terrace", 0.347), ("level_bench", 0.151), ("reverse_slope_terrace", 0.151), ("narrow_terrace", 0.151),
        ("contour_trench", 0.335), ("fish_scale_pit", 0.249), ("large_tree_pit", 0.160), ("field_bund", 0.347),
        ("broad_bund", 0.414), ("check_dam", 1), ("gully_check", 1), ("water_cellar", 1),
    ],
)  # fmt: skip
def test_each_measure_has_its_factor(measure, expected, measures):
    code = int(load("engineering_measures").number("code", name=measure))
    assert engineering_factor(measures([code])).item() == pytest.approx(expected)


def test_unknown_measures_stay_unknown_and_none_is_no_measure(measures):
    values = engineering_factor(measures([255, 0])).values[0]
    assert np.isnan(values[0])
    assert values[1] == 1


@given(st.floats(0, 1))
def test_damage_brings_the_factor_back_towards_bare_slope(damage):
    out = np.empty((1, 2), np.float32)
    lookup.damaged_cells(
        np.array([[1, 0]], np.uint8), np.full((1, 2), damage, np.float32), by_code({0: 1.0, 1: 0.084}), out
    )
    assert out[0, 0] == pytest.approx(0.084 + 0.916 * damage, abs=1e-6)
    assert out[0, 1] == 1


def test_damage_acts_cell_by_cell(measures, make_layer):
    damage = make_layer([0.0, 0.5, 1.0, np.nan], "biological_factor")
    E = engineering_factor(measures([1, 1, 1, 1]), damage=damage).values[0]
    assert E[:3] == pytest.approx([0.084, 0.542, 1])
    assert np.isnan(E[3])


def test_damage_in_percent_is_refused(measures, make_layer):
    with pytest.raises(InputError, match=r"damage reaches from 40 to 40.*Is it percent"):
        engineering_factor(measures([1]), damage=make_layer([40.0], "biological_factor"))


def test_unknown_measure_codes_are_refused_with_their_cells(measures):
    with pytest.raises(InputError, match=r"table engineering_measures: codes without a row: 77 \(3 cells\)"):
        engineering_factor(measures([77, 77, 77, 1, 255]))


def test_codes_that_need_more_than_a_byte_are_refused(make_layer):
    with pytest.raises(InputError, match="codes from 1 to 300"):
        engineering_factor(make_layer(np.array([1, 300]), "measure", nodata=255))
    with pytest.raises(InputError, match="integer codes"):
        engineering_factor(make_layer([1.0], "measure", nodata=255))


def test_the_practice_goes_before_the_zone_and_other_land_has_one(make_land, make_layer):
    land = make_land([DRY, DRY, DRY, FOREST, URBAN, 0])
    zones = make_layer(np.array([1, 2, 1, 1, 0, 1], np.uint8), "rotation_zone", nodata=0)
    practices = make_layer(np.array([0, 0, 13, 13, 0, 0], np.uint8), "measure")
    T = tillage_factor(land, zones, practices=practices).values[0]
    assert T[:5] == pytest.approx([0.488, 0.417, 0.136, 1, 1])
    assert np.isnan(T[5])


def test_one_zone_may_hold_for_the_county(make_land):
    assert tillage_factor(make_land([DRY, FOREST]), 2).values[0] == pytest.approx([0.417, 1])
    assert tillage_factor(make_land([DRY, FOREST]), np.int64(2)).values[0] == pytest.approx([0.417, 1])
    with pytest.raises(InputError, match="code 300"):
        tillage_factor(make_land([DRY]), 300)


def test_cropland_in_no_known_zone_is_unknown(make_land, make_layer):
    T = tillage_factor(
        make_land([DRY, FOREST]), make_layer(np.array([0, 0], np.uint8), "rotation_zone", nodata=0)
    ).values[0]
    assert np.isnan(T[0])
    assert T[1] == 1


@pytest.mark.parametrize(
    ("zone", "land", "practice", "named"),
    [(9, DRY, 0, "tillage_rotation"), (1, 99, 0, "land_use_classes"), (1, DRY, 88, "tillage_practices")],
)
def test_codes_without_a_row_are_refused_by_table(zone, land, practice, named, make_land, make_layer):
    with pytest.raises(InputError, match=f"table {named}"):
        tillage_factor(make_land([land]), zone, practices=make_layer(np.array([practice], np.uint8), "measure"))


def test_each_zone_has_its_allowable_loss(make_layer):
    zones = make_layer(np.array([1, 2, 3, 4, 5, 0], np.uint8), "rotation_zone", nodata=0)
    values = allowable_loss(zones).values[0]
    assert values[:5].tolist() == [1000, 200, 200, 500, 500]
    assert np.isnan(values[5])


def test_lazy_in_lazy_out_with_the_same_values(measures, make_land):
    rng = np.random.default_rng(10)
    codes, land = measures(rng.choice([0, 1, 5, 255], (20, 30))), make_land(rng.choice([0, DRY, FOREST], (20, 30)))
    lazy_codes, lazy_land = (a.copy(data=da.from_array(a.values, chunks=9)) for a in (codes, land))
    for lazy, eager in (
        (engineering_factor(lazy_codes), engineering_factor(codes)),
        (tillage_factor(lazy_land, 1), tillage_factor(land, 1)),
    ):
        assert isinstance(lazy.data, da.Array)
        assert np.array_equal(lazy.values, eager.values, equal_nan=True)


def test_compiled_and_plain_agree():
    rng = np.random.default_rng(11)
    codes, zones, practices = (rng.choice(np.array([0, 1, 2], np.uint8), (5, 6)) for _ in range(3))
    numbers, cultivated = by_code({0: 1, 1: 0.3}), by_code({0: 0, 1: 1})
    damage = rng.uniform(0, 1, (5, 6)).astype(np.float32)
    calls = [
        (lookup.lookup_cells, (codes, numbers)),
        (lookup.damaged_cells, (codes, damage, numbers)),
        (lookup.tillage_cells, (codes, zones, practices, cultivated, by_code({1: 0.5, 2: 0.4}), by_code({2: 0.1}))),
    ]
    for kernel, arguments in calls:
        compiled, plain = np.empty((5, 6), np.float32), np.empty((5, 6), np.float32)
        kernel(*arguments, compiled)
        kernel.py_func(*arguments, plain)
        assert np.array_equal(compiled, plain, equal_nan=True)
        assert 0 < np.isnan(compiled).sum() < compiled.size
