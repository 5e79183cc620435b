"""R2: where the configuration is found, its valid values, and the findings about it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from arctic_codegen.config import Loaded, find_config, load
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.model.settings import output_location

HEAD = "[tool.arctic-codegen]\n"


def write(folder: Path, text: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(folder: Path, text: str | bytes) -> Loaded:
    write(folder, text)
    return load(folder)


def only(found: Loaded) -> tuple[int, int, str, str | None]:
    assert found.settings is None
    (finding,) = found.findings
    assert finding.code == "AC010"
    assert finding.place is not None
    span = finding.place.span
    return span.line, span.column, finding.message, finding.hint


def test_R2_defaults(tmp_path: Path) -> None:
    settings = loaded(tmp_path, HEAD + 'sources = ["app"]\n').settings
    assert settings is not None
    assert settings.sources == ("app",)
    assert settings.output == str(tmp_path / "generated")
    assert settings.src == (str(tmp_path),)
    assert settings.semantics is None
    assert settings.python_version == sys.version_info[:2]
    assert settings.platform == sys.platform
    assert (settings.on_stale, settings.late_callbacks, settings.checker) == (
        "error",
        False,
        "mypy",
    )


def test_R2_src_folder_is_a_root_where_it_exists(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    settings = loaded(tmp_path, HEAD + 'sources = ["app"]\n').settings
    assert settings is not None
    assert settings.src == (str(tmp_path), str(tmp_path / "src"))


def test_R2_every_key(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    text = f"""
[tool.other]
sources = 3
[tool.arctic-codegen]
sources = ["app", "arctic_training.trainer"]
output = "out/compiled"
src = ["lib"]
semantics = "runtime"
python = "{sys.executable}"
python-version = "3.12"
platform = "linux"
on-stale = "warn"
late-callbacks = true
select = ["AC", "AC401"]
ignore = ["unannotated"]
checker = "pyright"
inline = false
signature-preserving = ["app.deco.timed", "lib.retry"]
order = [["lib.load", "app.b.save", "app.b.B.post_step_callback"], ["lib.a", "lib.b"]]
[tool.arctic-codegen.semantics-of]
"app.b:B" = "documented"
"app.a:Outer.A" = "runtime"
[tool.arctic-codegen.per-file-ignores]
"tests/*" = ["ALL"]
"""
    found = loaded(tmp_path, text)
    settings = found.settings
    assert found.findings == ()
    assert settings is not None
    assert settings.sources == ("app", "arctic_training.trainer")
    assert settings.output == str(tmp_path / "out/compiled")
    assert settings.src == (str(tmp_path / "lib"),)
    assert settings.semantics == "runtime"
    assert settings.semantics_of == (("app.a:Outer.A", "runtime"), ("app.b:B", "documented"))
    assert settings.python_version == (3, 12)
    assert settings.on_stale == "warn"
    assert settings.late_callbacks is True
    assert settings.signature_preserving == ("app.deco.timed", "lib.retry")
    assert settings.order == (
        ("lib.load", "app.b.save", "app.b.B.post_step_callback"),
        ("lib.a", "lib.b"),
    )
    assert len(settings.order_places) == 2
    assert settings.select == ("AC", "AC401")
    assert settings.per_file_ignores == (("tests/*", ("ALL",)),)
    assert settings.checker == "pyright"
    places = [place.span.line for place in settings.source_places if place is not None]
    assert places == [5, 5]
    assert [p.span.line for p in settings.semantics_places if p is not None] == [22, 21]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('sources = ["a"]\noutputs = "x"\n', 3, 1, "unknown key 'outputs'"),
        ("sources = 3\n", 2, 1, "'sources' must be a list of non-empty strings"),
        ('sources = "a"\n', 2, 1, "'sources' must be a list of non-empty strings"),
        ('sources = [\n  "a",\n  3,\n]\n', 4, 3, "'sources' must be a list of non-empty strings"),
        ('sources = ["a"]\noutput = 1.5\n', 3, 1, "'output' must be a non-empty string"),
        ('sources = ["a"]\noutput = ""\n', 3, 1, "'output' must be a non-empty string"),
        (
            'sources = ["a"]\nsignature-preserving = "lib.retry"\n',
            *(3, 1, "'signature-preserving' must be a list of non-empty strings"),
        ),
        (
            'sources = ["a"]\nsignature-preserving = ["lib.retry", "timed"]\n',
            *(3, 38, "'timed' is not the dotted name of a decorator"),
        ),
        ('sources = ["a"]\norder = [["lib.load"]]\n', 3, 10, "'order' must be a list of lists"),
        ('sources = ["a"]\norder = ["lib.load"]\n', 3, 10, "'order' must be a list of lists"),
        (
            'sources = ["a"]\norder = [["lib.load", "save"]]\n',
            *(3, 23, "'save' is not the dotted name of a callback"),
        ),
        ('sources = ["a"]\noutput = "a\\u0000"\n', 3, 1, "'output' must be a non-empty string"),
        ('sources = ["a"]\noutput = "."\n', 3, 1, "the output folder '.' contains an import root"),
        ('sources = ["a"]\noutput = "json"\n', 3, 1, "the output folder 'json' would shadow"),
        ('sources = ["a"]\nsemantics = "runtme"\n', 3, 1, "'semantics' must be \"documented\""),
        ('sources = ["a"]\n  "on-stale" = true\n', 3, 3, "'on-stale' must be \"error\""),
        ('sources = ["a"]\nlate-callbacks = "yes"\n', 3, 1, "'late-callbacks' must be true"),
        ('sources = ["a"]\npython-version = 3.11\n', 3, 1, "'python-version' must be a version"),
        ('sources = ["a"]\npython-version = "3.²"\n', 3, 1, "'python-version' must be a version"),
        (
            'sources = ["a"]\npython-version = "3.1\\u0661"\n',
            3,
            1,
            "'python-version' must be a vers",
        ),
        pytest.param(
            f'sources = ["a"]\npython-version = "3.{"9" * 5000}"\n',
            3,
            1,
            "'python-version' must be a version",
            id="a version of 5,000 digits",
        ),
        ('sources = ["a"]\ninline = "bodies"\n', 3, 1, "'inline' must be false: the bodies"),
        ('sources = ["a"]\ninline = true\n', 3, 1, "'inline' must be false: the bodies"),
        ('sources = ["a"]\nsrc = [".", "nope"]\n', 3, 13, "the import root 'nope' is not a folder"),
        ('sources = ["a"]\nignore = ["AC999"]\n', 3, 11, "unknown code 'AC999'"),
        ('sources = ["a"]\npython = "nope"\n', 3, 1, "there is no interpreter at 'nope'"),
        (
            'sources = ["a"]\n[tool.arctic-codegen.semantics-of]\n"a.B" = "runtime"\n',
            4,
            1,
            "'a.B' does not name a class",
        ),
        (
            'sources = ["a"]\nsemantics-of = { "a:B" = "new" }\n',
            3,
            18,
            '\'a:B\' must be "documented" or "runtime"',
        ),
        (
            'sources = ["a"]\n[tool.arctic-codegen.per-file-ignores]\n"x" = ["AC1", "B2"]\n',
            4,
            15,
            "unknown code 'B2'",
        ),
        ("", 1, 2, "[tool.arctic-codegen] lists no sources"),
        ("sources = []\n", 2, 1, "[tool.arctic-codegen] lists no sources"),
    ],
)
def test_R2_mistakes_stand_at_their_key(
    tmp_path: Path, text: str, line: int, column: int, message: str
) -> None:
    found = only(loaded(tmp_path, HEAD + text))
    assert found[:2] == (line, column)
    assert found[2].startswith(message)


def test_R2_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    assert only(loaded(tmp_path, HEAD + 'sources = ["a"]\noutputs = "x"\n'))[3] == (
        "did you mean 'output'?"
    )


def test_R2_a_value_far_from_all_choices_is_no_guess(tmp_path: Path) -> None:
    found = only(loaded(tmp_path, HEAD + 'sources = ["a"]\nchecker = "foo"\n'))
    assert found[2:] == ('\'checker\' must be "mypy" or "pyright"', None)
    found = only(loaded(tmp_path, HEAD + 'sources = ["a"]\non-stale = "wran"\n'))
    assert found[2:] == (
        '\'on-stale\' must be "error", "warn" or "ignore"',
        'did you mean "warn"?',
    )
    found = only(loaded(tmp_path, HEAD + 'sources = ["a"]\nplatform = "windows"\n'))
    assert found[2] == '\'platform\' must be "linux", "darwin" or "win32"'


def test_R2_all_mistakes_are_told_together(tmp_path: Path) -> None:
    found = loaded(tmp_path, HEAD + "sources = 1\noutput = 2\nwhat = 3\n")
    assert len(found.findings) == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"[tool.arctic-codegen]\nsources = [\n", 2),
        (b"[tool.arctic-codegen]\nsources = ]\n", 2),
        (b"[tool.arctic-codegen]\r\nx = 1\r\nsources = ]\r\n", 3),
        (b"[tool.arctic-codegen]\n# \xff\n", 2),
    ],
)
def test_R2_invalid_files_have_a_position(tmp_path: Path, text: bytes, line: int) -> None:
    assert only(loaded(tmp_path, text))[0] == line


def test_R2_keys_are_found_in_any_spelling(tmp_path: Path) -> None:
    text = 'tool."arctic-codegen".sources = ["a"]\ntool."arctic-codegen".wrong = 1\n'
    assert only(loaded(tmp_path, text))[:2] == (2, 1)
    text = (
        'a = """\n[tool.arctic-codegen]\nwrong = 1\n"""\n[tool]\narctic-codegen = { wrong = 1 }\n'
    )
    assert only(loaded(tmp_path, text))[:2] == (6, 20)


def test_R2_a_table_that_is_none(tmp_path: Path) -> None:
    assert "must be a table" in only(loaded(tmp_path, "[tool]\narctic-codegen = 3\n"))[2]


def test_R2_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    wanted = write(tmp_path, HEAD + 'sources = ["a"]\n')
    write(tmp_path / "inner", "[tool.ruff]\n")
    assert find_config(tmp_path / "inner" / "deeper") == wanted
    settings = load(tmp_path / "inner").settings
    assert settings is not None
    assert settings.root == str(tmp_path)


def test_R2_config_option(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(HEAD + 'sources = ["a"]\n')
    settings = load(tmp_path / "x", config=path).settings
    assert settings is not None
    assert settings.config_file == str(path)
    path.write_text("x = 1\n")
    assert "there is no [tool.arctic-codegen] table" in only(load(tmp_path, config=path))[2]
    with pytest.raises(WrongUse, match="does not exist"):
        load(tmp_path, config=tmp_path / "none.toml")


def test_R2_without_configuration(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as raised:
        load(tmp_path)
    assert "arctic-codegen init" in str(raised.value.hint)
    package = tmp_path / "libs" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "main.py").touch()
    settings = load(tmp_path, extra_sources=["libs/app/main.py"]).settings
    assert settings is not None
    assert settings.sources == (str(package / "main.py"),)
    assert settings.src == (str(tmp_path), str(tmp_path / "libs"))
    assert settings.output == str(tmp_path / "generated")


def test_R2_paths_add_to_the_configured_sources(tmp_path: Path) -> None:
    write(tmp_path, HEAD + 'sources = ["app"]\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.py").touch()
    settings = load(tmp_path / "sub", extra_sources=["more.py", "json.tool"]).settings
    assert settings is not None
    assert settings.sources == ("app", str(tmp_path / "sub" / "more.py"), "json.tool")
    assert len(settings.source_places) == 3


def test_R2_a_file_outside_the_working_folder_brings_its_own_root(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (there / "trainers.py").touch()
    settings = load(here, extra_sources=["../there/trainers.py"]).settings
    assert settings is not None
    assert settings.sources == (str(there / "trainers.py"),)
    assert settings.src == (str(here), str(there))
    (here / "scripts").mkdir()
    (here / "scripts" / "train.py").touch()
    settings = load(here, extra_sources=["scripts/train.py", "*.py"]).settings
    assert settings is not None
    assert settings.src == (str(here),)
    assert settings.sources[1] == str(here / "*.py")


def test_R2_what_is_no_plain_file_is_no_configuration(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    assert find_config(tmp_path) is None


def test_R2_without_import_roots_the_project_folder_is_one(
    tmp_path: Path,
) -> None:
    settings = loaded(tmp_path, HEAD + 'sources = ["a"]\nsrc = []\noutput = "lib/out"\n').settings
    assert settings is not None
    assert output_location(settings) == ("lib.out", str(tmp_path))
