"""The filter's program, instruction by instruction, as the kernel would run it."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.sandbox.system_call_filter import DENIED, UnknownMachine, system_call_filter

ALLOW, DENY, MISSING, KILL = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS, 0x80000000
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def result_of(filter_: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the filter says of a system call."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(*arguments, 0, 0, 0, 0, 0, 0)[:6])
    place, value = 0, 0
    while True:
        code, then, otherwise, operand = struct.unpack_from("=HBBI", filter_, place * 8)
        place += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
            place += then if holds else otherwise


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_machine_kill(machine: str) -> None:
    for other, architecture in MACHINES.items():
        assert (result_of(system_call_filter(machine), architecture, 1000) == KILL) == (other != machine)


def test_what_programs_need_is_allowed_and_what_administrators_need_is_not() -> None:
    filter_ = system_call_filter("x86_64")

    def said(number: int, *arguments: int) -> int:
        return result_of(filter_, MACHINES["x86_64"], number, *arguments)

    for number in (0, 1, 2, 9, 12, 39, 57, 58, 59, 60, 61, 202, 257, 262, 293, 302, 318, 332, 334):
        assert said(number) == ALLOW
    for number in (101, 165, 166, 155, 161, 175, 246, 272, 298, 308, 310, 311, 321, 323, 250, 317, 319):
        assert said(number) == DENY
    assert [said(41, family) for family in (1, 2, 10, 16, 17, 40)] == [ALLOW, *[DENY] * 5]
    assert [said(53, family) for family in (1, 2)] == [ALLOW, DENY]
    assert said(56, 0x11) == ALLOW
    assert said(56, 0x3D0F00) == ALLOW  # what starts a thread
    assert all(said(56, 1 << bit) == DENY for bit in (17, 25, 26, 27, 28, 29, 30))
    assert [said(16, 1, request) for request in (0x5401, 0x5412, 0x541C)] == [ALLOW, DENY, DENY]
    assert said(435) == said(425) == MISSING
    assert said(0x40000000 + 39) == DENY


@given(st.sampled_from(sorted(MACHINES)), st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_the_filter_ends_for_every_call(machine: str, number: int, arguments: list[int]) -> None:
    assert result_of(system_call_filter(machine), MACHINES[machine], number, *arguments) in (ALLOW, DENY, MISSING)


def test_an_unknown_machine_has_none() -> None:
    assert len(set(DENIED)) == len(DENIED)
    with pytest.raises(UnknownMachine, match="riscv64"):
        system_call_filter("riscv64")
