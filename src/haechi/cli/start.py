"""Where the command begins. It loads little, so that Ctrl-C is heard before the engines are loaded."""

from __future__ import annotations

import signal
import sys
from types import FrameType

INTERRUPTED = 130
SENTENCE = "Interrupted. What was committed before is kept; the same command goes on from there."

_heard: list[int] = []


def main() -> None:
    """Run the command line and exit with its code; any interruption ends with a sentence and 130."""
    # Being asked to end is like Ctrl-C: what lies about is cleared away. kill -9 is heard by nobody.
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _hear)
    # A shell that starts a command in the background has it ignore Ctrl-C: that is left so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _hear)
    code, told = INTERRUPTED, False
    try:
        from haechi.cli.main import run

        code = run(sys.argv[1:])
        told = code == INTERRUPTED
    except BaseException:
        # Loading a module turns an interrupt into an error of its own.
        if not interrupted():
            raise
    if interrupted() and not told:
        # Somebody on the way took the interrupt for a failure and went on: the answer may lack something.
        code = INTERRUPTED
        print(SENTENCE, file=sys.stderr)
    # Where the interrupt fell into an `exec` of text, as when a dataclass is made, Python remembers it as unhandled and
    # kills itself by the signal at the end (`python -m`), whatever the code; any other text executed ends that.
    exec("")
    sys.exit(code)


def interrupted() -> bool:
    """Whether Ctrl-C was pressed, even if an engine made another error of it."""
    return bool(_heard)


def _hear(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
