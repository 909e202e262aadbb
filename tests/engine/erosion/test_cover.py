"""Plant cover and B: values by hand, half-months that add up, gaps, guards."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuibao.erosion import CoverFactor, CoverTables, fractional_cover, soil_loss_ratio
from shuibao.erosion.kernels import cover as kernels
from shuibao.errors import CoordinateError, InputError
from shuibao.tables import Table, load

DRY, FOREST, SHRUB, GRASS, URBAN, WATER, BARE = 13, 31, 32, 41, 51, 71, 83
EVEN = 1 / 24
PLAN = CoverTables().plan()


def full_year(land, layers, share=EVEN, **options):
    factor = CoverFactor(land, **options)
    for half_month, cover in enumerate(layers):
        factor.add(half_month, cover, share)
    return factor, factor.factor()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (SHRUB, [0.49046, 0.25686, 0.10273, 0.03554, 0.01161, 0.00372]),
        (GRASS, [0.49057, 0.26571, 0.10796, 0.03732, 0.01210, 0.00383]),
    ],
)
def test_shrub_and_grass_have_the_ratios_computed_by_hand(code, expected, make_layer, make_land):
    cover = make_layer([0, 0.2, 0.4, 0.6, 0.8, 1.0], "fractional_cover")
    assert soil_loss_ratio(cover, make_land([code] * 6)).values[0] == pytest.approx(expected, abs=6e-6)


def test_trees_have_the_ratios_computed_by_hand(make_layer, make_land):
    pairs = {
        (0, 0): 0.42869,
        (0.3, 0.3): 0.14465,
        (0.6, 0.2): 0.19319,
        (0.6, 0.5): 0.05941,
        (0.8, 0.8): 0.01125,
        (1, 1): 0.00212,
        (1, 0): 0.35826,
    }
    cover, below = (
        make_layer([float(pair[i]) for pair in pairs], name)
        for i, name in enumerate(["fractional_cover", "under_canopy_cover"])
    )
    ratio = soil_loss_ratio(cover, make_land([FOREST] * len(pairs)), below)
    assert ratio.values[0] == pytest.approx(list(pairs.values()), abs=6e-6)


def test_the_table_gives_the_cover_below_the_canopy_where_no_layer_does(make_layer, make_land):
    below = load("under_canopy_cover").number("cover", code=FOREST)
    cover, land = make_layer([0.5], "fractional_cover"), make_land([FOREST])
    from_table = soil_loss_ratio(cover, land).item()
    from_layer = soil_loss_ratio(cover, land, make_layer([below], "under_canopy_cover")).item()
    assert from_table == pytest.approx(from_layer, rel=1e-6)


def test_land_with_a_fixed_factor_has_no_ratio(make_layer, make_land):
    cover = make_layer([0.5, 0.5, 0.5], "fractional_cover")
    assert np.isnan(soil_loss_ratio(cover, make_land([DRY, URBAN, 0]))).all()


@pytest.mark.parametrize("code", [21, 22, 23, FOREST, SHRUB, 33, GRASS, 42, 43])
@given(covers=st.tuples(st.floats(0, 1), st.floats(0, 1)), below=st.floats(0, 1))
@settings(max_examples=40)
def test_more_cover_never_loses_more_and_the_ratio_is_a_share(code, covers, below):
    thin, thick = sorted(covers)
    ratios = [kernels.soil_loss_ratio(cover, below, PLAN, code) for cover in (thin, thick)]
    assert 0 <= ratios[1] <= ratios[0] <= 1


def test_cover_is_the_place_of_the_index_between_bare_and_full(make_layer, make_land):
    row = load("vegetation_index_bounds").where(group="grass")
    bare, full = row.number("bare"), row.number("full")
    ndvi = make_layer([bare - 0.1, bare, bare + 0.25 * (full - bare), full, full + 0.05, np.nan], "ndvi")
    values = fractional_cover(ndvi, make_land([GRASS] * 6)).values[0]
    assert values[:5] == pytest.approx([0, 0, 0.25, 1, 1], abs=1e-6)
    assert np.isnan(values[5])


def test_unknown_land_has_no_cover(make_layer, make_land):
    assert np.isnan(fractional_cover(make_layer([0.5], "ndvi"), make_land([0])).item())


def test_b_is_the_weighted_sum_of_the_ratios(make_layer, make_land):
    rng = np.random.default_rng(5)
    shares = rng.dirichlet(np.ones(24))
    covers = rng.uniform(0, 1, (24, 4, 5))
    land = make_land(np.array([GRASS, SHRUB, FOREST, 21])[:, None].repeat(5, 1))
    factor, expected = CoverFactor(land), 0.0
    for k in range(24):
        layer_k = make_layer(covers[k], "fractional_cover")
        factor.add(k, layer_k, shares[k])
        expected = expected + shares[k] * soil_loss_ratio(layer_k, land).values
    assert np.allclose(factor.factor().values, expected, rtol=2e-6)


def test_the_order_of_the_half_months_hardly_matters(make_layer, make_land):
    rng = np.random.default_rng(6)
    layers = [make_layer(rng.uniform(0, 0.9, (3, 3)), "ndvi") for _ in range(24)]
    land = make_land(np.full((3, 3), GRASS))
    forward, backward = CoverFactor(land), CoverFactor(land)
    for k in range(24):
        forward.add(k, layers[k], EVEN)
        backward.add(23 - k, layers[23 - k], EVEN)
    assert np.allclose(forward.factor(), backward.factor(), rtol=1e-6)


def test_an_index_counts_as_the_cover_it_stands_for(make_layer, make_land):
    land = make_land([[GRASS, SHRUB, FOREST]])
    ndvi = make_layer([0.3, 0.5, 0.7], "ndvi")
    by_index, by_cover = full_year(land, [ndvi] * 24)[1], full_year(land, [fractional_cover(ndvi, land)] * 24)[1]
    assert np.allclose(by_index, by_cover, rtol=1e-6)


def test_land_without_plants_has_its_own_factor_and_needs_no_index(make_layer, make_land):
    land = make_land([DRY, URBAN, 52, 54, WATER, BARE, 53, 0])
    factor, B = full_year(land, [make_layer([np.nan] * 8, "ndvi")] * 24)
    assert B.values[0, :7] == pytest.approx([1, 0.01, 0.025, 0.1, 0, 1, 1])
    assert np.isnan(B.values[0, 7])
    assert factor.gaps.unknown_cells == {}
    assert factor.gaps.lost_cells == 0


def test_shares_may_differ_by_cell(make_layer, make_land):
    land = make_land([GRASS, GRASS])
    covers = [make_layer([0.2, 0.2], "fractional_cover"), make_layer([0.8, 0.8], "fractional_cover")]
    factor = CoverFactor(land)
    factor.add(12, covers[0], make_layer([0.25, 1.0], "erosivity_share"))
    factor.add(13, covers[1], make_layer([0.75, 0.0], "erosivity_share"))
    assert factor.factor().values[0] == pytest.approx([0.25 * 0.26571 + 0.75 * 0.01210, 0.26571], abs=1e-5)


def test_a_cell_short_of_little_is_filled_up_and_one_short_of_much_is_given_up(make_layer, make_land):
    land = make_land([GRASS, GRASS, GRASS, DRY])
    factor = CoverFactor(land, least_share=0.9)
    factor.add(0, make_layer([np.nan, 0.4, 0.4, np.nan], "fractional_cover"), 0.08)
    factor.add(1, make_layer([0.4, np.nan, 0.4, np.nan], "fractional_cover"), 0.3)
    factor.add(2, make_layer([0.4, 0.4, 0.4, np.nan], "fractional_cover"), 0.62)
    B = factor.factor().values[0]
    assert B[[0, 2, 3]] == pytest.approx([0.10796, 0.10796, 1], abs=1e-5)
    assert np.isnan(B[1])
    assert factor.gaps.unknown_cells == {0: 1, 1: 1}
    assert (factor.gaps.renormalised_cells, factor.gaps.lost_cells) == (1, 1)


def test_a_gap_in_a_half_month_without_erosivity_is_none(make_layer, make_land):
    factor = CoverFactor(make_land([GRASS]))
    factor.add(0, make_layer([np.nan], "ndvi"), 0.0)
    factor.add(13, make_layer([0.4], "fractional_cover"), 1.0)
    assert factor.factor().item() == pytest.approx(0.10796, abs=1e-5)
    assert factor.gaps.unknown_cells == {}


def test_an_unknown_cover_below_the_canopy_is_a_gap(make_layer, make_land):
    below = make_layer([np.nan, 0.5], "under_canopy_cover")
    factor, B = full_year(
        make_land([FOREST, FOREST]), [make_layer([0.6, 0.6], "fractional_cover")] * 24, under_canopy=below
    )
    assert B.values[0, 1] == pytest.approx(0.05941, abs=1e-5)
    assert np.isnan(B.values[0, 0])
    assert factor.gaps.lost_cells == 1


def test_the_layer_says_when_it_comes_from_made_data(make_layer, make_land):
    made = make_layer([0.4], "ndvi", provenance="synthetic")
    assert full_year(make_land([GRASS]), [made] * 24)[1].attrs["provenance"] == "synthetic"


def test_shares_that_miss_a_half_month_are_refused_with_its_number(make_layer, make_land):
    factor = CoverFactor(make_land([GRASS]))
    for k in range(23):
        factor.add(k, make_layer([0.4], "ndvi"), EVEN)
    with pytest.raises(InputError, match=r"add up to 0\.958333.*expected 1\. Half-months not added: \[23\]"):
        factor.factor()


def test_shares_by_cell_that_do_not_add_up_are_refused(make_layer, make_land):
    factor = CoverFactor(make_land([GRASS, GRASS]))
    factor.add(0, make_layer([0.4, 0.4], "ndvi"), make_layer([1.0, 0.9], "erosivity_share"))
    with pytest.raises(InputError, match=r"0\.9 … 1"):
        factor.factor()


@pytest.mark.parametrize("half_month", [-1, 24])
def test_a_half_month_beyond_the_year_is_refused(half_month, make_layer, make_land):
    with pytest.raises(InputError, match="each of 0 to 23 once"):
        CoverFactor(make_land([GRASS])).add(half_month, make_layer([0.4], "ndvi"), EVEN)


def test_a_half_month_cannot_be_added_twice(make_layer, make_land):
    factor = CoverFactor(make_land([GRASS]))
    factor.add(3, make_layer([0.4], "ndvi"), EVEN)
    with pytest.raises(InputError, match="half-month 3"):
        factor.add(3, make_layer([0.4], "ndvi"), EVEN)


@pytest.mark.parametrize(
    ("value", "quantity", "share", "message"),
    [
        (4300.0, "ndvi", EVEN, "NDVI reaches from 4300 to 4300.*scaled by 10000"),
        (43.0, "fractional_cover", EVEN, "fraction from 0 to 1.*Is it percent"),
        (0.4, "ndvi", 4.2, "share of 4.2.*Is it percent"),
        (0.4, "rain_depth", EVEN, "a layer of rain_depth.*ndvi or fractional_cover"),
    ],
)
def test_wrong_scales_are_refused(value, quantity, share, message, make_layer, make_land):
    with pytest.raises(InputError, match=message):
        CoverFactor(make_land([GRASS])).add(0, make_layer([value], quantity), share)


def test_percent_below_the_canopy_is_refused(make_layer, make_land):
    with pytest.raises(InputError, match="Is it percent"):
        CoverFactor(make_land([FOREST]), under_canopy=make_layer([55.0], "under_canopy_cover"))


def test_cover_on_another_grid_is_refused(make_layer, make_land):
    with pytest.raises(CoordinateError, match="differs"):
        CoverFactor(make_land([GRASS])).add(0, make_layer([0.4], "ndvi", cell=20), EVEN)


def test_unknown_codes_are_refused_with_their_cells(make_layer, make_land):
    land = make_land([GRASS, 44, 44, 99, 0])
    with pytest.raises(InputError, match=r"table land_use_classes: .* 44 \(2 cells\), 99 \(1 cells\);"):
        CoverFactor(land)
    with pytest.raises(InputError, match=r"44 \(2 cells\)"):
        fractional_cover(make_layer([0.4] * 5, "ndvi"), land)


def test_tree_land_without_cover_below_its_canopy_is_refused(make_land):
    rows = load("under_canopy_cover").where(code=[21, 23, 33])
    with pytest.raises(InputError, match="tree land of code 31"):
        CoverFactor(make_land([GRASS]), CoverTables(under_canopy=rows))


def test_tables_of_ones_own_are_used(make_layer, make_land):
    classes = load("land_use_classes")
    own = Table(
        classes.name,
        classes.rows.assign(biological_factor=classes.rows["biological_factor"].where(classes.rows["code"] != 61, 0.1)),
    )
    cover, land = [make_layer([np.nan], "ndvi")] * 24, make_land([61])
    assert full_year(land, cover)[1].item() == 1
    assert full_year(land, cover, tables=CoverTables(own))[1].item() == pytest.approx(0.1)


def test_the_classes_may_be_those_that_occur(make_layer, make_land):
    plants = CoverTables(load("land_use_classes").where(code=[GRASS, FOREST]))
    cover = [make_layer([0.4], "fractional_cover")] * 24
    assert full_year(make_land([GRASS]), cover, tables=plants)[1].item() == pytest.approx(0.10796, abs=1e-5)
    water = CoverTables(load("land_use_classes").where(code=[WATER]))
    assert full_year(make_land([WATER]), cover, tables=water)[1].item() == 0


def test_lazy_in_lazy_out_with_the_same_values(make_layer, make_land):
    rng = np.random.default_rng(8)
    land = make_land(rng.choice([DRY, FOREST, SHRUB, GRASS, 0], (20, 30)))
    ndvi = make_layer(rng.uniform(-0.1, 0.9, (20, 30)), "ndvi")
    lazy_land, lazy_ndvi = (a.copy(data=da.from_array(a.values, chunks=8)) for a in (land, ndvi))
    cover, lazy = fractional_cover(ndvi, land), fractional_cover(lazy_ndvi, lazy_land)
    assert isinstance(lazy.data, da.Array)
    assert np.array_equal(lazy.values, cover.values, equal_nan=True)
    assert np.array_equal(soil_loss_ratio(lazy, lazy_land).values, soil_loss_ratio(cover, land).values, equal_nan=True)


def test_compiled_and_plain_agree():
    rng, plan = np.random.default_rng(9), CoverTables().plan()
    codes = rng.choice(np.array([0, DRY, FOREST, SHRUB, GRASS], np.uint8), (6, 7))
    index = rng.uniform(-0.2, 1, (6, 7)).astype(np.float32)
    index[1, :3] = np.nan
    none, fixed = np.empty((0, 0), np.float32), CoverTables().fixed()

    def year(add, note, finish):
        weighted, missing, out = (
            np.zeros((6, 7), np.float32),
            np.zeros((6, 7), np.float32),
            np.empty((6, 7), np.float32),
        )
        count, filled, lost = (np.zeros(6, np.int64) for _ in range(3))
        add(index, codes, none, 0.6, none, plan, True, weighted, count)
        note(index, codes, none, 0.6, none, plan, True, missing)
        finish(weighted, missing, codes, fixed, plan, 0.9, out, filled, lost)
        return out, missing, count, filled, lost

    parts = (kernels.add_half_month, kernels.add_missing_share, kernels.finish_cells)
    for compiled, plain in zip(year(*parts), year(*(k.py_func for k in parts)), strict=True):
        assert np.allclose(compiled, plain, rtol=1e-6, equal_nan=True)
    covers = [np.empty_like(index) for _ in range(4)]
    kernels.cover_cells(index, codes, plan, covers[0])
    kernels.cover_cells.py_func(index, codes, plan, covers[1])
    kernels.ratio_cells(covers[0], codes, none, plan, covers[2])
    kernels.ratio_cells.py_func(covers[0], codes, none, plan, covers[3])
    assert np.allclose(covers[0], covers[1], equal_nan=True)
    assert np.allclose(covers[2], covers[3], equal_nan=True)
