"""JSON text to Python values and back, with every digit kept: orjson where it is exact, Python's json where orjson would round."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

from operators.tables.files.errors import BadLine

# orjson turns integers of more than 64 bits into floats; only a run of at least 19 digits can be one.
_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

HUGE = float(2**63)  # an integer that orjson rounded has at least this magnitude


class WrittenFloat(float):
    """A float that remembers its digits, for columns declared as text."""

    text: str

    def __new__(cls, text: str) -> WrittenFloat:
        number = super().__new__(cls, text)
        number.text = text
        return number


def parse_object(raw: bytes, exact: bool = False) -> dict[str, Any]:
    """The object on a line of JSON. NaN and Infinity are accepted, as Python writes them. With `exact`, integers of any length are kept.

    Raises BadLine: malformed, not an object, a key twice, invalid UTF-8, a lone surrogate, a number beyond a float.
    """
    if exact and _LONG_NUMBER.search(raw):
        value = parse_exactly(raw)
    else:
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            value = parse_exactly(raw)
    if type(value) is not dict:
        raise BadLine(f"is {_kind(value)}, not a JSON object")
    # A repeated key is lost in a dict. Keys are counted in the text, by what is cheapest to count; parsing again is for the few lines left.
    if raw.count(b":") != len(value) and raw.count(b'":') + raw.count(b'" :') != len(value) and _ends_of_keys(raw) != len(value):
        parse_exactly(raw)
    return value


def _ends_of_keys(raw: bytes) -> int:
    """At least as many as there are keys. `":` ends one, unless the quote is escaped, by a backslash that is not itself escaped."""
    return raw.count(b'":') + raw.count(b'" :') - raw.count(b'\\":') - raw.count(b'\\" :') + raw.count(b'\\\\":') + raw.count(b'\\\\" :')


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
    """Compact JSON, text unescaped. Raises BadLine for NaN and infinities, which JSON does not have."""
    if isinstance(value, WrittenFloat):
        return value.text
    try:
        text = orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or a float that remembers its digits
        return _slow_json_text(value)
    # orjson writes NaN as null
    return _slow_json_text(value) if b"null" in text else text.decode()


def _slow_json_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise BadLine("holds NaN or Infinity inside a nested value, which JSON does not have") from None


def _kind(value: Any) -> str:
    names = {str: "text", int: "a number", float: "a number", bool: "a boolean", list: "an array", type(None): "null"}
    return names[type(value)]
