"""Exact share of every cell that a polygon covers, by Green's theorem cell by cell.

Every edge is cut at the lines of the grid. A piece inside one cell covers the trapezoid to its right within the cell
and, over its height, all cells further right in the row; with the sign of the ring's direction these parts add up to
the exact share, and holes come out by themselves. Only cells that an edge touches are kept; the runs between them are
wholly in or out.

Source: the signed-area accumulation of scan converters, Levien's LibArt and Turner's FreeType smooth rasterizer
(`ftgrays`); Catmull (1978), A hidden-surface algorithm with anti-aliasing.
"""

import math

import numba as nb


@nb.njit(cache=True)
def cut_edges(x0, y0, x1, y1, sign, row, col, height, share):
    """Cut edges at the grid lines; return the number of pieces.

    x0, y0, x1, y1: ends of the edges in cells (column and row), inside the grid; sign: +1 or -1 of their rings
    row, col, height, share: written, a record a piece: its cell, signed height and signed area to its right within
    the cell
    """
    count = 0
    for edge in range(x0.shape[0]):
        if y0[edge] == y1[edge]:
            # It has no height, but the cells along it are not wholly in or out.
            line = math.floor(y0[edge])
            count = _cut_in_row(x0[edge], y0[edge], x1[edge], y1[edge], 1.0, line, row, col, height, share, count)
            continue
        # Always walked with growing y, so that two neighbours cut their shared edge alike.
        up = y0[edge] < y1[edge]
        xa, ya = (x0[edge], y0[edge]) if up else (x1[edge], y1[edge])
        xb, yb = (x1[edge], y1[edge]) if up else (x0[edge], y0[edge])
        way = sign[edge] if up else -sign[edge]
        slope = (xb - xa) / (yb - ya)
        line = math.floor(ya)
        x, y = xa, ya
        while y < yb:
            y_next = min(yb, line + 1.0)
            x_next = xb if y_next == yb else xa + (y_next - ya) * slope
            count = _cut_in_row(x, y, x_next, y_next, way, line, row, col, height, share, count)
            x, y, line = x_next, y_next, line + 1
    return count


@nb.njit(cache=True)
def _cut_in_row(x, y, x_end, y_end, way, line, row, col, height, share, count):
    """Cut the piece of an edge inside the row `line` at the columns; return the number of pieces so far."""
    step = 1 if x_end >= x else -1
    cell = math.floor(x)
    last = math.floor(x_end)
    total_y, total_x = y_end - y, x_end - x
    from_x, from_y = x, y
    while True:
        to_x = x_end if cell == last else cell + (1.0 if step > 0 else 0.0)
        to_y = y_end if cell == last else y + total_y * ((to_x - x) / total_x)
        rise = (to_y - from_y) * way
        row[count], col[count] = line, cell
        height[count] = rise
        share[count] = rise * (1.0 - (0.5 * (from_x + to_x) - cell))
        count += 1
        if cell == last:
            return count
        from_x, from_y, cell = to_x, to_y, cell + step


@nb.njit(cache=True)
def sweep(row, col, height, share, tolerance, border, fraction, run_row, run_start, run_end, columns):
    """Add up the pieces, sorted by row and column; return the numbers of border cells and of whole runs.

    border, fraction: written, flat index and covered share of each cell that is covered in part
    run_row, run_start, run_end: written, runs of wholly covered cells, the end excluded
    tolerance: shares nearer than this to 0 or 1 count as 0 or 1; columns: width of the grid
    """
    cells, runs, at, total = 0, 0, 0, 0.0
    while at < row.shape[0]:
        here_row, here_col, part, rise = row[at], col[at], 0.0, 0.0
        while at < row.shape[0] and row[at] == here_row and col[at] == here_col:
            part += share[at]
            rise += height[at]
            at += 1
        covered = min(1.0, abs(total + part))
        total += rise
        if here_col < columns and covered >= 1.0 - tolerance:
            run_row[runs], run_start[runs], run_end[runs] = here_row, here_col, here_col + 1
            runs += 1
        elif here_col < columns and covered > tolerance:
            border[cells], fraction[cells] = here_row * columns + here_col, covered
            cells += 1
        ended = at == row.shape[0] or row[at] != here_row
        if not ended and abs(total) > 0.5 and col[at] > here_col + 1:
            run_row[runs], run_start[runs], run_end[runs] = here_row, here_col + 1, col[at]
            runs += 1
        if ended:
            total = 0.0
    return cells, runs


@nb.njit(cache=True)
def paint(labels, label, run_row, run_start, run_end, taken):
    """Write `label` into the free cells of the runs; return how many cells had a label before.

    taken: written with the flat index of those cells as far as it reaches
    """
    count = 0
    for run in range(run_row.shape[0]):
        row = run_row[run]
        for col in range(run_start[run], run_end[run]):
            if labels[row, col] == 0:
                labels[row, col] = label
            elif labels[row, col] != label:
                if count < taken.shape[0]:
                    taken[count] = row * labels.shape[1] + col
                count += 1
    return count
