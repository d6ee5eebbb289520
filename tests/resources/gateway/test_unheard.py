"""A question that nobody waits for any more ends quietly only where whoever asks again is told."""

from __future__ import annotations

import asyncio
import logging

import pytest

from operators.asking.answers import ServingStopped
from resources.gateway import refusals
from resources.gateway.application import Gateway
from resources.gateway.settings import GatewaySettings
from tests import virtual_time


@pytest.mark.parametrize(("error", "is_logged"), [(RuntimeError("a fault of ours"), True), (ServingStopped("the key was refused"), False)])
def test_a_fault_of_the_gateway_is_logged_also_where_nobody_waits(error: Exception, is_logged: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def fails_late() -> None:
        await asyncio.sleep(1)
        raise error

    async def ask() -> None:
        gateway = Gateway([], None, GatewaySettings())
        task = asyncio.create_task(fails_late())
        response = await gateway._outcome(task, 0.5, lambda outcome: refusals.busy(""))
        assert response.status == 202
        await asyncio.wait({task})
        await asyncio.sleep(0)  # what is to be called when it is done

    with caplog.at_level(logging.ERROR):
        virtual_time.run(ask())
    assert ["a fault of ours" in str(record.exc_info) for record in caplog.records] == [True] * is_logged
