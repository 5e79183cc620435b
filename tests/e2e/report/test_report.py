"""``report``: the contents of its file, its size, and its links (R64)."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from html import unescape

import pytest

from arctic_codegen import api
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.report.html import report_html
from arctic_codegen.report.links import links
from arctic_codegen.report.view import View
from tests.e2e.report.conftest import FILES, TRAINERS
from tests.harness import AUTHOR, Project


def text_of(html: str) -> str:
    """The text that a reader sees, on one line."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def line_of(found: re.Match[str]) -> str:
    """The line of a definition."""
    return str(TRAINERS.lstrip("\n").partition(f"{found[1]}(")[0].count("\n") + 1)


def test_R64_a_timeline_has_calls_values_reasons_and_wrappers(report):
    text = text_of(report.read_text())
    cool = text.partition("app.trainers:CoolTrainer Trainer")[2]
    for part in (
        "app/trainers.py:LINE_OF class CoolTrainer Classes, base first: CallbackMixin > Trainer >",
        "pre shorten rewrites batch app/trainers.py:LINE_OF def shorten",
        "(self: Trainer, batch: list[int]) -> list[int] an entry of CoolTrainer's list",
        "call Trainer.loss(self, batch: list[int]) -> float app/trainers.py:LINE_OF def loss",
        "post clip(8.0) rewrites result app/trainers.py:LINE_OF def limit",
        'post when("debug", every(10, log)) rewrites result app/trainers.py:LINE_OF def log',
        "asserted post: check runs before log",
        "not called pre Trainer.pre_step_callback app/trainers.py:LINE_OF def pre_step_callback : "
        "dropped: CoolTrainer",
        "hazard the callback 'CoolTrainer.post_step_callback' overwrites 'temperature'",
    ):
        assert re.sub(r"\bLINE_OF (\w+ \w+)", line_of, part) in cool
    assert text.count("hazard ") == 1  # of one event of one class


def test_R64_times_of_a_trace_stand_beside_calls(report):
    html = report.read_text()
    assert re.search(
        r"<h4>step</h4>\s*<span class=\"t\"><svg .*?</svg> [\d.]+ .s in 100 calls", html
    )
    text = text_of(html)
    assert re.search(
        r"call Trainer\.step\(.*? app/trainers\.py:\d+ [\d.]+%, [\d.]+ .s in 100", text
    )
    assert re.search(r"every\(10, log\)\) .*? in 10 calls", text)


def test_R64_two_revisions_stand_side_by_side(report):
    text = text_of(report.read_text())
    changes = text.partition("Changes since ")[2].partition("Classes app.")[0]
    assert "app.trainers:CoolTrainer changed" in changes
    assert "clip(10.0)" in changes
    assert "! changed clip(8.0) arguments: was clip(10.0), now clip(8.0)" in changes
    assert "- removed shorten no callbacks" in changes


def test_R64_the_file_needs_nothing_else(report):
    html = report.read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.S)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in unescape(policy)
    assert not re.search(r"\bsrc=|\bstyle=|\bon\w+=\"|@import|url\(|https?:", html)


def test_R64_the_same_sources_give_the_same_bytes(tmp_path):
    texts = set()
    for name in ("one", "two"):
        root = Project(tmp_path / name, FILES).root
        for _ in range(2):  # the second time from the cache
            result = api.list_classes(working_folder=root)
            view = View(result.settings, str(root), result.installed_folders)
            texts.add(report_html(result, view))
    assert len(texts) == 1
    assert str(tmp_path) not in texts.pop()


def test_R64_nothing_of_a_hostile_name_is_markup(hostile):
    html = hostile.read_text()
    assert len(re.findall(r"<script\b", html)) == 1
    assert not re.search(r"<(img|b onclick)|49|\u202e", html.partition("</style>")[2])
    assert "[U+202E]" in html
    assert set(re.findall(r'href="(\w+):', html)) == {"vscode"}


def test_R64_links(tmp_path):
    project = Project(tmp_path, FILES)
    root = str(project.root)
    path = str(project.root / "app" / "a b.py")
    assert links("vscode", root)(path, 3) == f"vscode://file{root}/app/a%20b.py:3"
    assert links("pycharm", root)(path, 3) == f"pycharm://open?file={root}/app/a%20b.py&line=3"
    template = links("https://example.org/{path}?{{#L{line}", root)
    assert template(path, 3) == "https://example.org/app/a%20b.py?{{#L3"
    assert template("/elsewhere/site-packages/torch.py", 3) is None
    project.run("git", "init", "-q")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-qm", "x", env=AUTHOR)
    commit = project.run("git", "rev-parse", "HEAD").strip()
    project.run("git", "remote", "add", "origin", "git@github.com:owner/repo.git")
    expected = f"https://github.com/owner/repo/blob/{commit}/app/a%20b.py#L3"
    assert links("github", root)(path, 3) == expected
    for address in ("https://github.com/owner/repo", "ssh://git@github.com/owner/repo.git"):
        project.run("git", "remote", "set-url", "origin", address)
        assert links("github", root)(path, 3) == expected
    project.run("git", "remote", "set-url", "origin", "https://evil.org/github.com/owner/repo")
    refused = project.cli("report", "--link", "github")
    assert refused.code == 2
    assert "is not on GitHub" in refused.stderr


def test_R64_schemes_that_a_browser_runs_are_refused(project):
    for template in ("JavaScript:x{file}", "data:,{path}", "no", "{path}"):
        with pytest.raises(WrongUse, match=re.escape(f"--link: unknown kind '{template}'")):
            links(template, str(project.root))
    with pytest.raises(WrongUse, match=re.escape("has an unknown field {lines}")) as raised:
        links("https://example.org/{path}#{lines}", str(project.root))
    assert "{line}" in (raised.value.hint or "")
    refused = project.cli("report", "--link", "javascript:{path}")
    assert refused.code == 2
    assert "--link: unknown kind 'javascript:{path}'" in refused.stderr
    assert not (project.root / "arctic-codegen-report.html").exists()


def test_a_trace_of_other_output_is_reported(project, tmp_path):
    text = (project.root / "trace.json").read_text()
    (tmp_path / "other.json").write_text(text.replace("generated.app", "generated.elsewhere"))
    ran = project.cli("report", "-o", "other.html", "--trace", str(tmp_path / "other.json"))
    assert ran.code == 0
    assert "No call of the trace is one of these classes" in ran.stderr


def test_a_trace_or_revision_that_is_none_is_wrong_use(project):
    assert project.cli("report", "--trace", "train.py").code == 2
    assert project.cli("report", "--against", "nowhere").code == 2


@pytest.mark.long
def test_R64_a_large_project_is_small_and_fast(tmp_path):
    module = FILES["app/trainers.py"]
    files = {f"app/m{number}.py": module for number in range(300)}
    project = Project(tmp_path, {"app/__init__.py": "", **files})
    result = api.list_classes(working_folder=tmp_path)
    view = View(result.settings, str(project.root), result.installed_folders)
    link = links(
        "https://github.com/owner/repo/blob/" + 40 * "0" + "/{path}#L{line}", str(tmp_path)
    )
    began = time.process_time()
    html = report_html(result, view, links=link)
    assert time.process_time() - began < 1
    callbacks = html.count('<code class="n">')
    assert callbacks > 2000
    assert len(html.encode()) <= 100_000 + 800 * callbacks


def test_R64_findings_fail_as_those_of_list_do(tmp_path):
    broken = {"app/__init__.py": "", "app/main.py": "def ("}
    project = Project(tmp_path, broken)
    other, link = tmp_path / "other", tmp_path / "arctic-codegen-report.html"
    link.symlink_to(other)
    ran = project.cli("report", "--format", "concise")
    assert ran.code == 1
    ((_, _, code),) = ran.codes
    assert f"error {code}: " in text_of(link.read_text())
    assert not other.exists()  # a link in a checkout is replaced
