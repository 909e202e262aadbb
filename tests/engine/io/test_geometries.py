import geopandas as gpd
import numpy as np
import pytest
import shapely

from shuibao.errors import InputError
from shuibao.io.geometries import checked_areas, family

BOW_TIE = shapely.Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])


def frame(*shapes, crs="EPSG:4546", **columns):
    return gpd.GeoDataFrame(columns or {"a": range(len(shapes))}, geometry=list(shapes), crs=crs)


def test_kinds_are_told_for_every_row():
    shapes = [
        shapely.Point(0, 0),
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
    ]
    assert family(frame(*shapes)).tolist() == ["point", "line", "polygon"]


def test_sound_areas_lines_and_points_pass_untouched():
    crossing = shapely.LineString([(0, 0), (2, 2), (2, 0), (0, 2)])
    sound = frame(shapely.box(0, 0, 1, 1), crossing, shapely.Point(0, 0))
    same, notes = checked_areas(sound, "a.gpkg")
    assert same is sound
    assert notes == []


def test_faults_are_told_by_row_kind_and_place():
    hole_outside = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(20, 20), (21, 20), (21, 21), (20, 21)]])
    with pytest.raises(InputError) as error:
        checked_areas(frame(shapely.box(0, 0, 1, 1), BOW_TIE, hole_outside, 名称=["好", "坏", "洞"]), "a.gpkg")
    assert "2 of 3 areas are not valid" in str(error.value)
    assert "row 2 (坏): it crosses itself at 20.00, 20.00" in str(error.value)
    assert "row 3 (洞): hole lies outside shell at 20.00, 20.00" in str(error.value)
    assert "repair = true" in str(error.value)


def test_places_in_degrees_are_told_to_the_decimetre():
    small = shapely.transform(BOW_TIE, lambda p: p * 1e-4 + np.array([112.0, 38.0]))
    with pytest.raises(InputError, match=r"at 112\.002000, 38\.002000"):
        checked_areas(frame(small, crs="EPSG:4490"), "a.gpkg")


def test_many_faults_are_counted_and_the_first_five_shown():
    with pytest.raises(InputError, match=r"8 of 8 areas are not valid: row 1.*row 5.* and 3 more") as error:
        checked_areas(frame(*[BOW_TIE] * 8), "a.gpkg")
    assert "row 6" not in str(error.value)


def test_mending_keeps_areas_only_and_says_what_changed():
    antenna = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)])
    mended, notes = checked_areas(frame(antenna, shapely.box(50, 50, 60, 60)), "a.gpkg", repair=True)
    assert set(family(mended)) == {"polygon"}
    assert mended.is_valid.all()
    assert mended.area.tolist() == [100, 100]
    assert notes == ["1 areas that crossed themselves were mended; their area as drawn changed by +0 %"]


def test_what_has_no_area_once_mended_is_refused():
    flat = shapely.Polygon([(0, 0), (5, 5), (10, 10), (0, 0)])
    with pytest.raises(InputError, match="row 1 has no area once it is mended"):
        checked_areas(frame(flat), "a.gpkg", repair=True)
