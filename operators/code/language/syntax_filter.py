"""Programs that are none."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.code.language.files import SourceFiles
from operators.code.language.syntax import PARSED_BY_PYTHON, can_be_parsed, syntax_of_program
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input


class SyntaxFilter(Filter):
    """Keep programs that a parser of their language accepts: Python's own for Python, tree-sitter (extra [code]) for 80 others.

    A file of no known language, or whose grammar nobody here knows, stays: the report counts it under `no_say`. `language` is that of all rows, where
    the table does not say it. C and C++ with macros are not always understood without their headers: `max_errors_share` allows for that.
    """

    packages = ("tree_sitter_language_pack",)
    extra = "code"
    source = "Python's ast; tree-sitter"
    asks = ("throw out code that does not parse", "only valid Python functions", "drop snippets with syntax errors")

    input_text = Input(str)
    input_language = Input(str, optional=True, nulls="pass", description="Linguist's name of the language; by name or first line where there is none")
    input_filename = Input(str, optional=True, nulls="pass", description="name or path of the file")

    language: str = Field("", description="Of the rows for which neither column says one.")
    python_only: bool = Field(False, description="Judge Python alone, which needs no further package.")
    max_errors_share: float = Field(0.0, ge=0, lt=1, description="Bytes that the parser makes nothing of, over all.")

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return () if self.python_only or self.language == PARSED_BY_PYTHON else self.packages

    def keep_batch(self, text: pa.Array, language: pa.Array | None, filename: pa.Array | None) -> Verdict:
        spoken = [name or self.language for name in SourceFiles.of(text, filename, language).languages.names]
        reasons: list[str | None] = [None] * len(text)
        unjudged = 0
        for row, (program, name) in enumerate(zip(text, spoken, strict=True)):
            if not (name == PARSED_BY_PYTHON if self.needed_packages == () else can_be_parsed(name)):
                unjudged += 1
                continue
            found = syntax_of_program(program.as_py(), name)
            if found.errors_share > self.max_errors_share:
                reasons[row] = f"{self.name}: not {name}, line {found.line}: {found.message}"
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons, no_say=unjudged)
