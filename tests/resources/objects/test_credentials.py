"""Credentials that are missing or wrong: the error names the variables of that store, and shows no key."""

from __future__ import annotations

import base64

import pytest

pytest.importorskip("obstore", reason="the extra [object-store] is not installed")

from resources.warehouse import Warehouse, WarehouseError
from resources.warehouse.objects.failures import explained
from tests.resources.objects.azurite import KEY
from tests.resources.objects.memory import publish

OF_AZURE, OF_GOOGLE, OF_AMAZON = "AZURE_STORAGE_ACCOUNT_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "AWS_ACCESS_KEY_ID"


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", OF_AZURE, OF_GOOGLE):
        monkeypatch.delenv(name, raising=False)


def told(address: str) -> str:
    with pytest.raises(WarehouseError) as failed:
        publish(Warehouse(address).table("web", "rate"), 1)
    return str(failed.value)


@pytest.mark.parametrize(
    ("address", "what", "named"),
    [
        ("az://container/tables", "Account must be specified", OF_AZURE),
        ("abfs://container/tables", "Account must be specified", OF_AZURE),
        ("gs://bucket/tables", "/no/such/key.json: No such file", OF_GOOGLE),
    ],
)
def test_the_variables_of_the_store_are_named(monkeypatch: pytest.MonkeyPatch, address: str, what: str, named: str) -> None:
    monkeypatch.setenv(OF_GOOGLE, "/no/such/key.json")
    message = told(address)
    assert message.startswith(f"{address} cannot be opened: ")
    assert what in message
    assert [name for name in (OF_AZURE, OF_GOOGLE, OF_AMAZON) if name in message] == [named]


def test_a_wrong_key_and_a_missing_container_are_told_apart(azure_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = base64.b64encode(b"another secret").decode()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "testaccount")
    monkeypatch.setenv("AZURE_ENDPOINT", azure_endpoint)
    monkeypatch.setenv(OF_AZURE, KEY)
    missing = told("az://no-such-container/tables")
    assert "ContainerNotFound (The specified container does not exist.). Make the bucket first" in missing
    assert "RequestId" not in missing
    monkeypatch.setenv(OF_AZURE, wrong)
    refused = told("az://warehouse/tables")
    assert "403 Forbidden AuthorizationFailure" in refused
    assert OF_AZURE in refused
    assert not [key for key in (KEY, wrong) if key in missing + refused]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("status code: 507 Insufficient Storage", "507 Insufficient Storage. The store is full: "),
        ("status code: 409 Conflict: <Code>Busy</Code><Message>\n</Message>", "409 Conflict Busy."),
        (
            "status code: 404 Not Found: <Code>NoSuchBucket</Code><Message>No bucket.\nId: 7</Message>",
            "404 Not Found NoSuchBucket (No bucket.). ",
        ),
        ("cannot reach https://a.example/x?sig=abcdef Debug source: Generic { sig }", "cannot reach https://a.example/x."),
    ],
)
def test_an_answer_is_told_in_a_sentence(answer: str, told: str) -> None:
    assert explained(Exception(answer), "s3://bucket/tables").startswith(told)
