"""One server of S3, of Azure and of Google for all tests of this folder, and an address of its own for each test."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Iterator

import pytest

from tests.resources.objects import azurite, google
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


@pytest.fixture(scope="session")
def google_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("obstore", reason="the extra [object-store] is not installed")
    with google.google_server(tmp_path_factory.mktemp("google")) as started:
        if started is None:
            pytest.skip(google.MISSING)
        yield started


@pytest.fixture(params=["s3", "azure", "google"])
def any_address(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As `address`, on each kind of server."""
    if request.param == "s3":
        return str(request.getfixturevalue("address"))
    scheme, server = {"azure": ("az", azurite), "google": ("gs", google)}[request.param]
    for name, value in server.environment(request.getfixturevalue(f"{request.param}_endpoint")).items():
        monkeypatch.setenv(name, value)
    return f"{scheme}://{BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture(autouse=True)
def _ended_sessions() -> Iterator[None]:
    yield
    if importlib.util.find_spec("obstore"):
        from tests.resources.objects.memory import end_sessions

        end_sessions()
