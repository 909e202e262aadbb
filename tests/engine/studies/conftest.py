"""A small county, written once a session and copied for the tests that spoil it."""

import datetime as dt
import shutil

import pytest
from studies.small_county import write_small_county

from shuibao.studies.annual_monitoring import monitor_year

NOW = dt.datetime(2026, 1, 15, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory):
    return write_small_county(tmp_path_factory.mktemp("small"))


@pytest.fixture
def county(pristine, tmp_path):
    """A copy that a test may spoil; the path of its county.toml."""
    shutil.copytree(pristine.parent, tmp_path / "county")
    return tmp_path / "county" / "county.toml"


@pytest.fixture(scope="session")
def products(pristine, tmp_path_factory):
    """Products of both years by year, the later compared with the earlier."""
    folder = tmp_path_factory.mktemp("products")
    first = monitor_year(pristine, 2024, folder / "2024", created=NOW)
    second = monitor_year(pristine, 2025, folder / "2025", baseline=folder / "2024", created=NOW)
    return {2024: first, 2025: second}
