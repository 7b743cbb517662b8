"""Make a report, seal its hash in the evidence log, and only then put the file into its place."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from haechi.model.errors import InputError
from haechi.model.settings import BUILT_IN
from haechi.report.custody import Look
from haechi.report.document import queries
from haechi.report.document.build import inspection_document
from haechi.report.document.build_case import case_document
from haechi.report.document.model import Month
from haechi.report.document.pdf import pdf
from haechi.report.document.render import data_of, html
from haechi.report.document.words import Words
from haechi.report.figures import count
from haechi.report.inspection import reopen
from haechi.report.stores import open_store
from haechi.store.account import account
from haechi.store.leaves import CustodyLeaf, Told
from haechi.store.store import Store, now
from haechi.workspace.load import Workspace

INSPECTION, CASE = "report inspection", "report case"  # verbs as the evidence log names them


class Written(msgspec.Struct, frozen=True):
    """The document of `haechi report ... --json`."""

    file: str
    sha256: str
    checkpoint: str
    sentence: str
    cases: int
    findings: int
    requests: int
    persons: int


def write_inspection(workspace: Workspace, month: Month, words: Words, file: Path) -> Written:
    """Write the report of a month to an .html or .pdf file.

    Raises:
        InputError: there is nothing of that month, or no PDF can be made on this machine.
        StoreError: the store cannot be opened, or the report cannot be sealed; then no file is written.
    """
    name = f"{month.year}-{month.month:02d}"
    about: dict[str, Told] = {"month": name, "language": words.language}
    with reopen(workspace, Look(INSPECTION, dict(about)), kept=True, engine=BUILT_IN) as inspected:
        document = inspection_document(inspected, workspace, month)
    content = drawn("inspection", document, words, file)
    digest = seal(
        open_store(workspace), INSPECTION, about | {"checkpoint": document.checkpoint}, content, file
    )
    found = count(len(document.cases), "case") if document.cases else "no case"
    totals, findings = document.totals, count(len(document.findings), "finding")
    told = f"{name}: {found}, {findings} in {count(totals.requests, 'access record')}."
    return Written(
        str(file),
        digest,
        document.checkpoint,
        told,
        len(document.cases),
        len(document.findings),
        totals.requests,
        totals.persons,
    )


def write_case(workspace: Workspace, case: str, words: Words, file: Path) -> Written:
    """Write the report of one case. Raises as `write_inspection`, and `InputError` where there is no such case."""
    look = Look(CASE, {"case": case, "language": words.language})
    with reopen(workspace, look, kept=True, engine=BUILT_IN) as inspected:
        document = case_document(inspected, workspace, case)
    content = drawn("case", document, words, file)
    scope = document.case.scope
    about: dict[str, Told] = {
        "case": document.case.id,
        "language": words.language,
        "checkpoint": document.checkpoint,
        "requests": scope.requests,
        "persons": scope.persons,
        "accounts": scope.accounts,
        "settings": document.made.settings,
    }
    digest = seal(open_store(workspace), CASE, about, content, file)
    told = f"{document.case.id}: {count(scope.requests, 'request')}, {count(scope.persons, 'person')}."
    return Written(
        str(file),
        digest,
        document.checkpoint,
        told,
        1,
        len(document.case.findings),
        scope.requests,
        scope.persons,
    )


def drawn(kind: str, document: Any, words: Words, file: Path) -> bytes:
    """The bytes of a report, as HTML or PDF by the file's suffix."""
    if file.suffix.lower() != ".pdf":
        return html(kind, document, words).encode()
    sql = "\n".join(f"-- {name}\n{queries.query(name)}" for name in queries.names())
    attached = (
        ("haechi-report.json", words.say("The numbers of this report"), data_of(kind, document, words)),
        ("queries.sql", words.say("The queries that counted them"), sql.encode()),
    )
    return pdf(html(kind, document, words, paper=True), document.made.at, attached)


def seal(store: Store, verb: str, about: dict[str, Told], content: bytes, file: Path) -> str:
    """Put the report's hash into the log, then the report into its file. Returns the hash, hex."""
    digest = hashlib.sha256(content).hexdigest()
    store.note([CustodyLeaf(now(), account(), verb, about, digest)])
    keep(file, content)
    return digest


def keep(file: Path, content: bytes) -> None:
    """Write a file for its owner alone, whole or not at all.

    Raises:
        InputError: it cannot be written; an older file of that name stays as it was.
    """
    try:
        # A folder that only we may enter, beside the target, so that the rename stays on one disk.
        with tempfile.TemporaryDirectory(prefix=".haechi-", dir=file.absolute().parent) as private:
            draft = Path(private) / file.name
            draft.write_bytes(content)
            draft.chmod(0o600)
            with draft.open("rb+") as opened:
                os.fsync(opened.fileno())
            draft.replace(file)
    except OSError as error:
        raise InputError(f"The report cannot be written: {error.strerror}.", where=str(file)) from error
