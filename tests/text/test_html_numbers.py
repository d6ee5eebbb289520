"""Numbers and formulas of web pages keep their values when the page becomes text."""

from __future__ import annotations

import pytest

from operators.text.cleaning.html_text import html_to_text

NUMBERS = [
    ("3.1×10<sup>8</sup> m/s and 2<sup>12</sup>=4096", "3.1×10^8 m/s and 2^12=4096"),
    ("10<sup>-3</sup>, e<sup>−x</sup>, 2<sup>2n</sup>, 2<sup>(n+1)</sup>, e<sup>ix</sup>", "10^-3, e^−x, 2^(2n), 2^(n+1), e^(ix)"),
    ("2<sup>1</sup>/<sub>4</sub> miles, <sup>3</sup>/<sub>4</sub> cup", "2 1/4 miles, 3/4 cup"),
    ("x<sub>1</sub>, a<sub>n+1</sub>, log<sub>2</sub> 8, 101<sub>2</sub>, v<sub>max</sub>", "x_1, a_(n+1), log_2 8, 101_2, v_max"),
    ("$19<sup>99</sup> at 20<sup>o</sup>C", "$19.99 at 20°C"),
    ("SO<sub>4</sub><sup>2−</sup>, Fe<sup>3+</sup>", "SO4^2−, Fe^3+"),
    ("<i>x</i><sub>i</sub><sup>2</sup> + (a+b)<sup>2</sup>, 5 km<sup>2</sup>", "x_i^2 + (a+b)^2, 5 km^2"),
    ("<code>2<sup>5</sup></code> is 32", "`2^5` is 32"),
]

NOTES = [
    ("in 1815<sup>3</sup>", "in 1815^3"),
    ("in 1815<sup><a href='#n3'>3</a></sup>", "in 1815[3]"),
    ("in 1815<a href='#n3'><sup>3</sup></a>", "in 1815[3]"),
    ("in 1815<sup class='footnote'>3</sup>", "in 1815[3]"),
    ("As was shown.<sup>4</sup>", "As was shown.[4]"),
    ("in 1815<sup>[3]</sup>", "in 1815[3]"),
    ("A town<sup>new homes for sale</sup> b", "A town new homes for sale b"),
    ("Ann Lee<sup>1</sup><br><sup>1</sup>University of Leeds", "Ann Lee^1\n1 University of Leeds"),
]

JOINED = [
    ("the 1<sup>st</sup>, 22<sup>nd</sup> and n<sup>th</sup>", "the 1st, 22nd and nth"),
    ("XIX<sup>e</sup> siècle, M<sup>me</sup> Roy, 2<sup>a</sup>", "XIXe siècle, Mme Roy, 2a"),
    ("Lamp<sup>TM</sup>, Lamp<sup>®</sup>, Lamp<sup>(R)</sup>, see<sup>†</sup>", "LampTM, Lamp®, Lamp(R), see†"),
    ("H<sub>2</sub>O, Ca(OH)<sub>2</sub>, C<sub>6</sub>H<sub>12</sub>O<sub>6</sub>, Na<sup>+</sup>", "H2O, Ca(OH)2, C6H12O6, Na+"),
    ("NaCl<sub>(aq)</sub>, <sup>14</sup>C", "NaCl(aq), 14C"),
    ("<pre>2<sup>5</sup></pre>", "```\n25\n```"),
    ("<sub>small print</sub><br>", "small print"),
]


@pytest.mark.parametrize(("source", "text"), NUMBERS)
def test_a_raised_or_lowered_number_does_not_join_another(source: str, text: str) -> None:
    assert html_to_text(source) == html_to_text(f"<html><body>{source}</body></html>") == text


@pytest.mark.parametrize(("source", "text"), NOTES)
def test_a_note_does_not_join_what_it_is_to(source: str, text: str) -> None:
    assert html_to_text(source) == text


@pytest.mark.parametrize(("source", "text"), JOINED)
def test_endings_of_ordinals_signs_and_chemical_formulas_are_joined(source: str, text: str) -> None:
    assert html_to_text(source) == text


def math(inside: str, attributes: str = "") -> str:
    return f"<math{attributes}>{inside}</math>"


_SUM = "<mi>a</mi><mo>+</mo><mn>1</mn>"
_LATEX = '<annotation encoding="application/x-tex">\\frac{a}{b}</annotation>'


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<mfrac><mn>3</mn><mn>4</mn></mfrac>", "3/4"),
        (f"<mfrac><mrow>{_SUM}</mrow><mrow><mn>2</mn><mi>b</mi></mrow></mfrac>", "(a+1)/(2b)"),
        ("<mn>1</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>", "1 1/2"),
        (f"<msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><msup><mi>e</mi><mrow>{_SUM}</mrow></msup>", "x^2=e^(a+1)"),
        ("<msub><mi>x</mi><mi>i</mi></msub><mo>−</mo><msubsup><mi>y</mi><mn>1</mn><mn>2</mn></msubsup>", "x_i−y_1^2"),
        (f"<msqrt>{_SUM}</msqrt><mo>,</mo><mroot><mi>x</mi><mn>3</mn></mroot>", "sqrt(a+1),x^(1/3)"),
        (f"<semantics><mrow>{_SUM}</mrow>{_LATEX}</semantics>", "$\\frac{a}{b}$"),
        ("<mi>sin</mi><mo>\u2061</mo><mi>x</mi>", "sin x"),
    ],
)
def test_mathml_is_written_in_a_line_or_as_the_latex_it_carries(inside: str, text: str) -> None:
    assert html_to_text(f"<html><body>{math(inside)}</body></html>") == text
    assert html_to_text(f"<p>So {math(inside)} holds.</p>") == f"So {text} holds."


def test_scripts_of_mathjax_are_formulas_and_what_it_drew_beside_them_is_none() -> None:
    script = '<script type="math/tex">a<b</script>'
    assert html_to_text(f"<p>Let {script} be.</p>") == "Let $a<b$ be."
    assert (
        html_to_text(f"<html><p>Let <span class='MathJax_Preview'>?</span><span class='MathJax'>ab</span>{script} be.</p></html>") == "Let $a<b$ be."
    )
    assert html_to_text('<p>So</p><script type="math/tex; mode=display">x^2</script><script>var y;</script>') == "So\n\n$$x^2$$"


def test_a_formula_of_katex_or_wikipedia_comes_once() -> None:
    formula = math(f"<semantics><mrow>{_SUM}</mrow>{_LATEX}</semantics>")
    drawn = '<span class="katex-html" aria-hidden="true"><span>a</span><span>b</span></span>'
    assert html_to_text(f'<p><span class="katex"><span class="katex-mathml">{formula}</span>{drawn}</span></p>') == "$\\frac{a}{b}$"
    assert html_to_text(f"<p>Only drawn: {drawn}</p>") == "Only drawn: ab"
    picture = '<img class="mwe-math-fallback-image-inline" alt="{\\displaystyle a}">'
    assert html_to_text(f'<p>A <span class="mwe-math-mathml-inline">{formula}</span>{picture}</p>') == "A $\\frac{a}{b}$"
    assert html_to_text(f'<p>A {picture}, <img class="tex" alt="b^2">, <img class="photo" alt="a boat"></p>') == "A $a$, $b^2$,"
