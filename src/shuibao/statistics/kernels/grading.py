"""Grades: between which bounds a value lies.

Source: definition; which bound belongs to a grade is said by the tables `slope_grades` and `cover_grades`.
"""

import numba as nb


@nb.njit(parallel=True, cache=True)
def grade_cells(values, bounds, upper_closed, out):
    """Write the grade, 1 below the first bound and one more at each further bound, into `out`; 0 where unknown.

    values: (rows, cols), NaN unknown; bounds: increasing, in the units of the values
    upper_closed: a value on a bound belongs to the grade below it, otherwise to the one above
    """
    for row in nb.prange(values.shape[0]):
        for col in range(values.shape[1]):
            value, grade = values[row, col], 1
            if value != value:
                out[row, col] = 0
                continue
            for bound in bounds:
                if value > bound or (value == bound and not upper_closed):
                    grade += 1
            out[row, col] = grade
