"""The defences, each with a test that fails if it is disabled.

A defence is disabled by changing the text of one module, which every process of the test loads.
"""

from __future__ import annotations

from typing import NamedTuple


class Defence(NamedTuple):
    """``old`` stands once in the module; with ``new`` in its place the defence is gone."""

    module: str
    old: str
    new: str
    test: str


_HARD = "tests/robustness/attacks/test_hard_inputs.py::"
_ODD = "tests/robustness/attacks/test_odd_files.py::"
_OUT = "tests/robustness/attacks/test_output.py::"
_STOPPED = "tests/robustness/reliability/test_interrupted.py::"

DEFENCES: dict[str, Defence] = {
    "files that are none are not opened": Defence(
        "arctic_codegen.files.regular",
        "    if not stat.S_ISREG(found.st_mode):",
        "    if False:",
        f"{_ODD}test_no_plain_file_where_output_is_to_be",
    ),
    "a file is looked at again when it is open": Defence(
        "arctic_codegen.files.regular",
        "        _check(os.fstat(file.fileno()), path)",
        "        pass",
        f"{_ODD}test_a_file_that_becomes_a_pipe_once_it_was_looked_at",
    ),
    "sources have an end": Defence(
        "arctic_codegen.files.regular",
        "            if len(data) <= MOST_BYTES:",
        "            if True:",
        f"{_ODD}test_a_file_that_grows_while_it_is_read",
    ),
    "configurations have an end": Defence(
        "arctic_codegen.config.toml_places",
        "    if len(data) > MOST_BYTES:",
        "    if False:",
        f"{_ODD}test_configurations_that_no_person_wrote",
    ),
    "configurations nest so deep": Defence(
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
    "folders in the output that lead out are not entered": Defence(
        "arctic_codegen.build.write",
        "    if parent != folder.real and not parent.startswith(folder.real + os.sep):",
        "    if False:",
        f"{_OUT}test_links_in_the_output_lead_nowhere",
    ),
    "names that are none are refused": Defence(
        "arctic_codegen.discover.finder",
        "    return name.isidentifier() and not keyword.iskeyword(name) and "
        "normal_form(name) == name",
        "    return True",
        f"{_OUT}test_names_that_are_none_are_not_written",
    ),
    "names that differ in case alone are refused": Defence(
        "arctic_codegen.build.write",
        "        other = seen.setdefault(path.casefold(), path)",
        "        other = seen.setdefault(path, path)",
        "tests/unit/write",
    ),
    "what stands in a report is made visible": Defence(
        "arctic_codegen.diagnostics.machine",
        "    path = visible(shown_path(finding.place.path, working_folder))",
        "    path = shown_path(finding.place.path, working_folder)",
        f"{_OUT}test_names_are_no_lines_of_a_report",
    ),
    "the log of GitHub is escaped": Defence(
        "arctic_codegen.diagnostics.machine",
        '    return shown.replace("%", "%25").replace("\\n", "%0A")',
        "    return text",
        f"{_OUT}test_names_are_no_lines_of_a_report",
    ),
    "entries of statements are counted": Defence(
        "arctic_codegen.resolve.class_list_changes",
        "        if self._added[owner] > _MOST_ENTRIES:\n            return",
        "        if False:\n            return",
        f"{_HARD}test_what_grows_by_a_square_ends[statements_that_read_and_assign]",
    ),
    "brackets nest so deep": Defence(
        "arctic_codegen.scan.depth",
        "                if len(outer) > _MOST_BRACKETS:",
        "                if False:",
        f"{_HARD}test_a_hard_input_ends[brackets]",
    ),
    "codecs are those of text": Defence(
        "arctic_codegen.scan.decode",
        '        if getattr(codecs.lookup(encoding), "_is_text_encoding", True):',
        "        if True:",
        f"{_HARD}test_a_hard_input_ends[encodings]",
    ),
    "levels of inheritance are counted": Defence(
        "arctic_codegen.resolve.names.mro",
        "        if levels > _MOST_LEVELS:",
        "        if False:",
        "tests/unit/resolve/test_deep_chains.py",
    ),
    "steps end for a run as a whole": Defence(
        "arctic_codegen.resolve.names.budget",
        "        self._left = min(self._left + _FOR_EACH - steps, _IN_ALL)",
        "        pass",
        "tests/unit/resolve/test_budget.py",
    ),
    "a cache is sealed": Defence(
        "arctic_codegen.build.cache.sealed_files",
        "        if data[:start] != _MARK + seal(sealed):",
        "        if False:",
        "tests/e2e/caching/test_seal.py",
    ),
    "an interpreter is asked without its site": Defence(
        "arctic_codegen.discover.interpreter",
        'command = [executable, "-I", "-S", "-c", _QUESTION, *arguments]',
        'command = [executable, "-c", _QUESTION, *arguments]',
        "tests/robustness/attacks/test_no_code_runs.py::test_nothing_of_an_environment_runs",
    ),
    "settings for mypy are those of the project": Defence(
        "arctic_codegen.typecheck.mypy_worker",
        "    if options.config_file and not _is_own(options.config_file):",
        "    if False:",
        "tests/robustness/attacks/test_no_code_runs.py::test_plugins_run_where_the_project_names_them_alone",
    ),
    "names that Windows reserves are told": Defence(
        "arctic_codegen.plan.layout",
        "reserved = next((part for part in parts if part.upper() in _RESERVED), None)",
        "reserved = None",
        f"{_OUT}test_names_that_windows_reserves_are_told",
    ),
    "what was generated is known by its header": Defence(
        "arctic_codegen.build.write",
        "    if data is None or data == content or folder.is_ours(path, data):",
        "    if True:",
        "tests/unit/write",
    ),
    "what a name is bound to is looked at once": Defence(
        "arctic_codegen.resolve.values.evaluator",
        "        if thunk.env is not EMPTY:",
        "        if True:",
        f"{_HARD}test_what_grows_by_a_square_ends[a_list_of_thousands]",
    ),
    "what is replaced is newer for Python": Defence(
        "arctic_codegen.files.replacing",
        "    if int(now) <= int(before):",
        "    if False:",
        "tests/unit/write/test_write.py::test_a_file_that_is_replaced_within_a_second_is_compiled_again",
    ),
    "what runs is what is compared": Defence(
        "arctic_codegen.runtime.staleness",
        "            if data is not None and mark.encode() not in data:",
        "            if False:",
        f"{_STOPPED}test_R36_what_runs_is_what_is_compared",
    ),
}
