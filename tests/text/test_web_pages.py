"""Faults D2 and D3: what is HTML becomes text without losing a word; what only speaks of HTML, or is a program, stays as it is."""

from __future__ import annotations

import pytest

from operators.text.cleaning.html_text import html_to_text

NOT_HTML = [
    "Use the <br> tag to break a line.",
    "See <link to X> for more.",
    "Wrap the word in <b> and </b>.",
    "The <p> element is a block. Close it with </p>.",
    "What does <div> mean in HTML?",
    "The tags <ul> and <li> make lists.",
    "In HTML you write `<br>` or <br/>.",
    "Press <Enter> or <Esc>, then a < b and c > d.",
    "Replace <name> with your name and <i> with the index.",
    "<john@example.com> wrote:",
    "List<String> names = new ArrayList<>();",
    "#include <stdio.h>\nint main() { return 0; }",
    'function App() {\n  return (\n    <div className="x">\n      <h1>Hello</h1>\n    </div>\n  );\n}',
    "import React from 'react';\nexport default () => <p>Hi</p>;",
    "const a = <Panel size={1}>text</Panel>;",
    "```html\n<p>An example.</p>\n```",
    "if x <y and z> 3",
    "if (a<b && c>d) { return <div>{x}</div>; }",
    "link = \"<a href='%s'>%s</a>\" % (url, name)",
    'echo "<br>" . $row["name"];',
    'document.write("<b>now</b>");',
    '/// <summary>Adds two numbers.</summary>\n/// <param name="a">The one.</param>\nint Add(int a) => a;',
    'The <title> element and the <meta charset="utf-8"> tag belong in <head>.',
]


@pytest.mark.parametrize("text", NOT_HTML)
def test_d2_prose_and_code_about_html_stay_as_they_are(text: str) -> None:
    assert html_to_text(text) == text
    assert html_to_text(text, boilerplate=False) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<P>I am a paragraph that goes on for a while.", "I am a paragraph that goes on for a while."),
        ("Plain text first.\n<P>I am what follows it.", "Plain text first.\n\nI am what follows it."),
        ("Intro.\n<p>First.\n<p>Second.", "Intro.\n\nFirst.\n\nSecond."),
        ("Some <b>bold</b> words", "Some bold words"),
        ("one<br>two", "one\ntwo"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("see <a href='x'>the page</a> here", "see the page here"),
    ],
)
def test_d2_fragments_of_html_are_read_also_after_plain_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


def test_d3_breaks_inside_pre_keep_the_indentation() -> None:
    source = "<pre>def f(x):<br>    if x:<br/>        return 1</pre>"
    assert html_to_text(source) == "```\ndef f(x):\n    if x:\n        return 1\n```"


@pytest.mark.parametrize("boilerplate", [True, False])
def test_d3_a_page_that_stands_in_one_form_is_read(boilerplate: bool) -> None:
    source = "<html><body><form id='all'><p>The whole page stands in a form.</p><input name='q'></form></body></html>"
    assert html_to_text(source, boilerplate) == "The whole page stands in a form."


PAGE = """<!doctype html><html><head><title>T</title><script>var x;</script></head><body><nav><a href="/">Home</a></nav>
<main><h1>Ferries</h1><p>The ferry leaves the harbour at six in the morning, and comes back with the last light of the day.</p>
<table><tr><td>Adults</td><td>4</td></tr></table><math><mi>x</mi></math><select><option>Monday</option></select></main>
<footer>Imprint</footer><div style="display:none">hidden</div></body></html>"""


def test_the_full_text_has_every_word_that_a_reader_sees_and_no_script() -> None:
    words = set(html_to_text(PAGE).split())
    assert {"Home", "Ferries", "harbour", "Adults", "4", "x", "Monday", "Imprint"} <= words
    assert "var" not in words


def test_without_boilerplate_navigation_and_footers_go_and_the_text_stays() -> None:
    text = html_to_text(PAGE, boilerplate=False)
    assert "Home" not in text
    assert "Imprint" not in text
    assert "The ferry leaves the harbour" in text


def test_tags_beside_a_program_in_markdown_go_and_the_program_stays() -> None:
    code = "```python\nimport os\ndef main(name: str):\n    return f'<b>{name}</b>'\n```"
    text = f'<p align="center">\n  <em>Build tools with ease.</em>\n</p>\n\n{code}\n'
    assert html_to_text(text).split() == f"Build tools with ease. {code}".split()


def links(*titles: str) -> str:
    return "".join(f'<li><a href="/{title}">{title}</a></li>' for title in titles)


ARTICLE = (
    "<h1>Ferries</h1><p>The ferry leaves the harbour at six, as <a href='/a'>the plan</a> says, and comes back with the last light of the day.</p>"
)


def test_without_boilerplate_blocks_that_are_little_but_links_go() -> None:
    menu = f"<ul><li><a href='/'>Home</a><ul>{links('North', 'South', 'East')}</ul></li>{links('West', 'Sport')}</ul>"
    found = html_to_text(f"<html><body><div>{menu}{ARTICLE}<div>{links('More', 'Teasers', 'Here')}</div></div></body></html>", boilerplate=False)
    assert found == "Ferries\n\nThe ferry leaves the harbour at six, as the plan says, and comes back with the last light of the day."


def test_two_links_are_no_menu_and_a_list_with_text_is_none() -> None:
    page = f"<html><body>{ARTICLE}<ul>{links('One', 'Two')}</ul><ul>{links('A', 'B', 'C')}<li>Much more text than there are links in it.</li></ul>"
    found = html_to_text(page + "</body></html>", boilerplate=False)
    assert "- One" in found
    assert "- C" in found


def test_a_page_of_nothing_but_links_stays() -> None:
    assert "South" in html_to_text(f"<html><body><ul>{links('North', 'South', 'East', 'West')}</ul></body></html>", boilerplate=False)


def test_teasers_that_come_a_second_time_go_and_the_steps_of_a_recipe_stay() -> None:
    teasers = "".join(f"<div><a href='/{n}'>Story {n}</a><p>Told on Monday the {n}.</p></div>" for n in (1, 2, 3))
    found = html_to_text(f"<html><body>{teasers}{ARTICLE}{teasers}</body></html>", boilerplate=False)
    assert found.count("Story 2") == 1
    assert "The ferry leaves" in found
    steps = "<p>Stir well.</p><p>Let it stand.</p><p>Cut it.</p>"
    assert html_to_text(f"<html><body>{steps}{ARTICLE}{steps}</body></html>", boilerplate=False).count("Let it stand.") == 2


def test_the_main_text_is_the_article_and_other_texts_stay() -> None:
    pytest.importorskip("trafilatura", reason="the extra [html] is not installed")
    from operators.text.cleaning.main_text import MainText

    article = "The ferry leaves the harbour at six in the morning, and comes back with the last light of the day. " * 6
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(30))
    page = f"<html><body><nav><ul>{menu}</ul></nav><article><h1>Ferries</h1><p>{article}</p></article><footer>Imprint</footer></body></html>"
    found = MainText().refine(page)
    assert "The ferry leaves" in found
    assert "Section 7" not in found
    assert MainText().refine("Plain <b>text</b> & more") == "Plain <b>text</b> & more"
    assert MainText().refine("<html><body></body></html>") == ""
