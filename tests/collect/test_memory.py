"""The allocator's switches are set where glibc is, and setting them again changes nothing."""

from __future__ import annotations

import platform

import pytest

from haechi.collect.memory import keep_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these switches")
def test_glibc_takes_every_switch() -> None:
    assert keep_memory()
    assert keep_memory()
