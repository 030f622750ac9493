"""The filter of system calls, followed step by step as the kernel does, for processors that are not at hand as well."""

import struct

import pytest

from district_reports.workbook.reading.system_calls import filter_for

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
OURS = 4321


def judged(machine: str, architecture: int, number: int, argument: int = 0) -> str:
    """What the filter for a `machine` says of a call with this first argument."""
    data = struct.pack("=IIQQ", number, architecture, 0, argument)
    steps = list(struct.iter_unpack("=HBBI", filter_for(machine, OURS)))
    at = held = 0
    while True:
        code, equal, other, value = steps[at]
        at += 1
        if code == 0x06:
            return {0x7FFF0000: "allowed", 0x00050001: "EPERM"}[value]
        if code == 0x20:
            [held] = struct.unpack_from("=I", data, value)
        else:
            assert code == 0x15
            at += equal if held == value else other


@pytest.mark.parametrize(
    ("machine", "architecture", "read", "exit_group", "refused", "kill"),
    [
        # open, socket, clone, execve, ptrace, setns, openat, seccomp, clone3, openat2, and one that is not there yet
        ("x86_64", X86_64, 0, 231, (2, 41, 56, 59, 101, 308, 257, 317, 435, 437, 999), (62, 200, 234)),
        # openat, socket, clone, execve, ptrace, setns, unshare, seccomp, clone3, openat2, and one that is not there yet
        ("aarch64", AARCH64, 63, 94, (56, 198, 220, 221, 117, 268, 97, 277, 435, 437, 999), (129, 130, 131)),
    ],
)
def test_what_it_lets_pass(
    machine: str, architecture: int, read: int, exit_group: int, refused: tuple[int, ...], kill: tuple[int, ...]
) -> None:
    assert {judged(machine, architecture, number) for number in (read, exit_group)} == {"allowed"}
    assert {judged(machine, architecture, number) for number in refused} == {"EPERM"}
    assert {judged(machine, architecture, number, OURS) for number in kill} == {"allowed"}
    assert {judged(machine, architecture, number, victim) for number in kill for victim in (1, 0, 2**32 - 1)} == {
        "EPERM"
    }
    # The same numbers mean other calls to another architecture, and to x32, which sets a bit in them.
    assert {judged(machine, I386, read), judged(machine, architecture, read | 0x40000000)} == {"EPERM"}
