"""Ask a probe in a test: quick, with secrets from the test's own folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from haechi.identity.ask import Manners, Question, Result, ask
from haechi.identity.probes.registry import PROBES
from haechi.model.settings import ProbeSettings, SystemSettings

QUICK = Manners(pause=0, wait=5)


@dataclass(frozen=True)
class Folder:
    """Where secrets stand as files."""

    path: Path

    def secret(self, name: str, value: str) -> str:
        """Put a secret there; its reference."""
        (self.path / name).write_text(value)
        return f"file:{name}"

    def ask(self, probe: ProbeSettings, system: SystemSettings, manners: Manners = QUICK) -> Result:
        return ask(Question(probe, system), PROBES, self.path, manners, lambda: None)
