"""Pictures show the right colour at the right place; legends are painted by the same hand."""

import io

import numpy as np
import pytest
from PIL import Image

from shuibao.reports import ReportContent
from shuibao.reports.ground import (
    OUTSIDE,
    UNKNOWN_INSIDE,
    accessible_picture,
    change_picture,
    class_picture,
    ground_of,
    land_use_picture,
    outline_of,
    ramp_picture,
    relief,
)
from shuibao.reports.painting import (
    beyond_entry,
    data_uri,
    hatch_mask,
    hillshade,
    paint_hatched,
    paint_ramp,
    paint_shaded,
    pen,
    swatch,
    unknown_entry,
)
from shuibao.reports.style import lightness, rgb, style

HATCHES = ("dots", "slash", "backslash", "horizontal", "vertical", "cross")


def decoded(picture) -> np.ndarray:
    """A picture as a viewer sees it: (rows, cols, 4)."""
    return np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGBA"))


@pytest.fixture(scope="module")
def ground(content):
    return ground_of(content, 420)


def test_classes_without_light_have_exactly_the_colours_of_the_style():
    codes = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    seen = decoded(paint_shaded(codes, [(e.code, e.colour) for e in style().classes], None))
    for entry in style().classes:
        row, col = np.argwhere(codes == entry.code)[0]
        assert tuple(seen[row, col]) == (*rgb(entry.colour), 255)


def test_a_code_without_a_colour_is_clear():
    seen = decoded(paint_shaded(np.array([[1, 99]], np.uint8), [(1, "#ff0000")], None))
    assert seen[0, 0, 3] == 255
    assert seen[0, 1, 3] == 0


def test_light_moves_a_colour_but_flat_ground_keeps_it():
    codes = np.full((1, 3), 3, np.uint8)
    shade = np.array([[0.1, 0.76, 1.0]])
    dark, flat, lit = decoded(paint_shaded(codes, [(3, "#fbce71")], shade))[0, :, :3].astype(int)
    assert dark.sum() < flat.sum() < lit.sum()
    assert np.abs(flat - rgb("#fbce71")).max() <= 6


def test_classes_stay_apart_under_any_light():
    shades = np.linspace(0.3, 1.0, 12)
    found = {}
    for entry in style().classes:
        codes = np.full((1, 12), entry.code, np.uint8)
        for colour in decoded(paint_shaded(codes, [(entry.code, entry.colour)], shades[None]))[0, :, :3]:
            assert found.setdefault(tuple(colour), entry.code) == entry.code


def test_the_map_shows_each_class_where_the_layer_has_it(ground):
    codes, seen = ground.codes("intensity_class"), decoded(class_picture(ground))[..., :3]
    colours = np.array([rgb(e.colour) for e in style().classes], float)
    directions = colours / np.linalg.norm(colours, axis=1, keepdims=True)
    for entry in style().classes:
        here = seen[codes == entry.code].astype(float)
        assert len(here) > 50, "the county has every class"
        hue = here.mean(axis=0) / np.linalg.norm(here.mean(axis=0))
        assert np.argmax(directions @ hue) == entry.code - 1, "light changes how bright a class is, not its hue"


def test_unknown_ground_is_grey_and_the_land_beyond_is_faint(ground):
    codes, seen = ground.codes("intensity_class"), class_picture(ground).on_paper()
    unknown, beyond = seen[codes == UNKNOWN_INSIDE].astype(int), seen[codes == OUTSIDE].astype(int)
    assert len(unknown) > 100
    assert np.ptp(unknown, axis=1).max() < 30, "grey"
    assert beyond.mean() > 235
    assert unknown.mean() < beyond.mean()


def test_land_uses_have_their_own_colours_on_the_map(ground):
    codes, seen = ground.codes("land_use"), land_use_picture(ground).on_paper()
    for code in (13, 31, 53, 71):
        assert (seen[codes == code] == rgb(style().land_use_of(code).colour)).all()


def test_better_is_blue_and_worse_is_brown(ground):
    steps, seen = ground.layers["change"].values, change_picture(ground).on_paper().astype(int)
    inside = ground.inside
    better, worse = seen[inside & (steps == -1)], seen[inside & (steps == 1)]
    assert (better[:, 2] > better[:, 0]).all()
    assert (worse[:, 0] > worse[:, 2]).all()


def test_an_accessible_map_uses_only_safe_colours_and_their_pens(ground):
    seen = {
        tuple(int(v) for v in c) for c in np.unique(decoded(accessible_picture(ground)).reshape(-1, 4), axis=0) if c[3]
    }
    entries = [*style().classes, unknown_entry(UNKNOWN_INSIDE), beyond_entry(OUTSIDE)]
    allowed = {(*rgb(e.safe), 255) for e in entries} | {(*pen(rgb(e.safe)), 255) for e in entries}
    assert seen <= allowed
    assert len(seen) > 6


@pytest.mark.parametrize("hatch", HATCHES)
def test_each_hatch_leaves_ink_but_not_too_much(hatch):
    share = hatch_mask(hatch, (80, 80), 10).mean()
    assert 0.02 < share < 0.45


def test_no_hatch_looks_like_another():
    masks = {h: hatch_mask(h, (40, 40), 10).tobytes() for h in HATCHES}
    assert len(set(masks.values())) == len(HATCHES)


def test_a_class_without_a_hatch_is_plain():
    assert not hatch_mask("none", (20, 20)).any()


def test_every_class_carries_its_hatch_in_the_accessible_picture():
    codes = np.repeat(np.arange(1, 7, dtype=np.uint8), 4)[None].repeat(4, 0)
    seen = decoded(paint_hatched(codes, list(style().classes), 10, 10))[..., :3]
    large = np.repeat(np.repeat(codes, 10, 0), 10, 1)
    for entry in style().classes:
        colours = {tuple(int(v) for v in c) for c in np.unique(seen[large == entry.code], axis=0)}
        wanted = {rgb(entry.safe)} | ({pen(rgb(entry.safe))} if entry.hatch != "none" else set())
        assert colours == wanted


def test_hatches_can_be_seen_on_light_and_on_dark_classes():
    for entry in style().classes:
        ink = "#{:02x}{:02x}{:02x}".format(*pen(rgb(entry.safe)))
        assert abs(lightness(ink) - lightness(entry.safe)) > 20


def test_safe_colours_fall_evenly_in_lightness():
    steps = -np.diff([lightness(e.safe) for e in style().classes])
    assert (steps > 7).all()
    assert lightness("#000000") == 0
    assert lightness("#ffffff") == pytest.approx(100)


def test_a_swatch_is_painted_like_the_map():
    entry = style().class_of("intense")
    plain = decoded(swatch(entry, False))
    assert (plain[..., :3] == rgb(entry.colour)).all()
    hatched = decoded(swatch(entry, True))
    assert {tuple(int(v) for v in c) for c in np.unique(hatched.reshape(-1, 4)[:, :3], axis=0)} == {
        rgb(entry.safe),
        pen(rgb(entry.safe)),
    }


def test_a_ramp_runs_from_its_first_to_its_last_colour():
    ramp = style().ramp("elevation")
    seen = decoded(paint_ramp(np.array([[0.0, 100.0, np.nan, -50.0, 150.0]]), 0.0, 100.0, ramp))[0]
    assert np.abs(seen[0, :3].astype(int) - rgb(ramp.colours[0])).max() <= 4
    assert np.abs(seen[1, :3].astype(int) - rgb(ramp.colours[-1])).max() <= 4
    assert seen[2, 3] == 0
    assert (seen[3] == seen[0]).all()
    assert (seen[4] == seen[1]).all()


def test_a_logarithmic_ramp_gives_each_decade_the_same_room():
    ramp = style().ramp("erosion_modulus")
    index = paint_ramp(np.array([[10.0, 100.0, 1000.0]]), 10.0, 1000.0, ramp).index[0].astype(int)
    assert index[1] - index[0] == pytest.approx(index[2] - index[1], abs=2)


def test_a_layer_of_one_value_has_one_colour():
    picture = paint_ramp(np.full((3, 3), 7.0), 7.0, 7.0, style().ramp("rainfall_erosivity"))
    assert len(np.unique(picture.index)) == 1


def test_a_slope_to_the_north_west_is_lighter_than_one_away_from_it():
    y, x = np.indices((20, 20)) * 10.0
    towards, away = hillshade(x + y, 10.0), hillshade(-(x + y), 10.0)
    assert towards[10, 10] > 0.75 > away[10, 10]
    assert hillshade(np.zeros((5, 5)), 10.0)[2, 2] == pytest.approx(0.75)


def test_unknown_and_tiny_ground_lie_in_even_light():
    assert hillshade(np.full((4, 4), np.nan), 10.0)[1, 1] == 0.75
    assert (hillshade(np.array([[1.0, 2.0]]), 10.0) == 0.75).all()


@pytest.mark.parametrize("steepness", [0.1, 0.3, 0.9])
def test_relief_brings_any_ground_to_the_same_typical_slope(steepness):
    plane = np.indices((30, 30))[1] * 10.0 * steepness
    assert relief(plane, 10.0) * steepness == pytest.approx(0.3)


def test_relief_of_flat_or_unknown_ground_stays_within_reason():
    assert relief(np.zeros((5, 5)), 10.0) == 6.0
    assert relief(np.full((5, 5), np.nan), 10.0) == 1.0
    assert relief(np.zeros((1, 5)), 10.0) == 1.0


def test_the_outline_is_the_county_or_else_the_townships_together(county):
    whole = outline_of(county.places)
    towns = outline_of(county.places[county.places["level"] == "township"])
    assert whole.equals(county.outline)
    assert towns.symmetric_difference(whole).area < 1e-6 * whole.area
    assert outline_of(None) is None


def test_without_places_the_known_ground_is_inside(content):
    layers = {"intensity_class": content.layers["intensity_class"]}
    bare = ground_of(ReportContent(content.summary, layers), 420)
    assert bare.outline is None
    assert (bare.inside == (layers["intensity_class"].values != 0)).all()


def test_without_layers_there_is_no_ground(content):
    assert ground_of(ReportContent(content.summary), 420) is None


def test_a_picture_of_values_is_clear_beyond_the_county(content):
    ground = ground_of(content, 420, ["R"])
    seen = decoded(ramp_picture(ground, "R", 1000.0, 2000.0))
    assert ((seen[..., 3] > 0) == ground.inside).all()


def test_a_picture_travels_in_its_address():
    assert data_uri(swatch(style().classes[0], False).png()).startswith("data:image/png;base64,iVBORw0KGgo")
