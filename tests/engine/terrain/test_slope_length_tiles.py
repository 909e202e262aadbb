"""Slope length tile by tile: bit for bit what walking down from every cell in turn gives."""

import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.tables import Table, load
from shuibao.terrain import drainage, flow_directions, slope, slope_length
from shuibao.terrain.kernels.neighbours import COL_STEP, OUTLET, ROW_STEP, UNKNOWN
from shuibao.terrain.kernels.slope_length import count_links, lay_segments
from shuibao.terrain.kernels.slope_length_tiles import hand_down

CELL = 10.0
DIAGONAL = math.sqrt(2.0)


def neighbour(array, row, col, direction):
    r, c = row + ROW_STEP[direction], col + COL_STEP[direction]
    inside = 0 <= r < array.shape[0] and 0 <= c < array.shape[1]
    return float(array[r, c]) if inside else math.nan


def plain_width(z, row, col, d):
    """Step of one cell on the fall of the steeper of its two facets, written with branches."""
    steepest, share = 0.0, 1.0
    centre, ahead = float(z[row, col]), neighbour(z, row, col, d)
    for beside in ((d + 7) % 8, (d + 1) % 8):
        aside = neighbour(z, row, col, beside)
        straight, corner = (aside, ahead) if d % 2 else (ahead, aside)
        along, across = centre - straight, straight - corner
        fall = math.sqrt(along * along + across * across)
        if 0 <= across <= along and fall > steepest:
            steepest = fall
            share = (along + across) / (fall * DIAGONAL) if d % 2 else along / fall
    return np.float32(CELL * ((DIAGONAL if d % 2 else 1.0) * share))


def plain_cut(row, col, d, cuts):
    """Whether nothing is handed down from a cell; `cuts` as keyword arguments of `slope_length`, plain arrays."""
    r, c = row + ROW_STEP[d], col + COL_STEP[d]
    angle, marks, parcels, barriers = (cuts[key] for key in ("angle", "channels", "parcels", "barriers"))
    degrees = math.degrees(angle[row, col])
    share = 0.7 if degrees < 5 else 0.5
    if angle[r, c] < np.float32(share) * angle[row, col]:
        return True
    if marks[row, col] or marks[r, c] or barriers[row, col] or barriers[r, c] or parcels[row, col] != parcels[r, c]:
        return True
    return bool(d % 2 and barriers[row, c] and barriers[r, col])


def plain_lengths(z, codes, cuts, longest):
    """Both edges of every segment: lengths carried down from each cell again and again until nothing changes."""
    widths, links = np.full(z.shape, np.nan, np.float32), {}
    for row, col in np.ndindex(*z.shape):
        d = int(codes[row, col])
        if d == UNKNOWN or math.isnan(z[row, col]):
            continue
        widths[row, col] = CELL
        if d < OUTLET and not math.isnan(neighbour(z, row, col, d)):
            widths[row, col] = plain_width(z, row, col, d)
            if not plain_cut(row, col, d, cuts):
                links[row, col] = (row + ROW_STEP[d], col + COL_STEP[d])
    upper = np.where(np.isnan(widths), np.nan, 0).astype(np.float32)
    moved = True
    while moved:
        moved = False
        for here, below in links.items():
            length = np.float32(upper[here] + widths[here])
            if length > upper[below]:
                upper[below], moved = length, True
    lower = np.minimum(upper + widths, longest, dtype=np.float32)
    return np.maximum(np.minimum(upper, longest - widths, dtype=np.float32), 0, dtype=np.float32), lower


def random_ground(seed, shape, holes):
    """Rough ground that falls south-east, with unknown cells."""
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    heights = 300 + rng.normal(size=shape) * 3 - rows * rng.uniform(0, 6) - cols * rng.uniform(0, 6)
    heights[rng.random(shape) < holes] = np.nan
    return heights, rng


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    holes=st.sampled_from([0.0, 0.1]),
    share=st.sampled_from([0.0, 0.03, 0.2]),
    longest=st.sampled_from([None, 60.0]),
)
def test_lengths_are_those_of_carrying_every_length_down(ground, seed, shape, holes, share, longest):
    heights, rng = random_ground(seed, shape, holes)
    drained = drainage(ground(heights, CELL))
    cuts = {
        "angle": slope(drained.filled),
        "channels": ground((rng.random(shape) < share).astype(np.uint8), quantity="channel"),
        "parcels": ground((rng.random(shape) < 0.9).astype(np.int32), quantity="place"),
        "barriers": ground((rng.random(shape) < share).astype(np.uint8), quantity="measure").astype(bool),
    }
    lengths = slope_length(drained.filled, drained.directions, max_length=longest, **cuts)
    plain = plain_lengths(
        drained.filled.values, drained.directions.values, {key: part.values for key, part in cuts.items()},
        np.float32(math.inf if longest is None else longest),
    )  # fmt: skip
    np.testing.assert_array_equal(lengths.upper.values, plain[0])
    np.testing.assert_array_equal(lengths.lower.values, plain[1])


def laid(drained):
    """Links, inflows and widths of drained ground without any cut."""
    heights, codes = drained.filled.values, drained.directions.values
    links, inflows, widths = np.empty(codes.shape, np.uint8), np.empty(codes.shape, np.uint8), np.empty_like(heights)
    none = np.empty((0, 0), np.bool_)
    no_angle, no_bounds, no_parcels = np.empty((0, 0), np.float32), np.empty((0, 2), np.float32), none.astype(np.int64)
    lay_segments(heights, codes, CELL, no_angle, no_bounds, no_bounds[:, 0], none, no_parcels, none, links, widths)
    count_links(links, inflows)
    return links, inflows, widths


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    tile=st.integers(2, 17),
    workers=st.integers(1, 5),
)
def test_neither_tiles_nor_workers_change_a_bit(ground, seed, shape, tile, workers):
    heights, _ = random_ground(seed, shape, 0.05)
    links, inflows, widths = laid(drainage(ground(heights, CELL)))
    found = []
    for side, threads in ((64, 1), (tile, workers)):
        upper, lower = np.zeros(shape, np.float32), widths.copy()
        assert hand_down(links, inflows.copy(), side, threads, np.float32(80), upper, lower) == 0
        found.append((upper, lower))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


@pytest.mark.parametrize("tile", [2, 3, 5, 16])
def test_one_slope_that_winds_through_all_tiles_keeps_its_whole_length(tile):
    rows, cols = 20, 23
    links = np.zeros((rows, cols), np.uint8)
    links[1::2] = 4
    links[::2, -1] = links[1::2, 0] = 2
    links[-1, 0] = OUTLET
    inflows = np.empty_like(links)
    count_links(links, inflows)
    upper, lower = np.zeros(links.shape, np.float32), np.ones(links.shape, np.float32)
    assert hand_down(links, inflows, tile, 2, np.float32(math.inf), upper, lower) == 0
    order = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols)
    order[1::2] = order[1::2, ::-1]
    np.testing.assert_array_equal(upper, order)
    np.testing.assert_array_equal(lower, order + 1)


@pytest.mark.parametrize("tile", [2, 3, 7])
def test_circles_within_and_across_tiles_are_counted_with_what_lies_below(tile):
    links = np.full((6, 9), OUTLET, np.uint8)
    links[1, 1:4], links[2, 2:5], links[1, 4], links[2, 1] = 0, 4, 2, 6
    links[4, 0] = 0
    inflows = np.empty_like(links)
    count_links(links, inflows)
    upper, lower = np.zeros(links.shape, np.float32), np.ones(links.shape, np.float32)
    assert hand_down(links, inflows, tile, 2, np.float32(100), upper, lower) == 8
    assert upper[4, 1] == 1


def test_more_threads_than_one_give_the_same_lengths_over_several_whole_tiles(ground):
    heights, _ = random_ground(3, (530, 300), 0.01)
    dem = ground(heights, CELL)
    drained = drainage(dem)
    many = slope_length(drained.filled, drained.directions)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = slope_length(drained.filled, drained.directions)
    finally:
        numba.set_num_threads(before)
    assert many.upper.identical(one.upper)
    assert many.lower.identical(one.lower)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (1, 30), (30, 1), (2, 2), (3, 2), (2, 3)])
def test_the_narrowest_grids_have_lengths_along_their_only_way(ground, shape):
    heights = 100.0 - 3 * np.add(*np.mgrid[: shape[0], : shape[1]])
    dem = ground(heights, CELL)
    lengths = slope_length(dem, flow_directions(dem), max_length=None)
    assert (lengths.lower.values > lengths.upper.values).all()
    if 1 in shape:
        np.testing.assert_allclose(lengths.upper.values.ravel(), CELL * np.arange(max(shape)))


def test_wholly_unknown_ground_has_no_lengths(ground):
    dem = ground(np.full((5, 7), np.nan), CELL)
    lengths = slope_length(dem, flow_directions(dem))
    assert np.isnan(lengths.upper.values).all()
    assert np.isnan(lengths.lower.values).all()


def test_of_ranges_of_slope_that_overlap_the_first_row_counts(ground):
    codes = ground(np.array([[0, 0, 0, 8]] * 3, np.uint8), quantity="flow_direction")
    angles = np.tile(np.radians([20.0, 20.0, 14.0, 14.0]), (3, 1)).astype(np.float32)
    dem, angle = ground([[40.0, 30.0, 20.0, 10.0]] * 3), ground(angles, quantity="slope_angle")
    rows = load("slope_length_cutoffs").rows.iloc[[0, 0]].assign(slope_from_deg=0, slope_to_deg=90)
    for factors, begin in (((0.9, 0.5), 0), ((0.5, 0.9), 20)):
        table = Table("mine", rows.assign(factor=factors))
        assert slope_length(dem, codes, angle=angle, cutoffs=table).upper.values[1, 2] == begin
