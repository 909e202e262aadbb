"""Classes add up to the area, means weigh by area, and unknown stays unknown."""

import numba
import numpy as np
import pandas as pd
import pytest

from shuibao import grids
from shuibao.errors import CoordinateError, InputError
from shuibao.statistics import (
    INTENSITY_NAMES,
    UNKNOWN,
    Zones,
    class_areas,
    cross_table,
    grade,
    grade_names,
    slope_grades,
    transition_matrix,
    zonal_means,
    zonal_sums,
    zone_areas,
)
from shuibao.statistics.kernels import zonal as kernels


@pytest.fixture(scope="module")
def zones(townships, county_grid):
    return Zones.from_polygons(townships, county_grid)


def shares(zones: Zones, at: int) -> np.ndarray:
    """Area of each cell [km2] within one zone, by plain NumPy."""
    share = (zones.labels == at + 1).ravel().astype(float)
    mine = zones.members == at
    np.add.at(share, zones.cells[mine], zones.fractions[mine])
    return share.reshape(zones.labels.shape) * zones.areas / 1e6


def test_class_areas_equal_a_plain_count_of_weighted_cells(classes, zones):
    table = class_areas(classes, zones, INTENSITY_NAMES)
    assert list(table) == [*INTENSITY_NAMES.values(), UNKNOWN]
    for at, code in enumerate(zones.ids):
        area = shares(zones, at)
        expected = [area[classes.values == c].sum() for c in (1, 2, 3, 4, 5, 6, 0)]
        np.testing.assert_allclose(table.loc[code], expected, rtol=1e-11)


def test_classes_and_unknown_add_up_to_the_area_of_the_zone(classes, zones):
    table = class_areas(classes, zones)
    np.testing.assert_allclose(table.sum(axis=1), zone_areas(zones), rtol=1e-12)
    assert (table[UNKNOWN] > 0).all()


def test_a_class_that_does_not_occur_has_its_column_all_the_same(classes, zones):
    mild = classes.where(classes <= 2, 2).astype("uint8").assign_attrs(classes.attrs)
    assert class_areas(mild, zones, INTENSITY_NAMES)["severe"].tolist() == [0.0] * len(zones.ids)


def test_a_code_beyond_the_list_is_refused(classes, zones):
    with pytest.raises(InputError, match=r"unknown codes \[5, 6\].*codes \[1, 2, 3, 4\]"):
        class_areas(classes, zones, [1, 2, 3, 4])


@pytest.mark.parametrize("kind", ["int16", "int32", "int64", "uint16"])
def test_classes_of_any_integer_type_count_alike(classes, zones, kind):
    other = classes.astype(kind).assign_attrs(classes.attrs)
    pd.testing.assert_frame_equal(class_areas(other, zones), class_areas(classes, zones))


def test_means_weigh_by_area_and_leave_the_unknown_out(modulus, zones):
    table = zonal_means(modulus, zones)
    for at, code in enumerate(zones.ids):
        area, known = shares(zones, at), ~np.isnan(modulus.values)
        mean = np.average(modulus.values[known].astype(float), weights=area[known])
        assert table.loc[code, "mean"] == pytest.approx(mean, rel=1e-11)
        assert table.loc[code, "unknown_area_km2"] == pytest.approx(area[~known].sum(), abs=1e-12)
    np.testing.assert_allclose(table["known_area_km2"] + table["unknown_area_km2"], zone_areas(zones), rtol=1e-12)
    assert table["unknown_area_km2"].sum() > 0


def test_the_sum_of_a_modulus_is_the_amount_of_soil(modulus, zones):
    sums, means = zonal_sums(modulus, zones), zonal_means(modulus, zones)
    np.testing.assert_allclose(sums["sum"], means["mean"] * means["known_area_km2"], rtol=1e-12)


def test_the_mean_of_nothing_known_is_unknown(modulus, zones):
    nothing = modulus.where(False).assign_attrs(modulus.attrs)
    assert zonal_means(nothing, zones)["mean"].isna().all()


def test_a_mean_of_classes_is_refused(classes, zones):
    with pytest.raises(InputError, match="expected a continuous layer"):
        zonal_means(classes, zones)


def test_a_layer_of_another_grid_is_refused(modulus, zones):
    with pytest.raises(CoordinateError, match="differs from"):
        zonal_means(modulus[:-1], zones)


def test_a_cross_table_has_the_class_areas_on_its_borders(classes, zones, county_grid):
    steep = np.radians(np.random.default_rng(1).uniform(0, 40, county_grid.shape)).astype("float32")
    steep[5:30] = np.nan
    slopes = grade(grids.layer(steep, county_grid, "slope_angle"), slope_grades())
    table = cross_table(slopes, classes, zones, row_codes=grade_names(slope_grades()), column_codes=INTENSITY_NAMES)
    by_class = table.groupby(level=0).sum()
    np.testing.assert_allclose(by_class, class_areas(classes, zones, INTENSITY_NAMES), rtol=1e-11)
    of_unknown_slope = table.sum(axis=1).xs(UNKNOWN, level=1)
    assert table.loc[zones.ids[0]].index.tolist() == [*grade_names(slope_grades()).values(), UNKNOWN]
    np.testing.assert_allclose(of_unknown_slope, class_areas(slopes, zones)[UNKNOWN], rtol=1e-11)


def test_a_cross_table_of_the_whole_grid_counts_every_cell(classes, county_grid):
    table = cross_table(classes, classes)
    assert table.to_numpy().sum() == pytest.approx(grids.cell_areas(county_grid).values.sum() / 1e6, rel=1e-12)
    assert np.count_nonzero(table.to_numpy()) == 7  # only the diagonal


def test_a_transition_matrix_tells_what_became_of_each_class(classes, zones):
    after = classes.copy(deep=True)
    after.values[classes.values == 6] = 2
    after.values[(classes.values == 1) & (np.arange(classes.shape[1]) % 2 == 0)] = 0
    table = transition_matrix(classes, after, zones).groupby(level="before", sort=False).sum()
    areas = class_areas(classes, zones).sum()
    assert table.loc[6, 2] == pytest.approx(areas[6], rel=1e-12)
    assert table.loc[6].drop(2).sum() == 0
    assert 0.4 < table.loc[1, UNKNOWN] / areas[1] < 0.6
    assert table.loc[3, 3] == pytest.approx(areas[3], rel=1e-12)


def test_a_code_of_one_year_only_has_its_row_and_column(classes):
    after = classes.where(classes != 4, 3).astype("uint8").assign_attrs(classes.attrs)
    table = transition_matrix(classes, after)
    assert list(table.index) == list(table.columns) == [1, 2, 3, 4, 5, 6, UNKNOWN]
    assert table[4].sum() == 0
    assert table.loc[4, 3] > 0


def test_land_use_before_and_after_is_a_transition_as_well(county_grid):
    before = grids.layer(np.full(county_grid.shape, 13, "uint8"), county_grid, "land_use", nodata=0)
    after = before.copy(deep=True)
    after.values[:, :100] = 31
    table = transition_matrix(before, after)
    assert table.loc[13, 31] / table.loc[13].sum() == pytest.approx(1 / 3, rel=1e-3)


def test_layers_in_blocks_count_alike(classes, modulus, zones):
    pytest.importorskip("dask.array")
    blocks = classes.chunk({"y": 128, "x": 128})
    pd.testing.assert_frame_equal(class_areas(blocks, zones), class_areas(classes, zones))
    pd.testing.assert_frame_equal(transition_matrix(blocks, classes, zones), transition_matrix(classes, classes, zones))
    pd.testing.assert_frame_equal(zonal_means(modulus.chunk(100), zones), zonal_means(modulus, zones))


def test_the_last_bit_does_not_depend_on_the_number_of_threads(classes, modulus, zones):
    found, most = [], numba.get_num_threads()
    for threads in dict.fromkeys((1, most)):
        numba.set_num_threads(threads)
        found.append((class_areas(classes, zones).to_numpy(), zonal_sums(modulus, zones).to_numpy()))
    numba.set_num_threads(most)
    for one, other in zip(found[0], found[-1], strict=True):
        assert one.tobytes() == other.tobytes()


def test_compiled_and_plain_kernels_add_alike():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, (6, 5)).astype("int32")
    codes, areas = rng.integers(0, 4, (6, 5)).astype("uint8"), rng.random((6, 5))
    values = np.where(rng.random((6, 5)) < 0.3, np.nan, rng.random((6, 5))).astype("float32")
    column = np.arange(4)
    cells, members, fractions = np.array([3, 8, 29]), np.array([0, 1, 1], "int32"), np.array([0.2, 0.5, 0.9])
    found = []
    for plain in (False, True):
        run = {
            k: getattr(kernels, k).py_func if plain else getattr(kernels, k)
            for k in dir(kernels)
            if hasattr(getattr(kernels, k), "py_func")
        }
        cross, total, sums, edge = np.zeros((3, 2, 16)), np.zeros((2, 16)), np.zeros((3, 2, 3)), np.zeros((2, 3))
        seen, out = np.zeros(4, bool), np.zeros((6, 5), "int32")
        run["cross_areas"](labels, codes, 0, column, codes, 0, column, 4, areas, cross)
        run["cross_areas_border"](cells, members, fractions, codes, 0, column, codes, 0, column, 4, areas, total)
        run["sums_over_area"](labels, values, areas, sums)
        run["sums_over_area_border"](cells, members, fractions, values, areas, edge)
        run["mark_present"](codes, 0, seen)
        run["relabel"](codes, 0, column.astype("int32") * 7, out)
        found.append((cross, total, sums, edge, seen, out))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found[0][0].sum() == pytest.approx(areas[labels > 0].sum())
