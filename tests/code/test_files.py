"""Languages, syntax, licences, secrets and duplicates of source files."""

from __future__ import annotations

import importlib.util
import zlib
from typing import Any

import pytest

from operators.bases.personal_data.token_checksums import base_62, checksum_is_right
from operators.code.duplicates.source_duplicates import ExactSourceDedup, MinHashSourceDedup
from operators.code.language.identification import language_by_first_line, language_by_name
from operators.code.language.languages import languages
from operators.code.language.operators import ProgrammingLanguageEvaluator, ProgrammingLanguageFilter
from operators.code.language.syntax_filter import SyntaxFilter
from operators.code.licences.expressions import is_permissive
from operators.code.licences.operators import LicenceEvaluator, LicenceFilter
from operators.code.licences.signatures import licence_of
from operators.code.secrets.operators import RedactSecrets, SecretsEvaluator, SecretsFilter, secrets_in

needs_magika = pytest.mark.skipif(importlib.util.find_spec("magika") is None, reason="magika (extra [code]) is not installed")
needs_tree_sitter = pytest.mark.skipif(importlib.util.find_spec("tree_sitter_language_pack") is None, reason="tree-sitter (extra [code]) is missing")

ADD = "def add(first, second):\n    return first + second\n"


@pytest.mark.parametrize(
    ("path", "content", "language"),
    [
        ("src/app.py", "", "Python"),
        ("C:\\work\\App.PY", "", "Python"),
        ("types/index.d.ts", "", "TypeScript"),
        ("CMakeLists.txt", "", "CMake"),
        ("deploy/Dockerfile.dev", "", "Dockerfile"),
        ("notes.txt", "", "Text"),
        ("point.h", "struct point { int x; };", "C"),
        ("point.h", "namespace shape {\nclass Point {};\n}", "C++"),
        ("point.h", "@interface Point : NSObject\n@end", "Objective-C"),
        ("solve.m", "function y = solve(x)\n% half\ny = x / 2;\nend", "MATLAB"),
        ("rules.pl", "parent(X) :- child(X).", "Prolog"),
        ("run.pl", "use strict;\nmy $x = 1;", "Perl"),
        ("ui_de.ts", '<?xml version="1.0"?><TS>', "XML"),
        ("list.ts", "const names: Array<TS> = []", "TypeScript"),
        ("unknown.zzz", "", None),
        ("noending", "", None),
    ],
)
def test_the_name_says_the_language_and_signs_decide_where_several_share_an_ending(path: str, content: str, language: str | None) -> None:
    assert language_by_name(path, content) == language


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("#!/usr/bin/env python3", "Python"),
        ("#!/usr/bin/python3.11 -E", "Python"),
        ("#! /bin/sh", "Shell"),
        ("#!/usr/bin/env -S node --trace", "JavaScript"),
        ("<!DOCTYPE html>", "HTML"),
        ("<?php", "PHP"),
        ("# python", None),
        ("", None),
    ],
)
def test_the_first_line_says_the_language(line: str, language: str | None) -> None:
    assert language_by_first_line(f"{line}\nmore\n") == language


def test_no_two_languages_claim_a_whole_name_or_an_interpreter() -> None:
    for field in ("filenames", "interpreters", "magika"):
        claimed = [key for language in languages().values() for key in getattr(language, field)]
        assert len(claimed) == len(set(claimed)), field


def test_the_name_goes_before_the_first_line_and_nothing_known_is_null(ran: Any) -> None:
    files = (("#!/bin/sh\n", "a.py"), ("#!/bin/sh\n", None), ("?", ""), (None, "a.py"))
    rows = [{"text": text, "filename": name} for text, name in files]
    found, _ = ran(ProgrammingLanguageEvaluator(by_content=False), rows)
    assert [(row["language"], row["language_found_by"]) for row in found] == [("Python", "name"), ("Shell", "first line"), (None, ""), (None, None)]


@needs_magika
def test_the_model_looks_at_what_has_no_name(ran: Any) -> None:
    program = "".join(f"def f{number}(x):\n    if x > {number}:\n        return [y for y in range(x)]\n    return None\n\n" for number in range(6))
    found, _ = ran(ProgrammingLanguageEvaluator(), [{"text": program}, {"text": ""}])
    assert (found[0]["language"], found[0]["language_found_by"]) == ("Python", "content")
    assert found[0]["language_certainty"] > 0.5
    assert found[1]["language"] is None


def test_files_of_other_languages_are_set_aside_by_name(ran: Any) -> None:
    rows = [{"text": "int x;", "filename": "a.c"}, {"text": ADD, "filename": "a.py"}]
    going, aside = ran(ProgrammingLanguageFilter(languages=("C", "C++"), by_content=False), rows)
    assert [row["filename"] for row in going] == ["a.c"]
    assert aside[0]["rejected_reason"] == "ProgrammingLanguageFilter: Python"
    with pytest.raises(Exception, match='there is no language "python"'):
        ProgrammingLanguageFilter(languages=("python",))


def test_what_python_cannot_parse_is_dropped_with_the_line(ran: Any) -> None:
    rows = [{"text": ADD}, {"text": "\ufeff" + ADD}, {"text": ADD + "print 'two'\n"}, {"text": "x = " + "(" * 4000}, {"text": "x = \0"}]
    going, aside = ran(SyntaxFilter(language="Python"), rows)
    assert len(going) == 2
    assert aside[0]["rejected_reason"].startswith("SyntaxFilter: not Python, line 3: Missing parentheses")


@needs_tree_sitter
def test_other_languages_are_parsed_by_their_grammar_and_unknown_ones_stay(ran: Any) -> None:
    right = {
        "a.c": "int f(int x) { return x; }",
        "a.rs": "fn main() { let x = 1; }",
        "a.go": "package main\nfunc main() {}\n",
        "a.js": "const f = () => 1;",
    }
    wrong = {"b.c": "int f( { return", "b.rs": "fn main( { let", "b.go": "func {{", "b.js": "const = => 1;"}
    rows = [{"text": text, "filename": name} for name, text in {**right, **wrong, "c.xyz": "((("}.items()]
    going, aside = ran(SyntaxFilter(), rows)
    assert {row["filename"] for row in going} == {*right, "c.xyz"}
    assert all("line 1: " in row["rejected_reason"] for row in aside)
    macro = {"text": "BEGIN_NAMESPACE(x)\n" + "int f(int x) { return x; }\n" * 60, "filename": "macro.cpp"}
    assert len(ran(SyntaxFilter(max_errors_share=0.1), [macro])[0]) == 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("# SPDX-License-Identifier: MIT\n", "MIT"),
        ("/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */", "(GPL-2.0-only OR BSD-2-Clause)"),
        ("// Licensed under the Apache License,\n// Version 2.0 (the terms)", "Apache-2.0"),
        ("# it is under the GNU General Public License; version 3, or any later version", "GPL-3.0-or-later"),
        ("# GNU Lesser General Public License, version 2.1", "LGPL-2.1-only"),
        ("// Use of it is governed by a BSD-style\n// license", "BSD-3-Clause"),
        ("# placed in the public domain", "LicenseRef-public-domain"),
        ("# see LICENSE", None),
        ("# License: GPLv3+", "GPL-3.0-or-later"),
        ("# Distributed under the GPL v2", "GPL-2.0-only"),
        ("# licensed under LGPLv3", "LGPL-3.0-only"),
        ("# under the terms of the GNU General Public License.", "GPL-1.0-or-later"),
        ("# GNU General Public License v3.0", "GPL-3.0-only"),
        ("/* GNU General Public License, version 2 */ enum registers { V1, V2, V3 };", "GPL-2.0-only"),
        ("# Licence: AGPLv3", "AGPL-3.0-only"),
        ('__license__ = "MIT"', "MIT"),
        ("// @license Apache 2.0", "Apache-2.0"),
        ("# Mozilla Public License Version 1.1", "MPL-1.1"),
        ("# Licensed under Creative Commons Attribution-NonCommercial 4.0", "CC-BY-NC-4.0"),
        ("# <https://creativecommons.org/licenses/by-nc-sa/3.0/>", "CC-BY-NC-SA-3.0"),
        ("# License: CC BY 4.0", "CC-BY-4.0"),
        ("# Business Source License 1.1", "BUSL-1.1"),
        ("# Apache License, Version 2.0, with the Commons Clause", "LicenseRef-Commons-Clause"),
        ("# Redistribution and use in source and binary forms. All advertising materials must", "BSD-4-Clause"),
        ("# published by MIT Press; written under supervision of the department", None),
        ("<!-- SPDX-License-Identifier: MIT -->", "MIT"),
        ("{- spdx-license-identifier: MIT -}", "MIT"),
        ("# SPDX-License-Identifier: MIT.", "MIT"),
        ("# SPDX-License-Identifier: MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) or MIT) */", "((GPL-2.0 WITH Linux-syscall-note) OR MIT)"),
        ("# SPDX-License-Identifier: MIT\n# SPDX-License-Identifier: GPL-3.0-only OR ISC", "MIT AND (GPL-3.0-only OR ISC)"),
        ("# SPDX-License-Identifier: AND", None),
        (ADD, None),
    ],
)
def test_a_licence_is_known_by_its_identifier_or_its_words(header: str, name: str | None) -> None:
    assert licence_of(header + "\n" + ADD).name == name


def test_permissive_files_stay_and_what_is_unsaid_is_decided_by_a_parameter(ran: Any) -> None:
    rows = [{"text": f"# SPDX-License-Identifier: {name}\n"} for name in ("MIT", "GPL-3.0-only", "MIT OR GPL-2.0-only")] + [{"text": ADD}]
    going, aside = ran(LicenceFilter(), rows)
    assert len(going) == 3
    assert aside[0]["rejected_reason"] == "it stands under GPL-3.0-only"
    assert len(ran(LicenceFilter(unsaid="reject"), rows)[0]) == 2
    assert len(ran(LicenceFilter(only=("GPL-3.0-only",), unsaid="reject"), rows)[0]) == 1
    assert ran(LicenceEvaluator(), rows)[0][3]["licence"] is None
    either = [{"text": "# SPDX-License-Identifier: GPL-3.0-only OR MIT"}]
    assert len(ran(LicenceFilter(only=("MIT",)), either)[0]) == 1


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only AND (MIT OR Apache-2.0)", False),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND (GPL-2.0-only OR ISC)", True),
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", True),
        ("mit or gpl-3.0-only", True),
        ("Apache-2.0+", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(MIT", False),
        ("", False),
        ("NONE", False),
    ],
)
def test_an_expression_is_permissive_where_one_may_choose_it_to_be(expression: str, permissive: bool) -> None:
    assert is_permissive(expression) is permissive


def token(body: str = "Q7w2Er9TyU4iOp1AsD6fGh3JkL8zXc") -> str:
    return f"ghp_{body}{base_62(zlib.crc32(body.encode()))}"


def test_secrets_are_named_dropped_and_replaced(ran: Any) -> None:
    leaked = f'TOKEN = "{token()}"\n{ADD}'
    url = f"connect('postgres://admin:Xk29vLq81z@db/main')\n{ADD}"
    rows = [
        {"text": leaked},
        {"text": url},
        {"text": ADD},
        {"text": "password = os.environ['PASSWORD']"},
        {"text": "url = f'//{user}:{secret}@host'"},
    ]
    assert [row["secrets"] for row in ran(SecretsEvaluator(), rows)[0]] == [["github_token"], ["password_in_url"], [], [], []]
    going, aside = ran(SecretsFilter(), rows)
    assert len(going) == 3
    assert "github_token" in aside[0]["rejected_reason"]
    assert ran(RedactSecrets(replacement="<{kind}>"), rows)[0][0]["text"] == f'TOKEN = "<github_token>"\n{ADD}'


@pytest.mark.parametrize(
    "code",
    [
        "self._sigv4_auth_cls = sigv4_auth_cls",
        "exports.SOCKS5_CUSTOM_AUTH = SOCKS5_CUSTOM_AUTH;",
        "def connect(credentials: S3CredentialProvider, private_key: Ed25519PrivateKey): ...",
        "F.Minipass=F.isWritable=F.isReadable=F.base64=void 0;",
        "version_pass = '%d.%d.%d-10-g92584ed' % version",
        'HEADER = "-----BEGIN PRIVATE KEY-----"\nPRIVATE_KEY_FOOTER = "-----END PRIVATE KEY-----"',
    ],
)
def test_names_and_marks_in_programs_are_no_secrets(code: str) -> None:
    assert [code[found.start : found.end] for found in secrets_in(code)] == []


@pytest.mark.parametrize(
    ("before", "secret", "after"),
    [
        ('define("DB_PASSWORD", "', "f6QF0niSNyw1", '");'),
        ("SECRET_KEY = 'django-insecure-", "(6%zm8ofugf8k#e_n$b28w51!)y7%i_a+t(2o9hit4f))qzuii", "'"),
        ("SECRET_KEY = '", "(6%zm8ofugf8k#e_n$b28w51!)y7%i_a+t(2o9hit4f))qzuii", "'"),
    ],
)
def test_keys_in_the_forms_of_php_and_django(before: str, secret: str, after: str) -> None:
    text = before + secret + after
    assert [text[found.start : found.end] for found in secrets_in(text)] == [secret if "insecure" not in before else f"django-insecure-{secret}"]


def test_a_checksum_tells_a_token_from_one_that_was_made_up(ran: Any) -> None:
    made_up = token()[:-6] + "aB3xY9"
    assert (checksum_is_right(token()), checksum_is_right(made_up), checksum_is_right("AKIAQ3EGRWPZ5TNBKMXY")) == (True, False, None)
    rows = [{"text": f'T = "{token()}"'}, {"text": f'T = "{made_up}"'}]
    assert len(ran(SecretsFilter(), rows)[0]) == 0
    assert [row["text"] for row in ran(SecretsFilter(only_sure=True), rows)[0]] == [rows[1]["text"]]


MODULE = "".join(
    f"def step_{name}(state, amount):\n    state.{name} += amount * {number}\n    return state\n\n" for number, name in enumerate("abcdefghij")
)


def test_programs_are_equal_whatever_their_comments_and_layout(ran: Any) -> None:
    commented = "# a licence\n" + MODULE.replace("    return", "    # done\n    return").replace("    ", "\t")
    rows = [{"text": MODULE, "filename": "a.py"}, {"text": commented, "filename": "b.py"}, {"text": MODULE + "step_a(1, 2)\n", "filename": "c.py"}]
    going, aside = ran(ExactSourceDedup(), rows)
    assert [row["filename"] for row in going] == ["a.py", "c.py"]
    assert aside[0]["rejected_reason"].startswith("ExactSourceDedup: duplicate of ")
    going, _ = ran(ExactSourceDedup(), [{"text": row["text"]} for row in rows])  # of no language: comments are words
    assert len(going) == 3


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("def f(a, b):\n    return a + b\n", "def f(a, b):\n    return a - b\n", "a.py"),
        ("def f(a, b):\n    return a < b\n", "def f(a, b):\n    return a > b\n", "a.py"),
        ("x = 1\n", "x = -1\n", ""),
        ("x = 1.5\n", "x = 1, 5\n", "a.js"),
        ("x = '\U0001f600'\n", "x = '\U0001f622'\n", "a.py"),
        ("x = '\u0915\u093f'\n", "x = '\u0915\u093e'\n", "a.py"),
        ("r = '\\n'", "r = 'n'", "a.rb"),
        ("for n in ns:\n    t += n\n    return t\n", "for n in ns:\n    t += n\nreturn t\n", ""),
        ("x = 1\n-y\n", "x = 1 - y\n", "a.py"),
        ("a b", "ab", "a.js"),
    ],
)
def test_a_sign_or_an_indentation_makes_another_program(ran: Any, one: str, other: str, name: str) -> None:
    assert len(ran(ExactSourceDedup(), [{"text": text, "filename": name} for text in (one, other)])[0]) == 2


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("def f(a,b):\n  return [a,\n      b]\n", "def f(a, b):\r\n\r\n\treturn [a, b]\r\n", "a.py"),
        ("\ufeffx = 1\n", "x=1", ""),
        ("if (a) { b() }", "if (a)\n{\n  b()\n}\n", "a.js"),
    ],
)
def test_layout_makes_no_other_program(ran: Any, one: str, other: str, name: str) -> None:
    assert len(ran(ExactSourceDedup(), [{"text": text, "filename": name} for text in (one, other)])[0]) == 1


def test_nearly_equal_programs_are_found_and_others_are_not(ran: Any) -> None:
    edited = MODULE.replace("amount * 3", "amount * 33")
    other = "".join(
        f"class {name.upper()}:\n    limit = {number}\n    def check(self, item):\n        return item < self.limit\n\n"
        for number, name in enumerate("abcdefghij")
    )
    rows = [
        {"text": MODULE, "filename": "a.py"},
        {"text": edited, "filename": "b.py"},
        {"text": other, "filename": "c.py"},
        {"text": "# nothing", "filename": "d.py"},
    ]
    going, aside = ran(MinHashSourceDedup(), rows)
    assert [row["filename"] for row in going] == ["a.py", "c.py", "d.py"]
    assert "near-duplicate of" in aside[0]["rejected_reason"]
