"""Real data for tests: outside the repository; tests that need them skip, aloud, where they are absent."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("SHUIBAO_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def real_data(name: str) -> Path:
    """Path of one real file or folder; skips the test where it is absent."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(
            f"REAL DATA ABSENT: {name} is not under {ROOT}; set SHUIBAO_DATA to the data folder to run this test"
        )
    return path
