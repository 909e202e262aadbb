"""Analytic ground: the truth beside each surface is what the terrain part measures on it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import InputError
from shuibao.landscapes import (
    cone,
    cone_truth,
    plane,
    plane_truth,
    roof,
    roof_truth,
    rough,
    square,
    steps,
    steps_truth,
    valley,
    valley_truth,
)  # fmt: skip
from shuibao.terrain import aspect, slope

INNER = (slice(2, -2), slice(2, -2))


def agrees(measured, true, tolerance):
    inner, wanted = measured.values[INNER], true[INNER]
    defined = ~np.isnan(wanted)
    assert defined.any()
    np.testing.assert_allclose(inner[defined], wanted[defined], rtol=0, atol=tolerance)


def turned(measured, true):
    """Greatest angle between two aspects where both are defined."""
    difference = np.angle(np.exp(1j * (measured.values - true)))[INNER]
    return np.nanmax(np.abs(difference))


@given(angle=st.floats(0.02, 0.9), fall=st.floats(0.0, 6.28))
@settings(max_examples=15, deadline=None)
def test_a_plane_has_one_slope_and_one_aspect(angle, fall):
    box = square(21, 25, 20.0)
    ground, truth = plane(angle, fall, box), plane_truth(angle, fall, box)
    agrees(slope(ground), truth.slope_angle, 2e-4)
    assert turned(aspect(ground), truth.aspect) < 2e-3


def test_slope_length_of_a_plane_falling_south_grows_by_a_cell_a_row():
    truth = plane_truth(0.2, np.pi, square(5, 4, 10.0))
    np.testing.assert_allclose(truth.slope_length[:, 0], [5, 15, 25, 35, 45])


def test_slope_length_of_a_plane_falling_southeast_grows_along_the_diagonal():
    truth = plane_truth(0.2, 0.75 * np.pi, square(4, 4, 10.0))
    np.testing.assert_allclose(np.diag(truth.slope_length), np.array([5, 15, 25, 35]) * np.sqrt(2))


def test_a_roof_falls_to_both_sides_from_its_crest():
    box = square(15, 31, 10.0)
    ground, truth = roof(0.3, box), roof_truth(0.3, box)
    agrees(slope(ground), truth.slope_angle, 1e-4)
    assert turned(aspect(ground), truth.aspect) < 1e-3
    assert np.isnan(truth.slope_length[:, 15]).all()
    assert truth.slope_length[0, 16] == 10.0


def test_a_cone_falls_to_all_sides_alike():
    box = square(61, 61, 10.0)
    ground, truth = cone(0.4, box), cone_truth(0.4, box)
    far = truth.slope_length > 100.0
    np.testing.assert_allclose(slope(ground).values[INNER][far[INNER]], 0.4, atol=5e-3)
    assert np.nanmax(np.abs(np.angle(np.exp(1j * (aspect(ground).values - truth.aspect))))[far]) < 0.02
    assert truth.slope_length[30, 40] == 100.0


def test_the_sides_of_a_valley_fall_to_its_bed_and_down_it():
    box = square(31, 31, 10.0)
    ground, truth = valley(0.3, 0.05, box), valley_truth(0.3, 0.05, box)
    agrees(slope(ground), truth.slope_angle, 1e-4)
    assert turned(aspect(ground), truth.aspect) < 1e-3
    assert np.isnan(truth.slope_angle[:, 15]).all()


def test_slope_length_of_a_level_valley_counts_from_its_edge():
    truth = valley_truth(0.3, 0.0, square(5, 9, 10.0))
    np.testing.assert_allclose(truth.slope_length[2, :4], [5, 15, 25, 35])


def test_treads_keep_their_slope_and_end_the_slope_length():
    box = square(30, 7, 10.0)
    ground, truth = steps(0.1, treads=3, riser=4.0, geobox=box), steps_truth(0.1, treads=3, riser=4.0, geobox=box)
    agrees(slope(ground), truth.slope_angle, 1e-4)
    np.testing.assert_allclose(truth.slope_length[11:14, 0], [15, 25, 35])
    drop = ground.values[9, 0] - ground.values[10, 0]
    assert drop == pytest.approx(4.0 + 10 * np.tan(0.1), abs=1e-3)


def test_rough_ground_is_the_same_for_the_same_seed_and_another_for_another():
    box = square(200, 200, 10.0)
    first = rough(20.0, seed=3, geobox=box).values
    assert np.array_equal(first, rough(20.0, seed=3, geobox=box).values)
    assert not np.array_equal(first, rough(20.0, seed=4, geobox=box).values)
    assert 12.0 < first.std() < 30.0


def test_rough_ground_seen_on_finer_cells_is_the_same_ground():
    coarse, fine = (
        rough(10.0, octaves=2, geobox=square(20, 20, 30.0)),
        rough(10.0, octaves=2, geobox=square(60, 60, 10.0)),
    )
    np.testing.assert_allclose(coarse.values, fine.values[1::3, 1::3], atol=1e-3)


@pytest.mark.parametrize("make", [plane, roof, cone, valley, steps])
def test_degrees_for_radians_are_refused_with_a_way_out(make):
    with pytest.raises(InputError, match="deg2rad"):
        make(30.0)


def test_all_analytic_ground_is_synthetic():
    for ground in (plane(0.1), roof(0.1), cone(0.1), valley(0.1), steps(0.1), rough(5.0)):
        assert ground.attrs["provenance"] == "synthetic"
        assert ground.attrs["quantity"] == "elevation"


def test_impossible_ground_is_refused():
    with pytest.raises(InputError, match="positive"):
        rough(-1.0)
    with pytest.raises(InputError, match="treads"):
        steps(0.1, treads=0)
    with pytest.raises(InputError, match="positive"):
        square(0, 3)
