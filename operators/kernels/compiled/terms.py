"""The terms of texts as a search by words counts them, and the lists of the rows that have each."""

from __future__ import annotations

from typing import Any

import numpy as np

from operators.kernels.characters import DIGIT, LETTER, MARK, SCRIPT_SHIFT
from operators.kernels.compiled.compiler import borrowing, compiled
from operators.kernels.compiled.hashing import FIRST, mix, next_hash, slot_of
from operators.kernels.compiled.utf8 import decode, flags_of, lower_of

_HANGUL_FIRST, _HANGUL_LAST = 0xAC00, 0xD7A3


@borrowing
def cut_terms(data: Any, start: Any, end: Any, flags: Any, lower: Any, out: Any) -> Any:
    """Write the hash of each term of a text, in lower case, and return how many there are.

    Terms are words (runs of letters, digits and marks); in scripts without spaces, and in Hangul, each character with its marks, and each two of them
    that stand side by side. A character that `lower` makes 0 is left out.
    """
    count, position = 0, start
    word, alone, paired = FIRST, FIRST, FIRST
    in_word, in_pairs, has_pair = False, False, False
    while position < end:
        code, position = decode(data, position, end)
        bits = flags_of(code, flags)
        code = lower_of(code, lower)
        if not code:
            continue
        if not bits & (LETTER | DIGIT | MARK):
            count = _end(count, word, alone, paired, in_word, in_pairs, has_pair, out)
            in_word, in_pairs, has_pair = False, False, False
            continue
        if bits & MARK and in_pairs:
            alone, paired = next_hash(alone, code), next_hash(paired, code)
        elif (bits >> SCRIPT_SHIFT) & 7 or _HANGUL_FIRST <= code <= _HANGUL_LAST:
            count = _end(count, word, alone, paired, in_word, in_pairs, has_pair, out)
            has_pair = in_pairs
            paired = next_hash(alone, code)
            alone = next_hash(FIRST, code)
            in_word, in_pairs = False, True
        else:
            if not in_word:
                count = _end(count, word, alone, paired, in_word, in_pairs, has_pair, out)
                in_word, in_pairs, has_pair = True, False, False
                word = FIRST
            word = next_hash(word, code)
    return _end(count, word, alone, paired, in_word, in_pairs, has_pair, out)


@borrowing
def _end(count: Any, word: Any, alone: Any, paired: Any, in_word: Any, in_pairs: Any, has_pair: Any, out: Any) -> Any:
    """Write what is open; 0 stands for no term in tables."""
    if in_word:
        out[count] = max(mix(word), np.uint64(1))
        count += 1
    if in_pairs:
        out[count] = max(mix(alone), np.uint64(1))
        count += 1
        if has_pair:
            out[count] = max(mix(paired), np.uint64(1))
            count += 1
    return count


@compiled
def count_terms(data: Any, starts: Any, ends: Any, flags: Any, lower: Any, hashes: Any, counts: Any, different: Any, lengths: Any) -> Any:
    """Write the different terms of each text with how often each occurs, text after text; return how many in all. `different`: how many of each text,
    `lengths`: its terms, repetitions included."""
    total = 0
    for row in range(len(starts)):
        length = cut_terms(data, starts[row], ends[row], flags, lower, hashes[total:])
        lengths[row] = length
        ordered = np.sort(hashes[total : total + length])
        first = total
        for place in range(length):
            if place and ordered[place] == ordered[place - 1]:
                counts[total - 1] += 1
            else:
                hashes[total], counts[total] = ordered[place], 1
                total += 1
        different[row] = total - first
    return total


@borrowing
def number_terms(hashes: Any, keys: Any, numbers: Any, known: Any, out: Any) -> Any:
    """Write the number of each term; a new one gets the next. Return how many are known then. `keys` is a table with room for all."""
    mask = len(keys) - 1
    for place in range(len(hashes)):
        slot = slot_of(hashes[place], keys, mask)
        if keys[slot] == 0:
            keys[slot], numbers[slot] = hashes[place], known
            known += 1
        out[place] = numbers[slot]
    return known


@borrowing
def move_terms(keys: Any, numbers: Any, new_keys: Any, new_numbers: Any) -> None:
    """Put everything into a larger table."""
    for slot in range(len(keys)):
        if keys[slot] != 0:
            place = slot_of(keys[slot], new_keys, len(new_keys) - 1)
            new_keys[place], new_numbers[place] = keys[slot], numbers[slot]


@borrowing
def fill_postings(
    terms: Any, counts: Any, different: Any, lengths: Any, first_row: Any, mean: Any, k1: Any, b: Any, idf: Any, at: Any, rows: Any, impacts: Any
) -> None:
    """Write, for some rows in order, each of their terms to the list of the term: the row, and what the term adds to its score. `at`: where the next
    entry of each term goes."""
    place = 0
    for text in range(len(different)):
        norm = k1 * (1 - b + b * lengths[text] / mean)
        for _ in range(different[text]):
            term, count = terms[place], counts[place]
            rows[at[term]] = first_row + text
            impacts[at[term]] = idf[term] * count / (count + norm)
            at[term] += 1
            place += 1


@compiled
def best_rows(
    terms: Any, firsts: Any, starts: Any, rows: Any, impacts: Any, allowed: Any, top: Any, scores: Any, best: Any, best_scores: Any, found: Any
) -> None:
    """For each query, whose terms are `terms[firsts[query]:firsts[query + 1]]`, the rows of the highest sums of impacts, the best first; of equal
    ones the earlier row. `allowed`: for each row whether it may be found, or empty. `scores`: zeros, one a row, and zeros again afterwards."""
    for query in range(len(firsts) - 1):
        for place in range(firsts[query], firsts[query + 1]):
            for entry in range(starts[terms[place]], starts[terms[place] + 1]):
                scores[rows[entry]] += impacts[entry]
        count, least = 0, np.float32(0)
        for row in range(len(scores)):
            score = scores[row]
            if score <= least or (len(allowed) and not allowed[row]):
                continue
            at = count if count < top else top - 1
            count = min(count + 1, top)
            while at and score > best_scores[query, at - 1]:
                best[query, at], best_scores[query, at] = best[query, at - 1], best_scores[query, at - 1]
                at -= 1
            best[query, at], best_scores[query, at] = row, score
            if count == top:
                least = best_scores[query, top - 1]
        scores[:] = 0
        found[query] = count
