"""Exercises of textbooks, with their figures, as conversations for models that see."""

from __future__ import annotations

from operators.core.sequential import Sequential
from operators.documents.convert import ConvertDocuments, ConvertDocumentSets
from operators.documents.exercises.extract import ExerciseExtractor, TableForm
from operators.documents.exercises.illustrated import IllustratedMessages
from operators.documents.exercises.match import ExerciseMatcher
from operators.documents.figures import FigureExtractor
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.text.duplicates.exact import ExactDedup
from operators.text.rules.whole_text import BlankFilter


class DocumentVQA(Pipeline):
    """Find the exercises of textbooks, match them with their answers, also at the back of the book, and make conversations with pictures of them.

    A model says which parts of a document belong to which exercise; their text, formulas, tables and figures are the document's own. What it names
    and is not there is asked for again, and what cannot be matched with certainty is set aside. The figures are cut out of the pages; a conversation
    of which a picture is missing is set aside. With `volumes`, each row lists the files of one book in the column `paths` (the book of questions,
    then the book of answers), and `book` names it.
    """

    expects = {"path": str}

    def __init__(
        self, volumes: bool = False, window_characters: int = 6000, max_tokens: int = 2048, table_form: TableForm = "text", dots_per_inch: int = 150
    ) -> None:
        self.volumes = volumes
        self.document = "book" if volumes else "path"
        self.expects = {"book": str, "paths": list[str]} if volumes else {"path": str}
        self.convert = ConvertDocumentSets() if volumes else ConvertDocuments()
        self.written = Sequential(BlankFilter())
        self.once = ExactDedup()
        self.figures = FigureExtractor(include_tables=table_form != "text", dots_per_inch=dots_per_inch, carry=(self.document,))
        self.extract = ExerciseExtractor(window_characters=window_characters, max_tokens=max_tokens, table_form=table_form, carry=(self.document,))
        self.match = ExerciseMatcher()
        self.different = ExactDedup(ignore_case=True, ignore_spaces=True)
        self.messages = IllustratedMessages(document=self.document)

    def forward(self, books: Handle) -> Handle:
        converted = self.once(self.written(self.convert(books)))
        exercises = self.match(self.extract(converted), input_book=self.document)
        return self.messages(self.different(exercises, input_text="question"), self.figures(converted))
