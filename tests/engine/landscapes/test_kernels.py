"""Kernels that make ground: known answers on a few cells, and compiled equals plain."""

import numpy as np
import pytest

from shuibao.landscapes.kernels.carving import carve, nearest_river, spread_labels, sum_areas
from shuibao.landscapes.kernels.cellular import patch_cells
from shuibao.landscapes.kernels.creep import creep_cells
from shuibao.landscapes.kernels.gradient_noise import fractal_cells
from shuibao.landscapes.kernels.resampling import resample_cells
from shuibao.landscapes.kernels.season import greenness_cells
from shuibao.landscapes.kernels.stream_power import incise, upstream_order

EAST_TO_OUTLET = np.array([[0, 0, 0, 8]], np.uint8)
"""Four cells in a row that drain east."""


def routed():
    order = np.empty(4, np.int64)
    return order, upstream_order(EAST_TO_OUTLET, order)


def test_every_cell_comes_after_the_cell_it_drains_to():
    order, count = routed()
    assert count == 4
    assert order.tolist() == [3, 2, 1, 0]


def test_areas_add_up_downstream():
    order, count = routed()
    area = np.zeros((1, 4))
    sum_areas(EAST_TO_OUTLET, order, count, 100.0, area)
    assert area.tolist() == [[100, 200, 300, 400]]


def test_carving_leaves_a_way_down_and_touches_nothing_else():
    order, count = routed()
    height = np.array([[5.0, 3.0, 4.0, 1.0]])
    carve(height, EAST_TO_OUTLET, order, count, 0.0)
    assert height.tolist() == [[5, 3, 3, 1]]


def test_incision_follows_the_implicit_formula():
    order, count = routed()
    height = np.array([[30.0, 20.0, 10.0, 0.0]])
    area, rock = np.full((1, 4), 100.0), np.full((1, 4), 0.1)
    incise(height, EAST_TO_OUTLET, order, count, area, rock, 0.5, 10.0, np.full((1, 4), 9.0))
    factor = 0.1 * 10.0 / 10.0
    third = 10.0 / (1 + factor)
    assert height[0, 2] == pytest.approx(third)
    assert height[0, 1] == pytest.approx((20.0 + factor * third) / (1 + factor))
    assert height[0, 3] == 0.0


def test_no_slope_stays_steeper_than_the_steepest():
    order, count = routed()
    height = np.array([[300.0, 200.0, 100.0, 0.0]])
    incise(height, EAST_TO_OUTLET, order, count, np.ones((1, 4)), np.zeros((1, 4)), 0.5, 10.0, np.full((1, 4), 0.5))
    assert height.tolist() == [[15, 10, 5, 0]]


def test_a_hillside_knows_the_river_below_it():
    order, count = routed()
    area, height = np.array([[100.0, 200.0, 300.0, 400.0]]), np.array([[9.0, 7.0, 4.0, 1.0]])
    base, size = np.zeros((1, 4)), np.zeros((1, 4))
    nearest_river(height, EAST_TO_OUTLET, order, count, area, 300.0, base, size)
    assert base.tolist() == [[4, 4, 4, 1]]
    assert size.tolist() == [[300, 300, 300, 400]]


def test_labels_spread_upstream_until_another_label():
    order, count = routed()
    labels = np.array([[0, 2, 0, 1]], np.int32)
    spread_labels(EAST_TO_OUTLET, order, count, labels)
    assert labels.tolist() == [[2, 2, 1, 1]]


def test_creep_keeps_the_mass_and_lowers_the_peak():
    height = np.zeros((7, 7))
    height[3, 3] = 10.0
    out = np.empty_like(height)
    creep_cells(height, 0.2, out)
    assert out.sum() == pytest.approx(10.0)
    assert out[3, 3] == pytest.approx(2.0)


def test_unknown_ground_neither_gives_nor_takes():
    height = np.array([[np.nan, 4.0, 4.0]])
    out = np.empty_like(height)
    creep_cells(height, 0.2, out)
    assert np.isnan(out[0, 0])
    assert out[0, 1:].tolist() == [4, 4]


def test_resampling_reproduces_a_plane():
    rows, cols = np.mgrid[0:12, 0:12].astype(float)
    out = np.empty((12, 12))
    resample_cells(3 * rows + 2 * cols, 3.25, 3.25, 0.5, out)
    y, x = 3.25 + 0.5 * np.mgrid[0:12, 0:12]
    np.testing.assert_allclose(out, 3 * y + 2 * x, atol=1e-9)


def test_greenness_is_low_in_winter_high_in_summer_and_unknown_beyond():
    curves = np.zeros((256, 4))
    curves[31] = 0.3, 0.8, 8.0, 19.0
    code, ones = np.array([[31, 0]], np.uint8), np.ones((1, 2), np.float32)
    winter, summer = np.empty((1, 2), np.float32), np.empty((1, 2), np.float32)
    greenness_cells(code, ones, 1400 * ones, 0 * ones, 0.0, curves, 0.9, winter)
    greenness_cells(code, ones, 1400 * ones, 0 * ones, 13.5, curves, 0.9, summer)
    assert winter[0, 0] == pytest.approx(0.3, abs=0.01)
    assert summer[0, 0] == pytest.approx(0.8, abs=0.03)
    assert np.isnan(winter[0, 1])


def compiled_and_plain(kernel, *given, outs):
    """What a kernel writes, compiled and plain."""
    results = []
    for run in (kernel, kernel.py_func):
        written = [o.copy() for o in outs]
        run(*given, *written)
        results.append(written)
    return results


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_compiled_noise_and_patches_equal_plain():
    compiled, plain = compiled_and_plain(
        fractal_cells, 600_000.0, 4_300_000.0, 30.0, 500.0, 3, 0.5, 7, outs=[np.zeros((6, 7))]
    )
    np.testing.assert_allclose(compiled[0], plain[0], rtol=0, atol=1e-12)
    index, chance = np.zeros((6, 7), np.int32), np.zeros((6, 7))
    compiled, plain = compiled_and_plain(
        patch_cells, 600_000.0, 4_300_000.0, 30.0, 90.0, 7, outs=[index, index, chance]
    )
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_compiled_routing_and_incision_equal_plain():
    rng = np.random.default_rng(1)
    height = rng.random((1, 4)) * 50
    answers = []
    for order_of, cut in ((upstream_order, incise), (upstream_order.py_func, incise.py_func)):
        order, ground = np.empty(4, np.int64), height.copy()
        count = order_of(EAST_TO_OUTLET, order)
        cut(
            ground,
            EAST_TO_OUTLET,
            order,
            count,
            np.full((1, 4), 50.0),
            np.full((1, 4), 0.3),
            0.5,
            10.0,
            np.full((1, 4), 0.8),
        )
        answers.append(ground)
    np.testing.assert_allclose(answers[0], answers[1], rtol=1e-12)
