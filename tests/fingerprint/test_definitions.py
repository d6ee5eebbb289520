"""What a change of the code reaches: the operators that use what was changed, wherever it stands, and no others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from operators.core import registry
from operators.fingerprint.definitions import content_of

FILES = {
    "__init__.py": "",
    "rules.py": '''
"""Two rules in one file."""
from own_words.letters import count as counted, LIMIT
from own_words import reading
import own_words.other
from own_words.all import GREETING, made

try:
    from own_words.letters import unused as optional
except ImportError:
    optional = None

SHARE = 0.5

class Uses:
    def keep(self, text):
        return counted(text) > LIMIT * SHARE

class Reads:
    def keep(self, text):
        from own_words.lazily import late
        return text in reading.words() or late(text)

class Alone:
    def keep(self, text):
        return bool(text)

class Perhaps:
    def keep(self, text):
        return optional is not None

class Greets:
    def keep(self, text):
        return text == GREETING

class Asks:
    def keep(self, text):
        return made(text)

class UsesWhatIsNowhere:
    def keep(self, text):
        from own_words.all import nothing
        from own_words import compiled
        return compiled.anything(text) or nothing
''',
    "letters.py": """
LIMIT = 3
TABLE = {}
TABLE["a"] = 1

def count(text):
    return sum(_weight(letter) for letter in text)

def _weight(letter):
    return TABLE.get(letter, 2)

def unused():
    return 1
""",
    "reading.py": """
from pathlib import Path

FILE = Path(__file__).with_name("words.txt")

def words():
    return FILE.read_text().split()
""",
    "words.txt": "one two",
    "lazily.py": "def late(text):\n    return False\n",
    "other.py": "X = 1\n",
    "all.py": """
from .greetings import *
from own_words.all import *

def __getattr__(name):
    if name == "made":
        return print
    raise AttributeError(name)
""",
    "greetings.py": "GREETING = 'Hello'\nFAREWELL = 'Bye'\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "own_words"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    forget_imports()


def forget_imports() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "own_words"]:
        del sys.modules[name]


def contents() -> dict[str, str]:
    """Of each class of rules.py."""
    rules = import_module("own_words.rules")
    return {name: content_of([getattr(rules, name)]) for name in ("Uses", "Reads", "Alone", "Perhaps", "Greets", "Asks", "UsesWhatIsNowhere")}


def changed_by(package: Path, file: str, edit: Callable[[str], str]) -> set[str]:
    """The classes of rules.py whose content an edit of a file changes, once they are imported again."""
    before = contents()
    path = package / file
    text = edit(path.read_text())
    assert text != path.read_text()
    path.write_text(text)
    os.utime(path, (time.time(), time.time() + 5))
    if file.endswith(".txt"):  # data is read once a process
        os.utime(package / "reading.py", (time.time(), time.time() + 5))
    if file != "lazily.py":  # which a function imports when it is called
        assert contents() == before, "what was imported before the edit is what runs"
    forget_imports()
    after = contents()
    return {name for name, content in before.items() if after[name] != content}


@pytest.mark.parametrize(
    ("file", "old", "new", "reaches"),
    [
        ("rules.py", "return bool(text)", "return not text", {"Alone"}),
        ("rules.py", "SHARE = 0.5", "SHARE = 0.6", {"Uses"}),
        ("letters.py", "LIMIT = 3", "LIMIT = 4", {"Uses"}),
        ("letters.py", "TABLE.get(letter, 2)", "TABLE.get(letter, 3)", {"Uses"}),
        ("letters.py", 'TABLE["a"] = 1', 'TABLE["a"] = 7', {"Uses"}),
        ("letters.py", "def unused():\n    return 1", "def unused():\n    return 2", {"Perhaps"}),
        ("letters.py", "return TABLE.get(letter, 2)", "return  TABLE.get(letter, (2))", set()),
        ("letters.py", "LIMIT = 3", "# a remark\nLIMIT = (3)", set()),
        ("letters.py", "def count(text):", 'def count(text):\n    """Say more."""', set()),
        ("reading.py", ".split()", ".splitlines()", {"Reads"}),
        ("lazily.py", "return False", "return True", {"Reads"}),
        ("words.txt", "two", "three", {"Reads"}),
        ("other.py", "X = 1", "X = 2", set()),
        ("greetings.py", "'Hello'", "'Hi'", {"Greets", "Asks", "UsesWhatIsNowhere"}),  # which of them is not told in the source
        ("all.py", "return print", "return repr", {"Greets", "Asks", "UsesWhatIsNowhere"}),
    ],
)
def test_a_change_reaches_what_uses_it_and_nothing_else(package: Path, file: str, old: str, new: str, reaches: set[str]) -> None:
    assert changed_by(package, file, lambda text: text.replace(old, new)) == reaches


FINGERPRINTS = """
import json
from operators.text.rules.whole_text import WordCountFilter
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.synthesis.condor import DomainTopicGenerator
from operators.generic.selection.score import ScoreFilter
operators = (WordCountFilter(), MinHashDedup(), DomainTopicGenerator(), ScoreFilter(min=1))
print(json.dumps({operator.name: operator.fingerprint() for operator in operators}))
"""


def fingerprints(root: Path, seed: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": seed}
    return dict(json.loads(subprocess.run([sys.executable, "-c", FINGERPRINTS], env=environment, cwd=root, check=True, capture_output=True).stdout))


def test_a_changed_kernel_or_data_file_changes_the_fingerprints_of_the_operators_that_use_it(tmp_path: Path) -> None:
    here = Path(import_module("operators").__path__[0])
    shutil.copytree(here, tmp_path / "operators", ignore=shutil.ignore_patterns("__pycache__"))
    before = fingerprints(here.parent, "1")
    assert fingerprints(tmp_path, "2") == before, "another place on disk, another process"
    kernel = tmp_path / "operators/kernels/compiled/words.py"
    kernel.write_text(kernel.read_text() + "\n# a remark changes nothing\n")
    rules = tmp_path / "operators/text/rules/whole_text.py"
    wish = '"at least 50 words", '
    assert wish in rules.read_text()
    rules.write_text(rules.read_text().replace(wish, ""))  # nor does what an operator is looked for by
    minhash = tmp_path / "operators/kernels/minhash.py"
    minhash.write_text(minhash.read_text().replace("def jaccard(", "def jaccard(more=1, *, ", 1))
    tree = tmp_path / "operators/text/synthesis/domain_tree.json"
    tree.write_text(tree.read_text().replace("{", '{"One more": {"domain": ["theme"]}, ', 1))
    after = fingerprints(tmp_path, "3")
    assert {name for name in before if before[name] != after[name]} == {"MinHashDedup", "DomainTopicGenerator"}


def test_the_compiled_loops_below_a_statistic_are_part_of_its_filters() -> None:
    from operators.fingerprint import definitions

    start = definitions.Name("operators.text.rules.whole_text", "WordCountFilter")
    reached = {name.module for name in definitions._in_use([start])}
    assert {"operators.kernels.text_statistics", "operators.kernels.compiled.words", "operators.bases.statistics.filter"} <= reached
    assert not [module for module in reached if module.startswith("operators.core")]


def test_for_the_fingerprints_of_all_operators_each_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.fingerprint import definitions, source_code

    parsed: Counter[str] = Counter()
    read = definitions.Source.__init__

    def counted_read(source: definitions.Source, module: str, path: Path) -> None:
        parsed[module] += 1
        read(source, module, path)

    monkeypatch.setattr(definitions.Source, "__init__", counted_read)
    definitions._parsed.cache_clear()
    monkeypatch.setattr(definitions, "_imported", {})
    source_code.source_hash.cache_clear()
    operators = list(registry.examples())
    assert len({operator.fingerprint() for operator in operators}) == len(operators)
    assert len(parsed) > 300
    assert set(parsed.values()) == {1}
