"""Compile every kernel once, by running the whole demonstration on coarse ground."""

import datetime as dt
import tempfile
from pathlib import Path

from ..progress import Progress
from .demonstration import run_demonstration

COARSE = 500.0


def compile_kernels(progress: Progress) -> None:
    """Run the demonstration at 500 m in a temporary folder; the compiled code stays in numba's cache."""
    with tempfile.TemporaryDirectory() as folder:
        run_demonstration(Path(folder), cell=COARSE, created=dt.datetime(2000, 1, 1, tzinfo=dt.UTC), progress=progress)
