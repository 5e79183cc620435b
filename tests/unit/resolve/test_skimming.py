"""R3: star imports of files that cannot bind a name are not read, and no name is lost."""

from __future__ import annotations

import pytest

from arctic_codegen.model.skimming import stars_that_may_bring

WITHOUT = (
    "class Other: ...\n",
    "# -*- coding: utf-8 -*-\n# Übung\nclass Other: ...\n",
    "__all__ = ['Other', \"More\"]\nfrom elsewhere import *\nclass Base: ...\n",
    "from x import Base\n\n__all__ = [\n    'Other',  # Base\n]\n",
    '"""Text."""\n__all__ = ()\nclass Base: ...\n',
    "# Copyright\n__all__ = ['BaseOfAll']\n",
)
WITH = (
    "class Base: ...\n",
    "import x as Base\n",
    "from elsewhere import \\\n    *\n",
    "import x; from elsewhere import *\n",
    "from elsewhere import *  # Base\n",
    "__all__ = ['Base']\n",
    "__all__ = other.__all__\n",
    "__all__ = ['Other'] + names\n",
    "__all__ = ['Other']\n__all__ += names\n",
    "if x:\n    __all__ = ['Other']\nclass Base: ...\n",
    "__all__ = ['\\x42ase']\n",
    '"""Says\n__all__ = [\'Other\']\n"""\nclass Base: ...\n',
    "class \N{FULLWIDTH LATIN CAPITAL LETTER B}ase: ...\n",
    "# coding: utf-7\nclass +AEI-ase: ...\n",
)


@pytest.mark.parametrize("text", WITHOUT)
def test_a_file_that_cannot_bring_the_name(text):
    assert stars_that_may_bring(text.encode(), "Base") == ()


@pytest.mark.parametrize("text", WITH)
def test_a_file_that_has_to_be_read(text):
    assert stars_that_may_bring(text.encode(), "Base") is None


def test_a_name_that_is_not_ascii_is_never_ruled_out():
    other = "B\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert stars_that_may_bring(b"class Other: ...\n", other) is None
    assert stars_that_may_bring(b"\xff\xfe", "Base") is None


def test_a_file_that_brings_what_others_do():
    text = b"if TYPE_CHECKING:\n    from .a import *  # all\nfrom ..b.c import *\nfrom d import *\n"
    assert stars_that_may_bring(text, "Base") == ((1, "a"), (2, "b.c"), (0, "d"))
