"""Whose process is it? A program is known by pid *and* start, and its family by the session that it leads.

Airflow gives each task a process group of its own, so a signal to the scheduler's group misses the tasks; and a killed
scheduler leaves its workers behind. What they have in common is the session in which the program was started. A
session's number isn't given to another process while a member lives.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Identity:
    """A process that can't be mistaken for a later one with its pid.

    ``start`` counts kernel ticks since boot where the system tells them: times of day move when the clock is set.
    ``boot`` tells whether those ticks can be compared at all.
    """

    pid: int
    start: float
    boot: str


def identify(pid: int) -> Identity | None:
    """The identity of the process `pid`, None if there is none. A zombie still has one."""
    try:
        if _BOOT_ID.exists():
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            # The name in parentheses may hold spaces; the start is the 20th field after it.
            return Identity(pid, float(stat.rpartition(")")[2].split()[19]), _BOOT_ID.read_text().strip())
        return Identity(pid, psutil.Process(pid).create_time(), str(psutil.boot_time()))
    except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
        return None


def lives(identity: Identity) -> bool:
    """Whether exactly this process lives; an ended one that nobody has looked at doesn't."""
    try:
        return identify(identity.pid) == identity and psutil.Process(identity.pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family(leader: Identity) -> list[psutil.Process]:
    """All living processes of the session that `leader` started, dead or alive, and their descendants.

    Once the leader is gone, its pid may lead another session by now. So without it a process counts only if it is the
    same user's, is no older than the leader, and is a Python of ours or carries a title of Airflow's.
    """
    present = identify(leader.pid)
    if present is not None and present != leader:
        return []  # the number was given away, which can't happen before the last member has ended
    by_parent: dict[int, list[psutil.Process]] = {}
    members: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            by_parent.setdefault(process.ppid(), []).append(process)
            if os.getsid(process.pid) == leader.pid and (present is not None or _plausible(process, leader)):
                members.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            continue
    found = {process.pid: process for process in members}
    while members:  # a member's child may have gone into a session of its own
        children = [child for member in members for child in by_parent.get(member.pid, []) if child.pid not in found]
        found |= {child.pid: child for child in children}
        members = children
    return list(found.values())


def _plausible(process: psutil.Process, leader: Identity) -> bool:
    identity = identify(process.pid)
    if identity is None or identity.boot != leader.boot or identity.start < leader.start:
        return False
    if process.uids().real != os.getuid():
        return False
    command = " ".join(process.cmdline())
    return command.startswith("airflow ") or str(Path(sys.executable).parent) in command
