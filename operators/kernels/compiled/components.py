"""Connected components of a graph given by its edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.compiled.compiler import borrowing


@borrowing
def connect(parents: Any, left: Any, right: Any) -> None:
    """Join the components of left[i] and right[i], for all i; `parents` ends with the least node of each node's component."""
    for edge in range(len(left)):
        a, b = find_root(parents, left[edge]), find_root(parents, right[edge])
        if a < b:
            parents[b] = a
        elif b < a:
            parents[a] = b
    for node in range(len(parents)):
        parents[node] = find_root(parents, node)


@borrowing
def find_root(parents: Any, node: Any) -> Any:
    """The root of a node's tree, halving the path to it."""
    current = np.int64(node)
    while parents[current] != current:
        parents[current] = parents[parents[current]]
        current = parents[current]
    return current
