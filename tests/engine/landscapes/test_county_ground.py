"""The made ground keeps the real frame: block means, the two exits, one way down from everywhere."""

import numpy as np
import pytest

from shuibao.grids import layer
from shuibao.landscapes import demonstration_county, frame
from shuibao.landscapes.ground import county_lattice, make_ground
from shuibao.landscapes.lattice import Blocks
from shuibao.landscapes.places import exit_cells
from shuibao.landscapes.site import read_site
from shuibao.terrain import check_drainage, fill_depressions, flow_accumulation, flow_directions, slope

EXITS = frame.table("exits").set_index("river")


@pytest.fixture(scope="module")
def inside(county):
    return county_lattice(county.cell).covered(frame.boundary())


def test_block_means_are_the_given_ones_within_a_metre(county):
    heights = county.dem.values
    blocks = Blocks(county_lattice(county.cell), ~np.isnan(heights))
    given = frame.block_heights()[2]
    assert blocks.complete.sum() > 40
    assert np.abs(blocks.means(heights) - given)[blocks.complete].max() < 1.0


def test_block_ranges_are_plausible(county):
    heights = county.dem.values
    blocks = Blocks(county_lattice(county.cell), ~np.isnan(heights))
    _, _, _, low, high = frame.block_heights()
    ratio = (blocks.ranges(np.nan_to_num(heights)) / (high - low))[blocks.complete]
    assert 0.6 < np.median(ratio) < 1.6


def test_every_cell_of_the_ground_drains_without_filling(county):
    filled = fill_depressions(county.dem)
    assert np.nanmax(filled.values - county.dem.values) < 1e-3
    assert check_drainage(flow_directions(filled)).drained_cells == int(np.isfinite(county.dem.values).sum())


@pytest.mark.parametrize("river", ["汾河", "恢河"])
def test_the_rivers_leave_where_the_real_ones_do_with_as_much_of_the_county_above(county, inside, river):
    site = read_site(county.dem, county_lattice(county.cell))
    directions = flow_directions(fill_depressions(county.dem))
    weights = layer(np.where(inside, county.cell**2 / 1e6, 0.0), county.geobox, "contributing_area")
    above = flow_accumulation(directions, weights).values
    cell = exit_cells(site)[river]
    assert above.flat[cell] == pytest.approx(EXITS.loc[river, "area_km2"], rel=0.08)
    edge = above[inside]
    assert above.flat[cell] >= np.sort(edge)[-1] * 0.9 or river == "恢河"


def test_valleys_are_gentle_and_hillsides_are_not(county, inside):
    site = read_site(county.dem, county_lattice(county.cell))
    floors = inside & (site.above_river < 5.0) & (site.area_above > 2e7)
    hills = inside & (site.above_river > 40.0)
    assert np.degrees(np.nanmean(slope(county.dem).values[hills])) > 2 * np.nanmedian(site.slope[floors])


def test_the_same_seed_makes_the_same_bytes():
    first, second = make_ground(480.0, 5)[0], make_ground(480.0, 5)[0]
    assert first.tobytes() == second.tobytes()


def test_another_seed_makes_another_ground():
    one, other = make_ground(480.0, 5)[0], make_ground(480.0, 6)[0]
    assert np.nanmean(np.abs(one - other)) > 5.0


def test_ground_is_known_to_one_and_a_half_kilometres_beyond_the_border(county):
    lattice = county_lattice(county.cell)
    known = ~np.isnan(county.dem.values)
    assert np.array_equal(known, lattice.covered(frame.boundary().buffer(1500.0)))


def test_the_grid_is_snapped_to_the_cell_in_the_nearest_gauss_kruger_zone(county):
    affine = county.geobox.affine
    assert county.geobox.crs.to_epsg() == 4546
    assert affine.c % county.cell == 0
    assert affine.f % county.cell == 0


def test_a_cell_out_of_bounds_is_refused():
    from shuibao.errors import InputError

    with pytest.raises(InputError, match="5 to 500 m"):
        demonstration_county(cell=1000.0)
    with pytest.raises(InputError, match="rising"):
        demonstration_county(cell=300.0, years=(2025, 2024))
