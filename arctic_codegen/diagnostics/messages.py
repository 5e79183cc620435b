"""The texts of findings, filled in.

The templates are on the pages of their codes. A page is read when the first finding of its code is
created: a run without findings reads none.
"""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import templates
from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Severity


class Message(msgspec.Struct, frozen=True):
    """The text of a finding, without a place: a case on the page of a code, and the values to fill
    in.

    The page is read only when the text is needed, since most reasons are never shown.
    """

    code: str
    case: str
    values: tuple[tuple[str, object], ...] = ()
    own_help: Message | str | None = None
    """Replaces the help on the page."""

    @property
    def text(self) -> str:
        """The text, filled in."""
        return templates(self.code)[self.case].text.format(**dict(self.values))

    @property
    def help(self) -> str | None:
        """The help, filled in; if the case has none, the help of its ``reason``."""
        if self.own_help is not None:
            return str(self.own_help)
        help, values = templates(self.code)[self.case].help, dict(self.values)
        if help is not None:
            return help.format(**values)
        reason = values.get("reason")
        return reason.help if isinstance(reason, Message) else None

    def __str__(self) -> str:
        return self.text

    def at(
        self,
        place: Place | None,
        *related: Related,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """The finding; its severity is that of the code, unless a different one is given."""
        severity = severity or CODES[self.code].severity
        return Finding(self.code, self.text, place, self.help, related, severity, fix)

    def with_help(self, text: Message | str | None) -> Message:
        """The message with this help; unchanged if it is ``None``."""
        return self if text is None else msgspec.structs.replace(self, own_help=text)

    def note(self, place: Place) -> Related:
        """The text as a note at another place, related to a finding."""
        return Related(place, self.text)


def message(code: str, case: str, /, **values: object) -> Message:
    """One case of a code, with values for all its placeholders; a value may itself be a message.

    Callers write code and case as literals, and name each placeholder:
    ``tests/meta/test_messages.py`` compares all calls with the pages.
    """
    return Message(code, case, tuple(values.items()))
