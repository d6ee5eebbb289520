"""Which answer belongs to which question of a book, where they stand apart."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Key(NamedTuple):
    """`chapter` is empty where no heading says it."""

    chapter: str
    label: str


def aligned(questions: Sequence[Key], answers: Sequence[Key]) -> dict[int, int]:
    """Question -> its answer, as places in the two sequences, each in the order of the book. What is not certain has no answer here.

    A pair is certain where chapter and label are equal and nothing else has both. Of the rest, chapters that only one side has, such as "Answers",
    say nothing; there, labels are matched in order, and only where every longest matching in order agrees.

    >>> aligned([Key("1", "1"), Key("1", "2"), Key("2", "1")], [Key("", "1"), Key("", "2"), Key("", "1")])
    {0: 0, 1: 1, 2: 2}
    >>> aligned([Key("1", "1"), Key("2", "1")], [Key("", "1")])
    {}
    """
    found = _by_name(questions, answers)
    left = [place for place in range(len(questions)) if place not in found]
    free = [place for place in range(len(answers)) if place not in set(found.values())]
    shared = {key.chapter for key in questions} & {key.chapter for key in answers}
    known = [_told(questions[place], shared) for place in left], [_told(answers[place], shared) for place in free]
    return dict(sorted((found | {left[one]: free[other] for one, other in _in_order(*known)}).items()))


def _by_name(questions: Sequence[Key], answers: Sequence[Key]) -> dict[int, int]:
    counts = Counter(questions), Counter(answers)
    at = {key: place for place, key in enumerate(answers)}
    once = {key for key in counts[0] if key.chapter and counts[0][key] == 1 == counts[1][key]}
    return {place: at[key] for place, key in enumerate(questions) if key in once}


def _told(key: Key, shared: Iterable[str]) -> Key:
    return key if key.chapter in shared else Key("", key.label)


def _in_order(questions: Sequence[Key], answers: Sequence[Key]) -> list[tuple[int, int]]:
    """Pairs that stand in every longest common subsequence."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(answers):
        places[key.label].append(place)
    pairs = [(one, other) for one, key in enumerate(questions) for other in places[key.label] if _agree(key, answers[other])]
    before = _lengths(pairs)
    last = len(questions), len(answers)
    mirrored = _lengths([(last[0] - one, last[1] - other) for one, other in reversed(pairs)])
    after = list(reversed(mirrored))
    longest = max(before, default=0)
    used = [pair for pair, head, tail in zip(pairs, before, after, strict=True) if head + tail - 1 == longest]
    of_question, of_answer = Counter(one for one, _ in used), Counter(other for _, other in used)
    return [(one, other) for one, other in used if of_question[one] == 1 == of_answer[other]]


def _agree(question: Key, answer: Key) -> bool:
    return question.chapter == answer.chapter or not (question.chapter and answer.chapter)


def _lengths(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Of each pair, sorted by its first place, how long the longest rising sequence is that ends with it. Source: Hunt, Szymanski 1977."""
    lengths, ends = [0] * len(pairs), list[int]()
    start = 0
    while start < len(pairs):
        stop = start
        while stop < len(pairs) and pairs[stop][0] == pairs[start][0]:
            stop += 1
        for place in sorted(range(start, stop), key=lambda one: -pairs[one][1]):
            position = bisect_left(ends, pairs[place][1])
            ends[position : position + 1] = [pairs[place][1]]
            lengths[place] = position + 1
        start = stop
    return lengths
