"""Words that the statistics of texts know: those that shorten others, and those that are frequent in a language."""

from __future__ import annotations

from typing import Final

ABBREVIATIONS: Final = tuple(
    (
        "dr mr mrs ms prof st sr jr vs etc al fig figs eq eqs no nos vol vols pp ed eds inc ltd co corp dept approx est gen col sgt capt lt rev "
        "hon gov sen rep jan feb mar apr jun jul aug sep sept oct nov dec mt ave blvd ca cf viz resp ibid op cit bzw usw ggf vgl nr abb tel str "
        "hr fr bsp mme mlle av env sra srta ud uds pág núm art cap sig dott ing avv ecc es т.е т.д т.п г ул им стр см рис"
    ).split()
)
"""Words whose full stop does not end a sentence. Initials, "e.g." and the like need no list."""

GOPHER_STOP_WORDS: Final = ("and", "be", "have", "of", "that", "the", "to", "with")
"""The words of Gopher's rule (Rae et al. 2021, A1.1). Counted in the scan for words; other sets take one of their own."""

OTHER_STOP_WORDS: Final = tuple(
    (
        "und der das von ist van het een les des est los las una por que che di della não uma com och det som og ja että az hogy się nie že je și "
        "în ve bir yang dan của và и на не та και το في من در کے של के में 이 的 এবং"
    ).split()
)
"""Frequent words of other languages, that English has not; at most 56. Counted in the same scan: where there are few, a text with those of Gopher is
English, and nobody needs to look closer."""
