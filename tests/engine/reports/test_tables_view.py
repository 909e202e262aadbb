"""Tables on the page: what stands in which cell, how it is marked, and what is left out."""

import re

import numpy as np
import pandas as pd
import pytest

from shuibao.reports.style import style
from shuibao.reports.tables_view import (
    CLASS_KEYS,
    class_bar,
    composition,
    crs_label,
    entry_label,
    levels,
    places_frame,
    share_bar,
    view,
)

WKT = (
    'PROJCRS["CGCS2000 / 3-degree Gauss-Kruger CM 111E",BASEGEOGCRS["China Geodetic Coordinate System 2000",DATUM["China 2000",'
    'ELLIPSOID["CGCS2000",6378137,298.257222101]]],CONVERSION["Gauss-Kruger CM 111E",METHOD["Transverse Mercator",ID["EPSG",9807]],'
    'PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],'
    'PARAMETER["Longitude of natural origin",111,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],'
    'PARAMETER["Scale factor at natural origin",1,SCALEUNIT["unity",1],ID["EPSG",8805]],'
    'PARAMETER["False easting",500000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],'
    'CS[Cartesian,2],AXIS["northing (X)",north],AXIS["easting (Y)",east],LENGTHUNIT["metre",1],ID["EPSG",4546]]'
)


def plain(html: object) -> str:
    """What a reader sees of a cell."""
    return re.sub("<[^>]+>", "", str(html)).strip()


def texts(table) -> list[list[str]]:
    """What a reader sees of a table."""
    return [[plain(cell.html) for cell in row] for row in table.rows]


def classes(*areas: float) -> dict[str, float]:
    return dict(zip(CLASS_KEYS, areas, strict=True))


def test_rows_and_columns_keep_their_order():
    frame = pd.DataFrame({"name": ["b", "a", "c"], "total_area_km2": [3.0, 1.0, 2.0]})
    shown = view("anything", frame)
    assert [c.zh for c in shown.columns] == ["名称", "总面积"]
    assert texts(shown) == [["b", "3.00"], ["a", "1.00"], ["c", "2.00"]]


def test_numbers_are_set_right_and_words_left():
    shown = view("t", pd.DataFrame({"name": ["a"], "total_area_km2": [3.0], "code": ["0101"], "class": ["severe"]}))
    assert shown.numeric == (False, True, False, False)
    assert [c.number for c in shown.rows[0]] == [False, True, False, False]


def test_nothing_very_little_and_unknown_look_different():
    shown = view("t", pd.DataFrame({"name": ["a", "b", "c"], "light": [0.0, 0.001, np.nan]}))
    assert [row[1] for row in texts(shown)] == ["0", "0.00", "–"]
    assert 'class="none"' in shown.rows[0][1].html
    assert 'class="none"' not in shown.rows[1][1].html
    assert "<data" not in shown.rows[2][1].html


def test_a_rate_of_zero_stays_a_written_rate():
    shown = view("t", pd.DataFrame({"name": ["a"], "conservation_rate_percent": [0.0]}))
    assert texts(shown)[0][1] == "0.00"


def test_a_column_of_unknown_area_without_any_is_left_out():
    none = pd.DataFrame({"name": ["a", "b"], "nodata_area_km2": [0.0, 0.0]})
    some = pd.DataFrame({"name": ["a", "b"], "nodata_area_km2": [0.0, 0.5]})
    assert [c.name for c in view("t", none).columns] == ["name"]
    assert [c.name for c in view("t", some).columns] == ["name", "nodata_area_km2"]


def test_markup_in_a_cell_stays_text():
    shown = view("t", pd.DataFrame({"name": ["<b>x</b> & y"], "total_area_km2": [1.0]}))
    assert shown.rows[0][0].html == "&lt;b&gt;x&lt;/b&gt; &amp; y"


def test_a_code_with_a_leading_zero_keeps_it():
    assert texts(view("t", pd.DataFrame({"code": ["0101"], "name": ["a"]})))[0][0] == "0101"


def test_a_land_use_is_shown_by_its_colour_and_names():
    cell = view("t", pd.DataFrame({"land_use": ["13"], "total_area_km2": [1.0]})).rows[0][0]
    assert plain(cell.html) == "旱地 Dry cropland"
    assert style().land_use_of(13).colour in cell.html


def test_a_class_is_shown_by_its_colour_and_names():
    cell = view("class_change", pd.DataFrame({"class": ["severe"], "before": [1.0]})).rows[0][0]
    assert plain(cell.html) == "剧烈 Severe"
    assert style().class_of("severe").colour in cell.html


def test_what_is_neither_class_nor_use_is_shown_as_text():
    assert plain(entry_label("unknown", "class")) == "未知"
    assert plain(entry_label("<i>", "land_use")) == "&lt;i&gt;"


def test_a_share_bar_is_as_long_as_its_share_and_never_longer_than_its_box():
    widths = [float(re.search(r'width="([\d.]+)"', share_bar(p, "#000000"))[1]) for p in (0, 37.5, 100, 140, -3)]
    assert widths == [0, 37.5, 100, 100, 0]


def test_only_rates_and_shares_have_bars():
    shown = view("t", pd.DataFrame({"name": ["a"], "total_area_km2": [5.0], "share_percent": [40.0]}))
    assert "<svg" not in shown.rows[0][1].html
    assert 'class="share"' in shown.rows[0][2].html


def test_the_mix_of_a_row_is_in_proportion_to_its_areas():
    bar = class_bar([50.0, 25.0, 25.0, 0.0, 0.0, 0.0])
    parts = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)" height="10" fill="(#\w+)"', bar)
    assert [(float(x), float(w)) for x, w, _ in parts[:3]] == [(0, 50), (50, 25), (75, 25)]
    assert [c for _, _, c in parts] == [e.colour for e in style().classes]


def test_a_row_without_all_classes_or_without_area_has_no_mix():
    assert composition({"slight": 1.0, "light": 2.0}) is None
    assert composition(classes(0, 0, 0, 0, 0, 0)) is None
    assert composition(classes(1, 0, 0, 0, 0, 0)) is not None


def test_the_mix_counts_unknown_parts_as_nothing_drawn():
    bar = composition(classes(1, float("nan"), 1, 0, 0, 0))
    assert [float(w) for w in re.findall(r' width="([\d.]+)"', bar)][:3] == [50, 0, 50]


def matrix(**unknown: float) -> pd.DataFrame:
    keys = [*CLASS_KEYS, "unknown"]
    values = np.zeros((7, 7))
    values[0, 0], values[1, 0], values[1, 1] = 800.0, 10.0, 200.0
    values[6, 0] = unknown.get("row", 0.0)
    values[0, 6] = unknown.get("column", 0.0)
    frame = pd.DataFrame(values, columns=keys)
    frame.insert(0, "before", keys)
    return frame


def test_a_transition_is_a_matrix_from_before_to_now():
    shown = view("class_transition", matrix())
    assert shown.matrix
    assert shown.columns[0].zh == "上期 ＼ 本期"
    assert texts(shown)[1][:3] == ["轻度 Light", "10.00", "200.00"]
    assert shown.composition == ()


def test_the_largest_cell_of_a_matrix_is_the_hottest():
    shown = view("class_transition", matrix())
    heats = [[c.heat for c in row[1:]] for row in shown.rows]
    assert heats[0][0] == 1.0
    assert heats[1][1] == pytest.approx(0.25)
    assert heats[2][2] == 0.0
    assert all(row[0].heat is None for row in shown.rows)


def test_a_matrix_shows_unknown_ground_only_where_there_is_any():
    assert len(view("class_transition", matrix()).rows) == 6
    assert len(view("class_transition", matrix()).columns) == 7
    assert len(view("class_transition", matrix(row=1.0)).rows) == 7
    assert len(view("class_transition", matrix(column=1.0)).columns) == 8


def test_a_list_of_land_use_changes_is_a_plain_table_with_colours():
    frame = pd.DataFrame({"from_land_use": ["31", "43"], "to_land_use": ["53", "53"], "area_km2": [2.37, 0.65]})
    shown = view("land_use_transition", frame)
    assert not shown.matrix
    assert [c.zh for c in shown.columns] == ["上期地类", "本期地类", "面积"]
    assert texts(shown)[0] == ["有林地 Forest", "人为扰动用地 Disturbed land", "2.37"]


def test_a_named_index_becomes_the_first_column():
    frame = pd.DataFrame({"area_km2": [1.0, 2.0]}, index=pd.Index(["13", "31"], name="land_use"))
    assert [row[0] for row in texts(view("t", frame))] == ["旱地 Dry cropland", "有林地 Forest"]


def test_an_unnamed_index_of_classes_is_read_as_classes():
    frame = pd.DataFrame({"area_km2": [1.0, 2.0]}, index=["slight", "light"])
    assert [row[0] for row in texts(view("t", frame))] == ["微度 Slight", "轻度 Light"]


@pytest.mark.parametrize("written", ["EPSG:4546", WKT, "epsg:4546"])
def test_a_coordinate_system_is_shown_by_name_and_number_however_it_is_written(written):
    shown = plain(crs_label(written))
    assert "CGCS2000 / 3-degree Gauss-Kruger CM 111E" in shown
    assert "EPSG:4546" in shown
    assert "AXIS" not in shown


def test_a_coordinate_system_that_cannot_be_read_stands_as_it_is():
    assert crs_label("our own <grid>") == "our own &lt;grid&gt;"
    assert crs_label("") == ""


def test_inputs_show_role_digest_size_and_unknown_share():
    frame = pd.DataFrame(
        [("rain", "rain.csv", "ab" * 32, 1234567, "", "", 0.0125)],
        columns=["role", "path", "sha256", "size_bytes", "crs", "resolution", "unknown_share"],
    )
    row = view("inputs", frame).rows[0]
    assert plain(row[0].html) == "逐日降雨 Daily rain"
    assert plain(row[2].html) == "ab" * 6
    assert f'title="{"ab" * 32}"' in row[2].html
    assert plain(row[3].html) == "1,234,567"
    assert plain(row[6].html) == "1.25"


def test_places_of_a_level_become_a_table_of_its_own():
    places = [
        {"level": "county", "name": "县", "total_area_km2": 9.0, "class_area_km2": classes(9, 0, 0, 0, 0, 0)},
        {"level": "township", "name": "甲", "total_area_km2": 5.0, "class_area_km2": classes(5, 0, 0, 0, 0, 0)},
        {"level": "township", "name": "乙", "total_area_km2": 4.0, "class_area_km2": classes(4, 0, 0, 0, 0, 0)},
    ]
    assert levels(places) == ["county", "township"]
    frame = places_frame(places, "township")
    assert list(frame["name"]) == ["甲", "乙"]
    assert list(frame["slight"]) == [5, 4]
    assert "mean_modulus_t_km2_a" not in frame, "a column that nobody filled is left out"
