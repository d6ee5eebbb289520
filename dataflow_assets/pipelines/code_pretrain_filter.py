"""Source files for pretraining."""

from __future__ import annotations

from collections.abc import Sequence as Names

from operators.code.duplicates.source_duplicates import ExactSourceDedup, MinHashSourceDedup
from operators.code.language.operators import ProgrammingLanguageEvaluator, ProgrammingLanguageFilter
from operators.code.language.syntax_filter import SyntaxFilter
from operators.code.licences.operators import LicenceFilter
from operators.code.rules.rule_set import source_quality
from operators.code.secrets.operators import RedactSecrets
from operators.core.sequential import Sequential
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline


class CodePretrainFilter(Pipeline):
    """Keep the source files worth training on, and say of each other why not. No language model is asked.

    The language of a file is that of its name, else of its first line; with `by_content` the magika model looks at the others. Files that name a
    licence which is not permissive are left out, as are programs that do not parse; keys and passwords are replaced; of files that are alike but for
    comments and layout one stays. `languages` names those to keep; all where empty.

    `syntax="python"` needs no further package; `"all"` parses 80 other languages with tree-sitter (extra [code]).
    """

    expects = {"text": str, "filename": str}

    def __init__(
        self,
        languages: Names[str] = (),
        by_content: bool = False,
        min_comments: float = 0.0,
        syntax: str = "python",
        max_errors_share: float = 0.1,
        unsaid_licence: str = "keep",
        similarity: float = 0.7,
    ) -> None:
        if languages:
            self.spoken = ProgrammingLanguageFilter(languages=tuple(languages), by_content=by_content)
        self.language = ProgrammingLanguageEvaluator(by_content=by_content)
        self.quality = Sequential(*source_quality(min_comments))
        self.licence = LicenceFilter(unsaid=unsaid_licence)
        self.syntax = SyntaxFilter(python_only=syntax == "python", max_errors_share=max_errors_share)
        self.secrets = RedactSecrets()
        self.exact = ExactSourceDedup()
        self.near = MinHashSourceDedup(threshold=similarity)

    def forward(self, files: Handle) -> Handle:
        wanted = self.spoken(files) if "spoken" in self.operators() else files
        good = self.quality(self.language(wanted))
        usable = self.syntax(self.licence(good))
        return self.near(self.exact(self.secrets(usable).gathered()))
