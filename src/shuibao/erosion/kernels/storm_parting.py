"""Parting a rain record into storms by dry time.

A wet interval closes its storm where less than a given depth falls in the dry time behind it. Records between two
stamps count as uniform rain, so the depth behind may end inside an interval.
Source: Wischmeier and Smith (1978), Predicting rainfall erosion losses, USDA Agriculture Handbook 537; Renard et al.
(1997).
"""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def depth_behind(begin, end, depth, index, stretch):
    """Depth that falls within `stretch` after the end of interval `index`."""
    until = end[index] + stretch
    total = 0.0
    for later in range(index + 1, begin.size):
        if begin[later] >= until:
            break
        if end[later] <= until:
            total += depth[later]
        else:
            total += depth[later] * (until - begin[later]) / (end[later] - begin[later])
    return total


@nb.njit(cache=True)
def part_storms(begin, end, depth, dry_time, light_depth):
    """Number of the storm of every wet interval, counted from 0, shape (intervals,).

    begin, end: of the wet intervals, ascending and not overlapping, in one unit of time with `dry_time`; depth: above 0
    light_depth: a storm ends where less than this falls in the dry time; at 0 it ends where nothing falls
    """
    storm = np.zeros(begin.size, np.int64)
    for index in range(1, begin.size):
        behind = depth_behind(begin, end, depth, index - 1, dry_time)
        parted = behind <= 0.0 if light_depth <= 0.0 else behind < light_depth
        storm[index] = storm[index - 1] + (1 if parted else 0)
    return storm
