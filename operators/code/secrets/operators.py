"""Keys and passwords that were left in programs: counted, dropped, replaced."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.bases.personal_data.findings import Certainty, Found, without_overlaps
from operators.bases.personal_data.secrets import find_secrets
from operators.core.kinds import Evaluate, Filter, Refine
from operators.tables.columns import Input, Output


def secrets_in(text: str) -> list[Found]:
    """In order and without overlaps."""
    return without_overlaps(find_secrets(text))


class SecretsEvaluator(Evaluate):
    """Say which keys, tokens and passwords stand in a program: "github_token", "private_key", "password_in_url" ... in their order.

    Found by the marks of their issuers, by the checksum where they have one, or by the name that they are assigned to. Placeholders are none.
    """

    source = "detect-secrets (Yelp), gitleaks; the formats that issuers publish"
    asks = ("find API keys in source code", "scan a repository for hard coded passwords", "which credentials were leaked")

    input_text = Input(str)
    output_secrets = Output(list[str], description="the kind of each")

    def evaluate(self, text: str) -> list[str]:
        return [found.subkind for found in secrets_in(text)]


class SecretsFilter(Filter):
    """Drop programs with more than `max_secrets` keys, tokens and passwords in them. `RedactSecrets` keeps the programs and takes the secrets out."""

    source = "detect-secrets (Yelp), gitleaks"
    asks = ("throw out files with leaked tokens", "block code that contains private keys")

    input_text = Input(str)
    max_secrets: int = Field(0, ge=0)
    only_sure: bool = Field(False, description="Leave out tokens whose checksum is wrong: made up for a test or an example.")

    def keep(self, text: str) -> tuple[bool, str | None]:
        kinds = [found.subkind for found in secrets_in(text) if not self.only_sure or found.certainty > Certainty.SHAPE]
        listed = ", ".join(dict.fromkeys(kinds))
        return len(kinds) <= self.max_secrets, f"{len(kinds)} secrets, above max_secrets = {self.max_secrets}: {listed}"


class RedactSecrets(Refine):
    """Replace keys, tokens and passwords in programs by what `replacement` says; the program stays as it is around them."""

    source = "detect-secrets (Yelp), gitleaks; StarCoder (Li et al. 2023) replaces them too"
    asks = ("mask hard coded credentials in code", "replace API keys with a placeholder")

    input_text = Input(str)
    replacement: str = Field("<SECRET>", description='"{kind}" in it becomes the kind: "<{kind}>".')

    def refine(self, text: str) -> str:
        parts: list[Any] = []
        at = 0
        for found in secrets_in(text):
            parts += [text[at : found.start], self.replacement.replace("{kind}", found.subkind)]
            at = found.end
        return "".join([*parts, text[at:]])
