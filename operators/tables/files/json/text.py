"""JSON text to Python values and back, with every digit kept: orjson where it is exact, Python's json where orjson would round."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

from operators.tables.files.errors import BadLine

MAX_NESTING = 200
"""Arrays and objects in one another. orjson writes at most 254 levels, and readers of other languages fewer."""

# orjson turns integers of more than 64 bits into floats; only a run of at least 19 digits can be one. A search for 19 equal bytes is much
# faster than one for 19 digits.
_DIGITS_AS_ZERO = bytes(ord("0") if ord("0") <= byte <= ord("9") else 1 for byte in range(256))
_LONG_NUMBER = b"0" * 19
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class WrittenFloat(float):
    """A float that remembers its digits, for columns declared as text."""

    text: str

    def __new__(cls, text: str) -> WrittenFloat:
        number = super().__new__(cls, text)
        number.text = text
        return number


def parse_object(raw: bytes) -> dict[str, Any]:
    """The object on a line of JSON. Integers of any length are kept. NaN and Infinity are accepted, as Python writes them.

    Raises BadLine: malformed, not an object, a key twice, invalid UTF-8, a lone surrogate, a number beyond a float, nested too deeply.
    """
    if raw.count(b"[") + raw.count(b"{") > MAX_NESTING and (depth := nesting(raw)) > MAX_NESTING:
        raise BadLine(f"nested too deeply: {depth} levels, and {MAX_NESTING} are allowed")
    if _LONG_NUMBER in raw.translate(_DIGITS_AS_ZERO):
        value = parse_exactly(raw)
    else:
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            value = parse_exactly(raw)
    if type(value) is not dict:
        raise BadLine(f"is {_kind(value)}, not a JSON object")
    # A repeated key is lost in a dict. There are no fewer colons than keys, and where there are more, those outside strings are counted.
    if raw.count(b":") != len(value) and _STRING.sub(b"", raw).count(b":") != _count_keys(value):
        parse_exactly(raw)
    return value


def nesting(raw: bytes) -> int:
    """How deep arrays and objects are nested, by their brackets outside strings; without recursion."""
    depth = deepest = 0
    for byte in _STRING.sub(b"", raw).translate(None, _NO_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _count_keys(value: Any) -> int:
    count, waiting = 0, [value]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            count += len(value)
            waiting += value.values()
        elif type(value) is list:
            waiting += value
    return count


def parse_exactly(raw: bytes | str, parse_float: Callable[[str], float] | None = None) -> Any:
    """Any JSON value, slowly and strictly: every digit of an integer kept, repeated keys refused. Raises BadLine."""
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_float=parse_float or _finite)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLine(f"invalid UTF-8 at byte {error.start + 1}") from None
    except UnicodeEncodeError:
        raise BadLine("holds half of a surrogate pair, which is no character") from None
    except json.JSONDecodeError as error:
        hint = "; remove the comma at its end" if error.msg == "Extra data" and text[error.pos :].strip() == "," else ""
        raise BadLine(f"malformed JSON: {error.msg} at character {error.pos + 1}{hint}") from None
    except RecursionError:
        raise BadLine("nested too deeply") from None
    except BadLine:
        raise
    except ValueError as error:  # Python refuses integers of more than 4,300 digits
        raise BadLine(str(error)) from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise BadLine(f'key "{key}" appears twice')
            seen.add(key)
    return found


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BadLine(f"{text} is beyond the range of a float; declare the column as text")
    return number


def json_text(value: Any) -> str:
    """Compact JSON, text unescaped. Raises BadLine for NaN and infinities, which JSON does not have, and for what is nested too deeply."""
    if isinstance(value, WrittenFloat):
        return value.text
    try:
        text = orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or a float that remembers its digits
        return _with_digits(value) if _holds(WrittenFloat, value) else _slow_json_text(value)
    # orjson writes NaN as null
    return _slow_json_text(value) if b"null" in text else text.decode()


def holds_float(value: Any) -> bool:
    """Whether a value is a fraction or has one in it."""
    return _holds(float, value)


def _holds(kind: type, value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(_holds(kind, inner) for inner in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, kind)


def _with_digits(value: Any) -> str:
    """JSON with the digits that its fractions remember."""
    if isinstance(value, list):
        return f"[{','.join(map(_with_digits, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{json_text(key)}:{_with_digits(inner)}' for key, inner in value.items())}}}"
    return json_text(value)


def _slow_json_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError:
        raise BadLine("nested too deeply") from None
    except ValueError:
        raise BadLine("holds NaN or Infinity inside a nested value, which JSON does not have") from None


def _kind(value: Any) -> str:
    names = {str: "text", int: "a number", float: "a number", bool: "a boolean", list: "an array", type(None): "null"}
    return names[type(value)]
