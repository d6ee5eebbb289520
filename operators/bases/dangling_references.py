"""Whether a question can be understood by somebody who has not seen the text that it was made from."""

from __future__ import annotations

import re
from typing import Final

_SOURCE: Final = r"(?:text|passage|document|article|paragraph|excerpt|snippet|section|chapter|page|extract|context|author|writer|speaker|source)s?"
_SHOWN: Final = (
    r"(?:figure|fig\.|table|diagram|chart|image|picture|photo|graph|map|screenshot|equation|listing|code|snippet|output|example|list|section|step)s?"
)
_SAID: Final = (
    r"(?:said|stated|mentioned|described|discussed|presented|provided|given|shown|listed|explained|referred to|referenced|used|depicted|quoted)"
)
_SAYS: Final = (
    r"(?:say|state|mention|describe|discuss|explain|suggest|claim|argue|refer|present|provide|give|list|recommend|note|indicate|imply|talk|mean)"
)
_THING_OF_A_PROGRAM: Final = (
    r"(?:editor|file|field|box|area|mode|format|node|processor|encoding|layout|width|size|colou?r|number|manager|object|type|class|element|tag|view|"
    r"break|style|layer|root)s?"
)
"""After "the text": then it is one that the question is about."""
_TO_A_SOURCE: Final = (
    rf"\b(?:according to|based on|as per|from|in|by|of|within) (?:the|this|that|these|our) "
    rf"(?:above |following |given |provided |preceding |previous )?{_SOURCE}\b(?! {_THING_OF_A_PROGRAM}\b)",
    rf"\b(?:the|this|that) (?:given |provided |above |preceding )?(?:{_SOURCE}) {_SAYS}",
    rf"\bdoes (?:the|this) {_SOURCE} {_SAYS}",
    rf"\b{_SAID} (?:above|below|here|earlier|previously|before|in (?:the|this|that) {_SOURCE})\b",
    rf"\b(?:the|these|those) (?:above|following|aforementioned|preceding|given) {_SHOWN}\b",
    r"\b(?:the|this|that) (?:above|given|provided|following) (?:text|passage|information|statement|sentence|description|context|data)\b",
    r"\b(?:above|below)-?mentioned\b|\baforementioned\b",
    rf"\b(?:in|on|from|see|of|by) (?:the|this|that) {_SHOWN} (?:above|below|shown|given|provided)\b",
    r"\b(?:in|from|see|by) (?:figure|fig\.|table|equation|listing|section|chapter|appendix) \d",
    rf"\bthis (?:{_SOURCE}|{_SHOWN})\b",
    r"\b(?:im|laut dem|in diesem|nach dem|aus dem) (?:obigen |vorliegenden |gegebenen )?(?:text|textes|abschnitt|absatz|artikel|auszug|dokument)\b",
    r"\b(?:dans|selon|d'après) (?:le|ce|cet) (?:texte|passage|document|article|extrait|paragraphe)\b",
    r"\b(?:según|en) (?:el|este) (?:texto|pasaje|documento|artículo|fragmento|párrafo)\b",
    r"\b(?:nel|secondo il|in questo|dal) (?:testo|brano|passaggio|documento|articolo|paragrafo)\b(?!\s*\d)",
    r"\b(?:no|segundo o|neste|de acordo com o) (?:texto|trecho|documento|artigo|parágrafo)\b(?!\s*\d)",
    r"\b(?:в|из|согласно) (?:(?:данно|это|приведённо|приведенно)(?:м|го|му) )?(?:текст|отрывк|документ|абзац)(?:е|а|у|ом)\b(?!\s*\d)",
    r"(?:この|その|上記の?|以下の|下記の|前述の)(?:文章|文書|文|本文|記事|テキスト|段落|資料|図|表)(?!字|化|学|明)|文章によると|上記[でにの]",
    r"(?:위의?|이|본|다음|해당|주어진) ?(?:글|지문|본문|문서|문장|기사|텍스트|단락|문단|표|그림)[에의은을이과로]|(?:본문|지문)에(?:서| 따르면)",
    r"(?:في|وفقا|وفقًا|حسب|بحسب) (?:ل)?(?:هذا )?(?:النص|للنص|المقال|للمقال|الفقرة|للفقرة|الوثيقة|المستند)",
    r"(?:本文|上文|下文|(?<![\u4e00-\u9fff])文中|[在从]文中|文章中|文章里|原文|上述|上面提到|前面提到|以上(?:文|内容|材料|信息)|该(?:文|段|文章|段落|章节)|"
    r"这(?:段|篇)(?:文字|文章|话|文|内容)?|如(?:上)?图|上图|下图|图中|表中|上表|下表|材料中|段落中|根据(?:文|材料|段落|以上|上述))",
)
_REFERS: Final = re.compile("|".join(_TO_A_SOURCE), re.IGNORECASE)
_OPENS: Final = (
    r"(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|many|much|often|long|far|old|kind|"
    r"type|of|for|to|in|at|about)"
)
_POINTS: Final = re.compile(
    rf"^\W*(?:{_OPENS}\s+){{1,4}}(?:it|they|them|he|she|him|her|his|its|their|these|those)\b(?!\s+(?:possible|necessary|important|called|known|said|"
    r"true|recommended|safe|legal|likely|that|take|mean|cost|rain|snow|matter|better|best|easy|hard|common|rains|who|which|determined|decided|"
    r"found|thought|believed|considered|discovered|argued|estimated|reported))",
    re.IGNORECASE,
)
_POINTS_AT_A_THING: Final = re.compile(rf"^\W*(?:{_OPENS}\s+){{1,4}}(?:this|that|these|those)\b(?!\s+(?:\w+\s+)?(?:that|which|who)\b)", re.IGNORECASE)
_NAMELESS: Final = re.compile(
    r"\b(?:the|this)(?: (?:new|main|same|given|provided|following|current|original|first|last|next))? "
    r"(?:software|library|package|project|program|application|app|tool|module|framework|code|script|snippet|function|method|class|schema|loop|"
    r"feature|option|setting|command|licen[cs]e|agreement|notice|changelog|release|version|readme|documentation|model|dataset|data set|"
    r"website|company|organi[sz]ation|product|study|experiment|event|gallery|talk)s?"
    r"(?=\W*$|\W* (?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should|may|must|provided|given|shown|added|released|enabled|"
    r"supported)\b)",
    re.IGNORECASE,
)
"""A thing that could be any of its kind, and nothing said of which."""
_NAME: Final = re.compile(r"(?<!^)(?<![.!?] )(?<![\w\"'])[A-Z]|\d|[_`@/]|\w\.\w|[a-z][A-Z]|\"|[^\x00-\x7f]")
"""What a question has that names something: a capital inside, a number, an identifier, words between quotation marks."""
_READ: Final = 2000
"""Characters that are looked at."""
_CHINESE_PRONOUN: Final = re.compile(r"^(?:它|他|她|它们|他们|她们|这|那|此|该)(?!种|类)")


def reference_to_the_text(said: str) -> str | None:
    """The words that point to the text itself, or to a figure in it: "as shown above". None where there are none."""
    found = _REFERS.search(said[:_READ])
    return found[0].strip(" ?.") if found else None


def dangling_reference(question: str) -> str | None:
    """The words of a question that point to a text, a figure or a thing that its reader cannot see; None where there are none.

    >>> dangling_reference("According to the passage, who found radium?")
    'According to the passage'
    >>> dangling_reference("What does it return?")
    'What does it'
    >>> dangling_reference("How do you wrap the text of a cell in openpyxl?")
    >>> dangling_reference("Is it possible to pickle a lambda?")
    >>> dangling_reference("What is the name of the license?"), dangling_reference("What is the licence of the software NumPy?")
    ('the license', None)
    """
    for pattern in (_POINTS, _POINTS_AT_A_THING, _CHINESE_PRONOUN):
        if found := pattern.search(question[:_READ]):
            return found[0].strip(" ?.")
    return reference_to_the_text(question) or nameless_thing(question)


def nameless_thing(question: str) -> str | None:
    """ "the software" in a question that names nothing, so that it could be any; None where there is none. Of English alone."""
    read = question[:_READ]
    found = None if _NAME.search(read) else _NAMELESS.search(read)
    return found[0] if found else None
