"""Formulas of office files (Office MathML) as LaTeX."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from resources.documents.converters.xml_parts import attribute, local

_SIGNS: Final = {
    "∑": r"\sum", "∫": r"\int", "∬": r"\iint", "∭": r"\iiint", "∮": r"\oint", "∏": r"\prod", "⋃": r"\bigcup", "⋂": r"\bigcap",
    "√": r"\sqrt", "∞": r"\infty", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "±": r"\pm", "∓": r"\mp",
    "×": r"\times", "÷": r"\div", "⋅": r"\cdot", "∙": r"\cdot", "→": r"\rightarrow", "←": r"\leftarrow", "⇒": r"\Rightarrow", "↔": r"\leftrightarrow",
    "∂": r"\partial", "∇": r"\nabla", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap", "∅": r"\emptyset",
    "∀": r"\forall", "∃": r"\exists", "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "…": r"\ldots", "⋯": r"\cdots", "∼": r"\sim", "∝": r"\propto",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\epsilon", "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ι": r"\iota",
    "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon",
    "φ": r"\phi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda",
    "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
}  # fmt: skip
_ACCENTS: Final = {"̂": "hat", "̃": "tilde", "̇": "dot", "̈": "ddot", "⃗": "vec", "̅": "overline", "¯": "overline", "̄": "bar"}
_FUNCTIONS: Final = frozenset("sin cos tan cot sec csc sinh cosh tanh log ln lim max min sup inf exp det arg arcsin arccos arctan".split())
_BRACKETS: Final = {"{": r"\{", "}": r"\}", "": ".", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "⌊": r"\lfloor", "⌋": r"\rfloor"}


def latex_of(element: Element) -> str:
    """LaTeX of an `oMath` element, on one line."""
    return " ".join(_all(element).split())


def _all(element: Element | None) -> str:
    return "".join(_one(child) for child in element) if element is not None else ""


def _part(element: Element, name: str) -> str:
    return next((_all(child) for child in element if local(child) == name), "")


def _group(text: str) -> str:
    text = text.strip()
    return text if len(text) == 1 else f"{{{text}}}"


def _setting(element: Element, name: str, default: str = "") -> str:
    for properties in element:
        if local(properties).endswith("Pr"):
            for child in properties:
                if local(child) == name:
                    return attribute(child, "val")
    return default


def _one(element: Element) -> str:
    name = local(element)
    if name == "r":
        return "".join(_text(child.text or "") for child in element if local(child) == "t")
    if name == "t":
        return _text(element.text or "")
    if name == "f":
        return rf"\frac{{{_part(element, 'num')}}}{{{_part(element, 'den')}}}"
    if name == "sSup":
        return f"{_group(_part(element, 'e'))}^{_group(_part(element, 'sup'))}"
    if name == "sSub":
        return f"{_group(_part(element, 'e'))}_{_group(_part(element, 'sub'))}"
    if name in ("sSubSup", "sPre"):
        return f"{_group(_part(element, 'e'))}_{_group(_part(element, 'sub'))}^{_group(_part(element, 'sup'))}"
    if name == "rad":
        degree = _part(element, "deg").strip()
        return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e')}}}"
    if name == "nary":
        return _nary(element)
    if name == "d":
        return _bracketed(element)
    if name == "func":
        return f"{_part(element, 'fName')} {_part(element, 'e')}"
    if name in ("limLow", "limUpp"):
        mark = "_" if name == "limLow" else "^"
        return f"{_part(element, 'e').strip()}{mark}{_group(_part(element, 'lim'))}"
    if name == "acc":
        return rf"\{_ACCENTS.get(_setting(element, 'chr', '̂'), 'hat')}{{{_part(element, 'e')}}}"
    if name == "bar":
        return rf"\overline{{{_part(element, 'e')}}}"
    if name == "m":
        rows = (" & ".join(_all(cell).strip() for cell in row if local(cell) == "e") for row in element if local(row) == "mr")
        return r"\begin{matrix} " + r" \\ ".join(rows) + r" \end{matrix}"
    if name == "eqArr":
        return r"\begin{aligned} " + r" \\ ".join(_all(row).strip() for row in element if local(row) == "e") + r" \end{aligned}"
    return "" if name.endswith("Pr") else _all(element)


def _nary(element: Element) -> str:
    sign = _text(_setting(element, "chr", "∫")).strip()
    below, above = _part(element, "sub").strip(), _part(element, "sup").strip()
    return f"{sign}{f'_{_group(below)}' if below else ''}{f'^{_group(above)}' if above else ''} {_part(element, 'e')}"


def _bracketed(element: Element) -> str:
    start, end = _setting(element, "begChr", "("), _setting(element, "endChr", ")")
    inside = _setting(element, "sepChr", "|").join(_all(child) for child in element if local(child) == "e")
    return rf"\left{_BRACKETS.get(start, start)} {inside} \right{_BRACKETS.get(end, end)}"


def _text(text: str) -> str:
    """Signs as LaTeX names them; names of functions with a backslash."""
    if text.strip() in _FUNCTIONS:
        return f"\\{text.strip()} "
    return "".join(f"{_SIGNS[sign]} " if sign in _SIGNS else rf"\{sign}" if sign in "%&#" else sign for sign in text)
