"""A filter and a refiner by patterns of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from operators.core.kinds import Filter, Refine
from operators.engine.batch import Mask, Verdict
from operators.tables.columns import Input
from operators.text.patterns.expressions import pattern_fault, replace_within, replacement_fault

_SHOWN = 40
"""Characters of a match that a reason shows."""


class RegexFilter(Filter):
    """Keep texts in which any, all or none of your regular expressions match, anywhere in the text: `RegexFilter(patterns=(r"\\bDOI:",))`.

    The reason names the pattern, and where it matched. The syntax is that of RE2, which takes linear time for any pattern: no look-around, no
    back-references; (?s) lets "." match line breaks, (?m) "^" and "$" at each line, \\p{Han} is a script. \\w, \\d, \\s and \\b know ASCII alone:
    \\pL is any letter, \\PL what is none, \\pN any digit.
    """

    asks = ("keep rows that match a regex", "drop texts where a pattern matches", "grep through a column")
    source = "RE2 (Cox 2010)"
    example: ClassVar[Mapping[str, Any]] = {"patterns": (r"\w",)}

    input_text = Input(str)

    patterns: tuple[str, ...] = Field(min_length=1, description="Regular expressions in the syntax of RE2.")
    match: Literal["any", "all", "none"] = Field("any", description="How many of the patterns match in a text that stays.")
    ignore_case: bool = False

    @field_validator("patterns", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("patterns")
    @classmethod
    def _understood(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if fault := pattern_fault(pattern):
                raise ValueError(fault)
        return patterns

    def keep_batch(self, text: pa.Array) -> Verdict:
        places = [pc.find_substring_regex(text, pattern, ignore_case=self.ignore_case).to_numpy(zero_copy_only=False) for pattern in self.patterns]
        found = np.array([place >= 0 for place in places])
        keep: Mask = np.asarray({"any": found.any(axis=0), "all": found.all(axis=0), "none": ~found.any(axis=0)}[self.match])
        reasons: list[str | None] = [None] * len(text)
        for row in np.flatnonzero(~keep).tolist():
            if self.match == "any":
                reasons[row] = f"{self.name}: matches none of {', '.join(map(repr, self.patterns))}"
                continue
            first = int(np.flatnonzero(found[:, row] == (self.match == "none"))[0])
            if self.match == "all":
                reasons[row] = f"{self.name}: does not match {self.patterns[first]!r}"
            else:
                start = places[first][row]
                shown = text[row].as_py().encode()[start : start + 4 * _SHOWN].decode(errors="ignore")[:_SHOWN]
                reasons[row] = f"{self.name}: matches {self.patterns[first]!r} at {shown!r}"
        return Verdict(keep, reasons)


class RegexReplace(Refine):
    """Replace what your regular expression matches: `RegexReplace(pattern=r"(\\d+) km", replacement=r"\\1 kilometres")`.

    The syntax is that of RE2 (see RegexFilter); \\1 to \\9 are its groups, \\0 the whole match. A text that takes longer than `seconds` is set aside.
    """

    asks = ("find and replace with a regex", "substitute a pattern in every text", "strip a custom boilerplate line by pattern")
    source = "RE2 (Cox 2010)"
    example: ClassVar[Mapping[str, Any]] = {"pattern": r"\d+", "replacement": "0"}

    input_text = Input(str)

    pattern: str = Field(description="A regular expression in the syntax of RE2.")
    replacement: str = ""
    ignore_case: bool = False
    seconds: float = Field(2.0, gt=0, description="For one text.")

    @model_validator(mode="after")
    def _understood(self) -> RegexReplace:
        fault = pattern_fault(self.pattern) or replacement_fault(self.pattern, self.replacement)
        if fault:
            raise ValueError(fault)
        return self

    def refine_batch(self, text: pa.Array) -> pa.Array:
        pattern = f"(?i){self.pattern}" if self.ignore_case else self.pattern
        return replace_within(text, pattern, self.replacement, self.seconds)
