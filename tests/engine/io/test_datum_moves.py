"""Moving data between datums: neighbours move alike, nothing moves unasked, and what was done stands in words."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from shuibao.errors import CoordinateError
from shuibao.io import datum_shift, guess, suspect, transform
from shuibao.io.datum import bounds_of, declared_or_guess
from shuibao.io.datum_shift import accepted_shift, best_shift

ORDOS = (108.0, 36.0, 109.0, 37.0)
"""A place for which EPSG publishes a shift of Beijing 54 to a metre [degrees]."""

OLD = [4214, 4610, 4555]


def points(*places, epsg=4490):
    return gpd.GeoDataFrame({"k": range(len(places))}, geometry=[shapely.Point(p) for p in places], crs=epsg)


class TestOneDatum:
    @settings(max_examples=8)
    @given(st.floats(110, 113), st.floats(34, 41))
    def test_projections_of_one_datum_lead_there_and_back(self, lon, lat):
        for epsg in (4546, 4525, 4547, 4497):
            back = transform(transform(points((lon, lat)), epsg), 4490)
            assert shapely.get_coordinates(back.geometry)[0] == pytest.approx((lon, lat), abs=1e-9)

    @pytest.mark.parametrize(("source", "target"), [(4490, 4546), (4214, 2415), (4610, 2361), (4326, 32649)])
    def test_a_projection_is_no_shift_and_needs_no_yes(self, source, target):
        assert datum_shift(source, target) is None
        assert accepted_shift(source, target, None, accept=False) == []
        assert best_shift(*(transform(points((117, 36), epsg=source), e).crs for e in (source, target))).accuracy == 0

    def test_columns_index_and_notes_of_before_are_kept(self):
        frame = points((112, 38), (113, 39)).set_index(np.array([7, 9]))
        frame.attrs = {"path": "a.shp", "reading": ["its coordinate system was recognised"]}
        moved = transform(frame, 4546)
        assert moved.index.tolist() == [7, 9]
        assert moved["k"].tolist() == [0, 1]
        assert moved.attrs == {"path": "a.shp", "reading": ["its coordinate system was recognised"]}

    def test_an_empty_frame_moves_to_an_empty_frame(self):
        moved = transform(points((112, 38)).iloc[:0], 4546)
        assert moved.empty
        assert moved.crs.to_epsg() == 4546


class TestOldDatums:
    @pytest.mark.parametrize("epsg", OLD)
    @pytest.mark.parametrize("target", [4490, 4546])
    def test_none_moves_to_cgcs2000_unasked(self, epsg, target):
        with pytest.raises(CoordinateError, match=r"is a shift of datum.*accept_datum_shift = true"):
            transform(points((112, 38), epsg=epsg), target)

    @pytest.mark.parametrize("epsg", OLD)
    def test_the_way_back_is_asked_for_as_well(self, epsg):
        assert datum_shift(4490, epsg).decision == "confirm"

    @pytest.mark.parametrize("epsg", OLD)
    def test_the_word_in_chinese_names_the_survey_office(self, epsg):
        finding = datum_shift(epsg, 4490)
        assert "省级测绘部门" in finding.message_zh
        assert "province's survey office" in finding.message

    def test_neighbours_move_alike_so_that_borders_keep_meeting(self):
        west, east = (108.5, 36.5), (108.501, 36.5)
        moved = transform(points(west, east, epsg=4214), 4490, accept_datum_shift=True)
        steps = shapely.get_coordinates(moved.geometry) - np.array([west, east])
        assert np.allclose(steps[0], steps[1], rtol=0, atol=1e-7), "within a centimetre"
        assert np.abs(steps).max() > 1e-5, "it moved at all"

    def test_where_the_accuracy_is_published_it_is_told_and_elsewhere_not_invented(self):
        assert datum_shift(4214, 4490, ORDOS).details["accuracy_m"] == 1.0
        assert np.isnan(datum_shift(4214, 4490, (112.2, 38.8, 112.4, 39.0)).details["accuracy_m"])

    def test_data_that_reach_beyond_the_place_of_an_operation_do_not_use_it(self):
        beyond = (ORDOS[0], ORDOS[1], 115.0, ORDOS[3])
        assert np.isnan(datum_shift(4214, 4490, beyond).details["accuracy_m"])

    def test_bounds_in_metres_find_the_same_operation_as_in_degrees(self):
        metres = Transformer.from_crs(4214, 2433, always_xy=True).transform_bounds(*ORDOS)
        assert datum_shift(2433, 4490, metres).details == datum_shift(4214, 4490, ORDOS).details

    def test_a_yes_is_kept_in_the_words_that_go_with_the_data(self):
        (said,) = accepted_shift(4214, 4490, ORDOS, accept=True)
        assert "published accuracy 1 m" in said
        with pytest.raises(CoordinateError, match=r"a\.shp: .*expected one datum"):
            accepted_shift(4214, 4490, ORDOS, accept=False, where="a.shp")


class TestGuesses:
    @pytest.mark.parametrize(
        "bounds", [(0, 0, 10, 10), (500_000, 100, 600_000, 200), (-500_000, 4e6, -400_000, 4.1e6), (1e9, 4e6, 2e9, 5e6)]
    )
    def test_coordinates_of_no_chinese_system_get_no_guess(self, bounds):
        assert guess(bounds) == []

    def test_the_county_leaves_only_zones_that_place_the_data_there(self):
        move = Transformer.from_crs(4490, 4546, always_xy=True)
        bounds = move.transform_bounds(112.2, 38.8, 112.4, 39.0)
        near = guess(bounds, (112.3, 38.9))
        assert 0 < len(near) < len(guess(bounds)) / 10
        assert near[0].datum == "CGCS2000"

    def test_a_declared_system_ends_all_guessing(self):
        assert declared_or_guess("EPSG:4546", (0, 0, 1, 1), "a.shp").to_epsg() == 4546

    def test_what_is_asked_for_names_the_file_and_two_ways_out(self):
        with pytest.raises(CoordinateError, match=r'a\.shp: no coordinate system.*crs = "EPSG:4546".*put its \.prj'):
            declared_or_guess(None, (112, 38, 113, 39), "a.shp")

    def test_bounds_are_taken_of_whatever_has_some(self):
        frame = points((112, 38), (113, 39))
        assert bounds_of(frame) == (112, 38, 113, 39)
        assert bounds_of((1, 2, 3, 4)) == (1, 2, 3, 4)

    @given(st.floats(109.6, 112.4), st.floats(34, 41), st.sampled_from([4546, 4525]))
    def test_exchanged_axes_are_always_seen(self, lon, lat, epsg):
        move = Transformer.from_crs(4490, epsg, always_xy=True)
        left, bottom, right, top = move.transform_bounds(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
        assert [f.code for f in suspect((bottom, left, top, right), epsg)] == ["swapped_axes"]

    @settings(max_examples=12)
    @given(st.floats(109.6, 112.4), st.floats(34, 41))
    def test_the_zone_next_door_is_always_seen_once_the_county_is_known(self, lon, lat):
        right_zone = Transformer.from_crs(4490, 4546, always_xy=True)
        bounds = right_zone.transform_bounds(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
        (finding,) = suspect(bounds, 4547, near=(lon, lat))
        assert finding.decision == "refuse"
        assert "EPSG:4546" in finding.candidates
