"""Flow that divides: MFD against a slow reference, D-infinity against the analytic split of planes and cones."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.errors import CoordinateError, InputError
from shuibao.terrain import drainage, flow_accumulation_infinity, flow_accumulation_multiple, flow_directions

CELL = 10.0
STEPS = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]


def plain_multiple(z, codes, exponent):
    """Freeman's accumulation, cells from the highest down; flats by their D8 direction, from far to near."""
    sums = np.where(np.isnan(z), np.nan, 1.0)
    for row, col in order_of(z, codes):
        shares = {}
        for r, c in ((row + a, col + b) for a, b in STEPS):
            if 0 <= r < z.shape[0] and 0 <= c < z.shape[1] and z[r, c] < z[row, col]:
                distance = CELL * math.hypot(r - row, c - col)
                shares[r, c] = ((float(z[row, col]) - float(z[r, c])) / distance) ** exponent
        if not shares and codes[row, col] < 8:
            shares = {(row + STEPS[codes[row, col]][0], col + STEPS[codes[row, col]][1]): 1.0}
        for place, share in shares.items():
            sums[place] += sums[row, col] * share / sum(shares.values())
    return sums


def order_of(z, codes):
    """Known cells from the highest down; of equal ones those with the longer way over the flat first."""

    def flat_steps(row, col):
        count = 0
        while codes[row, col] < 8:
            a, b = STEPS[codes[row, col]]
            if z[row + a, col + b] != z[row, col]:
                break
            row, col, count = row + a, col + b, count + 1
        return count

    cells = [cell for cell in np.ndindex(*z.shape) if not math.isnan(z[cell])]
    return sorted(cells, key=lambda cell: (-float(z[cell]), -flat_steps(*cell)))


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 14), st.integers(1, 14)),
    levels=st.sampled_from([4, 1000]),
    holes=st.sampled_from([0.0, 0.1]),
    exponent=st.sampled_from([0.5, 1.1, 4.0]),
)
def test_mfd_is_what_sharing_from_the_highest_cell_down_gives(ground, seed, shape, levels, holes, exponent):
    rng = np.random.default_rng(seed)
    heights = rng.integers(0, levels, size=shape).astype(float)
    heights[rng.random(shape) < holes] = np.nan
    drained = drainage(ground(heights, CELL))
    found = flow_accumulation_multiple(drained.filled, exponent=exponent, directions=drained.directions)
    wanted = plain_multiple(drained.filled.values, drained.directions.values, exponent)
    np.testing.assert_allclose(found.values, wanted, rtol=1e-5)


def split(fall):
    """Tarboton's shares of the straight and the diagonal neighbour for a fall [degrees] within 45 of the straight."""
    return 1 - fall / 45, fall / 45


@pytest.mark.parametrize("octant", range(8))
@pytest.mark.parametrize("within", [0.0, 9.0, 22.5, 36.0])
def test_a_plane_sends_its_water_by_angle_in_all_eight_octants(ground, octant, within):
    turned = octant * 45 + (within if octant % 2 == 0 else 45 - within)
    rows, cols = np.mgrid[:5, :5]
    east, south = math.cos(math.radians(turned)), math.sin(math.radians(turned))
    weights = np.zeros((5, 5), np.float32)
    weights[2, 2] = 1
    shares = flow_accumulation_infinity(
        ground(200 - 8 * (cols * east + rows * south), CELL), weights=ground(weights, CELL)
    ).values
    straight, diagonal = split(within)
    side = octant if octant % 2 == 0 else octant + 1
    corner = octant + 1 if octant % 2 == 0 else octant
    for direction, share in ((side % 8, straight), (corner % 8, diagonal)):
        a, b = STEPS[direction]
        if share > 0:
            assert shares[2 + a, 2 + b] >= share - 1e-4
    assert shares[2, 2] == 1


def test_around_a_cone_each_cell_shares_by_the_angle_of_its_steepest_facet(ground):
    rows, cols = np.mgrid[-40:41, -40:41].astype(float)
    heights = 500 - 0.4 * CELL * np.hypot(rows, cols)
    dem = ground(heights, CELL)
    for row, col in ((0, 25), (7, 25), (12, 24), (20, 22), (-9, 25), (25, 6), (-20, -21)):
        weights = np.zeros(heights.shape, np.float32)
        weights[row + 40, col + 40] = 1
        shares = flow_accumulation_infinity(dem, weights=ground(weights, CELL)).values
        turned = math.degrees(math.atan2(row, col)) % 360
        octant, within = divmod(turned, 45)
        within = within if octant % 2 == 0 else 45 - within
        straight, _ = split(within)
        side = int(octant if octant % 2 == 0 else octant + 1) % 8
        a, b = STEPS[side]
        assert shares[row + 40 + a, col + 40 + b] == pytest.approx(straight, abs=0.03)


def test_area_at_the_foot_of_a_cone_is_spread_evenly_better_by_angle_than_by_d8(ground):
    rows, cols = np.mgrid[-40:41, -40:41].astype(float)
    radius = np.hypot(rows, cols)
    dem = ground(500 - 0.4 * CELL * radius, CELL)
    ring = (radius > 34) & (radius < 36)

    def unevenness(sums):
        return float(sums[ring].std() / sums[ring].mean())

    d8 = drainage(dem).contributing_cells.values.astype(float)
    infinity, multiple = (f(dem).values for f in (flow_accumulation_infinity, flow_accumulation_multiple))
    assert unevenness(infinity) < 0.5 * unevenness(d8)
    assert unevenness(multiple) < 0.5 * unevenness(d8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)])
@pytest.mark.parametrize("accumulation", [flow_accumulation_multiple, flow_accumulation_infinity])
def test_narrow_grids_lose_nothing(ground, shape, accumulation):
    heights = 90.0 - 2 * np.add(*np.mgrid[: shape[0], : shape[1]])
    sums = accumulation(ground(heights, CELL))
    assert sums.attrs["imbalance"] < 1e-12
    if 1 in shape:
        np.testing.assert_allclose(sums.values.ravel(), np.arange(1, max(shape) + 1))


@pytest.mark.parametrize("accumulation", [flow_accumulation_multiple, flow_accumulation_infinity])
def test_wholly_unknown_ground_stays_unknown_and_balances(ground, accumulation):
    sums = accumulation(ground(np.full((4, 6), np.nan), CELL))
    assert np.isnan(sums.values).all()
    assert sums.attrs["imbalance"] == 0


@pytest.mark.parametrize("accumulation", [flow_accumulation_multiple, flow_accumulation_infinity])
def test_what_cannot_be_divided_is_refused(ground, accumulation):
    pit = np.full((5, 5), 9.0)
    pit[2, 2] = 1
    with pytest.raises(InputError, match="fill_depressions"):
        accumulation(ground(pit, CELL))
    level = ground(np.full((4, 4), 3.0), CELL)
    with pytest.raises(CoordinateError, match="not in metres"):
        accumulation(level.odc.assign_crs("EPSG:4326"), directions=flow_directions(level).odc.assign_crs("EPSG:4326"))
    with pytest.raises(InputError, match="Dask-backed"):
        accumulation(level.chunk(y=2), directions=flow_directions(level))
