"""Personal data and secrets that a pattern can find and a check digit, a plan, an issuer's mark or the words beside it can confirm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from operators.bases.personal_data.findings import ALL_KINDS, Found, PersonalDataKind, without_overlaps
from operators.bases.personal_data.plain_characters import any_mark, plain_characters
from operators.bases.personal_data.secrets import ANY_SECRET, find_secrets
from operators.text.privacy.emails import find_emails
from operators.text.privacy.identity_numbers import ANY_IDENTITY_NUMBER, find_identity_numbers
from operators.text.privacy.network_addresses import find_mac_addresses, find_network_addresses
from operators.text.privacy.payment_numbers import find_credit_cards, find_ibans
from operators.text.privacy.phone_numbers import find_phone_numbers

__all__ = ["ALL_KINDS", "ANYTHING", "Found", "PersonalDataKind", "find_personal_data"]

ANYTHING: Final = "|".join(
    (
        any_mark("@"),
        rf"\p{{Nd}}{any_mark('-./ ()')}{{1,4}}\p{{Nd}}",
        rf"[0-9A-Fa-f]{{1,4}}{any_mark(':.')}[0-9A-Fa-f]{{0,4}}{any_mark(':.')}",
        rf"[0-9A-Fa-f]{{2}}{any_mark('-')}[0-9A-Fa-f]{{2}}{any_mark('-')}[0-9A-Fa-f]{{2}}",
        ANY_IDENTITY_NUMBER,
        ANY_SECRET,
    )
)
"""What every kind contains, before its characters are made plain; in the syntax of RE2, to pass over most texts quickly."""

_FINDERS: Final[dict[PersonalDataKind, Callable[[str], Iterator[Found]]]] = {
    "email": find_emails,
    "phone": find_phone_numbers,
    "credit_card": find_credit_cards,
    "iban": find_ibans,
    "ip_address": find_network_addresses,
    "mac_address": find_mac_addresses,
    "identity_number": find_identity_numbers,
    "secret": find_secrets,
}


def find_personal_data(text: str, kinds: Iterable[PersonalDataKind] = ALL_KINDS) -> list[Found]:
    """Where personal data stands in a text, in order and without overlaps: of two findings the longer stays, then the surer.

    The time grows with the length of the text, whatever stands in it.
    """
    plain = plain_characters(text)
    return without_overlaps(finding for kind in dict.fromkeys(kinds) for finding in _FINDERS[kind](plain))
