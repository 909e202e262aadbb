"""Greatest depth within a moving window over rain between break points.

The accumulated depth is linear between break points, so the greatest depth of a window occurs where one of its ends
meets a break point; all these windows are tried.
Source: the definition of I30 in Wischmeier and Smith (1978), USDA Agriculture Handbook 537.
"""

import numba as nb


@nb.njit(cache=True)
def accumulated(begin, end, depth, total, moment, start):
    """Depth fallen up to `moment`, searched from interval `start` on; `total` is the depth up to each interval's
    begin.
    """
    index = start
    while index + 1 < begin.size and begin[index + 1] <= moment:
        index += 1
    if moment <= begin[index]:
        return total[index], index
    if moment >= end[index]:
        return total[index] + depth[index], index
    return total[index] + depth[index] * (moment - begin[index]) / (end[index] - begin[index]), index


@nb.njit(cache=True)
def maximum_depth(begin, end, depth, total, first, last, window):
    """Greatest depth [as depth] within `window` over the wet intervals first..last (last not included).

    total: depth accumulated before each interval, counted from any of them on
    """
    begins, ends, depths, before = begin[first:last], end[first:last], depth[first:last], total[first:last]
    greatest = 0.0
    ahead, behind = 0, 0
    for index in range(begins.size):
        until, ahead = accumulated(begins, ends, depths, before, begins[index] + window, ahead)
        since, behind = accumulated(begins, ends, depths, before, ends[index] - window, behind)
        greatest = max(greatest, until - before[index], before[index] + depths[index] - since)
    return greatest


@nb.njit(cache=True)
def maximum_depths(begin, end, depth, total, bounds, window, out):
    """Write the greatest depth of each storm into `out`; storm s holds the intervals bounds[s]..bounds[s + 1]."""
    for storm in range(out.size):
        out[storm] = maximum_depth(begin, end, depth, total, bounds[storm], bounds[storm + 1], window)
