"""Words that any honest text of a language has, and a filter that asks for them."""

from __future__ import annotations

from typing import Final, Self

from pydantic import Field, model_validator

from operators.engine.batch import Mask
from operators.kernels.text_statistics import GOPHER_STOP_WORDS, MOST_MEMBERS, TextStatistics
from operators.tables.errors import closest
from operators.text.rules.statistics_filter import StatisticsFilter

STOP_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "en": GOPHER_STOP_WORDS,
    "ar": ("في", "من", "على", "إلى", "أن", "عن", "هذا", "التي", "الذي", "لا", "ما", "مع", "هذه", "كان"),
    "cs": ("a", "se", "v", "na", "je", "že", "to", "s", "z", "do", "o", "k", "ale", "jako"),
    "da": ("og", "i", "at", "det", "er", "en", "til", "af", "på", "for", "med", "ikke", "den", "som"),
    "de": ("der", "die", "und", "in", "den", "von", "zu", "das", "mit", "ist", "des", "nicht", "ein", "auf"),
    "el": ("και", "το", "να", "του", "η", "της", "με", "που", "την", "από", "για", "είναι", "ο", "οι"),
    "es": ("de", "la", "que", "el", "en", "y", "los", "se", "del", "las", "un", "por", "con", "una"),
    "fa": ("و", "در", "به", "از", "که", "این", "را", "با", "است", "برای", "آن", "یک", "تا", "می"),
    "fi": ("ja", "on", "ei", "se", "että", "oli", "mutta", "kun", "ovat", "myös", "hän", "joka", "tai", "niin"),
    "fr": ("de", "la", "le", "et", "les", "des", "en", "un", "une", "est", "que", "pour", "dans", "du"),
    "he": ("של", "את", "על", "לא", "הוא", "עם", "זה", "כי", "היא", "גם", "או", "אל", "בין", "יותר"),
    "hi": ("के", "में", "है", "की", "और", "से", "का", "को", "पर", "यह", "हैं", "कि", "एक", "ने"),
    "hu": ("a", "az", "és", "hogy", "nem", "is", "egy", "volt", "meg", "ez", "de", "csak", "vagy", "mint"),
    "id": ("yang", "dan", "di", "dari", "untuk", "dengan", "ini", "pada", "itu", "tidak", "dalam", "akan", "adalah", "ke"),
    "it": ("di", "e", "la", "il", "che", "in", "un", "a", "per", "è", "una", "con", "del", "non"),
    "ja": ("の", "に", "は", "を", "た", "が", "で", "て", "と", "し", "れ", "さ", "も", "な", "へ", "から", "する", "です"),
    "ko": ("이", "그", "및", "수", "있다", "는", "것", "등", "하는", "한", "있는", "대한", "위해", "할"),
    "nl": ("de", "en", "van", "het", "een", "in", "is", "dat", "op", "te", "voor", "met", "zijn", "niet"),
    "no": ("og", "i", "det", "er", "på", "en", "til", "som", "for", "av", "med", "ikke", "at", "den"),
    "pl": ("w", "i", "na", "z", "do", "się", "nie", "że", "to", "jest", "o", "jak", "od", "po"),
    "pt": ("de", "a", "o", "que", "e", "do", "da", "em", "um", "para", "com", "não", "uma", "os"),
    "ro": ("de", "și", "în", "a", "la", "cu", "pe", "că", "nu", "o", "din", "care", "un", "este"),
    "ru": ("и", "в", "не", "на", "что", "с", "по", "это", "как", "к", "из", "но", "для", "от"),
    "sv": ("och", "i", "att", "det", "som", "en", "på", "är", "av", "för", "med", "till", "den", "inte"),
    "tr": ("ve", "bir", "bu", "da", "de", "için", "ile", "çok", "olarak", "daha", "olan", "gibi", "en", "ne"),
    "uk": ("і", "в", "на", "не", "що", "з", "та", "до", "у", "за", "це", "як", "для", "від"),
    "vi": ("và", "của", "là", "có", "trong", "các", "cho", "được", "một", "với", "không", "những", "này", "đã"),
    "zh": ("的", "了", "是", "在", "和", "有", "不", "我", "他", "也", "就", "都", "而", "与", "這", "这", "之", "为", "对"),
}
"""By ISO 639-1 code: the most frequent function words of the language. English: the eight of Gopher's rule. Chinese and Japanese: those that stand
alone when a text without spaces is cut as `operators.kernels` does."""


class StopWordsFilter(StatisticsFilter):
    """Keep texts with at least two different stop words of their language: lists of names, keywords and codes have none.

    `words` replaces the list of the language. Case, and punctuation around a word, do not count.
    """

    covers = ("StopWordFilter",)
    source = "Gopher (Rae et al. 2021), A1.1"

    language: str = Field("en", description=f"ISO 639-1: {', '.join(sorted(STOP_WORDS))}.")
    words: tuple[str, ...] = Field((), max_length=MOST_MEMBERS)
    min_distinct: int = Field(2, ge=0)
    min_share: float = Field(0.0, ge=0, le=1, description="Stop words over all words.")

    @model_validator(mode="after")
    def _known_language(self) -> Self:
        if not self.words and self.language not in STOP_WORDS:
            advice = closest(self.language, STOP_WORDS) or "give the words"
            raise ValueError(f'no stop words are known for language "{self.language}", only for {", ".join(sorted(STOP_WORDS))}. {advice}')
        return self

    def keep(self, text: TextStatistics) -> Mask:
        found = text.members(self.words or STOP_WORDS[self.language])
        return (found.distinct >= self.min_distinct) & (found.occurrences / text.words >= self.min_share)
