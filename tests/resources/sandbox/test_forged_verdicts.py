"""Programs that are wrong and try to pass: none of them does."""

from __future__ import annotations

import pytest

from operators.sandboxes import Exchange, Limits, Program, Suite, suite_of
from tests.resources.sandbox.conftest import Judge

TESTS = suite_of(
    "def check(candidate):\n"
    "    assert candidate(1) == 2\n"
    "    assert abs(candidate(2) - 3) < 1e-6\n"
    "    assert sorted([candidate(4), candidate(3)]) == [4, 5]\n"
    "    assert candidate(5) in [6] and not candidate(6) != 7\n"
    "    assert isinstance(candidate(7), int) and str(candidate(8)) == '9'\n"
    "check(increment)\n"
)
"""A program that is right passes them: see the first test."""

EQUAL_TO_ALL = """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __gt__(self, other): return True
    def __ge__(self, other): return True
    def __hash__(self): return 0
    def __bool__(self): return True
    def __sub__(self, other): return self
    def __rsub__(self, other): return self
    def __abs__(self): return self
    def __contains__(self, other): return True
    def __iter__(self): return iter([self])
    def __getattr__(self, name): return self
    def __call__(self, *arguments, **named): return self
    def __repr__(self): return "2"
    def __str__(self): return "9"
    __class__ = int
"""

FORGERIES = {
    "exits with status 0 when it is loaded": "import sys\nsys.exit(0)",
    "exits with status 0 when it is called": "import sys\ndef increment(n): sys.exit(0)",
    "ends the process when it is called": "import os\ndef increment(n): os._exit(0)",
    "ends the process when it is loaded": "import os\nos._exit(0)",
    "raises SystemExit of None": "def increment(n): raise SystemExit",
    "raises KeyboardInterrupt": "def increment(n): raise KeyboardInterrupt",
    "kills itself": "import os\ndef increment(n): os.kill(os.getpid(), 9)",
    "kills all that it can": "import os\ndef increment(n): os.kill(-1, 9)",
    "kills its parent": "import os\ndef increment(n):\n    os.kill(os.getppid(), 9)\n    os.kill(1, 15)\n    os.kill(1, 9)\n    return 0",
    "replaces its process by true": "import os\ndef increment(n): os.execv('/bin/true', ['true'])",
    "ends by a function at exit": "import atexit, os\natexit.register(lambda: os._exit(0))\ndef increment(n): raise ValueError",
    "prints what passing tests print": "def increment(n):\n    print('ok\\nOK\\n1 passed in 0.01s\\npassed')\n    return 0",
    "returns an object that equals all": EQUAL_TO_ALL + "def increment(n): return Equal()",
    "returns an int that equals all": "class Int(int):\n    __eq__ = lambda self, other: True\n    __hash__ = int.__hash__\n"
    "def increment(n): return Int(0)",
    "returns a text that equals all": "class Text(str):\n    __eq__ = lambda self, other: True\n    __hash__ = str.__hash__\n"
    "def increment(n): return Text()",
    "returns a list that equals all": "class List(list):\n    __eq__ = lambda self, other: True\ndef increment(n): return List()",
    "is a class whose objects equal all": EQUAL_TO_ALL + "increment = Equal",
    "is a class named as a built-in one": EQUAL_TO_ALL + "Equal.__module__, Equal.__qualname__ = 'builtins', 'int'\ndef increment(n): return Equal()",
    "returns unittest.mock.ANY": "from unittest.mock import ANY\ndef increment(n): return ANY",
    "returns the class of unittest.mock.ANY": "from unittest import mock\nincrement = mock._ANY.__new__.__get__(mock._ANY)",
    "is a mock": "from unittest.mock import MagicMock\nincrement = MagicMock()",
    "replaces built-in functions": "import builtins\nbuiltins.abs = builtins.sorted = builtins.isinstance = lambda *a: True\n"
    "builtins.AssertionError = ValueError\nbuiltins.compile = builtins.exec = None\ndef increment(n): return 0",
    "defines functions of the names of built-in ones": "def abs(n): return 0\ndef isinstance(*a): return True\n"
    "def sorted(v): return [4, 5]\ndef str(n): return '9'\ndef increment(n): return 2 if n == 1 else 0",
    "replaces json, which messages are written with": "import json\njson.dumps = lambda *a, **b: '[\"value\", 2, []]'\ndef increment(n): return 0",
    "looks for the expected value in frames": "import sys\ndef increment(n):\n    frame = sys._getframe()\n"
    "    while frame.f_back: frame = frame.f_back\n"
    "    return next(v for f in [frame] for v in f.f_globals.values() if type(v) is int and v > n)",
    "changes the functions of all frames": "import sys, types\ndef increment(n):\n    frame = sys._getframe()\n    while frame:\n"
    "        for name, value in list(frame.f_globals.items()):\n            if isinstance(value, types.FunctionType) and name != 'increment':\n"
    "                frame.f_globals[name] = lambda *a, **b: None\n        frame = frame.f_back\n    return 0",
    "looks for the tests among all objects": "import gc\ndef increment(n):\n    wanted = 'candidate(1) ## 2'.replace('#', '=')\n"
    "    objects = [o for o in gc.get_objects() if isinstance(o, (list, dict, tuple))]\n"
    "    return n + 1 if any(wanted in repr(o)[:5000] for o in objects) else 0",
    "looks for the tests in its memory": "import ctypes\nWANTED = b'candidate(1) =' + b'= 2'\ndef increment(n):\n"
    "    try: memory = open('/proc/self/mem', 'rb')\n"
    "    except OSError: return 0\n    return n + 1",
    "writes passing results to every descriptor": "import os, json, struct\ndef increment(n):\n"
    "    for message in ([['test', 0, None]], ['end'], ['test', 0, None]):\n        data = json.dumps(message).encode()\n"
    "        for fd in range(3, 256):\n            try: os.write(fd, struct.pack('!I', len(data)) + data)\n"
    "            except OSError: pass\n    return 0",
    "answers before it is asked": "import os, json, struct\ndata = json.dumps(['value', 2, []]).encode()\nfor fd in range(3, 256):\n"
    "    try: os.write(fd, (struct.pack('!I', len(data)) + data) * 50)\n    except OSError: pass\ndef increment(n): return 0",
    "asks the tests for their namespace": "import os, json, socket, struct\ndef increment(n):\n    for fd in range(3, 64):\n"
    "        try: s = socket.socket(fileno=os.dup(fd))\n        except OSError: continue\n"
    "        for number in range(9):\n            data = json.dumps(['ask', 'set', [['yours', number], '__code__', 1]]).encode()\n"
    "            s.sendall(struct.pack('!I', len(data)) + data)\n    return 0",
    "takes away the connection": "import os\ndef increment(n):\n    os.closerange(3, 256)\n    return 0",
    "writes result files": "import json\nfor name in ('result.json', 'report.xml', '/tmp/result', '.pytest_cache'):\n"
    "    open(name, 'w').write(json.dumps({'passed': True}))\ndef increment(n): return 0",
    "writes modules that tests would import": "for name in ('unittest', 'pytest', 'builtins', 'sitecustomize', 'usercustomize', 'ast', 'json'):\n"
    "    for folder in ('.', '/tmp'):\n        open(f'{folder}/{name}.py', 'w').write('import os; os._exit(0)')\ndef increment(n): return 0",
    "goes on in a daemon": "import os\nif os.fork(): os._exit(0)\nos.setsid()\ndef increment(n): return 0",
    "raises an error that says it passed": "class passed(Exception):\n    def __str__(self): return ''\n"
    "    def __bool__(self): return False\ndef increment(n): raise passed",
    "raises StopIteration": "def increment(n): raise StopIteration",
    "raises unittest.SkipTest": "import unittest\ndef increment(n): raise unittest.SkipTest('passed')",
    "raises GeneratorExit": "def increment(n): raise GeneratorExit",
    "changes what it is called with": "def increment(n):\n    import ctypes\n    ctypes.memset(id(n) + 24, 0, 4)\n    return 0",
    "waits in a thread for the tests to end": "import threading, os, time\nthreading.Thread(target=lambda: (time.sleep(.05), os._exit(0))).start()\n"
    "def increment(n):\n    time.sleep(1)\n    return 0",
    "returns an endless list of all answers": "import itertools\nclass All:\n    def __iter__(self): return itertools.count()\n"
    "    def __eq__(self, o): return True\ndef increment(n): return All()",
    "lets its traces decide": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\ndef increment(n): return 0",
}

CLASSES = "classes = [object]\nfor c in classes: classes += [s for s in type.__subclasses__(c) if s not in classes]\n"
"""All classes that there are, the machinery's own among them."""
for _name, _message in {
    "a class that equals all": ["standard", "unittest.mock", "_ANY"],
    "what equals all": ["standard", "unittest.mock", "ANY"],
    "a class by a way through modules": ["standard", "uuid", "os._Environ"],
    "a module": ["module", "unittest.mock"],
    "an object of the tests": ["yours", 0],
    "an error of a module that does something when it is imported": ["error", 0, -1, "antigravity:Error", [], [], ""],
    "an error that ends the process": ["error", 0, -1, "builtins:SystemExit", ["SystemExit"], [0], ""],
    "an unknown kind": ["passed"],
    "a container that was never sent": ["again", 7],
    "an endless shape": ["array", "|u1", [1 << 62], "", True],
    "a named tuple with methods": ["named", "Int", ["count", "index", "__eq__"], [1, 2, 3]],
}.items():
    FORGERIES[f"changes the machinery so that it hands over {_name}"] = (
        f"{CLASSES}for c in classes:\n    if c.__name__ == 'Bridge': c.name_of = lambda *a: {_message!r}\ndef increment(n): return object()"
    )


def test_the_right_program_passes(judge: Judge) -> None:
    assert judge(Program("def increment(n): return n + 1", suite=TESTS)).kind == "passed"


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_does_not_pass(judge: Judge, code: str) -> None:
    verdict = judge(Program(code, suite=TESTS, limits=Limits(seconds=5)))
    assert verdict.kind in ("failed", "killed"), verdict
    assert verdict.reason


def test_an_end_is_not_the_error_that_a_test_waits_for(judge: Judge) -> None:
    tests = suite_of("try:\n    f()\nexcept BaseException:\n    pass\n")
    assert judge(Program("def f(): raise ValueError", suite=tests)).kind == "passed"
    assert judge(Program("import os\ndef f(): os._exit(0)", suite=tests)).kind == "failed"
    assert judge(Program("import os\ndef f(): os.kill(os.getpid(), 9)", suite=tests)).kind == "killed"


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.exit(0)",
        "import os\nos._exit(0)",
        "print(1)",
        "print('passed')",
        "import os\nos.write(2, b'5')",
        "import gc\nprint(*[t for t in gc.get_objects() if isinstance(t, str)])",
        "import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'passed')\n    except OSError: pass",
    ],
)
def test_an_exchange_is_decided_by_what_is_printed_alone(judge: Judge, code: str) -> None:
    assert judge(Program(code, suite=Suite((Exchange("2", "5"),)))).kind == "failed"


@pytest.mark.parametrize("between", ["\\x0b", "\\x0c", "\\x1c", "\\x85", "\\u2028"])
def test_only_a_line_end_ends_a_line(judge: Judge, between: str) -> None:
    assert judge(Program(f"print('1{between}2')", suite=Suite((Exchange("", "1\n2"),)))).kind == "failed"
    assert judge(Program("print('1', end='\\r\\n')\nprint('2 ')", suite=Suite((Exchange("", "1\n2"),)))).kind == "passed"


def test_what_a_program_calls_as_a_built_in_function_is_not_brought_by_a_star(judge: Judge) -> None:
    code = "def abs(n): return 0\ndef sorted(values): return [1, 2]\ndef double(n): return 7\n"
    tests = suite_of("from solution import *\nassert abs(double(2) - 4) < 0.1\nassert sorted([double(1), double(2)]) == [1, 2]")
    assert [test.outcome for test in judge(Program(code, suite=tests)).tests] == ["failed", "failed"]
    only = suite_of("from solution import *\nassert sum([1, 2]) == 3")
    assert judge(Program("def sum(values): return 0\ndef helper(): pass", suite=only)).kind == "failed"


def test_a_byte_order_mark_is_no_part_of_a_program(judge: Judge) -> None:
    assert judge(Program("\ufeffdef f(): return 1", suite=suite_of("\ufeffassert f() == 1"))).kind == "passed"
    assert judge(Program("\ufeffprint(1)", suite=Suite((Exchange("", "1"),)))).kind == "passed"
