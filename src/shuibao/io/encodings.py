"""Text of unknown encoding: UTF-8, UTF-16 or GB 18030, and text that was garbled before it came here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import SourceError

BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CANDIDATES = ("utf-8", "gb18030")
"""Tried in this order: GB 18030 text is hardly ever valid UTF-8, while UTF-8 text often is valid GB 18030."""

CUT = ("unexpected end of data", "incomplete multibyte sequence")
"""What Python's decoders say where the bytes end within a character."""

REPLACED = ("\ufffd", "锟斤拷", "烫烫烫", "屯屯屯")
CHINESE_RUN = re.compile("[\u3400-\u9fff\ue000-\uf8ff\uff00-\uffef€]{3,}")


@dataclass(frozen=True)
class Decoded:
    """Text and the encoding it was in."""

    text: str
    encoding: str


def decode(data: bytes, where: str, encoding: str | None = None) -> Decoded:
    """Turn bytes into text.

    encoding: a name such as "gb18030"; without it a byte-order mark, UTF-8 and GB 18030 are tried in this order

    Raises SourceError where no encoding fits, the one asked for does not fit, or the text was garbled before it was
    saved.
    """
    name = encoding or detect([data])
    if name is None:
        raise SourceError(
            "the text is neither UTF-8 nor GB 18030",
            where=where,
            expected="a text file in UTF-8 or GB 18030 (GBK)",
            remedy="Save it again as UTF-8, or name its encoding.",
        )
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceError(
            f"the text is not {name}: {error}", where=where, remedy="Leave the encoding out to have it detected."
        ) from None
    refuse_mojibake(text.splitlines(), where)
    return Decoded(text.removeprefix("\ufeff"), name)


def detect(pieces: Iterable[bytes]) -> str | None:
    """The encoding in which all pieces can be read, or None.

    pieces: bytes of one file or of its cells; a piece may end within a character, as names cut by a DBF file do
    """
    kept = list(pieces)
    for mark, name in BYTE_ORDER_MARKS:
        if kept and kept[0].startswith(mark):
            return name
    if kept and b"\0" in kept[0][:4096]:
        return next((name for name in ("utf-16-le", "utf-16-be") if _plain(kept[0][:4096], name)), None)
    return next((name for name in CANDIDATES if all(_readable(p, name) for p in kept)), None)


def _plain(data: bytes, name: str) -> bool:
    """Without a byte-order mark UTF-16 shows by lines of printable signs, which the other order of bytes lacks."""
    text = data[: len(data) // 2 * 2].decode(name, "replace")
    return "\n" in text and all(c.isprintable() or c in "\r\n\t" for c in text) and "\ufffd" not in text[:-1]


def _readable(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        return error.start > 0 and error.reason in CUT
    return True


def refuse_mojibake(texts: Iterable[str], where: str) -> None:
    """Raise SourceError where a text was garbled by a wrong encoding before it came here."""
    for number, text in enumerate(texts, 1):
        if text.isascii():
            continue
        meant = mojibake(text)
        if meant is not None:
            guess = f"; it was perhaps {meant!r}" if meant else ""
            raise SourceError(
                f"text {number} is garbled (mojibake): {text.strip()[:40]!r}{guess}",
                where=where,
                expected="readable names",
                remedy=(
                    "It was read in a wrong encoding and saved so; take the file from its source, or name the encoding "
                    "(gb18030, utf-8)."
                ),
            )


def mojibake(text: str) -> str | None:
    """What a garbled text was meant to be ("" where it cannot be told), or None where the text is sound.

    Found are: replacement characters and their 锟斤拷; GBK shown as Latin (Í¼°ß for 图斑); UTF-8 shown as Latin
    (å›¾æ–‘); UTF-8 shown as GBK (鍥炬枒 for 图斑).
    """
    if any(mark in text for mark in REPLACED):
        return ""
    return _latin_for_chinese(text) or _gbk_for_utf8(text)


def _latin_for_chinese(text: str) -> str | None:
    for encoding in ("latin-1", "cp1252"):
        try:
            raw = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        runs = re.findall(rb"[\x80-\xff]+", raw)
        if not runs or sum(map(len, runs)) < 4:
            continue
        for meant in CANDIDATES:
            if all(_chinese(run, meant) for run in runs):
                return raw.decode(meant, "replace")
    return None


def _gbk_for_utf8(text: str) -> str | None:
    for run in CHINESE_RUN.findall(text):
        try:
            raw = run.encode("gb18030")
        except UnicodeEncodeError:
            continue
        if len(raw) >= 6 and _chinese(raw, "utf-8"):
            return str(raw.decode("utf-8", "ignore"))
    return None


def _chinese(raw: bytes, encoding: str) -> bool:
    """Whether bytes read so are Chinese characters only; what is left of a cut character is overlooked."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < 6 or len(raw) - error.start > 2:
            return False
        text = raw[: error.start].decode(encoding)
    return bool(text) and all("\u3400" <= c <= "\u9fff" for c in text)
