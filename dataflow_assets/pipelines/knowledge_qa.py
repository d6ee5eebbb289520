"""Questions and answers from documents, every quote proven to stand in its source."""

from __future__ import annotations

from collections.abc import Sequence as Texts

from operators.core.sequential import Sequential
from operators.documents.convert import ConvertDocuments
from operators.generic.join import Union
from operators.generic.selection.present import PresentFilter
from operators.generic.selection.sample import RandomSample
from operators.generic.selection.score import ScoreFilter
from operators.knowledge.cleaning.cleaned import CleanedTextGenerator
from operators.knowledge.graph.paths import RelationPathsGenerator
from operators.knowledge.graph.questions import PathQuestionGenerator
from operators.knowledge.graph.relations import RelationCheckFilter, RelationsGenerator
from operators.knowledge.graph.resolving import EmbeddingEntityResolutionEvaluator, EntityResolutionEvaluator
from operators.knowledge.questions.checking import QuestionAnswerCheckFilter
from operators.knowledge.questions.preferring import ClosedBookPreferenceGenerator
from operators.knowledge.questions.quoted import MultiHopQuestionsGenerator, QuotedQuestionsGenerator
from operators.knowledge.questions.rating import QuestionAnswerQualityEvaluator
from operators.knowledge.questions.verified import VerifiedQuotesFilter
from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.rag.checks.answerable import AnswerableEvaluator, AnswerableFilter
from operators.text.cleaning.html_text import HtmlToText
from operators.text.cleaning.plain_text import DecodeHtmlEntities, FixUnicode, NormalizeSpaces
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.language.identification import LanguageFilter
from operators.text.parts.chunk import ChunkText
from operators.text.rules.stop_words import StopWordsFilter
from operators.text.rules.whole_text import AlphabeticWordsFilter, BlankFilter, SentenceCountFilter, WordCountFilter

_REREAD = {"answerable": "reread_right", "from_documents": "reread_from", "said": "reread_answer", "tries": "reread_tries"}
RATED = ("question_quality", "answer_alignment", "answer_verifiability", "self_containedness")


class KnowledgeQA(Pipeline):
    """Make questions and answers from documents, and keep those whose every quote is proven to stand in its source; say of each other why not.

    With `files` the rows name files of a folder, which are converted first (PDF, HTML, DOCX ...). Documents are cut into chunks of whole sentences,
    and chunks of prose are cleaned by a model that may change no fact. From each come questions with the sentence that answers them, with `hops`
    questions that need several sentences, and with `graph` questions that need two texts, along relations of a knowledge graph. Quotes are looked up,
    rules throw out what is not held by them, points to the text, or gives its answer away. Then a reader who has not seen the answer has to find the
    same one in the text (`reread`; round-trip consistency, Alberti et al. 2019), and a judge rates the rest.

    The rows have question, answer, sources and quotes with their places: SFT data as they are, and tests of retrieval. With `preferences` each has an
    answer from memory that is wrong beside the proven one. Writer and judge ask the model named `llm`; give the judge another with `judge="judge"`.
    """

    expects = {"text": str, "url": str}

    def __init__(
        self,
        chunks: int | None = None,
        chunk_words: int = 250,
        min_words: int = 40,
        languages: Texts[str] = (),
        clean: bool = True,
        pairs: int = 3,
        hops: bool = True,
        graph: bool = True,
        resolve_by_embedding: bool = False,
        reread: bool = True,
        rate: bool = True,
        min_rating: int = 3,
        preferences: bool = False,
        similarity: float = 0.8,
        characters: int = 8000,
        files: bool = False,
        title: str = "",
        judge: str = "llm",
        seed: int = 0,
    ) -> None:
        self.title = title or ("path" if files else "url")
        self.expects = {"path": str} if files else {"text": str, self.title: str}
        if files:
            self.convert = ConvertDocuments()
        self.tidy = Sequential(FixUnicode(), HtmlToText(boilerplate=False), DecodeHtmlEntities(), NormalizeSpaces(keep_runs=True))
        self.whole = Sequential(BlankFilter(), WordCountFilter(min_words=min_words))
        if languages:
            self.language = LanguageFilter(keep=tuple(languages))
        self.once = ExactDedup()
        self.near = MinHashDedup(threshold=similarity)
        # of what a conversion found out, the blocks of a document have no place beside each of its chunks
        self.chunk = ChunkText(size=chunk_words, whole_sentences=True, carry=("path", "title", "pages") if files else "all")
        self.prose = Sequential(WordCountFilter(min_words=min_words), SentenceCountFilter(), AlphabeticWordsFilter(), StopWordsFilter())
        self.chunk_once = ExactDedup(ignore_spaces=True)
        if chunks is not None:
            self.sample = RandomSample(rows=chunks, seed=seed)
        if clean:
            self.clean = CleanedTextGenerator()
        self.ask = QuotedQuestionsGenerator(pairs=pairs, characters=characters)
        if hops:
            self.ask_hops = MultiHopQuestionsGenerator(characters=characters)
            self.with_hops = Union(fill=True)
        if graph:
            self.relate = RelationsGenerator(characters=characters)
            self.relations_quoted = VerifiedQuotesFilter()
            self.relations = RelationCheckFilter()
            self.resolve = EmbeddingEntityResolutionEvaluator() if resolve_by_embedding else EntityResolutionEvaluator()
            self.paths = RelationPathsGenerator(seed=seed)
            self.ask_paths = PathQuestionGenerator()
            self.with_paths = Union(fill=True)
        self.quoted = VerifiedQuotesFilter()
        self.holds = QuestionAnswerCheckFilter()
        self.asked_once = ExactDedup(ignore_case=True, ignore_punctuation=True)
        # questions that differ in a name alone are nearly the same text, and have other answers
        self.different = MinHashDedup(threshold=similarity, unit="character", shingle_size=4, same=("answer",))
        if reread:
            self.reread = AnswerableEvaluator(llm=judge).bind(**{f"output_{name}": column for name, column in _REREAD.items()})
            self.answered_again = AnswerableFilter(answerable=True)
        if rate:
            self.rate = QuestionAnswerQualityEvaluator(llm=judge)
            self.good = Sequential(*(ScoreFilter(min=min_rating).bind(input_score=name) for name in RATED))
        if preferences:
            self.from_memory = ClosedBookPreferenceGenerator()
            self.pairs_of_answers = PresentFilter()

    def forward(self, documents: Handle) -> Handle:
        chunks = self._chunks(documents)
        held = self.holds(self.quoted(self._asked(chunks)))
        different = self.different(self.asked_once(held, input_text="question"), input_text="question")
        rated = self._rated(self._reread(different))
        if "from_memory" not in self.operators():
            return rated
        return self.pairs_of_answers(self.from_memory(rated), input_value="rejected")

    def _chunks(self, documents: Handle) -> Handle:
        """Chunks of prose, each once, with `cleaned_text` beside `text`."""
        stages = self.operators()
        read = self.convert(documents) if "convert" in stages else documents
        whole = self.whole(self.tidy(read))
        if "language" in stages:
            whole = self.language(whole)
        parts = self.chunk(self.near(self.once(whole.gathered())), output_start="chunk_start", output_end="chunk_end")
        chunks = self.chunk_once(self.prose(parts))
        if "sample" in stages:
            chunks = self.sample(chunks)
        return self.clean(chunks) if "clean" in stages else chunks

    def _read(self) -> dict[str, str]:
        """What is read: the cleaned text, whose quotes have to stand in the original."""
        cleaned = "clean" in self.operators()
        return {"input_text": "cleaned_text" if cleaned else "text", "input_source": "text", "input_title": self.title}

    def _asked(self, chunks: Handle) -> Handle:
        """Questions of all kinds, as the model made them."""
        stages, pairs = self.operators(), self.ask(chunks, **self._read())
        if "ask_hops" in stages:
            pairs = self.with_hops(pairs, self.ask_hops(chunks, **self._read()))
        return self.with_paths(pairs, self._along_paths(chunks)) if "relate" in stages else pairs

    def _along_paths(self, chunks: Handle) -> Handle:
        """Questions over two texts that speak of the same entity."""
        found = self.relations_quoted(self.relate(chunks, **self._read()), input_source="text")
        return self.ask_paths(self.paths(self.resolve(self.relations(found))))

    def _reread(self, pairs: Handle) -> Handle:
        """Those to which a reader of the same texts, who has not seen the answer, gives the same one."""
        if "reread" not in self.operators():
            return pairs
        tried = self.reread(pairs, input_documents="sources")
        read = {f"input_{name}": _REREAD[name] for name in ("answerable", "from_documents", "said")}
        return self.answered_again(tried, **read)

    def _rated(self, pairs: Handle) -> Handle:
        return self.good(self.rate(pairs)) if "rate" in self.operators() else pairs
