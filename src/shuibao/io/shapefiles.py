"""Shapefiles: are all their parts there, and in which encoding is their text?

Source of the layout of .dbf: dBASE III header, 32 bytes, then 32 bytes a field, ended by 0x0D.
"""

import codecs
import struct
from pathlib import Path

from ..errors import SourceError
from .encodings import detect
from .files import sidecar

SAMPLE = 4 << 20
"""Bytes of records looked at."""


def complete_or_refuse(path: Path) -> None:
    """Refuse a Shapefile without its .shx or .dbf.

    Raises SourceError naming what is missing.
    """
    if path.suffix.lower() != ".shp":
        return
    missing = [ending for ending in (".shx", ".dbf") if sidecar(path, ending) is None]
    if missing:
        raise SourceError(
            f"its {' and '.join(missing)} are missing",
            where=str(path),
            expected=".shp, .shx and .dbf side by side",
            remedy="A Shapefile is several files; copy all that bear its name.",
        )


def shapefile_encoding(path: Path) -> tuple[str, list[str]]:
    """The encoding of the text of a Shapefile, and a sentence where its .cpg was missing or wrong.

    Raises SourceError where the text is neither UTF-8 nor GB 18030 nor what its .cpg says.
    """
    dbf, cpg = sidecar(path, ".dbf"), sidecar(path, ".cpg")
    said = _codec(cpg.read_bytes()) if cpg else None
    cells = _texts(dbf.read_bytes()) if dbf else []
    if said and _fits(cells, said):
        return said, []
    found = detect(cells)
    if found is None:
        raise SourceError(
            "its text is neither UTF-8 nor GB 18030" + (f" nor {said}, as its .cpg says" if said else ""),
            where=str(path),
            expected="a Shapefile in UTF-8 or GBK",
            remedy='Name its encoding: encoding = "big5".',
        )
    if all(c.isascii() for c in cells):
        return found, []
    why = f"though its .cpg says {said}" if said else "as it has no .cpg and its bytes tell"
    return found, [f"its text was read as {found}, {why}"]


def _codec(cpg: bytes) -> str | None:
    """Python's name of the encoding in a .cpg; code pages stand there as numbers; None where it is unknown."""
    said = cpg.decode("ascii", "ignore").strip()
    for name in (said, f"cp{said}", said.replace("ANSI ", "cp"), said.replace("OEM ", "cp")):
        try:
            codec = codecs.lookup(name).name
        except LookupError:
            continue
        return "gb18030" if codec in ("gbk", "gb2312") else codec
    return None


def _texts(dbf: bytes) -> list[bytes]:
    """Field names and the cells of text fields, stripped."""
    if len(dbf) < 32:
        return []
    rows, header, width = struct.unpack("<IHH", dbf[4:12])
    fields = [dbf[at : at + 32] for at in range(32, header - 1, 32) if dbf[at : at + 1] not in (b"\r", b"")]
    texts = [f[:11].split(b"\0")[0] for f in fields]
    start, spans = 1, []
    for f in fields:
        if f[11:12] == b"C":
            spans.append((start, start + f[16]))
        start += f[16]
    for row in range(min(rows, SAMPLE // max(1, width))):
        record = dbf[header + row * width : header + (row + 1) * width]
        texts += [record[a:b].strip(b" \0") for a, b in spans]
    return [t for t in texts if t]


def _fits(cells: list[bytes], codec: str) -> bool:
    """Whether the cells can be read so; single-byte encodings read anything, so they count only where GB 18030 and
    UTF-8 fail.
    """
    multibyte = codec.startswith(("utf", "gb", "big5"))
    if not multibyte:
        return all(c.isascii() for c in cells) or detect(cells) is None
    return all(_decodes(c, codec) for c in cells)


def _decodes(cell: bytes, codec: str) -> bool:
    try:
        cell.decode(codec)
    except UnicodeDecodeError as error:
        return error.start > 0 and error.end >= len(cell)
    return True
