"""Ends of slopes taken together: each cut counts alone, and beside any other."""

import itertools

import numpy as np
import pytest

from shuibao.errors import CoordinateError, InputError
from shuibao.grids import layer
from shuibao.tables import Table, load
from shuibao.terrain import drainage, flow_directions, slope_length

CELL = 10.0
NO_CUTOFFS = Table("none", load("slope_length_cutoffs").rows[:0])
ROUTINGS = ["d8", "facets"]
COLUMNS = 24


def strip(ground):
    """Ground that falls eastwards by ten metres a cell, and its directions."""
    dem = ground(np.tile(500 - 10.0 * np.arange(COLUMNS), (5, 1)), CELL)
    return dem, flow_directions(dem)


def ends(ground):
    """One end of every kind, each in columns of its own, and where the length then begins anew."""
    shape = (5, COLUMNS)
    marks, road, parcels = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.int32)
    marks[:, 4], road[:, 10], parcels[:, 15:] = 1, 1, 1
    angles = np.full(shape, np.radians(45.0), np.float32)
    angles[:, 20:] = np.radians(20.0)
    return {
        "channels": (ground(marks, CELL, "channel"), [4, 5]),
        "barriers": (ground(road, CELL, "measure").astype(bool), [10, 11]),
        "parcels": (ground(parcels, CELL, "place"), [15]),
        "angle": (ground(angles, CELL, "slope_angle"), [20]),
    }


@pytest.mark.parametrize("chosen", [c for n in range(5) for c in itertools.combinations(range(4), n)])
@pytest.mark.parametrize("routing", ROUTINGS)
def test_any_set_of_ends_cuts_where_each_of_them_cuts(ground, chosen, routing):
    dem, codes = strip(ground)
    all_ends = ends(ground)
    names = [list(all_ends)[k] for k in chosen]
    given = {name: all_ends[name][0] for name in names}
    if "angle" not in given:
        given["cutoffs"] = NO_CUTOFFS
    upper = slope_length(dem, codes, max_length=None, routing=routing, **given).upper.values[2]
    begins = sorted({0, *itertools.chain.from_iterable(all_ends[name][1] for name in names)})
    wanted = [CELL * (col - max(b for b in begins if b <= col)) for col in range(COLUMNS)]
    np.testing.assert_allclose(upper, wanted)


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("turn", range(4))
def test_a_line_of_cells_that_touch_at_their_corners_holds_from_all_four_sides(ground, routing, turn):
    rows, cols = np.mgrid[:12, :12]
    dem = ground(np.ascontiguousarray(np.rot90(300.0 - 6 * (rows + cols), turn)), CELL)
    line = np.rot90(rows + cols == 11, turn)
    barrier = layer(np.ascontiguousarray(line).astype(np.uint8), dem.odc.geobox, "measure")
    codes = flow_directions(dem)
    free = slope_length(dem, codes, max_length=None, routing=routing, cutoffs=NO_CUTOFFS)
    cut = slope_length(dem, codes, max_length=None, routing=routing, cutoffs=NO_CUTOFFS, barriers=barrier)
    beyond = np.rot90(rows + cols > 11, turn)
    depth = np.rot90((rows + cols - 11) * CELL, turn)
    assert (cut.upper.values[line] == 0).all()
    assert (cut.upper.values[beyond] <= depth[beyond] * 1.5).all()
    assert np.array_equal(cut.upper.values[~beyond & ~line], free.upper.values[~beyond & ~line])
    assert (cut.upper.values <= free.upper.values).all()


@pytest.mark.parametrize("routing", ROUTINGS)
def test_more_ends_never_make_a_slope_longer(ground, rng, routing):
    drained = drainage(ground(rng.normal(size=(40, 45)).cumsum(0) - 3 * np.arange(45), CELL))
    shape = drained.filled.shape
    sparse, dense = rng.random(shape) < 0.05, rng.random(shape) < 0.1
    lengths = [
        slope_length(
            drained.filled, drained.directions, routing=routing, cutoffs=NO_CUTOFFS, max_length=None,
            barriers=layer(marks.astype(np.uint8), drained.filled.odc.geobox, "measure"),
        ).upper.values
        for marks in (np.zeros(shape, bool), sparse, sparse | dense)
    ]  # fmt: skip
    assert (lengths[0] >= lengths[1]).all()
    assert (lengths[1] >= lengths[2]).all()
    assert lengths[0].mean() > lengths[1].mean() > lengths[2].mean()


def test_an_unknown_angle_cuts_nothing(ground):
    dem, codes = strip(ground)
    angles = np.full((5, COLUMNS), np.radians(45.0), np.float32)
    angles[:, 8] = np.nan
    upper = slope_length(dem, codes, angle=ground(angles, CELL, "slope_angle"), max_length=None).upper.values[2]
    np.testing.assert_allclose(upper, CELL * np.arange(COLUMNS))


@pytest.mark.parametrize("routing", ROUTINGS)
def test_every_end_must_lie_on_the_grid_and_in_memory(ground, routing):
    dem, codes = strip(ground)
    for name, (end, _) in ends(ground).items():
        with pytest.raises(CoordinateError, match="differs"):
            slope_length(dem, codes, routing=routing, **{name: end[1:]})
        with pytest.raises(InputError, match="Dask-backed"):
            slope_length(dem, codes, routing=routing, **{name: end.chunk(y=2)})
    for length in (0, -1.0, float("nan")):
        with pytest.raises(InputError, match="expected positive metres, or None"):
            slope_length(dem, codes, max_length=length, routing=routing)
    with pytest.raises(CoordinateError, match="not in metres"):
        slope_length(dem.odc.assign_crs("EPSG:4326"), codes.odc.assign_crs("EPSG:4326"), routing=routing)
