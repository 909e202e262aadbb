"""The word before the first run: said where the kernels are still to be compiled, and only there."""

import numba
import pytest

from shuibao.cli import running
from shuibao.cli.compiling import WORD, is_compiled


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    return tmp_path


def test_a_fresh_installation_has_nothing_compiled(own_cache):
    assert not is_compiled(own_cache)


def test_an_index_of_numba_says_that_it_was_compiled(own_cache):
    (own_cache / "__pycache__").mkdir()
    (own_cache / "__pycache__/filling.fill-7.py311.nbi").write_bytes(b"")
    assert is_compiled(own_cache)


def test_a_cache_elsewhere_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    assert not is_compiled(tmp_path)
    (tmp_path / "cache/deep").mkdir(parents=True)
    (tmp_path / "cache/deep/a.nbi").write_bytes(b"")
    assert is_compiled(tmp_path)


@pytest.mark.parametrize("compiled", [True, False])
def test_the_word_is_said_before_the_first_run_only(compiled, monkeypatch, capsys):
    monkeypatch.setattr(running, "is_compiled", lambda: compiled)
    with running.progress_bar() as progress:
        progress(0.5, "汇流")
    assert (WORD[:6] in capsys.readouterr().err) == (not compiled)


def test_a_quiet_run_says_nothing(monkeypatch, capsys):
    monkeypatch.setattr(running, "is_compiled", lambda: False)
    with running.progress_bar(quiet=True) as progress:
        progress(0.5, "汇流")
    assert capsys.readouterr().err == ""
