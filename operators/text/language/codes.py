"""The codes of the languages that can be told apart, and what people write instead of them."""

from __future__ import annotations

import difflib
import re
from typing import Final

from operators.tables.errors import closest

UNDETERMINED: Final = "und"
"""ISO 639-2: no language can be told. Texts without letters, and texts of names, codes or a word or two that any language might have."""

MIXED: Final = "mixed"
"""Texts of several languages, none of which is a quotation in another."""

LANGUAGES: Final = frozenset(
    "af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy da de diq dsb dty dv el eml en "
    "eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky "
    "la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms "
    "pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa "
    "war wuu xal xmf yi yo yue zh".split()
)
"""ISO 639-1 codes; ISO 639-3 for languages that have none."""

OTHER_CODES: Final = {
    "ara": "ar", "ben": "bn", "bul": "bg", "ces": "cs", "cze": "cs", "chi": "zh", "zho": "zh", "cmn": "zh", "dan": "da", "deu": "de",
    "ger": "de", "ell": "el", "eng": "en", "fas": "fa", "per": "fa", "fin": "fi", "fra": "fr", "fre": "fr", "heb": "he", "hin": "hi",
    "hun": "hu", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl", "dut": "nl", "nor": "no", "pol": "pl", "por": "pt",
    "ron": "ro", "rum": "ro", "rus": "ru", "spa": "es", "swe": "sv", "tam": "ta", "tha": "th", "tur": "tr", "ukr": "uk", "urd": "ur",
    "vie": "vi", "jp": "ja", "cn": "zh", "kr": "ko", "gr": "el", "cz": "cs", "dk": "da", "se": "sv", "ua": "uk", "uk-ua": "uk", "arabic": "ar",
    "bengali": "bn", "chinese": "zh", "mandarin": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "deutsch": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu", "indonesian": "id",
    "italian": "it", "japanese": "ja", "korean": "ko", "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "romanian": "ro",
    "russian": "ru", "spanish": "es", "swedish": "sv", "tamil": "ta", "telugu": "te", "thai": "th", "turkish": "tr", "ukrainian": "uk",
    "urdu": "ur", "vietnamese": "vi", "bulgarian": "bg", "nb": "no", "nob": "no", "bokmål": "no", "iw": "he", "arb": "ar", "pes": "fa",
    "prs": "fa", "tel": "te",
}  # fmt: skip
"""What people write instead: three-letter codes, countries, names, and "nb", since the model says "no" for Norwegian."""


def known_code(written: str) -> str | None:
    """The code that is meant by "en", "EN", "en-US", "eng_Latn" or "English"; None if it is none that can be told apart."""
    wanted = written.strip().lower()
    first = re.split(r"[-_]", wanted)[0]
    candidates = (OTHER_CODES.get(wanted), first if first in LANGUAGES else None, OTHER_CODES.get(first))
    return next((code for code in candidates if code), None)


def closest_code(code: str) -> str:
    """'did you mean "en"?' for "eng", "EN", "en-US" or "Englisch"."""
    if known := known_code(code):
        return f'did you mean "{known}"?'
    wanted = code.strip().lower()
    near = difflib.get_close_matches(wanted, OTHER_CODES, n=1, cutoff=0.6)
    return f'did you mean "{OTHER_CODES[near[0]]}"?' if near else closest(wanted, LANGUAGES)
