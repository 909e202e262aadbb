"""Text: legitimate words are never called garbled, garbled ones always are, and UTF-16 is told by its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao import tables
from shuibao.errors import SourceError
from shuibao.io.encodings import decode, detect, mojibake, refuse_mojibake
from shuibao.landscapes import frame
from shuibao.quantities import all_quantities

RARE_PLACES = [
    "汧阳",
    "颍上",
    "亳州",
    "濮阳",
    "睢县",
    "嵊州",
    "婺源",
    "盱眙",
    "浚县",
    "浠水",
    "涪陵",
    "綦江",
    "瀍河",
    "郏县",
    "鄠邑",
    "盩厔",
    "勐海",
    "砀山",
    "蠡县",
    "芮城",
    "岢岚",
    "娄烦",
    "繁峙",
]
"""Counties whose names are written with rare characters."""

FOREIGN = [
    "São Tomé",
    "Größe der Fläche: 12,5 m²",
    "¿Dónde está?",
    "naïve — “quoted”",
    "Łódź, Kraków",
    "Ельцин",
    "鐵路",
    "œuvre",
    "±0.5 °C",
    "½ ¼ ¾ × ÷",
    "μm ²³",
    "①②③ Ⅳ级",
    "、。，！（）【】",
    "t/(km²·a)",
    "56.04 %",
    "ÇÃO",
]
WORDS = st.sampled_from(["水土保持", "宁武县", "图斑编号", "侵蚀模数", "梯田", "小流域", "淤地坝", "岢岚"])
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=3, max_size=12)


@pytest.mark.parametrize("name", RARE_PLACES)
def test_names_of_places_with_rare_characters_are_sound(name):
    assert mojibake(name) is None


@pytest.mark.parametrize("text", FOREIGN)
def test_signs_units_and_other_languages_are_sound(text):
    assert mojibake(text) is None


@pytest.mark.parametrize("name", ["townships", "villages", "soils", "stations", "sources"])
def test_no_name_of_the_demonstration_county_is_called_garbled(name):
    texts = frame.table(name).select_dtypes(exclude="number").stack().dropna().astype(str)
    assert [t for t in texts if mojibake(t) is not None] == []


def test_no_name_of_a_quantity_or_table_is_called_garbled():
    words = [q.zh for q in all_quantities().values()]
    for name in tables.names():
        words += tables.load(name).rows.select_dtypes(exclude="number").stack().dropna().astype(str).tolist()
    assert len(words) > 500
    assert [w for w in words if mojibake(w) is not None] == []


@given(CHINESE)
def test_utf8_that_was_read_as_latin_is_always_found_and_told(text):
    assert mojibake(text.encode().decode("latin-1")) is not None


@given(
    st.lists(st.sampled_from(["水土保持", "宁武县", "图斑编号", "侵蚀模数", "梯田", "小流域"]), min_size=2, max_size=4)
)
def test_utf8_that_was_read_as_gbk_is_found_and_what_was_meant_is_told(words):
    text = "".join(words)
    garbled = text.encode().decode("gb18030", "replace")
    meant = mojibake(garbled)
    assert meant is not None
    assert meant == "" or meant in text


def test_the_line_of_a_garbled_text_is_told_and_its_beginning_shown():
    with pytest.raises(
        SourceError, match=r"a\.csv: text 3 is garbled .*it was perhaps '图斑'; expected readable names"
    ):
        refuse_mojibake(["a", "图斑", "Í¼°ß"], "a.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8", "gb18030"])
@given(words=st.lists(WORDS, min_size=1, max_size=6))
def test_a_table_of_the_field_is_read_in_every_encoding(encoding, words):
    lines = "name,p\n" + "".join(f"{w},1\n" for w in words)
    assert decode(lines.encode(encoding), "a.csv").text == lines


def test_a_mark_at_the_beginning_is_no_part_of_the_text():
    for encoding in ("utf-8-sig", "utf-16"):
        assert decode("站号,雨量\n".encode(encoding), "a.csv").text.startswith("站号")


def test_utf16_without_a_mark_that_is_no_table_is_not_guessed():
    assert detect([b"\x00\x01\x02\x03" * 20]) is None


def test_plain_english_in_utf16_without_a_mark_is_told_by_its_zeros():
    for name in ("utf-16-le", "utf-16-be"):
        assert detect(["date,p\n2025-07-01,1\n".encode(name)]) == name


def test_an_encoding_that_is_named_is_obeyed_or_refused_but_not_replaced():
    big5 = "臺灣水土保持\n".encode("big5")
    assert decode(big5, "a.csv", "big5").text == "臺灣水土保持\n"
    with pytest.raises(SourceError, match=r"the text is not utf-8.*Leave the encoding out"):
        decode("图斑".encode("gbk"), "a.csv", "utf-8")


def test_pieces_of_one_file_are_judged_together():
    gbk, ascii_ = "图斑".encode("gbk"), b"plain"
    assert detect([ascii_, gbk]) == "gb18030"
    assert detect([ascii_, "图斑".encode()]) == "utf-8"
    assert detect([]) == "utf-8"
