"""Small matrices: equal to the library's to rounding, in a stated order, refused where they tell nothing apart."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.calibrate import algebra

Floats = NDArray[np.float64]


def positive(size: int, seed: int = 1) -> Floats:
    """Return a positive definite matrix."""
    part = np.random.default_rng(seed).standard_normal((size + 5, size))
    return np.asarray(part.T @ part)


@pytest.mark.parametrize(("rows", "inner", "columns"), [(1, 1, 1), (3, 5, 2), (40, 30, 20), (4, 0, 3)])
def test_products(rows: int, inner: int, columns: int) -> None:
    random = np.random.default_rng(2)
    left, right = random.standard_normal((inner, rows)).T, random.standard_normal((inner, columns))
    np.testing.assert_allclose(algebra.product(left, right), left @ right, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(algebra.product(left, right[:, 0]), left @ right[:, 0], rtol=1e-12, atol=1e-13)


def test_a_product_is_summed_over_ascending_positions() -> None:
    random = np.random.default_rng(3)
    left, right = random.standard_normal((5, 9)), random.standard_normal((9, 4))
    for i in range(5):
        for j in range(4):
            total = 0.0
            for k in range(9):
                total += left[i, k] * right[k, j]
            assert algebra.product(left, right)[i, j] == total


@pytest.mark.parametrize("size", [1, 2, 7, 40])
def test_factors_inverses_and_solutions(size: int) -> None:
    matrix = positive(size)
    root, inverse = algebra.cholesky(matrix), algebra.inverse(matrix)
    assert root is not None
    assert inverse is not None
    np.testing.assert_allclose(root, np.linalg.cholesky(matrix), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrix), rtol=1e-7, atol=1e-10)
    assert (inverse == inverse.T).all()
    columns = np.random.default_rng(4).standard_normal((size, 3))
    kept = columns.copy()
    np.testing.assert_allclose(root @ algebra.solve_lower(root, columns), columns, rtol=1e-9, atol=1e-10)
    assert (columns == kept).all()


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.ones((2, 2)), np.array([[1.0, 2.0], [2.0, 1.0]])])
def test_a_matrix_that_is_not_positive_definite_has_no_factor(matrix: Floats) -> None:
    assert algebra.cholesky(matrix) is None
    assert algebra.inverse(matrix) is None


def test_correlations() -> None:
    columns = np.random.default_rng(5).standard_normal((60, 4)) @ positive(4)
    np.testing.assert_allclose(algebra.correlation(columns), np.corrcoef(columns, rowvar=False), rtol=1e-10, atol=1e-12)
    still = np.column_stack([columns[:, 0], np.full(60, 0.7)])
    assert algebra.correlation(still).tolist() == [[1.0, 0.0], [0.0, 1.0]]
