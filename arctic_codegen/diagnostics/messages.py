"""The texts of findings, filled in. They stand on the pages of their codes, which are read when the
first finding of a code is made: a run without findings reads none."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import templates
from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Severity


class Message(msgspec.Struct, frozen=True):
    """What a finding says, without a place."""

    code: str
    text: str
    help: str | None

    def at(
        self,
        place: Place | None,
        *related: Related,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """The finding; its severity is that of the code, unless another one is given."""
        severity = severity or CODES[self.code].severity
        return Finding(self.code, self.text, place, self.help, related, severity, fix)

    def with_help(self, text: str | None) -> Message:
        """With another help, if there is one."""
        return self if text is None else msgspec.structs.replace(self, help=text)

    def note(self, place: Place) -> Related:
        """The text at another place, beside a finding."""
        return Related(place, self.text)


def message(code: str, case: str, /, **values: object) -> Message:
    """One case of a code, with values for all its placeholders.

    Code and case are written out where this is called, and each placeholder is named:
    ``tests/meta/test_messages.py`` compares all calls with the pages.
    """
    template = templates(code)[case]
    hint = template.help
    return Message(
        code, template.text.format(**values), None if hint is None else hint.format(**values)
    )
