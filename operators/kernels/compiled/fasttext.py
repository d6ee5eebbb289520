"""What fastText's `predict` computes: the labels of a line, from the vectors of its words and of their subwords, and a tree of labels."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np

from operators.kernels.compiled.blocks import count_ones, item, low_bits
from operators.kernels.compiled.compiler import borrowing, compiled, inlined
from operators.kernels.compiled.hashing import hash_bytes, mix, slot_of

WAYS = 4
"""A word may stand in so many slots of the table of known words, side by side. Where they are full, one is given to the newer word."""
_LONGEST_KNOWN = 48
"""Longer words, in bytes, are not kept: few are met again. A sentence of Chinese is one word."""
_FNV_FIRST, _FNV_STEP = np.uint32(2166136261), np.uint32(16777619)
_LESS_THAN, _GREATER_THAN, _SPACE, _LINE_FEED = 0x3C, 0x3E, 0x20, 0x0A
_ONE, _NOTHING = np.float32(1), np.float32(0)


@inlined
def key_of(data: Any, first: Any, last: Any) -> Any:
    """64 bits for a word; 0 is no word."""
    return max(mix(hash_bytes(data, first, last)), np.uint64(1))


@borrowing
def number_words(data: Any, starts: Any, ends: Any, keys: Any, rows: Any) -> None:
    """Fill a table of the words of the model: `rows[slot]` is the number of the word whose key is `keys[slot]`."""
    for row in range(len(starts)):
        key = key_of(data, starts[row], ends[row])
        slot = slot_of(key, keys, len(keys) - 1)
        keys[slot], rows[slot] = key, row


@compiled
def predict(data: Any, starts: Any, ends: Any, model: Any, known: Any, most: Any, least: Any, labels: Any, probabilities: Any, counts: Any) -> Any:
    """Write the likeliest labels of each line, the likeliest first, at most `most` and none below `least`; return how many in all.

    `model`: the arrays of `operators.kernels.fasttext.Model`. `known`: the keys of words, their sums and how many vectors these are of, which are
    used and added to; the last row of sums has no key and belongs to nobody. `counts`: how many labels each line has.
    """
    outputs, tree = model[1], model[2]
    hidden = np.empty(outputs.shape[1], np.float32)
    nodes, scores = np.empty(len(tree), np.int32), np.empty(len(tree), np.float32)
    total = 0
    for row in range(len(starts)):
        hidden[:] = 0
        added = _add_line(data, starts[row], ends[row], model, known, hidden)
        counts[row] = 0
        if added:
            scale = np.float32(1 / added)
            for place in range(len(hidden)):
                hidden[place] *= scale
            counts[row] = _find_labels(hidden, outputs, tree, most, least, nodes, scores, labels[total:], probabilities[total:])
        total += counts[row]
    return total


@inlined
def _add_line(data: Any, start: Any, end: Any, model: Any, known: Any, hidden: Any) -> Any:
    """Add the vectors of the line's words, and of its end; return how many. It ends at a line feed, or at the word that stands for one."""
    added, at = 0, start
    while at < end:
        byte = item(data, at)
        if byte == _LINE_FEED:
            break
        if _separates(byte):
            at += 1
            continue
        first = at
        while at < end and not _separates(item(data, at)):
            at += 1
        if _is_end_of_line(data, first, at):
            break
        added += _add_word(data, first, at, model, known, hidden)
    end_of_line = model[-1][3]
    if end_of_line >= 0:
        _add(model[0], end_of_line, hidden)
        added += 1
    return added


@inlined
def _separates(byte: Any) -> Any:
    """White space for fastText: that of C, and NUL."""
    return byte <= _SPACE and (byte == _SPACE or byte == 0 or (byte >= 0x09 and byte <= 0x0D))


@inlined
def _is_end_of_line(data: Any, first: Any, last: Any) -> Any:
    return last - first == 4 and data[first] == 0x3C and data[first + 1] == 0x2F and data[first + 2] == 0x73 and data[first + 3] == 0x3E


@inlined
def _is_label(data: Any, first: Any, last: Any) -> Any:
    """ "__label__" and more."""
    if last - first < 9 or data[first] != 0x5F or data[first + 1] != 0x5F or data[first + 7] != 0x5F or data[first + 8] != 0x5F:
        return False
    return data[first + 2] == 0x6C and data[first + 3] == 0x61 and data[first + 4] == 0x62 and data[first + 5] == 0x65 and data[first + 6] == 0x6C


@inlined
def _add_word(data: Any, first: Any, last: Any, model: Any, known: Any, hidden: Any) -> Any:
    """Add the sum of a word's vectors, from the table of known words where it is there; return how many these are."""
    keys, sums, sizes = known
    key = key_of(data, first, last)
    slot = len(keys)
    if last - first <= _LONGEST_KNOWN:
        place = np.int64(key >> np.uint64(20)) & (len(keys) - WAYS)
        for way in range(WAYS):
            if item(keys, place + way) == key:
                _add(sums, place + way, hidden)
                return np.int64(sizes[place + way])
        slot = place + np.int64(key & np.uint64(WAYS - 1))
        for way in range(WAYS):
            if keys[place + way] == 0:
                slot = place + way
                break
        keys[slot] = key
    size = _sum_word(data, first, last, key, model, sums[slot])
    sizes[slot] = size
    _add(sums, slot, hidden)
    return np.int64(size)


@inlined
def _add(rows: Any, row: Any, to: Any) -> None:
    for place in range(len(to)):
        to[place] += rows[row, place]


@borrowing
def _sum_word(data: Any, first: Any, last: Any, key: Any, model: Any, out: Any) -> Any:
    """Write the sum of the vectors of "<word>": its own, if the model has it, and those of its subwords that the model has; return how many."""
    vectors, _, _, word_keys, word_rows, present, before, settings = model
    shortest, longest, buckets = settings[0], settings[1], settings[2]
    out[:] = 0
    if _is_label(data, first, last):
        return 0
    size = 0
    slot = slot_of(key, word_keys, len(word_keys) - 1)
    if word_keys[slot] == key:
        _add(vectors, word_rows[slot], out)
        size += 1
    at = first - 1
    while at <= last:  # data[first - 1] is read as "<", data[last] as ">"
        start, at = at, at + 1
        while at < last and _continues(item(data, at)):
            at += 1
        if start >= first and start < last and _continues(item(data, start)):
            continue
        value, place = _FNV_FIRST, start
        for length in range(1, longest + 1):
            if place > last:
                break
            while True:
                byte = _LESS_THAN if place < first else _GREATER_THAN if place == last else item(data, place)
                value = np.uint32((value ^ np.uint32(np.int8(byte))) * _FNV_STEP)
                place += 1
                if place >= last or not _continues(item(data, place)):
                    break
            if length >= shortest and not (length == 1 and (start < first or place > last)):
                bucket = np.int64(value % np.uint32(buckets))
                block, bit = bucket >> 6, bucket & 63
                bits = item(present, block)
                if (bits >> np.uint64(bit)) & np.uint64(1):
                    _add(vectors, settings[4] + item(before, block) + count_ones(bits & low_bits(bit)), out)
                    size += 1
    return size


@inlined
def _continues(byte: Any) -> Any:
    """A byte inside a character."""
    return (byte & 0xC0) == 0x80


@borrowing
def _find_labels(hidden: Any, outputs: Any, tree: Any, most: Any, least: Any, nodes: Any, scores: Any, labels: Any, probabilities: Any) -> Any:
    """Walk down the tree, not into branches whose probability is too low; return how many labels were written. Scores are logarithms, rounded where
    fastText rounds them."""
    lowest = _log(least)
    nodes[0], scores[0] = len(tree) - 1, 0
    waiting, found = 1, 0
    first_inner = (len(tree) + 1) // 2
    while waiting:
        waiting -= 1
        node, score = nodes[waiting], scores[waiting]
        if score < lowest or (found == most and score < probabilities[found - 1]):
            continue
        if node < first_inner:
            found = min(found + 1, most)
            at = found - 1
            while at and score > probabilities[at - 1]:
                labels[at], probabilities[at] = labels[at - 1], probabilities[at - 1]
                at -= 1
            labels[at], probabilities[at] = node, score
            continue
        product = _NOTHING
        for place in range(len(hidden)):
            product += hidden[place] * outputs[node - first_inner, place]
        right = np.float32(1 / np.float64(_ONE + exp(-product)))
        nodes[waiting], scores[waiting] = tree[node, 1], score + _log(right)
        nodes[waiting + 1], scores[waiting + 1] = tree[node, 0], score + _log(np.float32(1 - np.float64(right)))
        waiting += 2
    for place in range(found):
        probabilities[place] = exp(probabilities[place])
    return found


@inlined
def _log(probability: Any) -> Any:
    return np.float32(log(np.float64(probability) + 1e-5))
