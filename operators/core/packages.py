"""Optional packages that an operator needs."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

from operators.tables.errors import Problem

DISTRIBUTION = "dataflow-dagster"
"""What this project is installed as, and an extension asks for."""


def package_problems(operator: str, packages: Iterable[str], extra: str) -> list[Problem]:
    """One problem that names every package of `packages` that is not installed, and how to install them: by the extra, where there is one."""
    missing = [package for package in packages if importlib.util.find_spec(package.partition(".")[0]) is None]
    if not missing:
        return []
    install = f"pip install '{DISTRIBUTION}[{extra}]'" if extra else f"pip install {' '.join(missing)}"
    return [Problem(f"{operator} needs {', '.join(missing)}, which is not installed", suggestion=f"install it: {install}")]
