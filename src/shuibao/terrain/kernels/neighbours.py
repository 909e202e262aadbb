"""The eight neighbours of a cell and the codes of flow directions.

Directions run clockwise from east as on a map whose rows go south: E, SE, S, SW, W, NW, N, NE are 0..7.
The direction back is ``(d + 4) % 8``; odd directions are diagonal.
"""

import numpy as np

ROW_STEP = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)
COL_STEP = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)

OUTLET = 8
"""The cell drains off the known ground: it lies at the grid's edge or beside an unknown cell and has no lower
neighbour.
"""

UNKNOWN = 255
"""The cell's height is unknown."""

FLAT = 9
"""While directions are being made: the cell has no lower neighbour and is no outlet. Never in a finished layer."""
