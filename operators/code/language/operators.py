"""Languages as a column, and as what files are kept by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from operators.code.language.identification import identify
from operators.code.language.languages import languages
from operators.core.kinds import Evaluate, Filter
from operators.core.operator import Operator
from operators.engine.batch import Verdict
from operators.tables.columns import Input, Output
from operators.tables.errors import closest


class IdentifiesLanguages(Operator, abstract=True):
    """What finding the language of a file depends on."""

    packages = ("magika",)
    extra = "code"

    input_text = Input(str)
    input_filename = Input(str, optional=True, nulls="pass", description="name or path of the file")

    by_content: bool = Field(True, description="Ask the magika model (extra [code]) where neither the name nor the first line says the language.")
    min_certainty: float = Field(0.5, ge=0, le=1, description="What the model is less sure of is not believed.")

    @property
    def needed_packages(self) -> tuple[str, ...]:
        return self.packages if self.by_content else ()

    def found(self, text: pa.Array, filename: pa.Array | None) -> list[Any]:
        paths = filename.to_pylist() if filename is not None else [None] * len(text)
        return identify(text.to_pylist(), paths, self.by_content, self.min_certainty)


class ProgrammingLanguageEvaluator(Evaluate, IdentifiesLanguages):
    """Say in which programming, markup or data language a file is, and by what that was found: its name, its first line, its content.

    The names are those of GitHub's Linguist: "Python", "C++", "Shell". Null where nobody can say.
    """

    source = "Linguist's names; magika (Google 2024) for the content"
    asks = ("detect the programming language of files", "is this snippet Python or JavaScript", "label source code by extension and content")

    output_language = Output(str, description="Linguist's name of the language, or null")
    output_found_by = Output(str, "language_found_by", description='"name", "first line", "content", or "" where it was not found')
    output_certainty = Output(
        float, "language_certainty", description="1 for a name or first line, the model's probability for a content, 0 for nothing"
    )

    def evaluate_batch(self, text: pa.Array, filename: pa.Array | None) -> dict[str, Any]:
        found = self.found(text, filename)
        return {
            "language": pa.array([one.language for one in found], pa.string()),
            "found_by": [one.found_by for one in found],
            "certainty": [one.certainty for one in found],
        }


class ProgrammingLanguageFilter(Filter, IdentifiesLanguages):
    """Keep files of some programming languages, by Linguist's names: languages=("Python", "Rust"). Of what language a file is, see
    `ProgrammingLanguageEvaluator`."""

    source = "Linguist's names; magika (Google 2024) for the content"
    asks = ("only Python and Rust files", "throw out everything that is not C++", "select source code by language")

    languages: tuple[str, ...] = Field(("Python",), min_length=1, description="Names as Linguist writes them.")

    def keep_batch(self, text: pa.Array, filename: pa.Array | None) -> Verdict:
        found = self.found(text, filename)
        keep = [one.language in self.languages for one in found]
        reasons = [None if kept else f"{self.name}: {one.language or 'no known language'}" for one, kept in zip(found, keep, strict=True)]
        return Verdict(np.array(keep, np.bool_), reasons)

    @field_validator("languages")
    @classmethod
    def _known(cls, wanted: tuple[str, ...]) -> tuple[str, ...]:
        for name in wanted:
            if name not in languages():
                raise ValueError(f'there is no language "{name}". {closest(name, languages()) or "Names are those of Linguist."}')
        return wanted
