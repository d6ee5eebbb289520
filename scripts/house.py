"""The plan of the house, measured from the code: which package imports which, floor by floor. `make house` prints it.

Exit status 1 where an import runs up or in a circle, or where two domains know each other.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).parent.parent
PACKAGES = ("operators", "resources", "sensors", "dataflow_assets")

FLOORS: tuple[tuple[str, ...], ...] = (
    ("operators.tables",),
    ("operators.asking", "operators.sandboxes", "operators.databases", "operators.retrieval", "operators.web", "operators.document_model"),
    ("operators.fingerprint",),
    ("operators.kernels",),
    ("operators.engine",),
    ("operators.core",),
    ("operators.pipeline",),
    ("operators",),  # the names that everybody imports
    ("operators.bases",),
    ("DOMAINS",),
    ("operators.testing",),
    ("resources.sqlite_file", "resources.temporary_folder", "resources.worker_pool", "resources.fetching", "resources.sandbox"),
    ("resources.web",),
    ("resources.models", "resources.datasets"),
    ("resources.databases",),
    ("resources.sources",),
    ("resources.warehouse",),
    ("resources.llm.accounting",),
    ("resources.llm.settings",),
    ("resources.llm.answers",),
    ("resources.llm.engine",),
    ("resources.llm.backends",),
    ("resources.llm",),
    ("resources.embeddings",),
    ("resources.gateway",),
    ("resources.retriever", "resources.documents"),
    ("resources",),
    ("sensors",),
    ("dataflow_assets.instance",),
    ("dataflow_assets.running",),
    ("dataflow_assets.showing",),
    ("dataflow_assets.pipelines",),
    ("dataflow_assets",),
    ("dataflow_assets.cli",),
)
"""From the ground up. A package imports what stands below it. Domains stand side by side on one floor and do not know each other."""

Imports: TypeAlias = Mapping[str, frozenset[str]]


def modules() -> dict[str, Path]:
    """Module -> its file, of all packages."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a file imports: at its top, inside functions, and for type checking alike."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known and name.name != module)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                target = full if full in known else node.module
                if target in known and target != module:
                    yield target


def all_imports() -> Imports:
    known = modules()
    return {module: frozenset(imports_of(module, path, known)) for module, path in known.items()}


def room_of(module: str) -> str:
    """The package of FLOORS that a module stands in, or its domain."""
    rooms = [room for floor in FLOORS for room in floor]
    parts = module.split(".")
    while parts:
        name = ".".join(parts)
        if name in rooms and name != "operators":
            return name
        if len(parts) == 2 and parts[0] == "operators":
            return name
        parts.pop()
    return module.split(".")[0]


def floor_of(room: str) -> int:
    for number, floor in enumerate(FLOORS):
        if room in floor:
            return number
    return next(number for number, floor in enumerate(FLOORS) if "DOMAINS" in floor)


def arrows_up(imports: Imports) -> list[str]:
    """Imports of what does not stand below."""
    found = []
    for module, targets in sorted(imports.items()):
        room = room_of(module)
        for target in sorted(targets):
            other = room_of(target)
            if other != room and floor_of(other) >= floor_of(room):
                found.append(f"{module} imports {target}")
    return found


def circles(imports: Imports) -> list[list[str]]:
    """Modules that import each other, directly or through others (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in imports[module]:
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            at = stack.index(module)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for module in imports:
        if module not in index:
            visit(module)
    return found


def drawing(imports: Imports) -> str:
    """Each room with its lines and what it stands on, from the top floor down."""
    lines: Counter[str] = Counter()
    stands_on: dict[str, Counter[str]] = defaultdict(Counter)
    for module, path in modules().items():
        lines[room_of(module)] += len(path.read_text(encoding="utf-8").splitlines())
    for module, targets in imports.items():
        for target in targets:
            if room_of(target) != room_of(module):
                stands_on[room_of(module)][room_of(target)] += 1
    rows = []
    for room in sorted(lines, key=lambda room: (-floor_of(room), room)):
        below = ", ".join(f"{other} {count}" for other, count in sorted(stands_on[room].items(), key=lambda item: -floor_of(item[0])))
        rows.append(f"{room:<26}{lines[room]:>7,}  {'-> ' + below if below else ''}".rstrip())
    return "\n".join(rows)


def main() -> int:
    imports = all_imports()
    print(f"{'from the top floor down':<26}{'lines':>7}  -> what it imports, and how often\n{drawing(imports)}")
    wrong = [f"up: {arrow}" for arrow in arrows_up(imports)] + [f"circle: {', '.join(circle)}" for circle in circles(imports)]
    print("\n" + ("\n".join(wrong) or f"no arrow up, no circle, in {len(imports)} modules"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
