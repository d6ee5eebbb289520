"""Tests call the program in another process, and notice nothing of it."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from operators.sandboxes import Limits, Program, Suite, Test, suite_of
from resources.sandbox import SandboxSettings, open_sandbox
from tests.resources.sandbox.conftest import Judge

PROGRAM = """
import collections, dataclasses, enum, math
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

LIMIT = 3
seen = []

class Point(NamedTuple):
    x: int
    y: int

class Color(enum.Enum):
    RED = 1
    BLUE = 2

@dataclasses.dataclass
class Box:
    width: int
    items: list = dataclasses.field(default_factory=list)
    def area(self): return self.width ** 2
    def __add__(self, other): return Box(self.width + other.width)
    def __len__(self): return len(self.items)

class TooLarge(ValueError):
    def __init__(self, size):
        super().__init__(f"too large: {size}")
        self.size = size

class Stack:
    def __init__(self, items=()): self._items = list(items)
    def push(self, item): self._items.append(item); return self
    def pop(self): return self._items.pop()
    def __len__(self): return len(self._items)
    def __iter__(self): return iter(self._items)
    def __contains__(self, item): return item in self._items
    def __getitem__(self, place): return self._items[place]
    def __enter__(self): return self
    def __exit__(self, *error): self._items.clear()

def check_size(n):
    if n > LIMIT: raise TooLarge(n)
    return n

def sort_in_place(items): items.sort()
def add_key(mapping, key): mapping[key] = [key]
def apply(function, values): return [function(value) for value in values]
def count_up(n):
    for i in range(n): yield i
def adder(n): return lambda m: n + m
def echo(*values, **named): return values[0] if len(values) == 1 and not named else (values, named)
async def later(n): return n + 1
def note(value): seen.append(value)
def same(a, b): return a is b
def sum(a, b): return a + b
def nested(): return {"a": [1, (2, {3})], 4: None}
def raises_stop(): raise StopIteration
"""

PASSING = [
    "assert LIMIT == 3",
    "assert math.sqrt(4) == 2",
    "items = [3, 1, 2]\nsort_in_place(items)\nassert items == [1, 2, 3]",
    "rows = {'a': [1]}\nalias = rows\nadd_key(rows, 'b')\nassert alias == {'a': [1], 'b': ['b']} and list(rows) == ['a', 'b']",
    "inner = [1]\nouter = [inner, inner]\nsort_in_place(outer)\nassert outer[0] is inner and outer[1] is inner",
    "assert echo(1) == 1 and type(echo(True)) is bool and echo(1, a=2) == ((1,), {'a': 2})",
    "values = [None, 1.5, 2**200, -2**70, 'é\\ud800', b'a', (1,), {1}, frozenset({2}), {'a': {}}, 1j, range(3), ...]\n"
    "assert all(echo(value) == value and type(echo(value)) is type(value) for value in values)",
    "import datetime, decimal, fractions, collections\n"
    "values = [datetime.datetime(2020, 1, 2, 3), datetime.date(2020, 1, 2), datetime.timedelta(1), decimal.Decimal('1.1')]\n"
    "values += [fractions.Fraction(1, 3), collections.Counter('aab'), collections.OrderedDict(a=1), collections.deque([1], maxlen=2)]\n"
    "values += [collections.defaultdict(list, a=[1])]\n"
    "assert all(echo(value) == value and type(echo(value)) is type(value) for value in values)",
    "value = echo(float('nan'))\nassert value != value and echo(float('inf')) == float('inf')",
    "value = []\nvalue.append(value)\nassert echo(value) is value",
    "assert nested() == {'a': [1, (2, {3})], 4: None}",
    "assert Point(1, 2) == (1, 2) and Point(1, 2).x == 1 and Point(1, 2)._asdict() == {'x': 1, 'y': 2}",
    "assert Color.RED is Color.RED and Color.RED != Color.BLUE and Color.RED.value == 1 and Color['BLUE'].name == 'BLUE'",
    "box = Box(3)\nassert box.area() == 9 and box == Box(3) and box != Box(4) and (box + Box(1)).width == 4 and isinstance(box, Box)",
    "box = Box(3)\nbox.width = 5\nassert box.width == 5 and len(box) == 0 and repr(box) == 'Box(width=5, items=[])'",
    "stack = Stack([1]).push(2)\nassert list(stack) == [1, 2] and len(stack) == 2 and 2 in stack and 3 not in stack and stack[0] == 1",
    "with Stack([1]) as stack:\n    assert stack.pop() == 1\nassert len(stack) == 0",
    "try:\n    Stack().pop()\nexcept IndexError as error:\n    assert 'empty' in str(error)\nelse:\n    assert False",
    "try:\n    check_size(5)\nexcept TooLarge as error:\n    assert error.size == 5 and str(error) == 'too large: 5'\nelse:\n    assert False",
    "try:\n    check_size(5)\nexcept ValueError:\n    pass\nelse:\n    assert False",
    "import unittest\nunittest.TestCase().assertRaises(ValueError, check_size, 9)\nunittest.TestCase().assertAlmostEqual(echo(0.1) + echo(0.2), 0.3)",
    "assert apply(lambda value: value * 2, [1, 2]) == [2, 4] and apply(str, [1]) == ['1'] and apply(math.sqrt, [4]) == [2]",
    "calls = []\napply(calls.append, [1, 2])\nassert calls == [1, 2]",
    "try:\n    apply(lambda value: 1 // value, [0])\nexcept ZeroDivisionError:\n    pass\nelse:\n    assert False",
    "assert list(count_up(3)) == [0, 1, 2] and next(count_up(1)) == 0 and adder(2)(3) == 5",
    "class Thing:\n    def __init__(self): self.value = 7\n    def double(self): return self.value * 2\n"
    "thing = Thing()\nassert echo(thing) is thing and apply(lambda t: t.double(), [thing]) == [14]",
    "import asyncio\nassert asyncio.run(later(1)) == 2",
    "note(1)\nnote(2)\nassert seen == [1, 2]",
    "shared = [1]\nassert same(shared, shared) and not same([1], [1])",
    "from solution import echo as imported, LIMIT as limit\nassert imported(limit) == 3",
    "import solution\nassert solution.echo(2) == 2 and solution.Box(2).area() == 4",
    "from solution import *\nassert echo(2) == 2",
    "from solution import sum\nassert sum(1, 2) == 3 and LIMIT == 3",
    "assert abs(echo(-1)) == 1 and sorted(echo([2, 1])) == [1, 2] and max(echo((1, 5))) == 5",
    "try:\n    raises_stop()\nexcept StopIteration:\n    pass\nelse:\n    assert False",
    "from unittest.mock import Mock\nmock = Mock(return_value=3)\nassert apply(mock, [1]) == [3]\nmock.assert_called_once_with(1)",
]


def test_what_passes_in_one_process_passes_in_two(judge: Judge) -> None:
    verdict = judge(Program(PROGRAM, suite=Suite(tuple(Test(code) for code in PASSING))))
    assert {test.message: code for test, code in zip(verdict.tests, PASSING, strict=True) if test.outcome != "passed"} == {}
    assert verdict.kind == "passed"


FAILING = [
    "assert echo(1) == 2",
    "assert Box(1) == Box(2)",
    "echo(",
    "unknown(1)",
    "import sys; sys.exit(0)",
    "import os; os._exit(0)",
    "raise KeyboardInterrupt",
]


@pytest.mark.parametrize("code", FAILING)
def test_what_does_not_pass_fails(judge: Judge, code: str) -> None:
    assert judge(Program(PROGRAM, suite=Suite((Test(code),)))).kind == "failed"


def test_a_name_that_is_built_in_is_the_programs_where_it_is_all_that_is_tested(judge: Judge) -> None:
    assert judge(Program("def sum(a, b): return a + b", suite=suite_of("assert sum(1, 2) == 3"))).passed


def test_test_cases_and_test_functions_are_run_one_by_one(judge: Judge) -> None:
    case = "import unittest\nclass T(unittest.TestCase):\n    def setUp(self):\n        self.n = 2\n"
    methods = "".join(f"    def test_{name}(self):\n        self.assertEqual(echo(self.n), {right})\n" for name, right in (("a", 2), ("b", 3)))
    code = f"{case}{methods}def test_c():\n    assert echo(1) == 1\n"
    verdict = judge(Program(PROGRAM, suite=suite_of(code)))
    assert {test.name: test.outcome for test in verdict.tests} == {"T.test_a": "passed", "T.test_b": "failed", "test_c": "passed"}


def test_the_part_for_the_command_line_is_not_run_by_tests(judge: Judge) -> None:
    assert judge(Program("def f(): return 1\nif __name__ == '__main__':\n    input()\n", suite=suite_of("assert f() == 1"))).passed


def test_the_words_of_pytest_are_known(judge: Judge) -> None:
    code = (
        "import pytest\nfrom pytest import approx\n@pytest.mark.parametrize('n, expected', [(1, 1), (2, 2)])\ndef test_a(n, expected):\n"
        "    assert echo(n) == expected\n@pytest.mark.parametrize('n', [1, 2])\ndef test_b(n):\n    assert echo(n) == 1\n"
        "def test_c():\n    with pytest.raises(ValueError, match='too large') as caught:\n        check_size(9)\n    assert caught.value.size == 9\n"
        "def test_d():\n    with pytest.raises(ValueError):\n        check_size(1)\n"
        "def test_e():\n    assert echo([0.1 + 0.2]) == approx([0.3]) and echo({'a': 1.0}) == pytest.approx({'a': 1 + 1e-9})\n"
        "def test_f():\n    assert echo(0.31) == pytest.approx(0.3)\n@pytest.mark.slow\ndef test_g():\n    assert echo(1)\n"
    )
    outcomes = {test.name: test.outcome for test in judge(Program(PROGRAM, suite=suite_of(code))).tests}
    assert [name for name, outcome in outcomes.items() if outcome == "failed"] == ["test_b", "test_d", "test_f"], outcomes
    assert len(outcomes) == 7


def test_installed_packages_are_there_where_their_folder_was_named() -> None:
    program = Program(
        "import numpy as np\ndef double(a): return np.asarray(a) * 2\ndef mean(a): return np.mean(a)",
        suite=suite_of("import numpy as np\nassert np.array_equal(double([1, 2]), np.array([2, 4]))\nassert double(np.eye(2)).sum() == mean([4])\n"),
        limits=Limits(memory_mb=1024, processes=64),
    )
    packages = Path(numpy.__file__).parents[1]
    if packages.is_relative_to("/tmp"):
        with pytest.raises(ValueError, match="lies below /tmp"):
            SandboxSettings(import_from=(packages,))
        pytest.skip("this environment lies below /tmp, which programs do not see")
    assert open_sandbox(SandboxSettings(programs_at_once=1, import_from=(packages,))).run([program])[0].passed
    missing = open_sandbox(SandboxSettings(programs_at_once=1)).run([program])[0]
    assert "No module named 'numpy'" in missing.reason
