"""Products, factors and inverses of small matrices, summed in a stated order: the same bits on every processor.

NumPy hands these to a library that picks another order of summation for each kind of processor. A fit has few and small
ones, so plain compiled loops do; each sum runs over ascending positions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sim.rules.compiled import loop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

LEAST_PIVOT = 1e-10
"""A column is taken for a mixture of those before it when less than this share of its square is its own."""


@loop
def _product(left: Floats, right: Floats, out: Floats) -> None:
    for i in range(left.shape[0]):
        for k in range(left.shape[1]):
            factor = left[i, k]
            for j in range(right.shape[1]):
                out[i, j] += factor * right[k, j]


@loop
def _cholesky(matrix: Floats, root: Floats) -> bool:
    for i in range(matrix.shape[0]):
        for j in range(i + 1):
            value = matrix[i, j]
            for m in range(j):
                value -= root[i, m] * root[j, m]
            if i > j:
                root[i, j] = value / root[j, j]
            elif value > LEAST_PIVOT * matrix[i, i]:
                root[i, i] = math.sqrt(value)
            else:
                return False
    return True


@loop
def _solve_lower(root: Floats, columns: Floats) -> None:
    for i in range(root.shape[0]):
        for m in range(i):
            factor = root[i, m]
            for j in range(columns.shape[1]):
                columns[i, j] -= factor * columns[m, j]
        for j in range(columns.shape[1]):
            columns[i, j] /= root[i, i]


def product(left: Floats, right: Floats) -> Floats:
    """Return the matrix product of ``left`` (n, k) and ``right`` (k, m) or (k,): shape (n, m) or (n,)."""
    columns = right[:, np.newaxis] if right.ndim == 1 else right
    out = np.zeros((left.shape[0], columns.shape[1]))
    _product(np.ascontiguousarray(left), np.ascontiguousarray(columns), out)
    return out[:, 0] if right.ndim == 1 else out


def cholesky(matrix: Floats) -> Floats | None:
    """Return the lower factor of a symmetric matrix, shape (n, n); None where it is not positive definite."""
    root = np.zeros(matrix.shape)
    return root if _cholesky(np.ascontiguousarray(matrix), root) else None


def solve_lower(root: Floats, columns: Floats) -> Floats:
    """Return ``x`` of ``root x = columns`` for a lower triangular ``root`` (n, n) and columns (n, m)."""
    found = np.array(columns, dtype=np.float64, order="C")
    _solve_lower(np.ascontiguousarray(root), found)
    return found


def inverse(matrix: Floats) -> Floats | None:
    """Return the inverse of a symmetric matrix, shape (n, n); None where it is not positive definite."""
    root = cholesky(matrix)
    if root is None:
        return None
    below = solve_lower(root, np.eye(len(root)))
    return product(below.T, below)


def correlation(columns: Floats) -> Floats:
    """Return the correlations between columns, shape (rows, n) -> (n, n); 0 with a column that never varies."""
    moves = columns.max(axis=0) > columns.min(axis=0)
    centred = np.where(moves, columns - columns.mean(axis=0), 0.0)
    size = np.sqrt((centred * centred).sum(axis=0))
    scaled = np.divide(centred, size, out=np.zeros_like(centred), where=size > 0.0)
    found = product(scaled.T, scaled)
    found[np.diag_indices(len(found))] = 1.0
    return found
