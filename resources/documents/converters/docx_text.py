"""The text of one paragraph of a DOCX, with what hangs on it: pictures, text boxes, formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from resources.documents.converters.docx_styles import child, value
from resources.documents.converters.inline import lowered, marked, raised
from resources.documents.converters.omml import latex_of
from resources.documents.converters.symbol_fonts import in_font, symbol
from resources.documents.converters.xml_parts import attribute, local

_SKIPPED: Final = frozenset("del moveFrom pPr rPr instrText delText sectPr bookmarkStart bookmarkEnd commentRangeStart proofErr fldData".split())
_PLAIN: Final = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    bold: bool = False
    italic: bool = False
    shift: str = ""
    """"superscript", "subscript" or ""."""


class ParagraphText:
    """Reads a paragraph. Deleted and hidden text is left out."""

    def __init__(self, element: Element, targets: Mapping[str, str]) -> None:
        self.runs: list[Run] = []
        self.formulas: list[str] = []
        """Those on lines of their own; others are among the runs."""
        self.pictures: list[tuple[str, str]] = []
        """(what is seen, name of the file)."""
        self.boxes: list[Element] = []
        self.graphics: list[Element] = []
        """Frames of charts and diagrams."""
        self._targets = targets
        alone = not any(local(one) == "t" and (one.text or "").strip() and not _is_mathematical(one) for one in element.iter())
        self._formulas_stand_alone = alone
        self._read(element)

    def _read(self, element: Element) -> None:
        for one in element:
            name = local(one)
            if name in _SKIPPED:
                continue
            if name == "r" and not _is_mathematical(one):
                self._run(one)
            elif name == "oMathPara":
                self.formulas += [latex_of(formula) for formula in one if local(formula) == "oMath"]
            elif name == "oMath":
                self._formula(one)
            elif name == "AlternateContent":
                chosen = child(one, "Choice")
                self._read(chosen if chosen is not None and _says_something(chosen) else (child(one, "Fallback") or one))
            elif name in ("drawing", "pict", "object"):
                self._picture(one)
            else:
                self._read(one)

    def _formula(self, element: Element) -> None:
        latex = latex_of(element)
        if self._formulas_stand_alone:
            self.formulas.append(latex)
        elif latex:
            self.runs.append(Run(f"${latex}$"))

    def _run(self, element: Element) -> None:
        properties = child(element, "rPr")
        if _is_on(properties, "vanish"):
            return
        look = (_is_on(properties, "b"), _is_on(properties, "i"), value(properties, "vertAlign"))
        fonts = child(properties, "rFonts")
        font = attribute(fonts, "ascii") if fonts is not None else ""
        for one in element:
            name = local(one)
            if name == "t":
                self.runs.append(Run(in_font(one.text or "", font), *look))
            elif name in _PLAIN:
                self.runs.append(Run(_PLAIN[name]))
            elif name in ("footnoteReference", "endnoteReference"):
                self.runs.append(Run(f"[^{'e' if name[0] == 'e' else ''}{attribute(one, 'id')}]"))
            elif name == "sym":
                self.runs.append(Run(symbol(attribute(one, "font"), attribute(one, "char")), *look))
            elif name == "ruby":
                self._ruby(one)
            elif name in ("drawing", "pict", "object"):
                self._picture(one)
            elif name == "AlternateContent":
                chosen = child(one, "Choice")
                taken = chosen if chosen is not None and _says_something(chosen) else child(one, "Fallback")
                if taken is not None:
                    self._run(taken) if any(local(inner) in ("t", "drawing", "pict", "object") for inner in taken) else self._read(taken)

    def _ruby(self, element: Element) -> None:
        """Characters, and in brackets how they are read."""
        for name, before, after in (("rubyBase", "", ""), ("rt", "(", ")")):
            if (part := child(element, name)) is not None:
                self.runs.append(Run(before))
                self._read(part)
                self.runs.append(Run(after))

    def _picture(self, element: Element) -> None:
        """Its text boxes are read later, as paragraphs of their own; boxes inside boxes with them."""
        boxes = [one for one in element.iter() if local(one) == "txbxContent"]
        inner = {id(deeper) for box in boxes for deeper in box.iter() if deeper is not box}
        self.boxes += [box for box in boxes if id(box) not in inner]
        if boxes:
            return
        if any(local(one) in ("chart", "relIds") for one in element.iter()):
            self.graphics.append(element)
        described = next((text for one in element.iter() if local(one) == "docPr" and (text := attribute(one, "descr"))), "")
        for one in element.iter():
            link = (
                attribute(one, "embed") or attribute(one, "link")
                if local(one) == "blip"
                else attribute(one, "id")
                if local(one) == "imagedata"
                else ""
            )
            if link:
                self.pictures.append((described or attribute(one, "title"), self._targets.get(link, "")))


def _is_mathematical(element: Element) -> bool:
    return element.tag.rpartition("}")[0].endswith("/math")


def _says_something(element: Element) -> bool:
    return any(local(one) in ("t", "txbxContent", "blip", "imagedata", "chart", "relIds") for one in element.iter())


def _is_on(properties: Element | None, name: str) -> bool:
    found = child(properties, name)
    return found is not None and attribute(found, "val") not in ("0", "false", "off", "none")


def text_of_runs(runs: Sequence[Run], plain: bool = False) -> str:
    """The text, with marks for bold and italic where a part of the paragraph is so; a paragraph that is bold as a whole needs none."""
    whole = [run for run in runs if run.text.strip()]
    all_bold, all_italic = all(run.bold for run in whole), all(run.italic for run in whole)
    made: list[str] = []
    at = 0
    while at < len(runs):
        end = at + 1
        while end < len(runs) and _same_look(runs[at], runs[end]):
            end += 1
        text = "".join(run.text for run in runs[at:end])
        look = runs[at]
        if look.shift == "superscript":
            text = raised(text)
        elif look.shift == "subscript":
            text = lowered(text)
        if not plain and look.italic and not all_italic:
            text = marked(text, "*")
        if not plain and look.bold and not all_bold:
            text = marked(text, "**")
        made.append(text)
        at = end
    return "".join(made)


def _same_look(a: Run, b: Run) -> bool:
    return (a.bold, a.italic, a.shift) == (b.bold, b.italic, b.shift)
