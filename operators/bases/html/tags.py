"""Which "<...>" in a text is HTML, and which is mathematics, code, a type parameter, or what the text is about.

A tag counts when it is written like one and names an element of HTML; and either the element never has an end tag (`<br>`), or the text holds both
its start and, later, its end. An element that does nothing without attributes is a placeholder where it has none: `convert <input> <output>`.
Elements of MathML count where `math` does; beside HTML, so do those with a colon or a hyphen that mail programs and frameworks write (`<o:p>`,
`<amp-list>`). Tags inside code (fenced blocks, spans, programs, diffs) and tags that a sentence speaks of ("the <br> tag") are what the text is
about, not how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from operators.bases.code_spans import Span, code_spans, inside
from operators.bases.html.formulas import MATHML

VOID: Final = frozenset("area base basefont bgsound br col embed hr img input link meta source track wbr".split())
PAIRED: Final = frozenset(
    "a abbr acronym address applet article aside audio b bdi bdo big blink blockquote body button canvas caption center cite code colgroup "
    "data dd del details dfn dialog div dl dt em fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header "
    "hgroup html i iframe ins kbd label legend li main map mark marquee menu nav nobr noframes noscript object ol optgroup option output p "
    "param picture pre progress q rb rp rt rtc ruby s samp script section select small span strike strong style sub summary sup svg table "
    "tbody td template textarea tfoot th thead time title tr tt u ul var video".split()
)
_HTML: Final = VOID | PAIRED
_NOTHING_WITHOUT_ATTRIBUTES: Final = VOID - frozenset("br col hr wbr".split())
_END_OPTIONAL: Final = frozenset("p li dt dd td th tr option thead tbody tfoot html body head colgroup".split())
_BLOCKS: Final = frozenset("p li td th tr dt dd".split())
_IN_PAGES_ALONE: Final = frozenset(
    "a b blockquote br center div em font h1 h2 h3 h4 h5 h6 hr i img li ol p pre small span strong sub sup table td th tr u ul".split()
)
"""Elements that other languages of tags do not have."""
_BARE_ATTRIBUTES: Final = frozenset(
    "allowfullscreen async autofocus autoplay checked compact controls declare default defer disabled download hidden ismap itemscope loop multiple "
    "muted nohref noresize noshade novalidate nowrap open playsinline readonly required reversed selected".split()
)

TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*(?:[-:][A-Za-z0-9]+)*)(?P<attributes>(?:\s+[A-Za-z_:@][-\w:.]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`{]+))?)*)\s*/?>""",
)
POSSIBLE: Final = rf"<(?i:/?(?:{'|'.join(sorted(_HTML))}|math)\b|!doctype|!--|!\[|\?xml:)"
"""What stands in every text that is a document or has markup in it, in the syntax of RE2, which searches many texts at once."""
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z_:@][-\w:.]*)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")
_START_OF_DOCUMENT = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_PROGRAM = re.compile(
    r"c(?<=\bc)lassName=|r(?<=\br)eturn\s{1,20}\(?\s{0,20}<[A-Za-z]|=(?:\{|>\s*[({<])|\{/\*"  # JSX
    r"|<(?:/?[A-Z](?=[A-Za-z]*?[a-z][A-Z])\w*+[\s/>]|/?>)|>\s{0,20}\{(?!\{)\w[\w.()]{0,60}\}\s{0,20}</"
    r"|^(?:(?:import|export|const|let|var|function|class|def|public|private|#include|using|package)\b[^\n]*[;{(=:]|[^\S\n]*return \("
    r"|@@ -\d[^\n]*\n(?:[-+ \\][^\n]*\n)*?[-+ ][ \t]*</?[a-z])"  # a diff of what holds tags
    # strings that hold tags, and comments that document a program
    r"|\w(?:[ \t]{1,8}\+?=[ \t]{1,8}|\([ \t]{0,8})[A-Za-z]{0,2}[\"'`]\s{0,8}</?[a-z]"
    r"|(?:e(?<=\be)cho|p(?<=\bp)(?:uts|rintf?))[ \t]{1,8}[\"']\s{0,8}</?[a-z]|/(?<!:/)/{1,3}[ \t]{0,8}</?[a-z]",
    re.MULTILINE,
)
"""Almost every alternative begins with a character, so that the search passes quickly over the others."""
_SPOKEN_OF_BEFORE = re.compile(
    r"""(?:\b(?:the|a|an|this|that|these|those|each|every|any|your|use|uses|used|using|with|called|named|add|adding|insert|inserting|put|write|writing"""
    r"""|type|element|elements|tag|tags|via|of|and|or|like|between|inside|in|into|by|an?|closing|opening|empty)\s+|["'(\u201c\u2018])$""",
    re.IGNORECASE,
)
_SPOKEN_OF_AFTER = re.compile(
    r"""(?:["')\u201d\u2019]|\s+(?:tags?|elements?|attributes?|nodes?|blocks?|markup|is|are|was|and|or|to|in|for|inside|instead|does|can|has|where|when)\b|[.,;:?!](?:\s|$)|$)""",
    re.IGNORECASE,
)

_DECLARATION = re.compile(r"<[!?]")
_CONDITION = re.compile(r"<!\[(?:if [^<>\]]{1,100}|endif)\]>|<\?xml:namespace [^<>]{1,300}>", re.IGNORECASE)
_INDENTATION = re.compile(r"^[^\S\n]*", re.MULTILINE)
_TAG_IS_SAID_AFTER = re.compile(r"\s+(?:tags?|elements?)\b", re.IGNORECASE)


def is_document(text: str) -> bool:
    """Whether the text starts as an HTML document does, after white space, comments and an XML declaration."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        closing = "-->" if text.startswith("<!--", at) else ">" if text.startswith("<?xml", at) else ""
        if not closing:
            return _START_OF_DOCUMENT.match(text, at) is not None
        end = text.find(closing, at)
        if end < 0:
            return False
        at = end + len(closing)


def markup_spans(text: str) -> list[Span]:
    """Where the tags and comments of HTML stand in a text that may hold other uses of "<"."""
    found = [match for match in TAG.finditer(text) if _is_tag(match)]
    comments = list(_comments(text))
    if not found and not comments:
        return []
    code = code_spans(text)
    found = [match for match in found if not inside(match.start(), code)]
    comments = [span for span in comments if not inside(span[0], code)]
    used = [match for match in found if not _is_spoken_of(match)]
    tags = [match for match in used if _name(match) in _HTML]
    paired = _paired(used)
    placeholders = _NOTHING_WITHOUT_ATTRIBUTES - paired
    tags = [match for match in tags if not (_name(match) in placeholders and _is_bare(match))]
    is_html = any(match["end"] or _name(match) in VOID or _name(match) in _BLOCKS for match in tags)
    is_math = "math" in paired and len(paired & MATHML) > 1
    if not (is_html or is_math) or _is_program(text, tags, code):
        return [] if any(_name(match) in _HTML for match in found) else comments
    whole: set[str] = set()
    if is_html:
        whole |= VOID | (paired & _HTML) | _unclosed_blocks(tags, paired & _HTML)
    spans = [match.span() for match in tags if _name(match) in whole]
    if is_math:
        spans += [match.span() for match in used if _name(match) in MATHML]
    if any(_name(match) in _IN_PAGES_ALONE & whole for match in tags) and not _is_xml(text):
        spans += [match.span() for match in used if _is_foreign(_name(match)) and (_name(match) in paired or match[0].endswith("/>"))]
    return sorted({*spans, *comments})


def _name(match: re.Match[str]) -> str:
    return match["name"].lower()


def _is_bare(match: re.Match[str]) -> bool:
    return not match["end"] and not match["attributes"] and not match[0].endswith("/>")


def _paired(tags: list[re.Match[str]]) -> set[str]:
    """Names of which an end tag follows a start tag."""
    started: set[str] = set()
    paired: set[str] = set()
    for match in tags:
        if not match["end"]:
            started.add(_name(match))
        elif _name(match) in started:
            paired.add(_name(match))
    return paired


def _is_foreign(name: str) -> bool:
    """`<o:p>` of mail programs, `<amp-list>` of frameworks."""
    return ":" in name or "-" in name


def _is_xml(text: str) -> bool:
    """Whether tags of another language have their ends, or stand around everything: a feed or a stylesheet that holds HTML, say."""
    around = re.match(r"\s*<(\w+:\w+)", text)
    if around and text.rstrip().endswith(f"</{around[1]}>"):
        return True
    others = [match for match in TAG.finditer(text) if not _is_foreign(_name(match)) and _name(match) not in _HTML | MATHML]
    return text.lstrip().startswith("<?xml ") or bool(_paired(others))


def _is_tag(match: re.Match[str]) -> bool:
    """An element of HTML, whose attributes have values unless they are of those that have none: "<link to X>" is none."""
    name = _name(match)
    if name not in _HTML and name not in MATHML and not _is_foreign(name):
        return False
    if match["end"]:
        return not match["attributes"].strip()
    return all(attribute[2] or attribute[1].lower() in _BARE_ATTRIBUTES for attribute in _ATTRIBUTE.finditer(match["attributes"]))


def _is_spoken_of(match: re.Match[str]) -> bool:
    """A tag in a sentence about it: "Use the <br> tag", "between <b> and </b>"; one with attributes only where it is called a tag."""
    after = _TAG_IS_SAID_AFTER if match["attributes"].strip() else _SPOKEN_OF_AFTER
    if not after.match(match.string, match.end()):
        return False
    return _SPOKEN_OF_BEFORE.search(match.string[max(0, match.start() - 24) : match.start()]) is not None


def _is_program(text: str, tags: list[re.Match[str]], code: Sequence[Span]) -> bool:
    """Code in which tags are written, such as JSX: not a page, even where every tag has its end. What stands in Markdown's code says nothing of the
    text around it."""
    if any(_name(match) == "script" for match in tags):
        return False
    return any(not inside(match.start(), code) for match in _PROGRAM.finditer(text))


def _unclosed_blocks(tags: list[re.Match[str]], paired: set[str]) -> set[str]:
    """Paragraphs, items and cells need no end tag: they count beside other tags of HTML, or where several stand at the start of a line."""
    starts = [match for match in tags if not match["end"] and _name(match) in _END_OPTIONAL & _BLOCKS]
    if paired & (_END_OPTIONAL | {"ul", "ol", "table", "dl", "div"}):
        return {_name(match) for match in starts}
    lines = {line.end() for line in _INDENTATION.finditer(starts[0].string)} if starts else set()
    if not any(match.start() in lines for match in starts) or (len(starts) < 2 and not paired and len(tags) > 1):
        return set()
    return {_name(match) for match in starts}


def _comments(text: str) -> Iterator[Span]:
    """Comments, and the marks of conditions and namespaces that word processors write."""
    if not _DECLARATION.search(text):
        return
    at = text.find("<!--")
    while at >= 0:
        end = text.find("-->", at + 4)
        if end < 0:
            break
        yield at, end + 3
        at = text.find("<!--", end + 3)
    if "<![" in text or "<?xml:" in text:
        yield from (match.span() for match in _CONDITION.finditer(text))
