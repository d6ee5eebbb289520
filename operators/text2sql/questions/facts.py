"""Whether a question that was said in other words still says the same: its values, numbers, names, and what turns a meaning round."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r'"([^"]+)"')
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?(?![\w])")
_WORD: Final = re.compile(r"[a-z][a-z'-]*")
_IN_WORDS: Final = {
    **{word: str(number) for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())},
    **{word: str(number) for number, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)},
    "twenty": "20",
    "thirty": "30",
    "fifty": "50",
    "hundred": "100",
    "once": "1",
    "twice": "2",
    "single": "1",
}
MEANINGS: Final[dict[str, str]] = {
    "greater": r"greater|more than|larger|bigger|higher than|over(?! all)|above|exceed\w*|longer|at least|or more|no less|later|or higher|minimum of",
    "less": r"less|fewer|smaller|lower than|under|below|shorter|at most|or fewer|no more|or lower",
    "or equal": r"at least|at most|or more|or less|or later|or earlier|or equal|no (?:less|more|fewer|earlier|later) than|up to"
    r"|on or|between|from .+ to",
    "before": r"before|earlier|prior|until|up to",
    "after": r"after|since|later|following|onwards?|from .+ on|on or",
    "highest": r"highest|maximum|largest|biggest|greatest|(?<!at )most(?! of)|top|longest|best|max|descending|decreasing|latest",
    "lowest": r"lowest|minimum|smallest|(?<!at )least|fewest|shortest|min|ascending|increasing|cheapest|bottom|earliest",
    "average": r"averages?|mean|on average",
    "total": r"totals?|sum|altogether|combined|all together|overall",
    "count": r"number of|how many|counts?|no\. of|amount of",
    "not": r"not|no|without|never|except|exclud\w+|other than|\w+n't|unknown|missing|none|neither|lack\w*|apart from|but|different from|leaving out",
    "percent": r"percent|percentage|share|proportion|%|fraction",
    "or": r"or|either",
    "each": r"each|every|per|by|respective|grouped",
    "different": r"different|distinct|unique|once|without repetition|various",
    "between": r"between|from .+ to|from .+ through|range|within",
    "starts": r"starts?|begins?|beginning|starting|initial",
    "contains": r"contain\w*|includ\w*|with .+ in|has .+ in|have .+ in|featur\w*",
    "both": r"both|and also|as well as|also|at the same time|and",
    "same": r"same|equal|shared?|identical|own",
    "difference": r"differ\w*|minus|by how much|how much(?: \w+)? (?:greater|higher|larger|more|less|lower|smaller)|exceed\w*|compar\w+|gap"
    r"|subtract\w*",
    "order": r"order\w*|sort\w*|from .+ to .+|ascending|descending|chronolog\w+|starting with|beginning with|first",
    "from the highest": r"(?:from|starting with|beginning with)(?: the)? (?:highest|largest|most|greatest|biggest)|descending|decreasing"
    r"|(?:highest|largest|most|greatest|biggest)(?: \w+)? first",
    "from the lowest": r"(?:from|starting with|beginning with)(?: the)? (?:lowest|smallest|least|fewest|shortest)|ascending|increasing"
    r"|(?:lowest|smallest|least|fewest|shortest)(?: \w+)? first",
    "rank": r"rank\w*|place|position",
    "running": r"up to|running|cumulative|so far|including",
    "unknown": r"unknown|missing|not known|no known|without|null|empty|not recorded|unavailable|no \w+ (?:is )?(?:known|given|recorded)|lack\w*",
}
"""Meaning -> how it is said. What the old question has of these, the new one needs too."""
SHORTEST: Final = 0.6
"""Of the words of a question, so many has one that says the same."""
_TURNING: Final = ("greater", "less", "before", "highest", "lowest", "average", "not", "percent", "different")
"""Meanings that a new question must not bring in."""
_PATTERNS: Final = {name: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for name, pattern in MEANINGS.items()}
_REQUIRED: Final = {
    **{name: _PATTERNS[name] for name in ("greater", "less", "average", "total", "not", "percent", "different", "starts", "rank")},
    "or equal": re.compile(r"(?<!\w)(?:at least|at most|or (?:more|less|later|earlier)|on or (?:after|before)|up to and including)(?!\w)"),
    "between": re.compile(r"(?<!\w)between(?!\w)"),
    "before": re.compile(r"(?<!\w)before(?!\w)"),
    "after": re.compile(r"(?<!\w)(?:after|later)(?!\w)"),
    "contains": re.compile(r"(?<!\w)contain\w*"),
    "unknown": re.compile(r"(?<!\w)(?:not known|unknown|missing|without a known)(?!\w)"),
    "running": re.compile(r"(?<!\w)up to and including(?!\w)"),
    "highest": re.compile(r"(?<!\w)(?:(?<!to the )highest|maximum|latest|(?<!at )most(?! of))(?!\w)"),
    "lowest": re.compile(r"(?<!\w)(?:(?<!to the )lowest|minimum|earliest|fewest)(?!\w)"),
    "or": re.compile(r"(?<!\w)or(?!\w)(?! (?:more|less|later|fewer|equal|after|before|higher|lower))"),
    "order": re.compile(r"(?<!\w)(?:in the order|from the (?:highest|lowest)|ordered|sorted)(?!\w)"),
    "from the highest": re.compile(r"(?<!\w)from the highest(?!\w)"),
    "from the lowest": re.compile(r"(?<!\w)from the lowest(?!\w)"),
    "each": re.compile(r"(?<!\w)(?:each|per|for each|for every)(?!\w)"),
    "both": re.compile(r"(?<!\w)both(?!\w)"),
    "same": re.compile(r"(?<!\w)same(?!\w)"),
    "difference": re.compile(r"(?<!\w)(?:minus|by how much)(?!\w)"),
    "count": re.compile(r"(?<!\w)(?:number of|how many|count the)(?!\w)"),
}
_FUNCTION_WORDS: Final = frozenset(
    (
        "a above after ago all also among an and any are as at average be been before being belong belongs below between both by call can "
        "class consider contains could count did different display do does each either else even ever every fewer find first for from get "
        "give got greater had has have having here high highest how i if in including into is it its itself just know known last later "
        "least leaving less like list long look low lowest many maximum me mean minimum more most much name need needs neither no nor not "
        "number of on one ones only or order orders other others otherwise out over own per percent percentage please rank ranks return row "
        "rows same say see show so starts still sum take tell than that the their them then there these they this those to total under "
        "unknown up us value values very want wants was we were what when where whether which who whom whose with without would you "
    ).split()
)
_ENDINGS: Final = (
    *(("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ses", "s"), ("s", "")),
    *(("ing", ""), ("ed", "")),
)
"""Of words -> what stands there instead."""


def lost_or_added(original: str, new: str) -> str:
    """What a question in other words lost or brought in, told to its writer; "" where nothing is seen.

    >>> lost_or_added('How many tracks are there whose genre is "Rock"?', 'Count the tracks of the genre "Rock".')
    ''
    >>> lost_or_added("Show the 5 tracks with the highest price.", "Show the 5 tracks with the lowest price.")
    'it does not say "highest" any more'
    """
    old_text, new_text = original.lower(), new.lower()
    for quoted in _QUOTED.findall(old_text):
        if quoted not in new_text:
            return f'it lost the text "{quoted}"'
    old_bare, new_bare = _QUOTED.sub(" ", old_text), _without(new_text, _QUOTED.findall(old_text))
    missing = _numbers(old_bare) - _numbers(new_bare, words=True)
    if missing:
        return f"it lost the number {min(missing)}"
    extra = _numbers(new_bare) - _numbers(old_bare, words=True)
    if extra:
        return f"it brings in the number {min(extra)}"
    if new_bare.count("?") > max(1, old_bare.count("?")):
        return "it asks more than the question did"
    if len(new.split()) < SHORTEST * len(original.split()):
        return "it is so much shorter that something is missing"
    return _other_meaning(old_bare, new_bare) or _lost_name(old_bare, new_bare) or _other_columns(old_bare, new_bare)


def _other_columns(old: str, new: str) -> str:
    """Several aggregates in another order would be columns in another order. Where rows are put in order, these words say how."""
    named = _in_turn(old)
    if len(named) < 2 or _REQUIRED["order"].search(old) or _in_turn(new) == named:
        return ""
    return f"it names them in another order than {', '.join(named)}"


def _in_turn(text: str) -> list[str]:
    """Average, lowest and highest in the order in which they are first named."""
    places = {name: found.start() for name in ("average", "lowest", "highest") if (found := _PATTERNS[name].search(text))}
    return sorted(places, key=lambda name: places[name])


def _without(text: str, values: list[str]) -> str:
    """The text without these values, in quotes or not: a title may hold any word."""
    for value in sorted(values, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", text)
    return _QUOTED.sub(" ", text)


def _numbers(text: str, words: bool = False) -> set[str]:
    found = {re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", number).rstrip(".,") for number in _NUMBER.findall(text)}
    return found | {_IN_WORDS[word] for word in _WORD.findall(text) if word in _IN_WORDS} if words else found


def _other_meaning(old: str, new: str) -> str:
    for name, needed in _REQUIRED.items():
        if needed.search(old) and not _PATTERNS[name].search(new):
            return f'it does not say "{name}" any more'
    for name in _TURNING:
        if _PATTERNS[name].search(new) and not _PATTERNS[name].search(old):
            said = _PATTERNS[name].search(new)
            return f'"{said[0] if said else name}" was not in the question'
    return ""


def _lost_name(old: str, new: str) -> str:
    """Nouns of the old question: names of tables and columns. Their stems have to be there."""
    there = {_stem(word) for word in _WORD.findall(new)}
    for word in _WORD.findall(old):
        if word not in _FUNCTION_WORDS and len(word) > 2 and word not in _IN_WORDS and _stem(word) not in there:
            return f'it does not say "{word}" any more'
    return ""


def _stem(word: str) -> str:
    word = word.removesuffix("'s").rstrip("'")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word.endswith(("ss", "us", "is"))):
            return (word[: -len(ending)] + instead).rstrip("e")
    return word.rstrip("e")
