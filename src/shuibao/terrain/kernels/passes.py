"""Join basins over their lowest passes: the flood as a minimum spanning forest.

Basins are the nodes of a graph and passes its edges. Some nodes are terminals, whose level is known elsewhere.
Taking the passes from the lowest up (Kruskal 1956), the pass at which a basin's group first meets a terminal is the
level at which the basin spills towards it; passes between two groups that both hold a terminal are handed on, for
they are all that the terminals need know of the basins between them. Minimax ways do not depend on the order of
equal passes, so neither does the result.

Source: Barnes (2016), Parallel priority-flood depression filling for trillion cell digital elevation models (the
graph of spills); Cordonnier, Bovy and Braun (2019) for basins joined by a spanning tree.
"""

import numba as nb
import numpy as np

DIGIT = 11
"""Bits sorted in one round."""


@nb.njit(cache=True)
def ascending(weights, count, order, other):
    """Write into `order` the indices of the first `count` weights (float32) from the lowest up; `other` is room of
    the same size.
    """
    bits = weights[:count].view(np.uint32)
    starts = np.zeros((3, 1 << DIGIT), np.int64)
    for k in range(count):
        key = _rising(bits[k])
        for digit in range(3):
            starts[digit, (key >> np.uint32(digit * DIGIT)) & np.uint32((1 << DIGIT) - 1)] += 1
        order[k] = k
    for digit in range(3):
        total = 0
        for value in range(1 << DIGIT):
            here = starts[digit, value]
            starts[digit, value] = total
            total += here
    for digit in range(3):
        source, target = (order, other) if digit % 2 == 0 else (other, order)
        for k in range(count):
            item = source[k]
            value = (_rising(bits[item]) >> np.uint32(digit * DIGIT)) & np.uint32((1 << DIGIT) - 1)
            target[starts[digit, value]] = item
            starts[digit, value] += 1
    order[:count] = other[:count]


@nb.njit(cache=True)
def _rising(bits):
    """The bits of a float32 as a whole number that rises with it."""
    return ~bits if bits >> np.uint32(31) else bits | np.uint32(0x80000000)


@nb.njit(cache=True)
def _root(parents, node):
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node


@nb.njit(cache=True)
def spill(first, second, weights, order, nodes, terminal, level, exit_to, groups, members, kept):
    """Level at which every node spills towards a terminal, and which.

    first, second, weights: the two nodes and the height of every pass; order: the passes from the lowest up
    nodes, terminal: number of nodes, and which of them are terminals
    level, exit_to: written for every node: the height of the way's highest pass, -inf at terminals themselves, and
        the terminal; -1 where none can be reached
    groups, members: room for one index a node
    kept: written: passes between groups that both hold a terminal, columns terminal, terminal, pass
    returns: number of passes kept
    """
    for node in range(nodes):
        groups[node] = members[node] = node
        level[node] = -np.inf
        exit_to[node] = node if terminal[node] else -1
    number = 0
    for edge in order:
        a, b = _root(groups, first[edge]), _root(groups, second[edge])
        if a == b:
            continue
        if exit_to[a] < 0 and exit_to[b] >= 0:
            a, b = b, a
        groups[b] = a
        if exit_to[a] < 0:
            members[b] = a
        elif exit_to[b] < 0:
            level[b], exit_to[b] = weights[edge], exit_to[a]
        else:
            kept[number, 0], kept[number, 1], kept[number, 2] = exit_to[a], exit_to[b], edge
            number += 1
    for node in range(nodes):
        root = _root(members, node)
        level[node], exit_to[node] = level[root], exit_to[root]
    return number
