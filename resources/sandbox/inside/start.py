"""Started by bubblewrap: python start.py CONTROL_DESCRIPTOR [USER]."""

import contextlib
import importlib
import socket
import sys

sys.path.insert(0, "/sandbox")
sys.dont_write_bytecode = True

# what small programs and their tests import, loaded once for all of them
OFTEN_IMPORTED = (
    "abc array asyncio base64 bisect calendar cmath collections contextlib copy csv dataclasses datetime decimal difflib enum fractions functools "
    "hashlib heapq io itertools json math numbers operator os pathlib queue random re secrets statistics string struct subprocess textwrap threading "
    "time traceback types typing unittest unittest.mock uuid warnings"
)


def main() -> None:
    from resources.sandbox.inside.job import work
    from resources.sandbox.inside.launcher import serve

    for name in OFTEN_IMPORTED.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    control = socket.socket(fileno=int(sys.argv[1]))
    serve(control, int(sys.argv[2]) if len(sys.argv) > 2 else None, work)


if __name__ == "__main__":
    main()
