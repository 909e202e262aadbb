"""Every error says where it is, what was found, what was expected and the way out, in this order."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao import errors
from shuibao.errors import (
    Cancelled,
    CoordinateError,
    InputError,
    ResourceError,
    ShuibaoError,
    SourceError,
)

KINDS = (InputError, SourceError, CoordinateError, ResourceError, Cancelled)
WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


def test_a_whole_message_names_place_finding_expectation_and_way_out():
    error = InputError("cell 5000 m", where="county file", expected="5 to 500 m", remedy="Choose a finer cell.")
    assert str(error) == "county file: cell 5000 m; expected 5 to 500 m. Choose a finer cell."


@pytest.mark.parametrize(
    ("given_parts", "text"),
    [
        ({}, "the file is empty."),
        ({"where": "dem.tif"}, "dem.tif: the file is empty."),
        ({"expected": "a raster"}, "the file is empty; expected a raster."),
        ({"remedy": "Copy it again."}, "the file is empty. Copy it again."),
        ({"where": "dem.tif", "remedy": "Copy it again."}, "dem.tif: the file is empty. Copy it again."),
        ({"expected": "a raster", "remedy": "Copy it again."}, "the file is empty; expected a raster. Copy it again."),
    ],
)
def test_what_is_not_given_leaves_no_trace_in_the_message(given_parts, text):
    assert str(SourceError("the file is empty", **given_parts)) == text


def test_a_finding_that_ends_with_a_full_stop_gets_no_second_one():
    assert str(InputError("no rows.")) == "no rows."
    assert str(InputError("no rows", expected="one row.")) == "no rows; expected one row."


@given(found=WORDS, where=WORDS, expected=WORDS, remedy=WORDS)
def test_the_parts_stay_readable_for_a_program(found, where, expected, remedy):
    error = CoordinateError(found, where=where, expected=expected, remedy=remedy)
    assert (error.found, error.where, error.expected, error.remedy) == (found, where, expected, remedy)
    assert str(error) == f"{where}: {found}; expected {expected}. {remedy}"


@given(found=WORDS, where=st.one_of(st.just(""), WORDS), expected=st.one_of(st.just(""), WORDS))
def test_every_message_is_one_sentence_with_its_full_stop(found, where, expected):
    text = str(InputError(found, where=where, expected=expected))
    assert text.endswith(".")
    assert ".." not in text


@pytest.mark.parametrize("kind", KINDS)
def test_one_clause_catches_every_kind(kind):
    with pytest.raises(ShuibaoError, match="nothing works"):
        raise kind("nothing works")


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_is_caught_as_another(kind):
    others = tuple(k for k in KINDS if k is not kind)
    assert not issubclass(kind, others)


def test_every_kind_leaves_the_program_with_its_own_code():
    codes = [kind.exit_code for kind in KINDS]
    assert codes == [2, 3, 4, 5, 130]
    assert ShuibaoError.exit_code not in codes
    assert 0 not in codes, "0 would tell a script that all went well"


def test_stopping_by_hand_leaves_with_the_code_that_shells_give_to_ctrl_c():
    assert Cancelled.exit_code == 128 + 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_short_chinese_title_that_its_description_repeats(kind):
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,6}", kind.title_zh)
    assert kind.title_zh in (kind.__doc__ or "")


def test_titles_tell_the_kinds_apart():
    assert len({kind.title_zh for kind in (*KINDS, ShuibaoError)}) == len(KINDS) + 1


def test_these_are_all_the_kinds_there_are():
    defined = {c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, ShuibaoError)}
    assert defined == {*KINDS, ShuibaoError}
