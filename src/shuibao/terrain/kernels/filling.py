"""Depression filling by priority flood.

Source: Barnes, Lehman and Mulla (2014), Priority-flood: an optimal depression-filling and watershed-labeling algorithm.
"""

import heapq

import numba as nb
import numpy as np

from .neighbours import COL_STEP, ROW_STEP


@nb.njit(cache=True)
def fill(dem):
    """The lowest surface over `dem` (rows, cols; NaN unknown) from which every known cell drains off the known ground."""
    rows, cols = dem.shape
    filled = dem.copy()
    seen = np.isnan(dem)
    queue = [(np.float32(0.0), np.int64(0)) for _ in range(0)]
    for row in range(rows):
        for col in range(cols):
            if np.isnan(dem[row, col]):
                continue
            for d in range(8):
                r, c = row + ROW_STEP[d], col + COL_STEP[d]
                if not (0 <= r < rows and 0 <= c < cols) or np.isnan(dem[r, c]):
                    heapq.heappush(queue, (dem[row, col], np.int64(row * cols + col)))
                    seen[row, col] = True
                    break
    while len(queue) > 0:
        height, cell = heapq.heappop(queue)
        row, col = cell // cols, cell % cols
        for d in range(8):
            r, c = row + ROW_STEP[d], col + COL_STEP[d]
            if 0 <= r < rows and 0 <= c < cols and not seen[r, c]:
                seen[r, c] = True
                filled[r, c] = max(dem[r, c], height)
                heapq.heappush(queue, (filled[r, c], np.int64(r * cols + c)))
    return filled
