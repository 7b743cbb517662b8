"""Verbs on a disk that fills up. Run with `unshare -rm`, which lets anybody mount a small disk of their own:

    python -m tests.store.disk FOLDER VERB BYTES

The store is made, the disk is given so many bytes more than that, the verb is run until it has failed or not; then the
disk is made larger and the verb run again. What is wrong is said on standard error, and the exit code is 1.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.store.crashing import VERBS, Signed, Wanted, check_again, prepare

from haechi.collect import blocks
from haechi.model.errors import HaechiError

PLENTY = 1 << 28


def size(folder: Path, free: int) -> None:
    """Give the disk so many bytes more than it holds."""
    taken = shutil.disk_usage(folder).used
    subprocess.run(["mount", "-o", f"remount,size={taken + free}", str(folder)], check=True)


def main(folder: Path, verb: str, free: int) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "none", str(folder)], check=True)
    blocks.BLOCK_BYTES = 1 << 12
    prepare(folder / "shop")
    shutil.copytree(folder / "shop", folder / "undisturbed")
    VERBS[verb](Signed(folder / "undisturbed"))
    wanted = Wanted.of(Signed(folder / "undisturbed"))
    size(folder, free)
    try:
        VERBS[verb](Signed(folder / "shop"))
        print("whole")
    except HaechiError as error:
        print(error.what)
    size(folder, PLENTY)
    check_again(folder / "shop", verb, wanted)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
