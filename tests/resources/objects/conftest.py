"""One S3 server and one of Azure for all tests of this folder, and an address of its own for each test."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Iterator

import pytest

from tests.resources.objects import azurite
from tests.resources.objects.server import BUCKET, MISSING, environment, s3_server


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("obstore", reason="the extra [object-store] is not installed")
    with s3_server(tmp_path_factory.mktemp("s3")) as started:
        if started is None:
            pytest.skip(MISSING)
        yield started


@pytest.fixture
def address(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty prefix of the bucket, with the variables of the environment set."""
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def azure_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("obstore", reason="the extra [object-store] is not installed")
    with azurite.azure_server(tmp_path_factory.mktemp("azure")) as started:
        if started is None:
            pytest.skip(azurite.MISSING)
        yield started


@pytest.fixture(params=["s3", "azure"])
def any_address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As `address`, on either kind of server."""
    if request.param == "s3":
        return str(request.getfixturevalue("address"))
    for name, value in azurite.environment(request.getfixturevalue("azure_endpoint")).items():
        monkeypatch.setenv(name, value)
    return f"az://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture(autouse=True)
def _ended_sessions() -> Iterator[None]:
    yield
    if importlib.util.find_spec("obstore"):
        from tests.resources.objects.memory import end_sessions

        end_sessions()
