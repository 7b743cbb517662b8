"""One root for every error that Haechi raises on purpose.

Each error says what happened, where, what was kept safe, and what to do. Secrets and personal data
never go into one: name the file, the line, the key, never the value.
"""

from __future__ import annotations


class HaechiError(Exception):
    """Root of all errors. `str(error)` is the sentence; `diagnostics()` adds where, kept and what to do."""

    exit_code = 3

    def __init__(self, what: str, *, where: str = "", kept: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.kept, self.todo = what, where, kept, todo

    def diagnostics(self) -> str:
        """The whole message, one fact a line, for a terminal or a log."""
        parts = [self.what]
        parts += [f"  where: {self.where}"] if self.where else []
        parts += [f"  kept safe: {self.kept}"] if self.kept else []
        parts += [f"  what to do: {self.todo}"] if self.todo else []
        return "\n".join(parts)


class InputError(HaechiError):
    """An input cannot be read: missing, no permission, damaged archive, unknown format."""


class UsageError(InputError):
    """What was asked for cannot be: no such month, language, case or address."""

    exit_code = 2


class SettingsError(HaechiError):
    """`haechi.toml` is missing something, contradicts itself, or holds a value of the wrong kind."""

    exit_code = 2


class StoreError(HaechiError):
    """The store cannot be opened or written: locked, damaged, disk full."""


class EvidenceError(HaechiError):
    """Evidence does not hold, or cannot be made: a wrong signature, a fork, a key that cannot be read."""


class RuleError(HaechiError):
    """A rule cannot be read or run. The other rules still run."""


class IdentityError(HaechiError):
    """A system that knows accounts, rights or secrets could not be asked."""


class ScopeError(HaechiError):
    """A case cannot be scoped: unknown case, or a customer database that does not answer."""


class AskError(HaechiError):
    """A question for reasons cannot be asked, delivered, answered or decided as things stand."""


class EngineError(HaechiError):
    """A query engine other than the built-in one cannot be started, or refused a query."""
