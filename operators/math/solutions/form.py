"""Solutions judged by their form: whether they state an answer, how long they are, whether they go in circles."""

from __future__ import annotations

from pydantic import Field, model_validator

from operators.bases.math_answers.extraction import FoundBy, final_answer
from operators.bases.words import distinct_share, folded_words
from operators.core.kinds import Filter
from operators.tables.columns import Input


class AnswerFormatFilter(Filter):
    r"""Keep solutions that state their final answer in the wanted form: in a closed \boxed{}, unless `found_by` allows other forms.

    `min_characters` is the shortest work that has to stand beside the answer: a box alone teaches nothing.
    """

    covers = ("ReasoningAnswerFormatterFilter",)
    asks = ("require a boxed final result", "throw out replies that never state an answer", "check the format of reasoning traces")

    input_solution = Input(str)

    found_by: tuple[FoundBy, ...] = Field(("boxed",), min_length=1, description="Forms in which the answer may be stated.")
    min_characters: int = Field(0, ge=0, description="Fewest characters beside the answer.")

    def keep(self, solution: str) -> tuple[bool, str]:
        found = final_answer(solution)
        if found is None:
            return False, "no final answer is stated"
        if found.found_by not in self.found_by:
            return False, f"the final answer is found by {found.found_by}, not by {' or '.join(self.found_by)}"
        work = len(solution.strip()) - len(found.text)
        return work >= self.min_characters, f"{work} characters beside the answer, below min_characters = {self.min_characters}"


class SolutionRepetitionFilter(Filter):
    """Keep solutions that do not go in circles: different runs of `n` words over all runs lie from `min_share` to `max_share`.

    Words as their script has them: of Chinese and Japanese each character, of Korean what stands between spaces. A solution shorter than `n` words
    has no run and is kept. Of 738 real solutions of problems of MATH none has less than 0.54; one that goes in circles has less than 0.2. To keep the
    number beside the row: NgramDiversityEvaluator, then ScoreFilter.
    """

    covers = ("ReasoningAnswerNgramFilter",)
    source = "distinct-n (Li et al. 2016)"
    asks = ("drop chains of thought that loop", "remove solutions that repeat the same sentence", "n-gram repetition check for generated answers")

    input_solution = Input(str)

    n: int = Field(5, ge=1, le=50, description="Words in a run.")
    min_share: float = Field(0.5, ge=0, le=1)
    max_share: float = Field(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> SolutionRepetitionFilter:
        if self.min_share > self.max_share:
            raise ValueError(f"min_share={self.min_share:g} is above max_share={self.max_share:g}: nothing could pass")
        return self

    def keep(self, solution: str) -> tuple[bool, str]:
        share = distinct_share(folded_words(solution), self.n)
        if share is None:
            return True, ""
        bound = f"below min_share = {self.min_share:g}" if share < self.min_share else f"above max_share = {self.max_share:g}"
        return self.min_share <= share <= self.max_share, f"{share:.4g} of the runs of {self.n} words are different, {bound}"
