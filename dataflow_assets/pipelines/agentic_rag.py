"""Questions that need their documents: chained, compared and intersected, and tested for every shortcut."""

from __future__ import annotations

from collections.abc import Sequence as Texts
from typing import Literal

from operators.core.operator import Operator
from operators.core.sequential import Sequential
from operators.generic.join import Union
from operators.generic.retrieval.from_table import RetrieveFromTable
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.rag.checks.answerable import AnswerableEvaluator, AnswerableFilter, Given
from operators.rag.checks.difficulty import SolvedShareEvaluator
from operators.rag.checks.evidence import EvidenceFilter
from operators.rag.checks.findable import FindableQuestionFilter
from operators.rag.checks.wording import LeakageFilter, SelfContainedQuestionFilter
from operators.rag.negatives import HardNegativesEvaluator
from operators.rag.questions.aliases import AnswerAliasesEvaluator
from operators.rag.questions.atomic import AtomicQuestionsGenerator, ListQuestionGenerator
from operators.rag.questions.chaining import BridgeFilter, ExtendsQuestions
from operators.rag.questions.hops import ChainQuestionGenerator, DepthQuestionGenerator
from operators.rag.questions.pairs import CommonAnswerPairsGenerator, RelatedPairsGenerator
from operators.rag.questions.width import BothQuestionGenerator, ComparisonQuestionGenerator, IntersectionQuestionGenerator, JoinsPairs
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LanguageFilter
from operators.text.parts.chunk import ChunkText
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import AlphabeticWordsFilter, BlankFilter, SentenceCountFilter, WordCountFilter


class AgenticRag(Pipeline):
    """Make questions that need their documents, each answer quoted from its source, and keep those that stand all tests; say of each other why not.

    Documents are cut into chunks. Of each come atomic questions with the sentence that answers them. `hops` times a question is led on from its
    answer, and `depth` times from what it names, to a chunk that is looked up and says the name too: each time it needs one chunk more. With `width`,
    related questions of different chunks become comparisons, whose answer is computed, and questions for both things; with `intersections`, questions
    with several answers become questions for the one that two lists have in common.

    Rules come first: quotes are looked up, no answer may stand in its question, and an atomic question has to find its own chunk among all others
    (the first `findable` of a search by words; 0 asks for nothing). Then a model tries to answer: without documents, from every proper
    subset of them, and from all. Kept is what it answers from all alone. `samples` answers say how hard that is. The passages that a search finds
    beside the evidence are hard negatives for a retriever; with `fill` they take the places of documents that are withheld, so that the only name of
    the right sort is no longer a sure guess.

    A small model copies badly: with `quote_by="number"` it chooses among numbered sentences what it quotes.

    Writer and examinee ask the model named `llm`; give the examinee another with `examinee="judge"`: a strong one finds more shortcuts.
    """

    expects = {"text": str}

    def __init__(
        self,
        chunks: int | None = None,
        chunk_words: int = 150,
        min_words: int = 40,
        languages: Texts[str] = (),
        pairs: int = 3,
        quote_by: Literal["words", "number"] = "words",
        findable: int = 1,
        hops: int = 1,
        depth: int = 1,
        width: bool = True,
        intersections: bool = True,
        passages: int = 10,
        similarity: float = 0.8,
        aliases: bool = True,
        closed_book: bool = True,
        shortcuts: bool = True,
        answered: bool = True,
        samples: int = 4,
        max_solved: float = 1.0,
        negatives: int = 4,
        fill: bool = False,
        examinee: str = "llm",
        judge: bool = True,
        seed: int = 0,
    ) -> None:
        self.hops, self.depth, self.passages, self.fill = hops, depth, passages, fill
        self.tidy = Sequential(FixUnicode(), HtmlToText(boilerplate=False), DecodeHtmlEntities(), NormalizeSpaces(keep_runs=True))
        self.whole = Sequential(BlankFilter(), WordCountFilter(min_words=min_words))
        if languages:
            self.language = LanguageFilter(keep=tuple(languages))
        self.once = ExactDedup()
        self.near = MinHashDedup(threshold=similarity)
        self.chunk = ChunkText(size=chunk_words, whole_sentences=True)
        self.prose = Sequential(
            WordCountFilter(min_words=min_words), SentenceCountFilter(min_sentences=2), AlphabeticWordsFilter(), StopWordsFilter()
        )
        self.chunk_once = ExactDedup(ignore_spaces=True)
        self.chunk_near = MinHashDedup(threshold=similarity)
        if chunks is not None:
            self.sample = RandomSample(rows=chunks, seed=seed)
        self.atomic = AtomicQuestionsGenerator(pairs=pairs, quote_by=quote_by)
        self.verify = _rules()
        if findable:
            self.findable = FindableQuestionFilter(first=findable)
        self.asked_once = ExactDedup(ignore_case=True, ignore_punctuation=True)
        for number in range(1, hops + 1):
            self._add_extension(f"hop_{number}", ChainQuestionGenerator(quote_by=quote_by), BridgeFilter())
        for number in range(1, depth + 1):
            self._add_extension(
                f"depth_{number}", DepthQuestionGenerator(quote_by=quote_by), BridgeFilter(in_question=True).bind(input_bridge="topic")
            )
        if width:
            self.related = RelatedPairsGenerator()
            self._add_join("comparison", ComparisonQuestionGenerator(seed=seed))
            self._add_join("both", BothQuestionGenerator())
        if intersections:
            self.lists = ListQuestionGenerator(quote_by=quote_by)
            self.verify_lists = _rules()
            self.common = CommonAnswerPairsGenerator()
            self._add_join("intersection", IntersectionQuestionGenerator())
        self.different = ExactDedup(ignore_case=True, ignore_punctuation=True)
        if aliases:
            self.aliases = AnswerAliasesEvaluator()
        if negatives:
            self.search = RetrieveFromTable(top=negatives + passages)
            self.negatives = HardNegativesEvaluator(count=negatives)
        if closed_book:
            self._add_test("closed_book", "nothing", examinee, judge)
        if shortcuts:
            self._add_test("shortcut", "some", examinee, judge)
        if answered:
            self._add_test("all_documents", "all", examinee, judge)
        if samples:
            self.difficulty = SolvedShareEvaluator(samples=samples, temperature=0.7 if samples > 1 else 0.0, seed=seed, llm=examinee, judge=judge)
            self.hard_enough = ScoreFilter(max=max_solved)

    def _add_extension(self, name: str, extend: ExtendsQuestions, bridge: BridgeFilter) -> None:
        self._add(f"{name}_passages", RetrieveFromTable(top=self.passages))
        self._add(f"{name}_bridge", bridge)
        self._add(name, extend)
        self._add(f"{name}_verify", _rules())
        self._add(f"{name}_joined", Union())

    def _add_join(self, name: str, join: JoinsPairs) -> None:
        self._add(name, join)
        self._add(f"{name}_verify", _rules(topic=False))
        self._add(f"{name}_joined", Union())

    def _add_test(self, name: str, given: Given, examinee: str, judge: bool) -> None:
        names = _test_columns(name)
        self._add(
            name,
            AnswerableEvaluator(given=given, fill=self.fill and given == "some", llm=examinee, judge=judge).bind(
                **{f"output_{short}": to for short, to in names.items()}
            ),
        )
        read = {f"input_{short}": names[short] for short in ("answerable", "from_documents", "said")}
        self._add(f"{name}_passed", AnswerableFilter(answerable=given == "all").bind(**read))

    def _add(self, name: str, operator: Operator) -> None:
        setattr(self, name, operator)

    def forward(self, documents: Handle) -> Handle:
        stages = self.operators()
        every = self._chunks(documents)
        chunks = self.sample(every) if "sample" in stages else every
        atomic = self.verify(self.atomic(chunks))
        if "findable" in stages:
            atomic = self.findable(atomic, every)
        atomic = self.asked_once(atomic, input_text="question")
        questions = atomic
        for kind, count, searched in (("hop", self.hops, "answer"), ("depth", self.depth, "topic")):
            level = atomic
            for number in range(1, count + 1):
                name = f"{kind}_{number}"
                found = stages[f"{name}_passages"](level, chunks, input_question=searched)
                level = stages[f"{name}_verify"](stages[name](stages[f"{name}_bridge"](found)))
                questions = stages[f"{name}_joined"](questions, level)
        if "related" in stages:
            pairs = self.related(atomic)
            questions = self._joined(self._joined(questions, pairs, "comparison"), pairs, "both")
        if "lists" in stages:
            pairs = self.common(self.verify_lists(self.lists(chunks)))
            questions = self._joined(questions, pairs, "intersection")
        questions = self.different(questions, input_text="question")
        if "aliases" in stages:
            questions = self.aliases(questions)
        return self._tested(self.negatives(self.search(questions, chunks)) if "search" in stages else questions)

    def _chunks(self, documents: Handle) -> Handle:
        """Chunks of prose, each once: licences and changelogs that say the same would all be evidence."""
        stages = self.operators()
        whole = self.whole(self.tidy(documents))
        if "language" in stages:
            whole = self.language(whole)
        parts = self.chunk(self.near(self.once(whole.gathered())), output_start="chunk_start", output_end="chunk_end")
        return self.chunk_near(self.chunk_once(self.prose(parts)))

    def _joined(self, questions: Handle, pairs: Handle, name: str) -> Handle:
        stages = self.operators()
        return stages[f"{name}_joined"](questions, stages[f"{name}_verify"](stages[name](pairs)))

    def _tested(self, questions: Handle) -> Handle:
        stages = self.operators()
        for name in ("closed_book", "shortcut", "all_documents"):
            if name in stages:
                questions = stages[name](questions)
            if f"{name}_passed" in stages:
                questions = stages[f"{name}_passed"](questions)
        if "difficulty" in stages:
            questions = self.hard_enough(self.difficulty(questions), input_score="solved_share")
        return questions


def _rules(topic: bool = True) -> Sequential:
    """What needs no model: quotes stand, no answer is given away, the question can be understood alone. A joined one may say its topics otherwise."""
    return Sequential(EvidenceFilter(), LeakageFilter(), SelfContainedQuestionFilter(names_topic=topic))


def _test_columns(name: str) -> dict[str, str]:
    return {"answerable": f"{name}_right", "from_documents": f"{name}_from", "said": f"{name}_answer", "tries": f"{name}_tries"}
