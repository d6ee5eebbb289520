"""What an HTTP status, with what the server says beside it, means for a request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from operators.asking.answers import FailureKind
from resources.llm.answers import gateway_words
from resources.llm.answers.masking import masked
from resources.llm.answers.meanings import Meaning, meaning_of
from resources.llm.answers.numbers import retry_after
from resources.llm.answers.reply import BackendError
from resources.llm.answers.server_words import ServerWords, words_of

__all__ = ["ErrorReader", "error_of_status", "message_of", "retry_after", "without_secrets"]

_OF_REQUESTS = (400, 422)
_OF_PATHS = (404, 405)


@dataclass(frozen=True, slots=True)
class _Consequence:
    kind: FailureKind
    retryable: bool = False
    overload: bool = False
    fatal: bool = False


_CONSEQUENCES: dict[Meaning, _Consequence] = {
    "row": _Consequence("bad_request"),
    "too_long": _Consequence("bad_request"),
    "too_many": _Consequence("bad_request"),
    "setting": _Consequence("bad_request"),
    "moderation": _Consequence("filtered"),
    "key": _Consequence("bad_request", fatal=True),
    "barred": _Consequence("bad_request", fatal=True),
    "model": _Consequence("bad_request", fatal=True),
    "money": _Consequence("rate_limited", fatal=True),
    "limit": _Consequence("rate_limited", retryable=True, overload=True),
    "busy": _Consequence("unavailable", retryable=True, overload=True),
    "slow": _Consequence("timeout", retryable=True, overload=True),
    "broken": _Consequence("unavailable", retryable=True),
}


@dataclass(frozen=True, slots=True)
class ErrorReader:
    """Reads the errors of one server. `secrets` never come into a message."""

    server: str
    provider: str = ""
    """Whose words to expect, see meanings.py; "" where that is not known."""
    secrets: Sequence[str] = ()
    key_variable: str = "DATAFLOW_LLM_API_KEY"
    model_variable: str = "DATAFLOW_LLM_MODEL"
    """Where whoever is told of a key or a model may mend it."""

    def error(self, status: int, headers: Mapping[str, str], body: bytes, asked: str = "", key_was_taken: bool = False) -> BackendError:
        """`asked` is the text of the request, which servers like to repeat in what they say about it. `key_was_taken`: another request with the same
        key was answered."""
        if 300 <= status < 400:
            return self._redirected(status, headers)
        return self.error_of(status, headers, words_of(body), asked, key_was_taken)

    def error_of(self, status: int, headers: Mapping[str, str], said: ServerWords, asked: str = "", key_was_taken: bool = False) -> BackendError:
        if (refusal := gateway_words.refusal_in(said)) is not None:
            kind, cause = refusal.kind, refusal.cause
            return BackendError(kind, masked(said.message, self.secrets), fatal=cause is not None, cause=cause, final=True)
        status = said.status if said.status is not None and status < 400 else status
        meaning = meaning_of(status, said, self.provider, asked)
        # whoever has answered takes the key, and has the model: it may still find fault with a request, "the image input for this model is invalid"
        was_taken = key_was_taken and (meaning == "barred" or (meaning == "model" and status in _OF_REQUESTS))
        consequence = _CONSEQUENCES["row" if was_taken else meaning]
        message = masked(said.message, self.secrets)
        where = f"HTTP {status}" if status >= 400 else "an error in its answer"
        full = f"{where} from {self.server}" + (f": {message}" if message else "")
        if meaning == "barred" and was_taken:
            full += ". It takes the key with other requests, so this one is refused for what it says, as firewalls do"
        elif meaning in ("key", "barred"):
            remedy = f"Give a valid one in {self.key_variable}, or in the variable that api_key_variable names."
            full = f"{self.server} refused the key ({where}{': ' + message if message else ''}). {remedy}"
        elif meaning == "money":
            remedy = "Add credit, or wait until the quota is renewed, then run again."
            full = f"{self.server} says that the account's quota is spent ({message or where}). {remedy}"
        elif meaning == "model" and not was_taken:
            full = f"{self.server} does not have the model ({where}: {message}). Set {self.model_variable} (or model) to one that it has."
        elif status in _OF_PATHS and meaning == "row" and not key_was_taken:
            full += ". It has answered nothing yet: the base URL may be wrong, which usually ends in /v1"
        waits = [delay for delay in (retry_after(headers), said.delay) if delay is not None]
        return BackendError(
            consequence.kind,
            full,
            retryable=consequence.retryable,
            overload=consequence.overload,
            fatal=consequence.fatal,
            retry_after=max(waits, default=None) if consequence.retryable and meaning != "slow" else None,
            meaning=meaning,
            parameters=said.parameters,
        )

    def _redirected(self, status: int, headers: Mapping[str, str]) -> BackendError:
        """Not followed: a key goes to the server that the user named, and to no other."""
        target = next((value for name, value in headers.items() if name.lower() == "location"), "").split("?")[0]
        to = f" to {masked(target, self.secrets)}" if target else ""
        message = (
            f"HTTP {status} from {self.server}: it sends requests on{to}, which is not followed. If that is the right address, set base_url to it."
        )
        return BackendError("bad_request", message, meaning="row")


def error_of_status(status: int, headers: Mapping[str, str], message: str, server: str) -> BackendError:
    """Where only a status and a message are known; the message is without secrets already."""
    return ErrorReader(server).error_of(status, headers, ServerWords(message))


def message_of(body: bytes) -> str:
    """The server's own words, in whichever of the usual places they are."""
    return words_of(body).message


def without_secrets(message: str, secrets: list[str]) -> str:
    return masked(message, secrets)
