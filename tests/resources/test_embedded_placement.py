"""How a model is laid out over the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from resources.llm.backends.embedded_placement import count_of_slots, place
from tests.resources.models.tiny_gguf import write_gguf


@pytest.fixture(autouse=True)
def _own_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAFLOW_EMBEDDED_SERVERS", raising=False)


def test_a_small_model_gets_a_single_threaded_server_for_each_core_and_its_whole_context(tmp_path: Path) -> None:
    placement = place(write_gguf(tmp_path / "small.gguf", context=3000))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert (placement.servers, placement.threads, placement.context_tokens) == (min(8, cores or 1), 1, 3000)


def test_a_context_that_would_not_fit_into_memory_is_shortened(tmp_path: Path) -> None:
    assert place(write_gguf(tmp_path / "long.gguf", context=100_000_000)).context_tokens == 2**29 // (4 * 2 * (8 + 8) * 2)


def test_a_model_too_large_for_a_copy_a_core_gets_one_server_with_all_cores(tmp_path: Path) -> None:
    file = write_gguf(tmp_path / "large.gguf")
    with file.open("r+b") as opened:
        opened.truncate(2**43)  # a sparse file: it takes no room
    placement = place(file)
    assert placement.servers == 1
    assert placement.threads == (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def test_the_number_of_servers_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_gguf(tmp_path / "small.gguf")
    monkeypatch.setenv("DATAFLOW_EMBEDDED_SERVERS", "3")
    assert place(file).servers == 3
    monkeypatch.setenv("DATAFLOW_EMBEDDED_SERVERS", "all")
    with pytest.raises(ValueError, match="it should be the number of servers"):
        place(file)


def test_requests_are_computed_together_only_where_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_gguf(tmp_path / "small.gguf")
    monkeypatch.delenv("DATAFLOW_EMBEDDED_SLOTS", raising=False)
    assert place(file, count_of_slots()).slots == 1
    monkeypatch.setenv("DATAFLOW_EMBEDDED_SLOTS", "4")
    assert place(file, count_of_slots()).slots == 4
    monkeypatch.setenv("DATAFLOW_EMBEDDED_SLOTS", "0")
    with pytest.raises(ValueError, match="DATAFLOW_EMBEDDED_SLOTS is '0': it should be the number of requests"):
        count_of_slots()
