"""Tell whether the numerical kernels are still to be compiled, so that the first run can say why it is slow."""

import os
from pathlib import Path

KERNELS = Path(__file__).parents[1] / "terrain" / "kernels"
WORD = "首次运行先编译数值内核，约一分钟，之后不再需要 (first run: compiling the kernels once, about a minute)"


def is_compiled(folder: Path | None = None) -> bool:
    """Whether numba holds compiled kernels for this installation, in the place where it keeps them.

    folder: of the kernels; where neither it nor NUMBA_CACHE_DIR can be looked into, nobody is alarmed
    """
    import numba  # here, so that --help need not wait for it

    home = folder or KERNELS
    chosen = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else home / "__pycache__"
    if not numba.config.CACHE_DIR and not os.access(home, os.W_OK):
        return True
    return any(chosen.rglob("*.nbi"))
