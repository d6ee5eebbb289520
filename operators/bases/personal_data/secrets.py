"""Keys, tokens and passwords: by the marks that their issuers put on them, or by the name that they are assigned to; never placeholders."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.bases.personal_data.plain_characters import any_mark
from operators.bases.personal_data.secret_forms import (
    TOKENS,
    is_django_key,
    is_filled_in,
    is_identifier,
    is_placeholder,
    is_plain,
    is_random,
    is_somebodys,
)
from operators.bases.personal_data.token_checksums import checksum_is_right

_LONG: Final = "[0-9A-Za-z_~.:/-]{18}"
_TOKEN: Final = re.compile(
    f"(?<![0-9A-Za-z_+-])(?=[_~.]{{0,3}}[0-9A-Za-z])(?={_LONG})(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in TOKENS.items())
    + ")(?![0-9A-Za-z_-])"
)
SECRET_NAMES: Final = (
    *("passwords?", "passwd", "passphrase", "passcode", "pwd", "secrets?", "tokens?", "api[_-]?keys?", "access[_-]?keys?", "account[_-]?key"),
    *("private[_-]?key", "signing[_-]?key", "encryption[_-]?key", "master[_-]?key", "auth[_-]?key", "credentials?", "sharedaccesskey", "_auth"),
    *(
        "passwort",
        "kennwort",
        "mot de passe",
        "contraseña",
        "senha",
        "palavra-passe",
        "wachtwoord",
        "hasło",
        "heslo",
        "jelszó",
        "lösenord",
        "passord",
    ),
    *("adgangskode", "salasana", "şifre", "parolă", "parola", "lozinka", "mật khẩu", "kata sandi", "пароль", "密码", "密碼", "口令", "パスワード"),
    *("비밀번호", "รหัสผ่าน", "पासवर्ड", "كلمة المرور", "كلمة السر", "סיסמה"),
)
"""What keys and passwords are called, each as a pattern that both `re` and RE2 know."""
_SPACES: Final = r"\s{1,3}"
_IS: Final = (
    r"is|was|lautet|ist|es|est|é|è|är|er|to|je|такой|(?:is |was |has been )?(?:set|changed|reset) to"
    r"|auf|wurde geändert zu"
)
_ASSIGNED: Final = re.compile(
    rf"(?=[{''.join(sorted({name[0] for name in (*SECRET_NAMES, 'bearer')}))}-])"
    rf"(?:(?:{'|'.join(SECRET_NAMES)})(?:_[0-9a-z_]{{1,16}})?[\"'\]]{{0,2}}"
    rf"(?:[ \t]{{0,4}}(?:=>|:=|=|:)[ \t]{{0,4}}|{_SPACES}[-—]{_SPACES}|{_SPACES}(?:{_IS})[ \t]?:?{_SPACES}|\s?(?:是|为|為|は|는|은)\s?:?\s?|"
    rf"(?<=[\"']),[ \t]{{0,4}}(?=[\"'])|>(?:<!\[cdata\[)?(?=[^<\s]{{8,200}}</)|[\s,]{{1,24}}[\"']?value[\"']?[ \t]{{0,4}}[:=][ \t]{{0,4}})|"
    rf"(?:_pass[\"'\]]{{0,2}}[ \t]{{0,4}}|pass[\"'\]]{{0,2}})[:=][ \t]{{0,4}}|bearer[ \t:=]{{1,4}}|"
    rf"--(?:{'|'.join(SECRET_NAMES)})[ \t]{{1,4}})"
    rf"(?P<quote>[\"'`“„«「『]?)(?P<value>[!-~]{{8,200}})"
)
"""In small letters; so are those of the next."""
_BASIC: Final = re.compile(r"(?<=authorization)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?basic[ \t]{1,3}(?P<value>[0-9a-z+/_-]{8,400}={0,2})")
_USER_OF_CURL: Final = re.compile(r"(?<=\s)(?:-[A-Za-z]{0,4}u|--(?:proxy-)?user)[ =][\"']?(?P<user>[^\s:\"'$]{0,64}):(?P<value>[^\s\"'`]{3,200})")
_LONGEST_COMMAND: Final = 400
_CLOSING_ITSELF: Final = ('"', "'", "`")
_IN_URL: Final = re.compile(r"(?<=://)(?P<user>[^\s/:@\"'<>]{0,100}):(?P<value>[^\s/@\"'<>]{3,200})@(?=[\w\[])")
_PEM: Final = re.compile(r"-----BEGIN (?P<label>(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)-----")
_PUTTY: Final = re.compile(r"(?<=\nPrivate-Lines: )[0-9]{1,4}\r?\n(?P<body>(?:[0-9A-Za-z+/=]{1,80}(?:\r?\n|\Z)){1,999})")
_KEY_LINE: Final = re.compile("[0-9A-Za-z+/]{24}")
"""What a key has in it, and the code between two marks has not."""
_PEM_BODY: Final = re.compile(r"(?:[0-9A-Za-z+/=\s:,-]|\\[nr])*")

_ANY_NAME: Final = re.sub(r"\[_-\]|[- ]", ".", "|".join(SECRET_NAMES)).replace("i", "[i\u0130]")
ANY_SECRET: Final = (
    rf"{any_mark('_~.:/-', '0-9A-Za-z')}{{18}}|{any_mark(':')}{any_mark('/')}{{2}}|{any_mark('-')}BEGIN|(?i:{_ANY_NAME}|bearer|authorization|"
    rf"pass[^\p{{L}}\p{{N}}]{{0,6}}{any_mark(':=')}|curl[\s\p{{Z}}])"
)
"""What every secret contains before its characters are made plain; in the syntax of RE2, for which the capital of "i" is never the Turkish one."""


def find_secrets(text: str) -> Iterator[Found]:
    """They may overlap."""
    yield from _keys_in_blocks(text)
    for match in _TOKEN.finditer(text):
        if is_filled_in(match.group()):
            sure = Certainty.SHAPE if checksum_is_right(match.group()) is False else Certainty.CHECKED
            yield Found(match.start(), match.end(), "secret", str(match.lastgroup), sure)
    if "://" in text:
        for match in _IN_URL.finditer(text):
            if is_somebodys(match["user"], match["value"]):
                yield Found(*match.span("value"), "secret", "password_in_url", Certainty.CHECKED)
    small = text.replace("\u0130", "i").lower()
    for match in _ASSIGNED.finditer(small):
        start, end = match.span("value")
        if value := _assigned_value(text[start:end], match["quote"]):
            yield Found(start, start + len(value), "secret", "assigned", Certainty.SAID)
    yield from _passwords_of_requests(text, small)


def _passwords_of_requests(text: str, small: str) -> Iterator[Found]:
    """HTTP's basic authentication (RFC 7617): as a header, and as curl is given it."""
    for match in _BASIC.finditer(small) if "authorization" in small else ():
        start, end = match.span("value")
        user, colon, password = _decoded(text[start:end]).partition(":")
        if colon and is_somebodys(user, password):
            yield Found(start, end, "secret", "basic_authentication", Certainty.CHECKED)
    if "curl" in text:
        for match in _USER_OF_CURL.finditer(text):
            command = text[max(0, match.start() - _LONGEST_COMMAND) : match.start()].replace("\\\n", " ").rsplit("\n", 1)[-1]
            if re.search(r"\bcurl\s", command) and is_somebodys(match["user"], match["value"]) and not is_plain(match["value"]):
                yield Found(*match.span("value"), "secret", "password_of_curl", Certainty.SAID)


def _decoded(value: str) -> str:
    """Of Base64; empty where it is no text."""
    try:
        return base64.b64decode(value.translate(_URL_SAFE) + "=" * (-len(value) % 4)).decode()
    except ValueError:
        return ""


_URL_SAFE: Final = str.maketrans("-_", "+/")


def _assigned_value(value: str, quote: str) -> str:
    """The value without what ends it; empty where it is a name, a call, a placeholder or a plain word."""
    value = value.split(quote, 1)[0] if quote in _CLOSING_ITSELF else re.split(r"[\"'`,;<>)\]}\\]|&(?=\w+=)", value, maxsplit=1)[0].rstrip(".")
    if not quote and is_identifier(value):
        return ""
    return value if (is_random(value) or is_django_key(value)) and not is_placeholder(value) else ""


def _keys_in_blocks(text: str) -> Iterator[Found]:
    """PEM and PGP: from BEGIN to END, or as far as the key goes where its end is cut off. The next dashes end each, so that no part is read twice.
    Of PuTTY's files the lines that are private."""
    for match in _PUTTY.finditer(text) if "PuTTY-User-Key-File-" in text else ():
        body = match["body"].rstrip()
        if _KEY_LINE.search(body) and not is_placeholder(body[:200]):
            yield Found(match.start("body"), match.start("body") + len(body), "secret", "private_key")
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
        if _KEY_LINE.search(body) and not is_placeholder(body[:200]):
            yield Found(match.start(), end, "secret", "private_key")
