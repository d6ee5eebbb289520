"""How each language is built and run, and where its tools are."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operators.sandboxes import Language
from resources.sandbox.inside.runs import MARKER_DESCRIPTOR

MARKER = "{{MARKER}}"
"""Put in the place of a number that nobody can guess, just before the program is built."""


@dataclass(frozen=True)
class Toolchain:
    """Commands of a language. `{memory}` in them stands for the program's memory in megabytes."""

    source: str
    """Name of the file that the code is in."""
    run: tuple[str, ...]
    needs: tuple[str, ...]
    """Commands that have to be there."""
    compile: tuple[tuple[str, ...], ...] = ()
    checks: tuple[tuple[str, ...], ...] = ()
    """For what is not compiled: commands that only look whether it is a program."""
    folders: Callable[[], Sequence[Path]] = field(default=lambda: ())
    """What it reads beside /usr."""
    with_tests: Callable[[str, str], str] = field(default=lambda code, tests: f"{code}\n{tests}\n")
    """The code and the tests as one program that says the marker when it comes to their end."""
    compile_with_tests: tuple[tuple[str, ...], ...] = ()
    """Where that is built otherwise."""
    files_with_tests: Mapping[str, str] = field(default_factory=dict)
    """And with further files."""

    def is_there(self) -> bool:
        return all(shutil.which(command) for command in self.needs)


def _real(command: str) -> Path | None:
    found = shutil.which(command)
    return Path(found).resolve() if found else None


def _installation(command: str) -> Sequence[Path]:
    """The folder above bin/ of a command that is not in /usr."""
    path = _real(command)
    return [path.parent.parent] if path is not None and path.parent.name == "bin" else []


@functools.cache
def _rust() -> Sequence[Path]:
    told = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, timeout=60, check=False)
    return [Path(told.stdout.strip())] if told.returncode == 0 else []


def _java() -> Sequence[Path]:
    return [*_installation("java"), *Path("/etc").glob("java*")]


def _javascript_with_tests(code: str, tests: str) -> str:
    said = f"require('fs').writeSync({MARKER_DESCRIPTOR}, '{MARKER}')"
    return (
        "console.assert = (good, ...said) => { if (!good) throw new Error(said.length ? String(said[0]) : 'assertion failed') }\n"
        f"{code}\n;(async () => {{\n{tests}\n}})().then(() => {said}, error => {{ console.error(error); process.exitCode = 1 }})\n"
    )


def _bash_with_tests(code: str, tests: str) -> str:
    return f"{code}\nset -e\n{tests}\nprintf %s '{MARKER}' >&{MARKER_DESCRIPTOR}\n"


_ANY_MAIN = re.compile(r"\bmain\s*\(")
_C_MARKER = f"""
#include <unistd.h>
#ifdef __cplusplus
extern "C"
#endif
int tests_main(int, char **);
int main(int count, char **arguments) {{
    int status = tests_main(count, arguments);
    if (status == 0 && write({MARKER_DESCRIPTOR}, "{MARKER}", 32) != 32) return 1;
    return status;
}}
"""


def _c_with_tests(code: str, tests: str) -> str:
    """`tests` are statements, or have a function main: the one of the program is renamed, theirs is called by ours."""
    body = tests if _ANY_MAIN.search(tests) else f"int main(void) {{\n{tests}\nreturn 0;\n}}"
    return f"#define main program_main\n{code}\n#undef main\n#undef NDEBUG\n#include <assert.h>\n{body}\n"


def _c_commands(compiler: str, standard: str, ending: str) -> tuple[tuple[str, ...], ...]:
    """Tests and their program are one object file, whose main is renamed after it was compiled: a main need not return anything, others must."""
    return (
        (compiler, standard, "-O1", "-w", "-c", "-o", "program.o", f"program.{ending}"),
        ("objcopy", "--redefine-sym", "main=tests_main", "program.o"),
        (compiler, standard, "-w", "-o", "program", f"marker.{ending}", "program.o", "-lm"),
    )


def _go_with_tests(code: str, tests: str) -> str:
    """`tests` are the body of a function, or have a function main of their own; imports stay in the code."""
    renamed = re.sub(r"\bfunc\s+main\s*\(\s*\)", "func programMain()", code)
    own = (
        re.sub(r"\bfunc\s+main\s*\(\s*\)", "func testsMain()", tests) if re.search(r"\bfunc\s+main\b", tests) else f"func testsMain() {{\n{tests}\n}}"
    )
    file = f'sandboxOs.NewFile({MARKER_DESCRIPTOR}, "marker").WriteString("{MARKER}")'
    renamed = re.sub(r"^(\s*package\s+\w+.*)$", r'\1\nimport sandboxOs "os"', renamed, count=1, flags=re.MULTILINE)
    return f"{renamed}\n{own}\nfunc main() {{ testsMain(); {file} }}\n"


def _java_with_tests(code: str, tests: str) -> str:
    """`tests` are statements, or a class Main with a method main."""
    named = re.search(r"\bclass\s+(\w+)[^{]*\{(?:(?!\bclass\b).)*?public\s+static\s+void\s+main\b", tests, re.DOTALL)
    body = tests if named else f"class SandboxTests {{ public static void main(String[] arguments) throws Exception {{\n{tests}\n}} }}"
    called = named.group(1) if named else "SandboxTests"
    imports = "\n".join(line for line in f"{code}\n{tests}".splitlines() if line.lstrip().startswith("import "))
    rest = "\n".join(line for line in f"{code}\n{body}".splitlines() if not line.lstrip().startswith(("import ", "package ")))
    rest = re.sub(r"\bpublic\s+((?:abstract\s+|final\s+)*(?:class|interface|enum|record)\b)", r"\1", rest)
    file = f'new java.io.FileOutputStream("/proc/self/fd/{MARKER_DESCRIPTOR}")'
    return (
        f"{imports}\nclass SandboxMarker {{ public static void main(String[] arguments) throws Exception {{\n{called}.main(arguments);\n"
        f'try (java.io.FileOutputStream out = {file}) {{ out.write("{MARKER}".getBytes()); }}\n}} }}\n{rest}\n'
    )


def _rust_with_tests(code: str, tests: str) -> str:
    """`tests` are statements, or functions marked #[test]."""
    renamed = re.sub(r"\bfn\s+main\s*\(\s*\)", "fn program_main()", code)
    functions = re.findall(r"#\[test\]\s*(?:pub\s+)?fn\s+(\w+)", tests)
    said = (
        "use std::io::Write; use std::os::fd::FromRawFd; "
        f'unsafe {{ std::fs::File::from_raw_fd({MARKER_DESCRIPTOR}) }}.write_all(b"{MARKER}").unwrap();'
    )
    if not functions:
        body = (
            re.sub(r"\bfn\s+main\s*\(\s*\)", "fn tests_main()", tests) if re.search(r"\bfn\s+main\b", tests) else f"fn tests_main() {{\n{tests}\n}}"
        )
        return f"#![allow(warnings)]\n{renamed}\n{body}\nfn main() {{ tests_main(); {said} }}\n"
    module = re.search(r"\bmod\s+(\w+)\s*\{", tests)
    prefix = f"{module.group(1)}::" if module else ""
    body = re.sub(r"#\[test\]\s*(?:pub\s+)?fn", "pub fn", tests.replace("#[cfg(test)]", ""))
    calls = " ".join(f"{prefix}{name}();" for name in functions)
    return f"#![allow(warnings)]\n{renamed}\n{body}\nfn main() {{ {calls} {said} }}\n"


_NODE_OPTIONS = ("--max-old-space-size={memory}", "--stack-size=900")

TOOLCHAINS: Mapping[Language, Toolchain] = {
    "javascript": Toolchain(
        source="program.js",
        checks=(("node", "--check", "program.js"),),
        run=("node", *_NODE_OPTIONS, "program.js"),
        needs=("node",),
        folders=lambda: _installation("node"),
        with_tests=_javascript_with_tests,
    ),
    "bash": Toolchain("program.sh", run=("bash", "program.sh"), checks=(("bash", "-n", "program.sh"),), needs=("bash",), with_tests=_bash_with_tests),
    "c": Toolchain(
        source="program.c",
        compile=(("gcc", "-std=gnu17", "-O1", "-w", "-o", "program", "program.c", "-lm"),),
        run=("./program",),
        needs=("gcc", "objcopy"),
        with_tests=_c_with_tests,
        compile_with_tests=_c_commands("gcc", "-std=gnu17", "c"),
        files_with_tests={"marker.c": _C_MARKER},
    ),
    "cpp": Toolchain(
        source="program.cpp",
        compile=(("g++", "-std=gnu++20", "-O1", "-w", "-o", "program", "program.cpp"),),
        run=("./program",),
        needs=("g++", "objcopy"),
        with_tests=_c_with_tests,
        compile_with_tests=_c_commands("g++", "-std=gnu++20", "cpp"),
        files_with_tests={"marker.cpp": _C_MARKER},
    ),
    "go": Toolchain(
        source="program.go",
        compile=(("env", "GO111MODULE=off", "GOCACHE=/tmp/.go", "GOFLAGS=-p=2", "go", "build", "-o", "program", "program.go"),),
        run=("./program",),
        needs=("go",),
        folders=lambda: _installation("go"),
        with_tests=_go_with_tests,
    ),
    "java": Toolchain(
        source="Program.java",
        compile=(("javac", "-J-Xmx{memory}m", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-nowarn", "-d", ".", "Program.java"),),
        run=("java", "-Xmx{memory}m", "-Xss64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "{class}"),
        needs=("java", "javac"),
        folders=_java,
        with_tests=_java_with_tests,
    ),
    "rust": Toolchain(
        source="program.rs",
        compile=(("rustc", "--edition=2021", "-C", "opt-level=1", "-A", "warnings", "-o", "program", "program.rs"),),
        run=("./program",),
        needs=("rustc", "cc"),
        folders=_rust,
        with_tests=_rust_with_tests,
    ),
}
"""All but Python, which needs no command: it runs in a copy of a process that stands ready."""


@functools.cache
def languages_here() -> tuple[Language, ...]:
    return ("python", *(language for language, toolchain in TOOLCHAINS.items() if toolchain.is_there()))


@functools.cache
def folders_of_tools() -> tuple[Path, ...]:
    return tuple(folder for language in languages_here() if language in TOOLCHAINS for folder in TOOLCHAINS[language].folders())


@functools.cache
def search_path() -> str:
    """The folders of commands outside /usr, then the usual ones."""
    own = [folder / "bin" for folder in folders_of_tools() if not folder.is_relative_to("/usr") and (folder / "bin").is_dir()]
    return ":".join([*map(str, own), "/usr/local/bin", "/usr/bin", "/bin"])


def build_of(language: Language, code: str, memory_mb: int, *, tests: str | None) -> dict[str, Any]:
    """The files and commands of one program, with its tests where it has any; without inputs."""
    toolchain = TOOLCHAINS[language]
    source = code if tests is None else toolchain.with_tests(code, tests)
    commands = toolchain.compile_with_tests if tests is not None and toolchain.compile_with_tests else toolchain.compile
    name, main = toolchain.source, "Program"
    if language == "java":
        public = re.search(r"\bpublic\s+(?:final\s+|abstract\s+)*class\s+(\w+)", source)
        first = re.search(r"\bclass\s+(\w+)[^{]*\{(?:(?!\bclass\b).)*?\bstatic\s+void\s+main\b", source, re.DOTALL)
        name = f"{public.group(1)}.java" if public else name
        main = "SandboxMarker" if tests is not None else (first.group(1) if first else main)

    def filled(command: Sequence[str]) -> list[str]:
        return [part.replace("{memory}", str(memory_mb * 3 // 4)).replace("{class}", main).replace(toolchain.source, name) for part in command]

    return {
        "files": {name: source, **(toolchain.files_with_tests if tests is not None else {})},
        "compile": [filled(command) for command in (*toolchain.checks, *commands)],
        "run": filled(toolchain.run),
    }
