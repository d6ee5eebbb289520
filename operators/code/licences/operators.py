"""Licences as a column, and as what files are kept by."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from operators.code.licences.expressions import PERMISSIVE, is_permissive
from operators.code.licences.signatures import licence_of
from operators.core.kinds import Evaluate, Filter
from operators.tables.columns import Input, Output


class LicenceEvaluator(Evaluate):
    """Say under which licence a file puts itself: by its SPDX identifier, or by the words of its header or of the licence itself.

    Null where the file says nothing, which does not mean that it may be used: its project says then.
    """

    source = "SPDX licence list; the texts of the licences"
    asks = ("which license does a source file have", "detect MIT or GPL headers", "read SPDX identifiers")

    input_text = Input(str)
    output_licence = Output(str, description="SPDX expression, or null")
    output_found_in = Output(str, "licence_found_in", description='"identifier", "text", or ""')

    def evaluate(self, text: str) -> dict[str, str | None]:
        found = licence_of(text)
        return {"licence": found.name, "found_in": found.found_in}


class LicenceFilter(Filter):
    """Keep files under a permissive licence, or under those that `only` names. Of files that say nothing, `unsaid` decides."""

    source = "The Stack (Kocetkov et al. 2022); SPDX licence list"
    asks = ("only permissively licensed code", "throw out GPL source files", "keep MIT and Apache files")

    input_text = Input(str)
    only: tuple[str, ...] = Field((), description='SPDX names that stay, instead of all permissive ones; of "A OR B" one is enough.')
    unsaid: Literal["keep", "reject"] = Field("keep", description="What to do with files that name no licence.")

    def keep(self, text: str) -> tuple[bool, str | None]:
        name = licence_of(text).name
        if name is None:
            return self.unsaid == "keep", "it names no licence"
        return is_permissive(name, self.only or PERMISSIVE), f"it stands under {name}"
