"""docs/settings.md explains every setting, under its section, with its default."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from haechi.model import settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
SECTIONS = {
    settings.WorkspaceSettings: "[workspace]",
    settings.StoreSettings: "[store]",
    settings.EngineSettings: "[engine]",
    settings.CoverageSettings: "[coverage]",
    settings.EvidenceSettings: "[evidence]",
    settings.WitnessSettings: "[[evidence.witness]]",
    settings.RetentionSettings: "[retention]",
    settings.CustodianSettings: "[[custodian]]",
    settings.SourceSettings: "[[source]]",
    settings.RouteSettings: "[[route]]",
    settings.IssuerSettings: "[[issuer]]",
    settings.KeySettings: "[[issuer.key]]",
    settings.ExposesSettings: "[[exposes]]",
    settings.ReasonsSettings: "[reasons]",
    settings.PurposeSettings: "[[purpose]]",
    settings.NetworkSettings: "[network]",
    settings.SystemSettings: "[[system]]",
    settings.ProbeSettings: "[[probe]]",
    settings.MailSettings: "[mail]",
    settings.AskingSettings: "[asking]",
    settings.InspectionSettings: "[inspection]",
}
FIELDS = [(struct, field) for struct in SECTIONS for field in msgspec.structs.fields(struct)]


def rows(section: str) -> dict[str, tuple[str, str]]:
    """Setting -> its default and its meaning, in one section of the page."""
    body = re.split(r"^#+ ", PAGE.split(f"# {section}\n", 1)[1], maxsplit=1, flags=re.M)[0]
    found = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+) \|$", body, re.M)
    return {name: (default, text) for name, default, text in found}


def default_text(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value is None:
        return "none"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


@pytest.mark.parametrize(("struct", "field"), FIELDS, ids=[f"{s.__name__}.{f.name}" for s, f in FIELDS])
def test_a_setting_is_explained_with_its_default(struct: type, field: msgspec.structs.FieldInfo) -> None:
    default, meaning = rows(SECTIONS[struct])[field.encode_name]
    assert default == default_text(field)
    assert len(meaning) > 10


@pytest.mark.parametrize("struct", SECTIONS)
def test_nothing_is_explained_that_is_no_setting(struct: type) -> None:
    assert set(rows(SECTIONS[struct])) == {field.encode_name for field in msgspec.structs.fields(struct)}


def test_every_struct_of_settings_has_a_section() -> None:
    types = [value for value in vars(settings).values() if isinstance(value, type)]
    structs = {kind for kind in types if issubclass(kind, msgspec.Struct)}
    # A described route comes from an OpenAPI document, never from haechi.toml.
    assert structs - {settings.DescribedRoute} == {*SECTIONS, settings.Settings}
    for field in msgspec.structs.fields(settings.Settings):
        assert re.search(rf"^## \[+{field.encode_name}\b", PAGE, re.M), field.encode_name
