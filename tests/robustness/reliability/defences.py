"""The defences, each with a test that fails if it is disabled.

A defence is disabled by changing the text of one module, which every process of the test loads.
"""

from __future__ import annotations

from typing import NamedTuple


class Defence(NamedTuple):
    """``old`` occurs once in the module; replacing it by ``new`` disables the defence."""

    module: str
    old: str
    new: str
    test: str


_HARD = "tests/robustness/attacks/test_hard_inputs.py::"
_ODD = "tests/robustness/attacks/test_odd_files.py::"
_OUT = "tests/robustness/attacks/test_output.py::"
_STOPPED = "tests/robustness/reliability/test_interrupted.py::"

DEFENCES: dict[str, Defence] = {
    "only regular files are opened": Defence(
        "arctic_codegen.files.regular",
        "    if not stat.S_ISREG(found.st_mode):",
        "    if False:",
        f"{_ODD}test_no_plain_file_where_output_is_to_be",
    ),
    "the type of a file is checked again after it is opened": Defence(
        "arctic_codegen.files.regular",
        "        _check(os.fstat(file.fileno()), path)",
        "        pass",
        f"{_ODD}test_a_file_that_becomes_a_pipe_once_it_was_looked_at",
    ),
    "the size of sources is limited": Defence(
        "arctic_codegen.files.regular",
        "            if len(data) <= MOST_BYTES:",
        "            if True:",
        f"{_ODD}test_a_file_that_grows_while_it_is_read",
    ),
    "the size of configurations is limited": Defence(
        "arctic_codegen.config.toml_places",
        "    if len(data) > MOST_BYTES:",
        "    if False:",
        f"{_ODD}test_configurations_that_no_person_wrote",
    ),
    "the nesting of configurations is limited": Defence(
        "arctic_codegen.config.toml_places",
        "    except RecursionError:",
        "    except KeyboardInterrupt:",
        f"{_ODD}test_configurations_that_no_person_wrote",
    ),
    "links in the output are not followed": Defence(
        "arctic_codegen.build.write",
        "    if os.path.islink(full):",
        "    if False:",
        f"{_OUT}test_links_in_the_output_lead_nowhere",
    ),
    "folders that lead out of the output are not entered": Defence(
        "arctic_codegen.build.write",
        "    if parent != folder.real and not parent.startswith(folder.real + os.sep):",
        "    if False:",
        f"{_OUT}test_links_in_the_output_lead_nowhere",
    ),
    "invalid module names are refused": Defence(
        "arctic_codegen.discover.finder",
        "    return name.isidentifier() and not keyword.iskeyword(name) and "
        "normal_form(name) == name",
        "    return True",
        f"{_OUT}test_names_that_are_none_are_not_written",
    ),
    "names that differ only in case are refused": Defence(
        "arctic_codegen.build.write",
        "        other = seen.setdefault(path.casefold(), path)",
        "        other = seen.setdefault(path, path)",
        "tests/unit/write",
    ),
    "invisible characters in reports are escaped": Defence(
        "arctic_codegen.diagnostics.machine",
        "    path = visible(shown_path(finding.place.path, working_folder))",
        "    path = shown_path(finding.place.path, working_folder)",
        f"{_OUT}test_names_are_no_lines_of_a_report",
    ),
    "texts in GitHub's log are escaped": Defence(
        "arctic_codegen.diagnostics.machine",
        '    return shown.replace("%", "%25").replace("\\n", "%0A")',
        "    return text",
        f"{_OUT}test_names_are_no_lines_of_a_report",
    ),
    "the number of entries that statements add is limited": Defence(
        "arctic_codegen.resolve.class_list_changes",
        "        if self._added[owner] > _MOST_ENTRIES:\n            return",
        "        if False:\n            return",
        f"{_HARD}test_what_grows_by_a_square_ends[statements_that_read_and_assign]",
    ),
    "the nesting of brackets is limited": Defence(
        "arctic_codegen.scan.depth",
        "                if len(outer) > _MOST_BRACKETS:",
        "                if False:",
        f"{_HARD}test_a_hard_input_ends[brackets]",
    ),
    "only text encodings are accepted": Defence(
        "arctic_codegen.scan.decode",
        '        if getattr(codecs.lookup(encoding), "_is_text_encoding", True):',
        "        if True:",
        f"{_HARD}test_a_hard_input_ends[encodings]",
    ),
    "the levels of inheritance are limited": Defence(
        "arctic_codegen.resolve.names.mro",
        "        if levels > _MOST_LEVELS:",
        "        if False:",
        "tests/unit/resolve/test_deep_chains.py",
    ),
    "the steps of a whole run are limited": Defence(
        "arctic_codegen.resolve.names.budget",
        "        self._left = min(self._left + _FOR_EACH - steps, _IN_ALL)",
        "        pass",
        "tests/unit/resolve/test_budget.py",
    ),
    "caches are sealed": Defence(
        "arctic_codegen.build.cache.sealed_files",
        "        if data[:start] != _MARK + seal(sealed):",
        "        if False:",
        "tests/e2e/caching/test_seal.py",
    ),
    "the interpreter is started without its site packages": Defence(
        "arctic_codegen.discover.interpreter",
        'command = [executable, "-I", "-S", "-c", _QUESTION, *arguments]',
        'command = [executable, "-c", _QUESTION, *arguments]',
        "tests/robustness/attacks/test_no_code_runs.py::test_nothing_of_an_environment_runs",
    ),
    "settings for mypy outside the project are restricted": Defence(
        "arctic_codegen.typecheck.mypy_worker",
        "    if options.config_file and not _is_own(options.config_file):",
        "    if False:",
        "tests/robustness/attacks/test_no_code_runs.py::test_plugins_run_where_the_project_names_them_alone",
    ),
    "names that Windows reserves are reported": Defence(
        "arctic_codegen.plan.layout",
        "reserved = next((part for part in parts if part.upper() in _RESERVED), None)",
        "reserved = None",
        f"{_OUT}test_names_that_windows_reserves_are_told",
    ),
    "generated files are recognized by their header": Defence(
        "arctic_codegen.build.write",
        "    if data is None or data == content or folder.is_ours(path, data):",
        "    if True:",
        "tests/unit/write",
    ),
    "the value of a name is evaluated once": Defence(
        "arctic_codegen.resolve.values.evaluator",
        "        if thunk.env is not EMPTY:",
        "        if True:",
        f"{_HARD}test_what_grows_by_a_square_ends[a_list_of_thousands]",
    ),
    "a replaced file gets a newer time, so that Python compiles it again": Defence(
        "arctic_codegen.files.replacing",
        "    if int(now) <= int(before):",
        "    if False:",
        "tests/unit/write/test_write.py::test_a_file_that_is_replaced_within_a_second_is_compiled_again",
    ),
    "the running text is compared with the lock file": Defence(
        "arctic_codegen.runtime.staleness",
        "            if data is not None and mark.encode() not in data:",
        "            if False:",
        f"{_STOPPED}test_R36_what_runs_is_what_is_compared",
    ),
}
