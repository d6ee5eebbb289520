"""64 bytes of text at a time: which of them belong to a class of ASCII characters, as the bits of a uint64.

numba has no vector instructions of its own; these functions write them as LLVM's (16 to 64 bytes a step, as the processor offers).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from operators.kernels.characters import character_tables
from operators.kernels.compiled.compiler import inlined

BLOCK = 64
_BYTE, _LONG, _VECTOR = ir.IntType(8), ir.IntType(64), ir.VectorType(ir.IntType(8), BLOCK)
_START = ir.Constant(_LONG, 0)
_EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)


def _splat(value: int) -> ir.Constant:
    return ir.Constant(_VECTOR, [value] * BLOCK)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, at: Any, kind: Any) -> Any:
    address = builder.gep(cgutils.create_struct_proxy(array_type)(context, builder, array).data, [at])
    return builder.bitcast(address, kind.as_pointer())


def _ranges(members: list[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for byte in sorted(members):
        if ranges and ranges[-1][1] == byte - 1:
            ranges[-1] = (ranges[-1][0], byte)
        else:
            ranges.append((byte, byte))
    return ranges


def match(members: list[int]) -> Callable[..., Any]:
    """A function (block) -> uint64: bit i is set where block[i] is one of some bytes."""
    ranges = _ranges(members)

    @intrinsic
    def matches(typing_context: Any, block: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            found = ir.Constant(ir.VectorType(ir.IntType(1), BLOCK), [0] * BLOCK)
            taken = builder.load(_pointer(context, builder, signature.args[0], arguments[0], _START, _VECTOR), align=1)
            for first, last in ranges:
                if first == last:
                    within = builder.icmp_unsigned("==", taken, _splat(first))
                else:
                    within = builder.icmp_unsigned("<=", builder.sub(taken, _splat(first)), _splat(last - first))
                found = builder.or_(found, within)
            return builder.bitcast(found, _LONG)

        return types.uint64(block), generate

    return matches  # type: ignore[no-any-return]


def match_pairs(pairs: list[bytes]) -> Callable[..., Any]:
    """A function (block, next) -> uint64: bit i is set where block[i] and next[i], the byte after it, are one of some pairs of lower-case letters, in
    either case (or a pair that is as far from each other in ASCII: look again)."""

    @intrinsic
    def matches(typing_context: Any, block: Any, following: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            taken = []
            for kind, array in zip(signature.args, arguments, strict=True):
                plain = builder.load(_pointer(context, builder, kind, array, _START, _VECTOR), align=1)
                taken.append(builder.or_(plain, _splat(0x20)))
            found = ir.Constant(ir.VectorType(ir.IntType(1), BLOCK), [0] * BLOCK)
            for pair in pairs:
                both = [builder.icmp_unsigned("==", bytes_, _splat(letter)) for bytes_, letter in zip(taken, pair, strict=True)]
                found = builder.or_(found, builder.and_(*both))
            return builder.bitcast(found, _LONG)

        return types.uint64(block, following), generate

    return matches  # type: ignore[no-any-return]


@intrinsic
def match_pair(typing_context: Any, block: Any, following: Any, first: Any, second: Any) -> Any:
    """(block, following, first, second) -> uint64: bit i is set where block[i] is the first byte and following[i] the second, letters in either case
    (or bytes as far from these in ASCII: look again)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = []
        for kind, array, byte in zip(signature.args[:2], arguments[:2], arguments[2:], strict=True):
            taken = builder.load(_pointer(context, builder, kind, array, _START, _VECTOR), align=1)
            one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), byte, ir.Constant(ir.IntType(32), 0))
            wanted = builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK))
            found.append(builder.icmp_unsigned("==", builder.or_(taken, _splat(0x20)), builder.or_(wanted, _splat(0x20))))
        return builder.bitcast(builder.and_(*found), _LONG)

    return types.uint64(block, following, types.uint8, types.uint8), generate


def match_flag(flag: int) -> Callable[..., Any]:
    """`match` for the ASCII characters that have a flag of `operators.kernels.characters`."""
    flags = character_tables().flags
    return match([byte for byte in range(0x80) if flags[byte] & flag])


match_non_ascii = match(list(range(0x80, 0x100)))
match_continuation = match(list(range(0x80, 0xC0)))


@intrinsic
def copy_block(typing_context: Any, data: Any, at: Any, out: Any, to: Any) -> Any:
    """`out[to : to + 64] = data[at : at + 64]`, which both have to have."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, at, out, to = arguments
        taken = builder.load(_pointer(context, builder, signature.args[0], data, at, _VECTOR), align=1)
        builder.store(taken, _pointer(context, builder, signature.args[2], out, to, _VECTOR), align=1)
        return context.get_dummy_value()

    return types.void(data, types.int64, out, types.int64), generate


@intrinsic
def _load_long(typing_context: Any, data: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(context, builder, signature.args[0], *arguments, _LONG), align=1)

    return types.uint64(data, types.int64), generate


@intrinsic
def item(typing_context: Any, array: Any, at: Any) -> Any:
    """`array[at]` of one dimension, where `at` is known not to be negative: numba would ask each time."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.gep(cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data, [arguments[1]])
        return context.unpack_value(builder, signature.return_type, pointer)

    return array.dtype(array, types.int64), generate


def _of_long(name: str) -> Callable[..., Any]:
    @intrinsic
    def counted(typing_context: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            if name == "ctpop":
                return builder.ctpop(arguments[0])
            return getattr(builder, name)(arguments[0], ir.Constant(ir.IntType(1), 0))

        return types.int64(types.uint64), generate

    return counted  # type: ignore[no-any-return]


count_ones = _of_long("ctpop")
"""How many bits of a uint64 are set."""
trailing_zeros = _of_long("cttz")
"""The place of its lowest set bit; 64 if there is none."""
leading_zeros = _of_long("ctlz")
"""How many bits are clear above its highest set bit."""


@inlined
def low_bits(count: Any) -> Any:
    """A uint64 whose lowest `count` bits (0 to 64) are set."""
    return _EVERY if count >= BLOCK else (np.uint64(1) << np.uint64(count & 63)) - np.uint64(1)


@inlined
def take_block(data: Any, at: Any, block: Any) -> None:
    """Copy the 64 bytes from `at` on into `block`, and spaces where `data` ends before."""
    if at + BLOCK <= len(data):
        copy_block(data, at, block, 0)
        return
    left = len(data) - at
    for offset in range(BLOCK):
        block[offset] = data[at + offset] if offset < left else 0x20


@inlined
def take_long(data: Any, at: Any, count: Any) -> Any:
    """`count` bytes (0 to 8) of `data` from `at` on as a uint64, the first one lowest."""
    if at + 8 <= len(data):
        half = np.uint64(4 * count)  # a shift by 64 is none
        return _load_long(data, at) & (((np.uint64(1) << half) << half) - np.uint64(1))
    value = np.uint64(0)
    for offset in range(count):
        value |= np.uint64(data[at + offset]) << np.uint64(8 * offset)
    return value
