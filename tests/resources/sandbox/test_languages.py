"""The other languages, each where its tools are: right programs pass, and what is wrong, ends early, does not end or is none gets its verdict."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from operators.sandboxes import Exchange, Language, Limits, Program, Suite, Test
from resources.sandbox.languages import TOOLCHAINS, languages_here
from tests.resources.sandbox.conftest import Judge


class Sample(NamedTuple):
    doubles: str
    """A program with a function that doubles a number, and a main that doubles its input where the language has one."""
    test: str
    wrong_test: str
    exits: str
    """The same program, whose function ends the process with status 0."""
    loops: str
    broken: str = "((("


C_MAIN = '#include <stdio.h>\nint main(void) { int n; scanf("%d", &n); printf("%d\\n", twice(n)); return 0; }\n'
SAMPLES: dict[Language, Sample] = {
    "javascript": Sample(
        "function twice(n) { return 2 * n }\nif (require.main === module && process.argv[2]) console.log(twice(+require('fs').readFileSync(0, "
        "'utf8')))\n",
        "const assert = require('assert'); assert.strictEqual(twice(3), 6); console.assert(twice(0) === 0)",
        "console.assert(twice(3) === 7, 'not seven')",
        "function twice(n) { process.exit(0) }",
        "while (true);",
    ),
    "bash": Sample(
        'twice() { echo $((2 * $1)); }\nif [ "$1" ]; then read n; twice $n; fi\n',
        "[ $(twice 3) = 6 ]",
        "[ $(twice 3) = 7 ]",
        "twice() { exit 0; }\nexit 0",
        "while :; do :; done",
        "if (((",
    ),
    "c": Sample(
        f"int twice(int n) {{ return 2 * n; }}\n{C_MAIN}",
        "int main() { assert(twice(3) == 6); }",
        "assert(twice(3) == 7);",
        "#include <stdlib.h>\nint twice(int n) { exit(0); }",
        "int main() { for (;;) ; }",
    ),
    "cpp": Sample(
        f"#include <vector>\nint twice(int n) {{ return std::vector<int>{{n, n}}.size() * n; }}\n{C_MAIN}",
        "int main() { assert(twice(3) == 6); }",
        "assert(twice(3) == 7);",
        "#include <cstdlib>\nint twice(int n) { std::exit(0); }",
        "int main() { volatile int a = 0; for (;;) a = a + 1; }",
    ),
    "go": Sample(
        'package main\nimport "fmt"\nfunc twice(n int) int { return 2 * n }\nfunc main() { var n int; fmt.Scan(&n); fmt.Println(twice(n)) }\n',
        'if twice(3) != 6 { panic("wrong") }',
        'if twice(3) != 7 { panic("wrong") }',
        'package main\nimport "os"\nfunc twice(n int) int { os.Exit(0); return 0 }\nfunc main() {}\n',
        "package main\nfunc main() { for {} }\n",
    ),
    "java": Sample(
        "import java.util.*;\npublic class Solution {\n    static int twice(int n) { return 2 * n; }\n"
        "    public static void main(String[] a) { System.out.println(twice(new Scanner(System.in).nextInt())); }\n}\n",
        "if (Solution.twice(3) != 6) throw new AssertionError();",
        'public class Main { public static void main(String[] a) { if (Solution.twice(3) != 7) throw new AssertionError("not seven"); } }',
        "class Solution { static int twice(int n) { System.exit(0); return 0; } }",
        "class Solution { public static void main(String[] a) { while (true); } }",
    ),
    "rust": Sample(
        "fn twice(n: i32) -> i32 { 2 * n }\nfn main() { let mut s = String::new(); std::io::stdin().read_line(&mut s).unwrap(); "
        'println!("{}", twice(s.trim().parse().unwrap())); }\n',
        "#[cfg(test)]\nmod tests { use super::*;\n#[test]\nfn doubles() { assert_eq!(twice(3), 6); } }",
        "assert_eq!(twice(3), 7);",
        "fn twice(n: i32) -> i32 { std::process::exit(0) }\nfn main() {}\n",
        "fn main() { let mut a = 0u64; loop { a = std::hint::black_box(a + 1); } }",
    ),
}
LIMITS = Limits(seconds=30, memory_mb=600)


@pytest.fixture(params=TOOLCHAINS)
def language(request: pytest.FixtureRequest) -> Language:
    wanted: Language = request.param
    if wanted not in languages_here():
        pytest.skip(f"the tools of {wanted} are not installed: {', '.join(TOOLCHAINS[wanted].needs)}")
    return wanted


def test_a_right_program_passes_and_a_wrong_one_fails(judge: Judge, language: Language) -> None:
    sample = SAMPLES[language]
    suite = Suite((Test(sample.test, "right"), Test(sample.wrong_test, "wrong"), Exchange("4", "8"), Exchange("4", "9")))
    verdict = judge(Program(sample.doubles, language, suite, arguments=("main",), limits=LIMITS))
    assert [test.outcome for test in verdict.tests] == ["passed", "failed", "passed", "failed"], verdict
    assert verdict.kind == "failed"
    alone = Suite((Test(sample.test), Exchange("4", "8")))
    assert judge(Program(sample.doubles, language, alone, arguments=("main",), limits=LIMITS)).kind == "passed"


def test_a_program_that_ends_before_its_tests_does_not_pass(judge: Judge, language: Language) -> None:
    verdict = judge(Program(SAMPLES[language].exits, language, Suite((Test(SAMPLES[language].test),)), limits=LIMITS))
    assert verdict.kind == "failed", verdict


def test_what_is_no_program_is_a_syntax_error(judge: Judge, language: Language) -> None:
    verdict = judge(Program(SAMPLES[language].broken, language, limits=LIMITS))
    assert verdict.kind == "syntax_error", verdict


def test_what_does_not_end_is_ended(judge: Judge, language: Language) -> None:
    verdict = judge(Program(SAMPLES[language].loops, language, limits=Limits(seconds=3, memory_mb=600)))
    assert verdict.kind == "timeout", verdict


HOSTILE: dict[str, tuple[Language, str, str]] = {
    "a fork bomb of Bash": ("bash", "b() { b | b & }; b; sleep 99", "timeout"),
    "a memory bomb of C": (
        "c",
        "#include <stdlib.h>\n#include <string.h>\nint main() { for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); } }",
        "out_of_memory",
    ),
    "a memory bomb of JavaScript": ("javascript", "const a = []; for (;;) a.push(new Array(1e5).fill(Math.random()))", "out_of_memory"),
    "buffers of JavaScript outside of its heap": ("javascript", "const a = []; for (;;) a.push(Buffer.alloc(1 << 24, 1))", "out_of_memory"),
    "a socket of JavaScript": ("javascript", "require('net').connect(80, '127.0.0.1').on('error', e => process.exit(3))", "failed"),
    "a null pointer of C": ("c", "int main() { return *(volatile int *)0; }", "killed"),
    "endless output of Bash": ("bash", "yes", "output_limit"),
    "the environment of Bash": ("bash", "env | grep -c DATAFLOW; cat /etc/shadow /proc/*/environ | tr '\\0' '\\n' | grep DATAFLOW", "failed"),
    "network sockets of C": (
        "c",
        "#include <sys/socket.h>\nint main() { return socket(AF_INET, SOCK_STREAM, 0) < 0 && socket(AF_NETLINK, SOCK_RAW, 0) < 0 ? 0 : 7; }",
        "passed",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_programs_of_other_languages(judge: Judge, name: str) -> None:
    language, code, expected = HOSTILE[name]
    if language not in languages_here():
        pytest.skip(f"the tools of {language} are not installed")
    verdict = judge(Program(code, language, limits=Limits(seconds=3, memory_mb=200, output_kb=64)))
    assert verdict.kind == expected, verdict
