"""What becomes of numbers on their way into a layer, tried on bands of every type without a file."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shuibao.errors import InputError
from shuibao.io.raster_values import (
    ALSO_UNKNOWN,
    MARKERS,
    NDVI_MARKERS,
    OWN_CODES,
    UNKNOWN_CODE,
    Conversion,
    convert,
    storage,
)
from shuibao.quantities import all_quantities, quantity

CODES = sorted(n for n, q in all_quantities().items() if q.kind == "categorical")


def band(kind, nodata=None, scale=1.0, offset=0.0):
    """An open dataset of one band, as far as a conversion looks at it."""
    return SimpleNamespace(dtypes=[kind], nodatavals=[nodata], scales=[scale], offsets=[offset])


def plan_of(name, kind="int16", *, nodata=None, scale=None, recode=None, own_nodata=None):
    return Conversion.of(
        quantity(name), band(kind, own_nodata), 1, scale=scale, nodata=nodata, recode=recode, where="a.tif"
    )


def stored(scale, offset, name="elevation", kind="float32"):
    """The plan for a band whose file carries a scale and an offset."""
    return Conversion.of(
        quantity(name), band(kind, None, scale, offset), 1, scale=None, nodata=None, recode=None, where="a.tif"
    )


def converted(cells, plan):
    """The cells as they come out, before they are stored smaller."""
    out = np.empty(cells.shape, plan.dtype)
    convert(cells, plan, out)
    return out


class TestNumbers:
    @given(hnp.arrays("int16", (4, 5), elements=st.integers(-400, 9000)))
    def test_heights_in_integers_come_through_unchanged(self, cells):
        plan = plan_of("elevation")
        assert np.array_equal(converted(cells, plan), cells)
        assert plan.unknown_cells == 0
        assert plan.notes() == []

    @given(hnp.arrays("int16", (4, 5)), st.integers(-32768, 32767))
    def test_the_mark_is_unknown_and_nothing_that_lies_in_range_is(self, cells, mark):
        out = converted(cells, plan_of("elevation", own_nodata=mark))
        assert np.isnan(out[cells == mark]).all()
        within = (cells >= -500) & (cells <= 9000) & (cells != mark)
        assert np.array_equal(out[within], cells[within])

    @given(hnp.arrays("float32", (3, 4), elements=st.floats(0, 100, width=32)), st.floats(0.01, 10), st.floats(-50, 50))
    def test_scale_and_offset_are_those_of_the_file(self, cells, scale, offset):
        out = converted(cells, stored(scale, offset))
        assert np.allclose(out, cells * scale + offset, rtol=1e-5, atol=1e-3)

    def test_a_scale_of_ones_own_leaves_no_offset_of_the_file(self):
        plan = Conversion.of(
            quantity("elevation"), band("int16", None, 0.1, 100.0), 1, scale=2.0, nodata=None, recode=None, where=""
        )
        assert (plan.scale, plan.offset) == (2.0, 0.0)

    @pytest.mark.parametrize("mark", MARKERS)
    def test_usual_marks_are_unknown_and_counted_where_the_file_is_silent(self, mark):
        plan = plan_of("elevation", "float32")
        out = converted(np.array([[mark, 1000.0, mark]], "float32"), plan)
        assert np.isnan(out[0, [0, 2]]).all()
        assert plan.marked == {mark: 2}
        assert any("2 cells of" in note for note in plan.notes())

    def test_a_number_that_can_be_a_value_is_no_mark(self):
        plan = plan_of("contributing_area", "float64")
        out = converted(np.array([[65535.0, 32767.0]]), plan)
        assert out.tolist() == [[65535.0, 32767.0]]
        assert plan.marked == {}

    @pytest.mark.parametrize("mark", NDVI_MARKERS)
    def test_marks_of_vegetation_products_are_unknown_before_the_scale(self, mark):
        plan = plan_of("ndvi", "int16")
        out = converted(np.array([[mark, 5000]], "int16"), plan)
        assert np.isnan(out[0, 0])
        assert out[0, 1] == pytest.approx(0.5)

    @pytest.mark.parametrize(
        ("kind", "auto"), [("int16", True), ("int32", True), ("uint16", True), ("uint8", False), ("float32", False)]
    )
    def test_only_long_integers_of_ndvi_are_scaled_unasked(self, kind, auto):
        plan = plan_of("ndvi", kind)
        assert plan.auto_ndvi is auto
        assert plan.scale == (0.0001 if auto else 1.0)

    def test_a_scale_that_is_given_or_stored_ends_guessing(self):
        assert not plan_of("ndvi", "int16", scale=1.0).auto_ndvi
        told = stored(0.001, 0.0, "ndvi", "int16")
        assert (told.auto_ndvi, told.scale) == (False, 0.001)


class TestCodes:
    @pytest.mark.parametrize("name", CODES)
    def test_unknown_cells_of_every_coded_quantity_get_its_own_mark(self, name):
        plan = plan_of(name, "int16", own_nodata=-9999)
        out = converted(np.array([[-9999, 1]], "int16"), plan)
        expected = -9999 if name in OWN_CODES else UNKNOWN_CODE.get(name, 0)
        assert out[0, 0] == plan.target_nodata == expected
        assert out[0, 1] == 1

    @pytest.mark.parametrize("code", ALSO_UNKNOWN["land_use"])
    def test_some_codes_mean_unknown_in_every_file_of_land_use(self, code):
        plan = plan_of("land_use", "uint8", own_nodata=9)
        assert converted(np.array([[code, 9, 31]], "uint8"), plan).tolist() == [[0, 0, 31]]
        assert plan.unknown_cells == 2

    @given(st.dictionaries(st.integers(-100, 300), st.integers(1, 200), min_size=1, max_size=12), st.data())
    def test_every_listed_code_is_exchanged_for_its_own(self, recode, data):
        keys = data.draw(st.lists(st.sampled_from(sorted(recode)), min_size=1, max_size=20))
        plan = plan_of("soil_type", "int16", recode=recode)
        out = converted(np.array([keys], "int16"), plan)
        assert out[0].tolist() == [recode[k] for k in keys]
        assert plan.notes()[-1] == f"{len(recode)} codes were exchanged"

    def test_a_code_between_the_listed_ones_or_beyond_them_is_refused(self):
        for strange in (-5, 2, 99):
            with pytest.raises(InputError, match=rf"codes without an entry in recode: {strange} \(1 cells\)"):
                converted(np.array([[strange]], "int16"), plan_of("land_use", recode={1: 11, 3: 31}))

    def test_unknown_cells_need_no_entry(self):
        plan = plan_of("land_use", recode={1: 11}, own_nodata=-1)
        assert converted(np.array([[-1, 1]], "int16"), plan).tolist() == [[0, 11]]

    @given(st.integers(0, 2**24), st.sampled_from(["float32", "float64"]))
    def test_whole_decimals_are_codes(self, code, kind):
        assert converted(np.array([[code]], kind), plan_of("place", kind))[0, 0] == code

    @pytest.mark.parametrize("broken", [1.5, 30.999, -0.25])
    def test_broken_decimals_are_none(self, broken):
        with pytest.raises(InputError, match=r"is no code; expected whole numbers for land_use"):
            converted(np.array([[broken]], "float32"), plan_of("land_use", "float32"))


class TestStorage:
    @given(hnp.arrays("int64", (3, 3), elements=st.integers(-(2**40), 2**40)))
    def test_codes_are_kept_whole_in_the_smallest_type_that_holds_them(self, cells):
        kept, notes = storage(cells, plan_of("place"))
        assert np.array_equal(kept, cells)
        assert (notes == []) is (kept.dtype == cells.dtype)

    @pytest.mark.parametrize(
        ("codes", "kind"),
        [([0, 255], "uint8"), ([-1, 30_000], "int16"), ([0, 60_000], "uint16"), ([0, 70_000], "int32")],
    )
    def test_the_smallest_type_is_taken(self, codes, kind):
        assert storage(np.array([codes], "int64"), plan_of("place"))[0].dtype == kind

    def test_numbers_are_left_as_they_are(self):
        cells = np.array([[1.5, np.nan]], "float32")
        kept, notes = storage(cells, plan_of("elevation", "float32"))
        assert kept is cells
        assert notes == []


class TestHints:
    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("land_use", "codes of another scheme"),
            ("slope_angle", "Are these degrees"),
            ("fractional_cover", "percent or scaled integers"),
            ("elevation", "Check the unit of the file"),
        ],
    )
    def test_values_out_of_range_get_the_hint_that_fits_their_quantity(self, name, words):
        assert words in plan_of(name).hint()
