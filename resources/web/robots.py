"""What a site's robots.txt allows. Source: RFC 9309, with its wildcards and its rule that the longest match counts."""

from __future__ import annotations

from typing import Final, NamedTuple

MOST_BYTES: Final = 500 * 1024
LONGEST_DELAY_SECONDS: Final = 60.0
_MOST_RULES: Final = 5_000


class Rule(NamedTuple):
    allows: bool
    pattern: str


class Robots(NamedTuple):
    """`delay`: seconds between two requests that the site asks for; 0 where it does not."""

    rules: tuple[Rule, ...]
    delay: float = 0.0

    def allows(self, path: str) -> bool:
        """Of all rules that match, the longest counts; of two that are as long, the one that allows."""
        matching = [rule for rule in self.rules if _matches(rule.pattern, path)]
        return max(matching, key=lambda rule: (len(rule.pattern), rule.allows)).allows if matching else True


EVERYTHING: Final = Robots(())
NOTHING: Final = Robots((Rule(False, "/"),))


def read_robots(text: str, agent: str) -> Robots:
    """The rules for an agent, by the first word of its name; those for "*" where none are for it."""
    token = agent.split()[0].split("/")[0].lower()
    own: list[Rule] = []
    others: list[Rule] = []
    delays: dict[bool, float] = {}
    named: list[str] = []
    """The agents of the group that is read."""
    names_end = True
    is_own = False
    for line in text.splitlines():
        name, colon, value = line.split("#", 1)[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            named = [value.lower()] if names_end else [*named, value.lower()]
            names_end = False
            is_own = is_own or token in named
            continue
        if name not in ("allow", "disallow", "crawl-delay"):
            continue
        names_end = True
        mine, everybody = token in named, "*" in named
        if name == "crawl-delay":
            delays |= {key: _seconds(value) for key, meant in ((True, mine), (False, everybody)) if meant}
        elif value and len(own) + len(others) < _MOST_RULES:
            rule = Rule(name == "allow", value)
            own += [rule] if mine else []
            others += [rule] if everybody else []
    return Robots(tuple(own if is_own else others), delays.get(is_own, 0.0))


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), LONGEST_DELAY_SECONDS) if seconds == seconds else 0.0


def _matches(pattern: str, path: str) -> bool:
    """ "*" stands for any characters, "$" at the end for the end of the path. Piece by piece, so that no pattern takes long."""
    anchored = pattern.endswith("$")
    first, *others = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not others:
        return not anchored or at == len(path)
    *middle, last = others
    for piece in middle:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if anchored:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0
