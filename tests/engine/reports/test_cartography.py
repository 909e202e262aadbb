"""Scales and bars are round and true, graticules lie where they say, names do not touch."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer

from shuibao.reports.cartography import (
    STEPS,
    Label,
    bar_length,
    fit,
    graticule,
    place_labels,
    round_scale,
    text_width,
    wrap,
)
from shuibao.reports.factors import Tick, brief, small_maps, stretch, unit_text
from shuibao.reports.fonts import families, missing_characters
from shuibao.reports.ground import class_picture, ground_of
from shuibao.reports.sheet import ACROSS, UPRIGHT, draw_picture, draw_sheet, layout_for

GAUSS = CRS.from_epsg(4547)
FRAME = (0.0, 0.0, 1000.0, 1000.0)


@given(st.floats(50, 5e6), st.floats(0.05, 0.5))
def test_a_scale_is_round_and_the_ground_fits(ground, paper):
    scale = round_scale(ground, paper)
    mantissa = scale / 10 ** math.floor(math.log10(scale))
    assert ground / scale <= paper * (1 + 1e-6) or scale < 100
    assert scale < 100 or min(abs(mantissa - s) for s in (*STEPS, 10)) < 0.01
    assert scale <= 2 * ground / paper + 10, "no needlessly small map"


@given(st.floats(1, 1e6))
def test_a_bar_is_round_fits_and_uses_its_room(width):
    length = bar_length(width)
    mantissa = length / 10 ** math.floor(math.log10(length) + 1e-12)
    assert length <= width * (1 + 1e-6)
    assert length >= 0.49 * width
    assert min(abs(mantissa - s) for s in (1, 2, 4, 5)) < 1e-9


def test_a_frame_shows_the_ground_of_its_size_around_the_middle():
    left, bottom, right, top = fit((100, 100, 300, 500), 0.2, 0.1, 10000)
    assert (right - left, top - bottom) == (2000, 1000)
    assert ((left + right) / 2, (bottom + top) / 2) == (200, 300)


def test_the_lines_of_a_graticule_lie_on_the_degrees_that_they_name():
    back = Transformer.from_crs(GAUSS, GAUSS.geodetic_crs, always_xy=True)
    lines = graticule((600000, 4280000, 634000, 4322000), GAUSS)
    assert {line.vertical for line in lines} == {True, False}
    for line in lines:
        lon, lat = back.transform(line.x, line.y)
        along = lon if line.vertical else lat
        assert np.ptp(along) < 1e-6
        degrees, rest = line.label[:-1].split("°")
        assert along.mean() == pytest.approx(int(degrees) + float(rest.split("′")[0]) / 60, abs=1e-6)
        assert line.label.endswith("E" if line.vertical else "N")


@pytest.mark.parametrize("side", [500.0, 5000.0, 50000.0, 300000.0])
def test_a_map_of_any_size_has_a_few_lines_each_way(side):
    lines = graticule((600000, 4280000, 600000 + side, 4280000 + side), GAUSS)
    across = sum(line.vertical for line in lines)
    assert len(lines) <= 30
    assert side < 2000 or (across >= 1 and len(lines) - across >= 1)


def test_half_minutes_are_written_with_their_seconds():
    labels = {line.label for line in graticule((600000, 4280000, 603500, 4283500), GAUSS)}
    assert any("″" in label for label in labels)
    assert any("″" not in label for label in labels)


def boxes(labels: list[Label], size: float) -> list[shapely.Geometry]:
    """The room of each label."""
    half = [(text_width(label.text, size) / 2, 0.5 * size) for label in labels]
    return [
        shapely.box(label.x - w, label.y - h, label.x + w, label.y + h)
        for label, (w, h) in zip(labels, half, strict=True)
    ]


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=25))
def test_names_never_touch_each_other_and_stay_in_the_frame(points):
    placed = place_labels([Label("薛家洼乡", x, y) for x, y in points], 20.0, FRAME)
    rooms = boxes(placed, 20.0)
    for k, room in enumerate(rooms):
        assert shapely.box(*FRAME).contains(room)
        assert not any(room.intersects(other) for other in rooms[:k])


def test_a_name_with_room_stands_at_its_point():
    assert place_labels([Label("东寨镇", 500, 500)], 20.0, FRAME) == [Label("东寨镇", 500, 500)]


def test_of_two_names_at_one_point_the_second_steps_aside():
    first, second = place_labels([Label("甲", 500, 500), Label("乙", 500, 500)], 20.0, FRAME)
    assert (first.x, first.y) == (500, 500)
    assert 0 < math.hypot(second.x - 500, second.y - 500) < 80


def test_names_keep_off_what_is_taken():
    (label,) = place_labels([Label("甲", 500, 500)], 20.0, FRAME, [(490, 490, 510, 510)])
    assert not boxes([label], 20.0)[0].intersects(shapely.box(490, 490, 510, 510))


def test_a_name_without_any_room_is_left_out():
    assert place_labels([Label("很长的名字", 10, 10)], 500.0, FRAME) == []


def test_chinese_is_as_wide_as_its_letters_are_high():
    assert text_width("宁武县", 10.0) == 30.0
    assert text_width("abc", 10.0) < 20.0


@given(st.text("宁武县土壤侵蚀强度 abc，。", max_size=60), st.floats(5, 40))
def test_wrapping_loses_nothing_but_blanks(text, width):
    assert "".join(wrap(text, 1.0, width)).replace(" ", "") == text.replace(" ", "")


def test_wrapped_lines_fit_and_none_begins_with_a_stop():
    lines = wrap("界线仅供示意，不作为划界依据；公开出版前应依法送审。审图号：", 1.0, 10.0)
    assert len(lines) > 2
    assert all(text_width(line, 1.0) <= 11.0 for line in lines)
    assert not any(line[0] in "，。；：、" for line in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0169, "0.0169"),
        (1.0, "1"),
        (1379.4, "1,379"),
        (0.5061, "0.506"),
        (12.34, "12.3"),
        (-4.5, "-4.5"),
        (1e-4, "0.0001"),
    ],
)
def test_numbers_of_legends_have_three_digits_and_no_powers(value, text):
    assert brief(value) == text


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ("MJ mm hm-2 h-1 a-1", "MJ·mm/(hm²·h·a)"),
        ("t km-2 a-1", "t/(km²·a)"),
        ("m", "m"),
        ("1", ""),
        ("km2", "km²"),
        ("kg m-3", "kg/m³"),
        ("s-1", "1/s"),
    ],
)
def test_units_are_written_as_fractions(units, text):
    assert unit_text(units) == text


def test_a_ramp_leaves_out_the_outermost_two_percent():
    values = np.arange(1001, dtype=float)
    assert stretch(values, "linear") == (20.0, 980.0, True)


def test_a_ramp_of_one_value_has_two_equal_ends():
    assert stretch(np.full(10, 6729.0), "linear") == (6729.0, 6729.0, False)
    assert stretch(np.array([0.0, 0.0]), "linear") == (0.0, 0.0, False)


def test_a_ramp_of_mostly_one_value_takes_all_of_them():
    assert stretch(np.array([1.0] * 99 + [0.5]), "linear")[:2] == (0.5, 1.0)


def test_a_logarithmic_ramp_spans_at_least_a_decade_above_ten():
    low, high, _ = stretch(np.linspace(0.1, 60, 100), "log")
    assert low == 10
    assert high == 100


def test_a_layer_without_known_values_has_a_ramp_all_the_same():
    assert stretch(np.array([np.nan]), "linear") == (0.0, 1.0, False)


def test_a_constant_layer_shows_its_one_value_and_others_three(content):
    from shuibao.grids import layer
    from shuibao.reports import ReportContent

    box = GeoBox.from_bbox((600000, 4280000, 601000, 4281000), "EPSG:4547", shape=(10, 10))
    rain = layer(np.full((10, 10), 6728.9, np.float32), box, "rainfall_erosivity")
    soil = layer(np.linspace(0.01, 0.02, 100, dtype=np.float32).reshape(10, 10), box, "soil_erodibility")
    first, second = small_maps(ReportContent(content.summary, {"K": soil, "R": rain}))
    assert first.constant
    assert first.ticks == (Tick(50, "6,729"),)
    assert len(set(first.colours)) == 1
    assert not second.constant
    assert [t.at for t in second.ticks] == [0, 50, 100]


def test_factors_stand_in_the_order_of_the_equation(content):
    assert [m.key for m in small_maps(content)] == ["R", "K", "L", "S", "B", "E", "T", "erosion_modulus", "elevation"]


@pytest.fixture(scope="module")
def ground(content):
    return ground_of(content, 300)


@pytest.mark.parametrize(("box", "layout"), [((0, 0, 300, 200), ACROSS), ((0, 0, 200, 300), UPRIGHT)])
def test_wide_counties_lie_across_and_tall_ones_stand(box, layout):
    assert layout_for(box) is layout


@pytest.mark.parametrize(("size", "sides"), [("A4", (210, 297)), ("A3", (297, 420))])
def test_a_sheet_has_the_size_of_its_paper(content, ground, size, sides):
    figure = draw_sheet(content, ground, class_picture(ground), size)
    assert sorted(figure.get_size_inches() * 25.4) == pytest.approx(sides, abs=0.2)


@pytest.mark.parametrize("size", ["A4", "A3"])
def test_the_scale_bar_is_true_to_the_map(content, ground, size):
    figure = draw_sheet(content, ground, class_picture(ground), size)
    paper, panel = sorted(figure.axes, key=lambda ax: ax.get_position().width, reverse=True)
    across = np.diff(panel.get_xlim())[0] / (panel.get_position().width * figure.get_size_inches()[0] * 0.0254)
    (scale,) = [int(t.get_text()[4:].replace(" ", "")) for t in paper.texts if t.get_text().startswith("1 : ")]
    assert across == pytest.approx(scale, rel=1e-6)
    parts = [p for p in paper.patches if isinstance(p, Rectangle) and p.get_height() == 1.3]
    width = (
        sum(p.get_width() for p in parts) / 1000 * (figure.get_size_inches()[0] * 25.4 / np.diff(paper.get_xlim())[0])
    )
    (words,) = [t.get_text() for t in paper.texts if t.get_text().endswith(("km", " m")) and t.get_text()[0].isdigit()]
    number, unit = words.split()
    assert width * scale == pytest.approx(float(number) * (1000 if unit == "km" else 1), rel=1e-6)


def test_no_two_texts_of_a_sheet_overlap(content, ground):
    for size, accessible in (("A4", False), ("A3", False), ("A4", True)):
        figure = draw_sheet(content, ground, class_picture(ground), size, accessible=accessible)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        paper = max(figure.axes, key=lambda ax: ax.get_position().width)
        found = [
            (t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in paper.texts if t.get_rotation() == 0
        ]
        rooms = [(text, shapely.box(*b.extents).buffer(-1.0)) for text, b in found if text.strip()]
        clashes = [(a, b) for k, (a, one) in enumerate(rooms) for b, two in rooms[:k] if one.intersects(two)]
        assert clashes == []
        page = shapely.box(0, 0, *canvas.get_width_height())
        assert [text for text, room in rooms if not page.contains(room)] == []


def test_the_scale_of_a_page_map_hides_no_part_of_the_county_that_it_need_not(content, ground):
    figure = draw_picture(content, ground, class_picture(ground))
    paper = max(figure.axes, key=lambda ax: ax.get_position().width)
    panel = min(figure.axes, key=lambda ax: ax.get_position().width)
    card = next(p for p in paper.patches if isinstance(p, Rectangle) and p.get_alpha())
    corners = card.get_bbox().corners()
    ground_corners = panel.transData.inverted().transform(paper.transData.transform(corners))
    hidden = shapely.MultiPoint(ground_corners).envelope.intersection(ground.outline).area
    assert hidden < 0.01 * ground.outline.area


def test_the_fonts_of_the_pictures_know_chinese_and_say_what_they_lack():
    assert families()[0] == "Noto Sans SC"
    assert families(serif=True)[0] == "Noto Serif SC"
    assert missing_characters(["宁武县涔山乡", "薛家洼乡 迭台寺乡"]) == ""
    assert missing_characters(["甲\U000f1234乙\U000f1234"]) == "\U000f1234"
