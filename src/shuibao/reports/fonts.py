"""Fonts of the pictures: Noto Sans SC and Noto Serif SC (OFL 1.1) from a wheel, so that any machine draws the same Chinese."""

import functools
import threading
from collections.abc import Iterable

import pylopdf_fonts_zh_cn
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

SANS = ["Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "DejaVu Sans"]
SERIF = ["Noto Serif SC", "Noto Serif CJK SC", "SimSun", "DejaVu Serif"]
"""Families by preference; the first one is always there, the others help with rare characters where the machine has them."""

_lock = threading.Lock()


@functools.cache
def register() -> None:
    """Make the two fonts known to matplotlib, once in a process."""
    with _lock:
        for path in (pylopdf_fonts_zh_cn.sans_path(), pylopdf_fonts_zh_cn.serif_path()):
            font_manager.fontManager.addfont(str(path))


@functools.cache
def families(serif: bool = False) -> list[str]:
    """The families that this machine has, by preference."""
    register()
    present = set(font_manager.get_font_names())
    return [name for name in (SERIF if serif else SANS) if name in present]


@functools.cache
def _characters() -> frozenset[int]:
    register()
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families()]
    return frozenset().union(*(FT2Font(path).get_charmap() for path in paths))


def missing_characters(texts: Iterable[str]) -> str:
    """The characters of `texts` that no font of the pictures has, each once, in order."""
    seen = dict.fromkeys(c for text in texts for c in text if not c.isspace())
    return "".join(c for c in seen if ord(c) not in _characters())
