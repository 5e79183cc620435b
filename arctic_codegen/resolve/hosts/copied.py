"""Which method a class on ArcticTraining has under a name, as its runtime leaves it.

``CallbackMixin.__init_subclass__`` puts every method that a base has wrapped into the new class
itself, inherited ones too. So look-up on the class does not follow the MRO for these: in a diamond
the first base's inherited method hides what a later base overrides.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from arctic_codegen.frameworks.common import FrameworkInfo
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.members import Member, Members
from arctic_codegen.resolve.names.names import Names


def look_up(
    framework: FrameworkInfo | None,
    mro: Sequence[ClassEntity],
    name: str,
    names: Names,
    members: Members,
) -> Member | None:
    """What look-up on the first class of ``mro`` finds; only a framework with wrappers copies."""
    if framework is None or not framework.wrappers:
        return members.nearest(mro, name)
    return _nearest(mro, name, names, members)


def _nearest(
    mro: Sequence[ClassEntity], name: str, names: Names, members: Members
) -> Member | None:
    for cls in mro:
        own = members.own(cls, name)
        if own is not None:
            return own
        copied = members.answers.get(
            ("copied", cls.id.module, id(cls.decl), name),
            partial(_copied, cls, name, names, members),
        )
        if copied is not None:
            return copied
    return None


def _copied(cls: ClassEntity, name: str, names: Names, members: Members) -> Member | None:
    """What the runtime puts into a class that does not define it; asked for by all below it."""
    above = names.mro(cls).classes[1:]
    if is_mixin(cls.id) or framework_of(one.id for one in above) is None:
        return None
    return _nearest(above, name, names, members) if _is_wrapped(above, name, members) else None


def _is_wrapped(mro: Sequence[ClassEntity], name: str, members: Members) -> bool:
    return any(
        member is not None and member.decoration.wrapper is not None
        for member in (members.own(cls, name) for cls in mro)
    )
