"""Keys, tokens and passwords: by the marks that their issuers put on them, or by the name that they are assigned to; never placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.bases.personal_data.secret_forms import TOKENS, is_filled_in, is_placeholder, is_random
from operators.bases.personal_data.token_checksums import checksum_is_right

_TOKEN: Final = re.compile(
    "(?<![0-9A-Za-z_+-])(?=[0-9A-Za-z_~.:/-]{18})(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in TOKENS.items()) + ")(?![0-9A-Za-z_-])"
)
_NAME: Final = (
    r"passwords?|passwd|passphrase|pwd|secrets?|tokens?|api[_-]?keys?|apikey|access[_-]?keys?|account[_-]?key|private[_-]?key|signing[_-]?key|"
    r"encryption[_-]?key|master[_-]?key|auth[_-]?key|secret[_-]?key|client[_-]?secret|credentials?|passwort|kennwort|mot de passe|contraseña|"
    r"senha|wachtwoord|hasło|пароль|密码|密碼|口令|パスワード|비밀번호|sharedaccesskey|authtoken|_auth|bearer"
)
_ASSIGNED: Final = re.compile(
    rf"(?=[acekmpstwhb_пП密口パ비])(?:{_NAME})(?:_[0-9A-Z_]{{1,16}})?[\"'\]]{{0,2}}"
    rf"(?:[ \t]{{0,4}}(?:=>|:=|=|:)[ \t]{{0,4}}|：|\s{{1,3}}is:?\s{{1,3}}|(?<=bearer)[ \t])(?P<quote>[\"'`]?)(?P<value>[!-~]{{8,200}})",
    re.IGNORECASE,
)
_IN_URL: Final = re.compile(r"(?<=://)(?P<user>[^\s/:@\"'<>]{0,100}):(?P<value>[^\s/@\"'<>]{3,200})@(?=[\w\[])")
_PEM: Final = re.compile(r"-----BEGIN (?P<label>(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)-----")
_PEM_BODY: Final = re.compile(r"(?:[0-9A-Za-z+/=\s:,-]|\\[nr])*")
_DEFAULTS: Final = frozenset(
    {
        "password",
        "passwd",
        "pass",
        "pwd",
        "pw",
        "secret",
        "token",
        "root",
        "admin",
        "postgres",
        "mysql",
        "guest",
        "user",
        "tiger",
        "foo",
        "bar",
        "test",
    }
)


def find_secrets(text: str) -> Iterator[Found]:
    """They may overlap."""
    yield from _keys_in_blocks(text)
    for match in _TOKEN.finditer(text):
        if is_filled_in(match.group()):
            sure = Certainty.SHAPE if checksum_is_right(match.group()) is False else Certainty.CHECKED
            yield Found(match.start(), match.end(), "secret", str(match.lastgroup), sure)
    if "://" in text:
        for match in _IN_URL.finditer(text):
            value = match["value"]
            if value.lower() not in _DEFAULTS and value != match["user"] and not is_placeholder(value) and "{" not in value:
                yield Found(*match.span("value"), "secret", "password_in_url", Certainty.CHECKED)
    for match in _ASSIGNED.finditer(text):
        if value := _assigned_value(match["value"], match["quote"]):
            start = match.start("value")
            yield Found(start, start + len(value), "secret", "assigned", Certainty.SAID)


def _assigned_value(value: str, quote: str) -> str:
    """The value without what ends it; empty where it is a name, a call, a placeholder or a plain word."""
    value = value.split(quote, 1)[0] if quote else re.split(r"[\"'`,;<>)\]}\\]|&(?=\w+=)", value, maxsplit=1)[0].rstrip(".")
    return value if is_random(value) and not is_placeholder(value) else ""


def _keys_in_blocks(text: str) -> Iterator[Found]:
    """PEM and PGP: from BEGIN to END, or as far as the key goes where its end is cut off. The next dashes end each, so that no part is read twice."""
    for match in _PEM.finditer(text):
        dashes = text.find("-----", match.end())
        mark = f"-----END {match['label']}-----"
        if dashes >= 0 and text.startswith(mark, dashes):
            body, end = text[match.end() : dashes], dashes + len(mark)
        else:
            whole = _PEM_BODY.match(text, match.end(), dashes if dashes >= 0 else len(text))
            body = whole.group() if whole else ""
            end = match.end() + len(body.rstrip())
            body = max(re.split(r"\s|\\[nr]", body), key=len)
            if len(body) < 40:
                continue
        if sum(character.isalnum() for character in body[:200]) >= 16 and not is_placeholder(body[:200]):
            yield Found(match.start(), end, "secret", "private_key")
