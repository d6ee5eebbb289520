"""Dates and amounts of money, written one way."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

import pyarrow as pa

from operators.bases.code_spans import code_spans, touches
from operators.bases.rewriting import rewrite_where
from operators.core.kinds import Refine
from operators.tables.columns import Input

_MONTHS: Final = "january february march april may june july august september october november december".split()
_MONTH = "|".join([*_MONTHS, *(f"{month[:3]}\\.?" for month in _MONTHS if month != "may"), "sept\\.?"])
_ORDINAL = r"(?:st|nd|rd|th)?"
_DATE = re.compile(
    rf"(?<![\w/.-])(?:(?P<m1>{_MONTH})\s(?P<d1>\d{{1,2}}){_ORDINAL},?\s(?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}}){_ORDINAL}\s(?:of\s)?(?P<m2>{_MONTH}),?\s(?P<y2>\d{{4}})"
    r"|(?P<a>\d{1,2})(?P<mark>[/.])(?P<b>\d{1,2})(?P=mark)(?P<y3>\d{4}))(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_CURRENCY: Final = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW"}
_MONEY = re.compile(
    r"(?<![\w$€£₹₩\\{])(?P<sign>US\$|[$€£₹₩])(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<scale>\s(?:thousand|million|billion|trillion)\b)?"
    r"(?![\w$%]|[.,]\d|\s*[$^=_\\{])"
)


class NormalizeDatesAndMoney(Refine):
    """Write dates as ISO 8601 ("March 5, 2024" and "5 March 2024" to "2024-03-05") and amounts with their code ("$3.50" to "3.50 USD").

    Of dates in numbers, only real ones of four-digit years are read: "25/12/2024" by itself, "03/04/2024" only when `numeric` says which way
    round; dots ("25.12.2024") are day first. Versions (1.2.34), two-digit years, formulas and code stay as they are.
    """

    covers = ("TextNormalizationRefiner",)
    source = "ISO 8601; ISO 4217"

    input_text = Input(str)
    numeric: Literal["day first", "month first", "unambiguous"] = "unambiguous"
    dates: bool = True
    money: bool = True

    def refine_batch(self, text: pa.Array) -> pa.Array:
        return rewrite_where(text, r"[0-9]{4}|[$€£₹₩][0-9]", self._normalize)

    def _normalize(self, text: str) -> str:
        for wanted, pattern, rewrite in ((self.dates, _DATE, self._date), (self.money, _MONEY, _money)):
            if wanted:
                code = code_spans(text)
                parts, at = [], 0
                for match in pattern.finditer(text):
                    start, end = match.span()
                    if not touches(start, end, code):
                        parts += [text[at:start], rewrite(match)]
                        at = end
                text = "".join([*parts, text[at:]])
        return text

    def _date(self, match: re.Match[str]) -> str:
        if match["m1"] or match["m2"]:
            month = 1 + next(index for index, name in enumerate(_MONTHS) if name.startswith((match["m1"] or match["m2"]).lower()[:3]))
            return _iso(match["y1"] or match["y2"], month, match["d1"] or match["d2"]) or match.group()
        first, second = int(match["a"]), int(match["b"])
        day_first = _iso(match["y3"], second, first)
        month_first = "" if match["mark"] == "." else _iso(match["y3"], first, second)
        if day_first and month_first and first != second:
            return {"day first": day_first, "month first": month_first, "unambiguous": match.group()}[self.numeric]
        return day_first or month_first or match.group()


def _iso(year: str, month: int | str, day: int | str) -> str:
    """The date, or "" where there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _money(match: re.Match[str]) -> str:
    return f"{match['amount']}{match['scale'] or ''} {_CURRENCY[match['sign']]}"
