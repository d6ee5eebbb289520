"""The kernels count what the plain definitions count, over any Unicode, however the Arrow array is laid out."""

from __future__ import annotations

import html
import re
import string

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from operators.kernels import TextStatistics
from operators.kernels import characters as table
from operators.kernels.c4_lines import keep_c4_lines
from operators.kernels.word_lists import GOPHER_STOP_WORDS
from tests.kernels import definitions

ODD_PIECES = [
    *(
        "the",
        "The",
        "THE",
        "of",
        "A1",
        "I",
        "don't",
        "e.g.",
        "U.S.",
        "Dr.",
        "3.5",
        "...",
        "…",
        "--",
        "#",
        "•",
        "- ",
        "1. ",
        "(2) ",
        "{",
        "}",
        "?",
        "!",
        '."',
        ",",
    ),
    *(
        " ",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\t",
        "\u2028",
        "\x85",
        "\x0b",
        "\u3000",
        "\xa0",
        "\x00",
        "\ufffd",
        "\ufeff",
        "\u200b",
        "\u202e",
        "\x1c",
    ),
    *(
        "我们在北京大学学习。",
        "的",
        "「你好」",
        "，",
        "ひらがなです",
        "カタカナ",
        "コンピュータ",
        "漢字",
        "ภาษาไทย",
        "ກ",
        "ខ្មែរ",
        "မြန်မာ",
        "한국어",
        "עברית",
        "العربية",
        "،",
    ),
    *(
        "👩\u200d👩\u200d👧",
        "1️⃣",
        "🇩🇪",
        "𝔘",
        "𠀀",
        "\U000e0001",
        "\U000f0000",
        "ﬁ",
        "İ",
        "ß",
        "é",
        "e\u0301",
        "ǅ",
        "Ⅷ",
        "²",
        "٣",
        "&amp;",
        "&#160;",
        "&#x1F;",
        "&nope;",
        "http://a.b/?x=1&lt;",
    ),
]
texts = st.lists(st.one_of(st.sampled_from(ODD_PIECES), st.text(max_size=6), st.sampled_from(["a b ", "x y\n", "to be "])), max_size=40).map("".join)
batches = st.lists(st.one_of(texts, st.none()), max_size=6)
moderate = settings(deadline=None, max_examples=150)


def statistics(*values: str | None) -> TextStatistics:
    return TextStatistics.of(pa.array(values, pa.string()))


def one(text: str, name: str) -> int:
    return int(getattr(statistics(text), name)[0])


@given(texts)
@moderate
def test_words_are_runs_of_non_space_characters_cut_in_scripts_without_spaces(text: str) -> None:
    words = definitions.words(text)
    counted = statistics(text)
    assert counted.words[0] == len(words)
    assert counted.word_characters[0] == sum(map(len, words))
    assert counted.longest_word[0] == max(map(len, words), default=0)
    assert counted.alphabetic_words[0] == sum(any(map(definitions.is_letter, word)) for word in words)
    assert counted.upper_case_words[0] == sum(map(definitions.upper_case, words))
    symbols = [word for word in words if not any(map(definitions.is_content, word))]
    assert (counted.symbol_words[0], counted.symbol_word_characters[0]) == (len(symbols), sum(map(len, symbols)))
    assert counted.unique_words[0] == len(set(map(definitions.folded, words)))


def test_every_character_there_is_counts_as_what_unicode_says() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    counted = statistics(*characters)
    words = [not character.isspace() for character in characters]
    symbols = [word and not definitions.is_content(character) for word, character in zip(words, characters, strict=True)]
    letters = [definitions.is_letter(character) for character in characters]
    for name, expected in (("words", words), ("symbol_words", symbols), ("alphabetic_words", letters)):
        differ = np.flatnonzero(np.asarray(getattr(counted, name)) != np.array(expected))
        assert not len(differ), (name, [hex(ord(characters[place])) for place in differ[:5]])


@given(texts)
@moderate
def test_characters_are_code_points(text: str) -> None:
    counted = statistics(text)
    assert counted.characters[0] == len(text)
    assert counted.space_characters[0] == sum(map(str.isspace, text))
    assert counted.letters[0] == sum(map(definitions.is_letter, text))
    assert counted.upper_case_letters[0] == sum(map(str.isupper, text))
    assert counted.curly_brackets[0] == text.count("{") + text.count("}")
    assert counted.hash_signs[0] == text.count("#")
    assert counted.ellipses[0] == text.count("...") + text.count("…")
    assert counted.line_feeds[0] == text.count("\n")
    assert counted.odd_characters[0] == sum(bool(definitions.flags(character) & table.ODD) for character in text)


@given(texts)
@moderate
def test_lines_are_those_of_splitlines(text: str) -> None:
    counted, lines = statistics(text), definitions.lines(text)
    assert counted.lines[0] == len(lines)
    assert counted.blank_lines[0] == len(text.splitlines()) - len(lines)
    assert counted.line_characters[0] == sum(map(len, lines))
    assert counted.short_lines[0] == sum(len(line) <= 30 for line in lines)
    assert counted.lines_up_to(5)[0] == sum(len(line) <= 5 for line in lines)
    assert counted.ellipsis_lines[0] == sum(line.rstrip().endswith(("...", "…")) for line in lines)
    assert counted.terminal_lines[0] == sum(bool(definitions.flags(line.rstrip()[-1]) & table.TERMINAL) for line in lines)
    assert (counted.duplicate_lines[0], counted.duplicate_line_characters[0]) == definitions.duplicates(lines)
    stripped = text.strip()
    assert counted.last_character[0] == (ord(stripped[-1]) if stripped else 0)


@given(texts)
@moderate
def test_paragraphs_are_lines_between_blank_ones(text: str) -> None:
    counted, paragraphs = statistics(text), definitions.paragraphs(text)
    assert counted.paragraphs[0] == len(paragraphs)
    assert (counted.duplicate_paragraphs[0], counted.duplicate_paragraph_characters[0]) == definitions.duplicates(paragraphs)


def test_a_paragraph_of_a_line_twice_is_not_that_line() -> None:
    assert one("same\n\nsame\nsame", "duplicate_paragraphs") == 0
    assert one("same\n\nsame", "duplicate_paragraphs") == 1


@given(st.lists(st.sampled_from(["a", "b", "B", "cc", "的", "我们", "x,"]), max_size=80), st.sampled_from([" ", "\n", ""]))
@moderate
def test_repetition_is_that_of_the_plain_definition_though_most_of_it_is_skipped(words: list[str], space: str) -> None:
    text = space.join(words)
    counted = statistics(text)
    for n in range(2, 5):
        assert getattr(counted, f"top_{n}_gram_characters")[0] == definitions.top_gram_characters(text, n)
        assert getattr(counted, f"first_{n}_gram_characters")[0] == definitions.first_gram_characters(text, n)
    for n in range(5, 11):
        assert getattr(counted, f"duplicate_{n}_gram_characters")[0] == definitions.duplicate_gram_characters(text, n)


@given(st.lists(st.sampled_from(["a b c d e f", "g h", "1 2 3 4 5 6 7 8 9 10 11", "x"]), max_size=30))
@moderate
def test_repeated_passages_are_found_at_every_length(passages: list[str]) -> None:
    text = " ".join(passages)
    counted = statistics(text)
    for n in range(5, 11):
        assert getattr(counted, f"duplicate_{n}_gram_characters")[0] == definitions.duplicate_gram_characters(text, n)


C4_PIECES = [
    *("One two three.", "So it is! ", "no end", "a b c", "...", ".", "?", '"', "'", "[1]", "[edit]", "[citation needed]", "[x]", "{", "(", "x" * 60),
    *("lorem ipsum", "Lorem Ipsum dolor", "JavaScript", "java", "script", "terms of use", "Privacy Policy", "cookie policy", "it uses cookies"),
    *("use of COOKIES", "use cookies", "cookies", "\n", "\n", "\r\n", "\u2028", "\x85", " ", "\xa0", "\u3000", "é", "漢字。", "y" * 1001),
]


@given(st.lists(st.sampled_from(C4_PIECES), max_size=25))
@moderate
def test_the_lines_that_c4_keeps_are_those_of_its_code(pieces: list[str]) -> None:
    text = "".join(pieces)
    kept = definitions.c4_lines(text)
    counted = statistics(text)
    assert counted.c4_lines[0] == len(kept)
    assert counted.c4_forbidden_lines[0] == sum(forbids for _, forbids in kept)
    assert counted.c4_sentences[0] == sum(max(1, one(line, "sentences")) for line, _ in kept)
    assert keep_c4_lines(pa.array([text])).to_pylist() == ["\n".join(line for line, _ in kept)]


@given(st.integers(0, 200), st.sampled_from(ODD_PIECES), st.sampled_from(ODD_PIECES))
@moderate
def test_where_a_text_stands_among_blocks_of_64_bytes_changes_nothing(before: int, left: str, right: str) -> None:
    text = f"{left}The end of it.{right}\n" * 8
    placed = pa.array(["x" * before, text, "y"]).slice(1, 1)
    for group in ("characters", "words", "lines", "repetition", "c4"):
        assert TextStatistics.of(placed).counts(group).tolist() == statistics(text).counts(group).tolist()


@given(batches)
@moderate
def test_words_and_lines_of_programs_are_counted_as_those_of_prose_are(values: list[str | None]) -> None:
    prose, plain = (TextStatistics.of(pa.array(values, pa.string()), prose=kind) for kind in (True, False))
    in_programs = ("words", "word_characters", "alphabetic_words", "upper_case_words", "symbol_words", "symbol_word_characters", "unspaced_words")
    of_lines = ("lines", "blank_lines", "line_characters", "short_lines", "longest_line", "duplicate_lines", "mark_lines", "duplicate_mark_lines")
    of_prose = ("sentences", "top_2_gram_characters", "bullet_lines", "duplicate_paragraphs", "last_character")
    repeated = [f"duplicate_{n}_gram_characters" for n in range(5, 11)]
    for name in (*in_programs, "longest_word", "word_entropy", *repeated, *of_lines, *of_prose, "words", "lines", *repeated):
        assert getattr(plain, name).tolist() == getattr(prose, name).tolist()


def test_a_set_of_words_too_large_to_tell_apart_is_refused() -> None:
    words = [f"w{number}" for number in range(65)]
    found = statistics(" ".join(words)).members(words[:64])
    assert (found.occurrences.tolist(), found.distinct.tolist()) == ([64], [64])
    with pytest.raises(ValueError, match="at most 64"):
        statistics("w1").members(words)


@given(batches, st.data())
@moderate
def test_nulls_slices_chunks_and_offset_widths_change_nothing(values: list[str | None], data: st.DataObject) -> None:
    expected = [one(value or "", "words") for value in values]
    first = data.draw(st.integers(0, len(values)))
    padded = pa.array(["before", *values, None, "after"], data.draw(st.sampled_from([pa.string(), pa.large_string(), pa.string_view()])))
    sliced = padded.slice(1, len(values))
    assert TextStatistics.of(sliced).words.tolist() == expected
    assert TextStatistics.of(sliced).null.tolist() == [value is None for value in values]
    chunked = pa.chunked_array([sliced.slice(0, first), sliced.slice(first)])
    assert TextStatistics.of(chunked).words.tolist() == expected


@given(batches, st.data())
@moderate
def test_filtering_gives_the_statistics_of_the_rows_that_are_left(values: list[str | None], data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), bool)
    left = [value for value, kept in zip(values, mask, strict=True) if kept]
    whole = TextStatistics.of(pa.array(values, pa.string()))
    whole.words  # noqa: B018 counted before filtering; characters after
    filtered = whole.filter(mask)
    assert len(filtered) == len(left)
    for name in ("words", "characters", "top_2_gram_characters"):
        assert getattr(filtered, name).tolist() == [one(value or "", name) for value in left]


def test_what_was_counted_is_not_counted_again_after_filtering(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = statistics("a b", "c")
    assert whole.words.tolist() == [2, 1]
    monkeypatch.setattr(TextStatistics, "_count_part", lambda *_: pytest.fail("counted again"))
    assert whole.filter(np.array([True, False])).unique_words.tolist() == [2]


@pytest.mark.parametrize("values", [[], [None], [""], [None, None, ""]])
def test_empty_batches_have_zeros(values: list[str | None]) -> None:
    for type_ in (pa.string(), pa.large_string()):
        counted = TextStatistics.of(pa.array(values, type_))
        assert counted.words.tolist() == counted.lines.tolist() == counted.sentences.tolist() == [0] * len(values)
        assert counted.phrases(["x"]).lines.tolist() == [0] * len(values)
    assert TextStatistics.of(pa.chunked_array([], pa.string())).words.tolist() == []


def test_a_column_that_is_not_text_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="string column, not int64"):
        TextStatistics.of(pa.array([1, 2]))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("No mark at the end", 1),
        ("One. Two! Three?", 3),
        ("Dr. Smith paid 3.5 dollars. He left.", 2),
        ("We met J. R. Hartley, e.g. in the U.S. Army. Good!", 2),
        ("今天天气很好。我们去公园！你去吗？好的。", 4),
        ("これは本です。あれは？", 2),
        ('He said "Stop." Then he left. ', 2),
        ("A heading\n\nA paragraph. Another one", 3),
        ("It goes on... and on. It stops... Then more.", 3),
        ("Wrapped\nlines of one\nsentence.", 1),
        ("1. First item\n2. Second item", 1),
        ("यह एक वाक्य है। यह दूसरा है।", 2),
        ("هل هذا سؤال؟ نعم.", 2),
        ("Really?! Yes !", 2),
        ("See example.com for more. Bye.", 2),
    ],
)
def test_sentences_end_at_marks_of_every_script_but_not_at_abbreviations_or_decimals(text: str, sentences: int) -> None:
    assert one(text, "sentences") == sentences


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("", 0),
        ("one two three, four", 3),
        ("one two\nthree", 2),
        ("a b – c d e f", 4),
        ("a b. c", 2),
        ("今天天气很好，我们去公园玩", 4),
        ("- x y", 2),
        ("3.5 and well-known words", 4),
    ],
)
def test_the_longest_run_ends_at_punctuation_of_every_script(text: str, run: int) -> None:
    assert one(text, "longest_unpunctuated_run") == run


@pytest.mark.parametrize(
    ("line", "is_item"),
    [
        *(
            ("- item", True),
            ("* item", True),
            ("+ item", True),
            ("• item", True),
            ("  ▪item", True),
            ("12. item", True),
            ("3) item", True),
            ("(4) item", True),
            ("１．項目", True),
        ),
        *(
            ("– Dialogue", False),
            ("— Dialogue", False),
            ("-5 degrees", False),
            ("3.5 percent", False),
            ("1984 was", False),
            ("1234. x", False),
            ("**bold**", False),
            ("", False),
        ),
    ],
)
def test_bullets_are_markdown_numbers_and_signs_but_not_dialogue(line: str, is_item: bool) -> None:
    assert one(line, "bullet_lines") == is_item


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        *(("a &amp; b &#160; &#x1F; &hellip;", 4), ("fish & chips; AT&T;", 0), ("&lt", 0), ("&#1114112; &#; &#x; &#0;", 0), ("&NotAnEntity;", 0)),
        *(("see http://a.b/?x=1&lt;=2 and &lt;", 1), ("www.a.b/?x&amp;y", 0), ("&CounterClockwiseContourIntegral;", 1), ("(&nbsp;)", 1)),
    ],
)
def test_entities_are_known_names_and_numbers_with_a_semicolon_outside_urls(text: str, entities: int) -> None:
    assert one(text, "html_entities") == entities


@given(st.text("&#xX0123456789abcdefgltmpn; ", max_size=30))
@moderate
def test_every_entity_found_is_one_that_the_standard_library_decodes(text: str) -> None:
    named = [entity for entity in re.findall(r"&[A-Za-z0-9]+;", text) if entity[1:] in html.entities.html5]
    numbers = [int(digits, 10) for digits in re.findall(r"&#([0-9]{1,30});", text)] + [
        int(digits, 16) for digits in re.findall(r"&#[xX]([0-9a-f]{1,30});", text)
    ]
    assert one(text, "html_entities") == len(named) + sum(0 < number <= 0x10FFFF for number in numbers)


PIECES_OF_ENTITIES = ["&amp;", "&lt", "&#12;", "&", ";", "://", ":", "/", "www", "WWW.", ".", " ", "\n", "\x1f", "é", "x" * 61]


@given(st.lists(st.sampled_from(PIECES_OF_ENTITIES), max_size=40))
@moderate
def test_entities_of_an_address_are_not_counted(pieces: list[str]) -> None:
    assert one("".join(pieces), "html_entities") == definitions.entities("".join(pieces))


PIECES_OF_ADDRESSES = [
    "http",
    "://",
    "www.",
    "WWW.",
    "a",
    "b1",
    "@",
    ".",
    "/",
    "\\",
    "#",
    "](#",
    "(",
    " ",
    "\n",
    "\u3000",
    "\u4e2d",
    "\u00e9",
    "_",
    "x" * 20,
    "## ",
    "#3",
]


@given(st.lists(st.sampled_from(PIECES_OF_ADDRESSES), max_size=12).map("".join))
@example("http@.http")
@moderate
def test_addresses_and_hashtags_are_those_of_the_plain_definitions(text: str) -> None:
    counted = statistics(text)
    found = [
        word
        for run in text.split()
        if definitions.has_address(run)
        for word in definitions.words(run)
        if any(map(definitions.is_content, word)) and not any(definitions.script(character) for character in word)
    ]
    assert (counted.address_words[0], counted.address_word_characters[0]) == (len(found), sum(map(len, found)))
    assert counted.hashtag_signs[0] == definitions.hashtag_signs(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("see https://example.org/a?b=c#d now", 1),
        ("[docs](https://example.org/a) and (www.example.org)", 2),
        ("write to anna@example.org or to @anna", 1),
        ("in /usr/share/doc/x and C:\\a\\b\\c", 2),
        ("either/or, 24/7, 1/2/2024, http:, user@host", 0),
        ("aGVsbG8/" + "A" * 40 + "/" + "B" * 40 + "/x", 0),
        ("\u8bf7\u770b https://example.org/a \u8c22\u8c22", 1),
    ],
)
def test_addresses_are_of_the_web_of_mail_and_of_files(text: str, words: int) -> None:
    assert one(text, "address_words") == words


@pytest.mark.parametrize(
    ("text", "signs"),
    [("## Title\n\n### Part", 0), ("#love #peace", 2), ("mends #12 and #13", 0), ("[top](#top)", 0), ("https://example.org/#a", 0), ("a # b", 1)],
)
def test_hash_signs_of_headings_numbers_and_links_are_those_of_no_hashtag(text: str, signs: int) -> None:
    assert one(text, "hashtag_signs") == signs


@given(st.lists(st.sampled_from(["{", "}", "\\frac", "^", "_", "\\", "a", " ", "\n\n", "1", "}{"]), max_size=20).map("".join))
@moderate
def test_brackets_of_formulas_are_those_of_the_plain_definition(text: str) -> None:
    assert one(text, "curly_brackets_outside_formulas") == definitions.brackets_outside_formulas(text)


@pytest.mark.parametrize(
    ("text", "brackets"),
    [(r"$\frac{1}{1+x^{2}}$ and $\{a_{1}\}$", 0), ("if (x) { return {a: 1}; }", 4), ("{{ name }}", 4), (r"\begin{x}" + "\n\n" + "{", 1), ("}", 1)],
)
def test_brackets_of_formulas_are_no_code(text: str, brackets: int) -> None:
    assert one(text, "curly_brackets_outside_formulas") == brackets


def test_bars_between_cells_are_marks() -> None:
    assert one("| a | b |\n| - | - |\n| c + d | e |", "mark_words") == 11


def test_phrases_match_in_either_case_and_lines_are_counted_once() -> None:
    found = statistics("Lorem Ipsum lorem ipsum\nLOREM IPSUM", "lorem", None, "Größe größe").phrases(["lorem ipsum", "größe"])
    assert found.occurrences.tolist() == [3, 0, 0, 2]
    assert found.lines.tolist() == [2, 0, 0, 1]


PHRASES = ["javascript", "java", "lorem ipsum", "or", "größe", "a", "{", "é"]


@given(st.lists(st.sampled_from([*PHRASES, "JavaScript", "Lorem", "jav", "ips", "um", "Ö", " ", "\n", "\r\n", "x" * 61]), max_size=40), st.data())
@moderate
def test_phrases_are_counted_as_a_regular_expression_finds_them(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    wanted = data.draw(st.lists(st.sampled_from(PHRASES), min_size=1, unique=True))
    found = statistics("java\nlorem", text, "ript").phrases(wanted)
    assert (found.occurrences[1], found.lines[1]) == definitions.phrases(text, wanted)


def test_phrases_are_counted_however_many_there_are() -> None:
    many = [first + second for first in string.ascii_lowercase for second in string.ascii_lowercase]
    text = "Lorem ipsum\nÖ, ab\r\n" * 20
    found = statistics(text).phrases(many)
    assert (found.occurrences[0], found.lines[0]) == definitions.phrases(text, many)


def test_members_are_found_without_case_and_punctuation() -> None:
    counted = statistics('The cat and "the" dog, AND more.', "them andy")
    assert [column.tolist() for column in counted.members(["the", "and"])] == [[4, 0], [2, 0]]
    assert [column.tolist() for column in counted.members(GOPHER_STOP_WORDS)] == [[4, 0], [2, 0]]


def test_distinct_words_of_long_texts_are_counted_in_windows_so_that_their_share_does_not_fall_with_length() -> None:
    vocabulary = " ".join(f"w{number}" for number in range(500))
    counted = statistics(" ".join([vocabulary] * 20), vocabulary)
    assert counted.unique_words.tolist() == [500, 500]
    assert counted.windowed_words.tolist() == [10_000, 500]
    assert counted.windowed_unique_words.tolist() == [5_000, 500]


def test_a_huge_document_needs_no_more_than_its_own_length() -> None:
    counted = statistics("word " * 2_000_000, "的" * 1_000_000, "x")
    assert counted.words.tolist() == [2_000_000, 1_000_000, 1]
    assert counted.duplicate_10_gram_characters[0] > 7_000_000
