"""One small demonstration county for all tests of this folder: 250 m cells."""

import pytest

from shuibao.landscapes import DemonstrationCounty, demonstration_county

CELL = 250.0


@pytest.fixture(scope="session")
def county() -> DemonstrationCounty:
    return demonstration_county(cell=CELL, seed=1)
