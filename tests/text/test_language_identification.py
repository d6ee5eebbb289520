"""The compiled identification of languages decides what fastText's own package and the plain definition decide."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.kernels import fasttext as kernels
from operators.kernels.arrow_text import TextSpans
from operators.kernels.fasttext import FastText, spans_of
from operators.kernels.fasttext_file import FastTextFile, read_fasttext, tree_of
from operators.kernels.prose import Pieces, Prose, line_of
from operators.kernels.prose_bytes import CHARACTERS
from operators.text.language.detection import Identified, identify, identify_texts
from tests.text import plain_identification as plain

SHARED = Path(os.environ.get("DATAFLOW_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")) / "lang"
TIE = 1e-4
PARTS = (
    *(
        "the",
        "The ",
        "DER",
        "und ",
        "a",
        "I ",
        "été",
        "É ",
        "ΑΣ ",
        "ΑΣ",
        "İ",
        "ſ",
        "ß ",
        "日本語",
        "한국어",
        "ภาษา",
        "\U00020000",
        "\U0002ffff",
        "e\u0301",
    ),
    *(" ", "  ", "\n", "\t", "\r\n", "\x0b", "\x1c", "\x85", "\xa0", "\u2003", "\u3000", "\0", "\ufeff", "\U0001f600"),
    *("<", ">", "</", "<a ", "<br>", "</s>", "</s> ", "(", ")", "()", "f(", "é(", "/", "//", ".", "www", "www.", "_", "@", "1", "२", "=", "\\"),
    *("__label__en ", "__label__", " __label__", "cookies ", "ookie", "Cookie-", "x" * 40, "x" * 300, "y " * 60, "Word " * 30, "wort " * 40),
)
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PARTS), max_size=40).map("".join))


def texts_of_languages() -> Iterator[str]:
    for name in ("flores_dev_parallel_open", "lingua_sentences_open", "xquad_parallel_paragraphs_12lang_open"):
        if (path := SHARED / f"{name}.jsonl").is_file():
            yield from (json.loads(line)["text"] for line in path.read_text("utf-8").splitlines())


def installed_texts() -> Iterator[str]:
    """Documentation and code of packages, 2,500 pages."""
    from benchmarks.installed_texts import corpus

    yield from corpus(2500)


def odd_texts() -> Iterator[str]:
    draw = random.Random(1)
    for _ in range(600):
        yield "".join(draw.choices(PARTS, k=draw.randrange(80)))
    for _ in range(400):
        yield "".join(chr(draw.choice([draw.randrange(0x250), draw.randrange(0xE000, 0x11000), 0x20])) for _ in range(draw.randrange(60)))


@cache
def many_texts() -> list[str]:
    return [*texts_of_languages(), *installed_texts(), *odd_texts()]


@cache
def model() -> FastText:
    return FastText(read_fasttext(plain.model_file()))


def predicted(model: FastText, lines: Sequence[str]) -> list[list[tuple[float, str]]]:
    found = model.predict(spans_of([line.encode() for line in lines]), 8, 0.02)
    every = zip(found.probabilities.tolist(), (model.labels[number] for number in found.numbers.tolist()), strict=True)
    return [[(min(probability, 1.0), label) for probability, label in islice(every, count)] for count in found.counts.tolist()]


def are_alike(ours: list[tuple[float, str]], theirs: list[tuple[float, str]]) -> bool:
    """The same labels in the same order, but for those whose probabilities are as good as equal to each other or to the least."""
    one, other = dict(map(reversed, ours)), dict(map(reversed, theirs))
    least = [min(map(float, found.values()), default=0.02) if len(found) == 8 else 0.02 for found in (one, other)]
    if any(abs(one.get(label, least[0]) - other.get(label, least[1])) > TIE for label in {**one, **other}):
        return False
    return all(other.get(before, 0.02) > other.get(after, 0.02) - TIE for (_, before), (_, after) in pairwise(ours))


class TestTheModel:
    def test_it_names_what_the_package_names_for_thousands_of_texts(self) -> None:
        lines = [text.replace("\n", " ") for text in many_texts()]
        assert len(lines) >= 2000
        wrong = [line for line, ours in zip(lines, predicted(model(), lines), strict=True) if not are_alike(ours, plain.predict(line))]
        assert wrong == []

    @given(st.lists(texts, max_size=5))
    def test_it_names_what_the_package_names_for_any_text(self, lines: list[str]) -> None:
        assert all(are_alike(ours, plain.predict(line)) for line, ours in zip(lines, predicted(model(), lines), strict=True))

    @pytest.mark.parametrize("line", ["", "\0", "a", "a\nb", "\n", "</s> the house", "__label__de", "x" * 100_000, "\t\v\f\r", "日" * 5000])
    def test_lines_that_are_none(self, line: str) -> None:
        assert are_alike(*predicted(model(), [line]), plain.predict(line))

    def test_bytes_that_are_no_text_are_read_without_harm(self) -> None:
        lines = [bytes(random.Random(seed).choices(range(256), k=seed)) for seed in range(300)]
        assert len(model().predict(spans_of(lines), 8, 0.02).counts) == 300

    def test_a_full_table_of_known_words_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = [text[:400].replace("\n", " ") for text in many_texts()[:1000]]
        before = predicted(model(), lines)
        monkeypatch.setattr(kernels, "KNOWN_WORDS", 16)
        assert predicted(FastText(read_fasttext(plain.model_file())), lines) == before

    def test_threads_do_not_disturb_each_other(self) -> None:
        lines = [text[:400].replace("\n", " ") for text in many_texts()[:1000]]
        shared = FastText(read_fasttext(plain.model_file()))
        with ThreadPoolExecutor(4) as threads:
            results = list(threads.map(lambda _: predicted(shared, lines), range(8)))
        assert all(result == results[0] for result in results)


class TestTheFile:
    def test_every_shorter_file_is_refused(self, tmp_path: Path) -> None:
        whole = plain.model_file().read_bytes()
        for size in (0, 3, 8, 40, 100, 5000, 100_000, 400_000, len(whole) - 1):
            (path := tmp_path / "short.ftz").write_bytes(whole[:size])
            with pytest.raises(ValueError, match=r"short\.ftz cannot be read as a language model of fastText: it is cut short"):
                read_fasttext(path)

    @pytest.mark.parametrize(
        ("at", "value", "message"),
        [
            (0, 1, "no model of fastText"),
            (4, 99, "no model of fastText"),
            (8 + 5 * 4, 2, "-wordNgrams 1"),
            (8 + 6 * 4, 3, "-loss hs"),
            (8, -1, "dim -1"),
        ],
    )
    def test_another_kind_of_model_is_refused(self, tmp_path: Path, at: int, value: int, message: str) -> None:
        content = bytearray(plain.model_file().read_bytes())
        content[at : at + 4] = value.to_bytes(4, "little", signed=True)
        (path := tmp_path / "other.ftz").write_bytes(content)
        with pytest.raises(ValueError, match=message):
            read_fasttext(path)

    def test_one_changed_byte_is_an_error_or_a_model(self, tmp_path: Path) -> None:
        """Never a read outside the arrays."""
        whole = plain.model_file().read_bytes()
        draw = random.Random(3)
        for _ in range(40):
            content = bytearray(whole)
            content[draw.randrange(1000) if draw.random() < 0.5 else draw.randrange(len(whole))] = draw.randrange(256)
            (path := tmp_path / "changed.ftz").write_bytes(content)
            try:
                changed = FastText(read_fasttext(path))
            except ValueError:
                continue
            predicted(changed, ["the house on the hill", "日本語"])

    def test_the_tree_merges_the_rarest_first(self) -> None:
        assert tree_of([5, 3, 1, 1]).tolist() == [[-1, -1]] * 4 + [[3, 2], [4, 1], [5, 0]]

    def test_a_model_may_have_no_word_for_the_end_of_a_line(self) -> None:
        import numpy as np

        vectors, one = np.ones((2, 1), np.float32), np.zeros(1, np.int32)
        file = FastTextFile((b"a",), ("x", "y"), vectors, one, one, vectors, tree_of([1, 1]), 1, 1, 64)
        found = FastText(file).predict(spans_of([b"", b"a"]), 2, 0.0)
        assert found.counts.tolist() == [0, 2]


def are_the_same(ours: Identified, theirs: Identified) -> bool:
    named = [(share.language, share.share) for share in theirs.shares]
    return (
        ours.language == theirs.language
        and [language for language, _ in named] == [share.language for share in ours.shares]
        and all(abs(share.share - other) < TIE for share, (_, other) in zip(ours.shares, named, strict=True))
        and abs(ours.confidence - theirs.confidence) < TIE
    )


class TestTheDecision:
    def test_it_is_the_plain_one_for_thousands_of_texts(self) -> None:
        some = many_texts()
        upper = [text.upper() for text in some[::7]] + [text.title() for text in some[::11]]
        joined = [" ".join(some[place :: len(some) // 4]) for place in range(0, len(some) // 4, 9)]
        every = [*some, *upper, *joined]
        found = identify_texts(pa.array(every))
        assert [text for text, ours in zip(every, found, strict=True) if not are_the_same(ours, plain.identify(text))] == []

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("哪位演员因主演生病而代替出演？", "zh"),
            ("又有许多空闲", "zh"),
            ("若你站在岸邊", "zh"),
            ("欢迎来到阿里巴巴！", "zh"),
            ("たぶん僕が一番歴が長くて", "ja"),
            ("東京都千代田区千代田一番一号", "ja"),
            ("鲜の每日坚果，健康生活每一天", "zh"),
        ],
    )
    def test_kana_and_simplified_characters_tell_japanese_from_chinese(self, text: str, language: str) -> None:
        """The model says "ja" with 0.98 of Chinese questions."""
        assert identify(text).language == language

    def test_they_tell_so_of_long_texts_too(self) -> None:
        assert identify("哪位演员因主演生病而代替出演？" * 40).language == "zh"
        assert identify("たぶん僕が一番歴が長くて" * 40).language == "ja"

    @given(st.lists(texts, max_size=6))
    @settings(max_examples=300)
    def test_it_is_the_plain_one_for_any_text(self, some: list[str]) -> None:
        every = [*some, " ".join(some * 4)]
        found = identify_texts(pa.array(every, pa.string()))
        assert all(are_the_same(ours, plain.identify(text)) for text, ours in zip(every, found, strict=True))
        assert [identify(text) for text in every] == found

    def test_parts_of_a_column_nulls_and_halves_of_characters(self) -> None:
        column = pa.array(["Das ist ein Haus.", None, "", "This is a house on a hill."])
        assert [found.language for found in identify_texts(column.slice(1))] == ["und", "und", "en"]
        assert identify_texts(column.cast(pa.large_string())) == identify_texts(column.dictionary_encode()) == identify_texts(column)
        assert identify("This is a house on a hill.\ud800") == identify("This is a house on a hill.?")
        assert identify_texts(pa.array([], pa.string())) == []


class TestProse:
    @given(st.lists(texts, max_size=6))
    @settings(max_examples=300)
    def test_it_is_the_plain_one(self, some: list[str]) -> None:
        prose = Prose.of(TextSpans.of(pa.array(some, pa.string())))
        for row, text in enumerate(some):
            words = plain.prose_of(text)
            line = " ".join(words)
            characters, count, capitals, letters = prose.counts[row].tolist()
            assert line_of(prose.lines, row) == line
            assert (characters, count, capitals) == (len(line), len(words), sum(word[0].isupper() for word in words))
            assert letters == 2 or bool(letters) == any(map(str.isalpha, line))

    @pytest.mark.parametrize("inside", [0, 1, 299, 300, 301])
    @pytest.mark.parametrize("character", ["x", "é", "日", " "])
    def test_tags_of_every_length(self, inside: int, character: str) -> None:
        text = f"one<b{character * inside}>two </i{character * inside}> three <{character * inside}"
        prose = Prose.of(TextSpans.of(pa.array([text])))
        assert line_of(prose.lines, 0) == " ".join(plain.prose_of(text))

    @given(
        st.lists(
            st.lists(st.sampled_from(["a", "é", "日", " ", "word ", "x" * 149, "x" * 301, "y " * 80, "cookie"]), max_size=30).map("".join), max_size=4
        )
    )
    def test_pieces_are_the_plain_ones(self, some: list[str]) -> None:
        self.check([" ".join(text.split()) for text in some])

    @pytest.mark.parametrize("characters", [3_000_299, 3_000_300, 3_100_000, 6_000_123])
    @pytest.mark.parametrize("words", ["word ", "日本 語", "x"])
    def test_pieces_of_very_long_texts_are_the_plain_ones(self, characters: int, words: str) -> None:
        self.check([(words * (characters // len(words) + 1))[:characters].strip()])

    def check(self, some: list[str]) -> None:
        lines = spans_of([text.encode() for text in some])
        prose = Prose.of(lines)
        pieces = Pieces.of(lines, prose.counts[:, CHARACTERS].copy(), 300, 450, 10_000)
        found = [line_of(pieces.spans, piece) for piece in range(len(pieces.spans))]
        expected = [plain.pieces_of(text) for text in some]
        assert found == [piece for text in expected for piece in text]
        assert pieces.counts.tolist() == [len(text) for text in expected]
        assert pieces.characters.tolist() == [len(piece) for piece in found]
        assert pieces.notices.tolist() == ["ookie" in piece for piece in found]
