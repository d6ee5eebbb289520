"""Started by bubblewrap: python start.py CONTROL_DESCRIPTOR [USER]; or without it: python start.py CONTROL_DESCRIPTOR unconfined."""

import contextlib
import importlib
import site
import socket
import sys
import types
from pathlib import Path

sys.dont_write_bytecode = True

# what small programs and their tests import, loaded once for all of them
OFTEN_IMPORTED = (
    "abc array asyncio base64 bisect calendar cmath collections contextlib copy csv dataclasses datetime decimal difflib enum fractions functools "
    "hashlib heapq io itertools json math numbers operator os pathlib queue random re secrets statistics string struct subprocess textwrap threading "
    "time traceback types typing unittest unittest.mock uuid warnings"
)


def main() -> None:
    put_folders_above()
    from resources.sandbox.inside.job import work
    from resources.sandbox.inside.launcher import serve
    from resources.sandbox.inside.unconfined import serve_unconfined

    for name in OFTEN_IMPORTED.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    site.setquit()  # exit and quit, which -S leaves out
    control = socket.socket(fileno=int(sys.argv[1]))
    if sys.argv[2:] == ["unconfined"]:
        serve_unconfined(control, work)
    else:
        serve(control, int(sys.argv[2]) if len(sys.argv) > 2 else None, work)


def put_folders_above() -> None:
    """Make this folder importable by its name in the project, without what else stands in the folders above, which the sandbox does not have."""
    folder = Path(__file__).parent
    for name, path in (("resources", folder.parents[1]), ("resources.sandbox", folder.parent)):
        module = types.ModuleType(name)
        module.__path__ = [str(path)]
        sys.modules[name] = module


if __name__ == "__main__":
    main()
