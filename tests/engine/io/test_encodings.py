import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuibao.errors import SourceError
from shuibao.io.encodings import decode, detect, mojibake, refuse_mojibake

CHINESE = "宁武县图斑编号，水土保持监测站；有林地、草地"
WORDS = st.text(st.sampled_from("宁武县图斑编号水土保持监测站有林地草地梯田淤坝侵蚀模数坡耕"), min_size=3, max_size=30)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_whatever_encoding_it_is(encoding):
    text = f"name,code\n{CHINESE},140925\n"
    assert decode(text.encode(encoding), "a.csv").text == text


@given(WORDS)
def test_gb18030_and_utf8_are_told_apart(words):
    text = f"名称,编号\n{words},1\n"
    assert detect([text.encode("utf-8")]) == "utf-8"
    assert decode(text.encode("gb18030"), "a.csv").text == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=40))
def test_plain_ascii_is_utf8(text):
    assert detect([text.encode()]) == "utf-8"


def test_pieces_cut_within_a_character_do_not_mislead():
    cut = [t.encode("utf-8")[:10] for t in ("图斑编号", "土地利用类型")]
    assert detect(cut) == "utf-8"
    assert detect(["图斑编号".encode("gb18030")[:7]]) == "gb18030"


def test_bytes_of_no_encoding_are_refused_with_the_way_out():
    with pytest.raises(SourceError, match=r"neither UTF-8 nor GB 18030.*Save it again as UTF-8"):
        decode(b"name\n\xff\xff\xff\xfe\n", "a.csv")
    with pytest.raises(SourceError, match="the text is not ascii"):
        decode(CHINESE.encode(), "a.csv", "ascii")
    with pytest.raises(SourceError, match="the text is not nonsense-8"):
        decode(b"a", "a.csv", "nonsense-8")


GARBLED = {
    "GBK read as Latin-1": "图斑编号".encode("gbk").decode("latin-1"),
    "UTF-8 read as Latin-1": "图斑编号".encode().decode("latin-1"),
    "UTF-8 read as Windows-1252": "水土保持".encode().decode("cp1252", "ignore"),
    "UTF-8 read as GBK": "宁武县水土".encode().decode("gb18030", "replace"),
    "replaced and read again": "锟斤拷锟斤拷",
    "replacement characters": "图\ufffd编号",
}


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED)
def test_garbled_text_is_found(text):
    assert mojibake(text) is not None
    with pytest.raises(SourceError, match="is garbled"):
        refuse_mojibake(["plain", text], "a.csv")


def test_what_was_meant_is_told_where_it_can_be():
    assert mojibake("Í¼°ß") == "图斑"
    assert mojibake("鍥炬枒缂栧彿") == "图斑编号"
    assert mojibake("锟斤拷") == ""


@pytest.mark.parametrize(
    "text", [CHINESE, "Müller, café, naïve", "25 °C, 3 m², ½", "t/(hm²·a) × 1.5", "ΔR ≥ 3", "", "É"]
)
def test_sound_text_passes(text):
    assert mojibake(text) is None


@given(WORDS)
def test_no_chinese_text_of_the_field_is_called_garbled(words):
    assert mojibake(words) is None


@given(WORDS)
def test_chinese_shown_as_latin_is_always_found(words):
    assert mojibake(words.encode("gb18030").decode("latin-1")) == words
