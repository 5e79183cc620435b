"""``diff --format markdown`` and ``explain --format mermaid`` (R64)."""

from __future__ import annotations

import re

from arctic_codegen.commands.plan_changes import CallbackChange, ClassChange, EventChange
from arctic_codegen.report.pull_request import diff_markdown


def test_R64_differences_as_markdown(project):
    lines = project.cli("diff", "--format", "markdown").stdout.splitlines()
    assert lines[0] == "### Callbacks: changes since `HEAD`"
    assert lines[2] == "`app.trainers:CoolTrainer` (changed)"
    assert (
        "| post-loss | ! arguments: `clip(10.0)` to `clip(8.0)` "
        "| `clip(8.0)` | `app/trainers.py:7` |"
    ) in lines
    assert "| pre-loss | - removed (1) | `app.trainers.shorten` |  |" in lines


def test_R64_nothing_of_a_name_is_markdown():
    made = 'tag("``|\n</td>\u202e@all")'
    change = CallbackChange("added", "x", "`a|.py", 1, None, 1, made)
    cls = ClassChange("m", "C", "changed", (EventChange("post-x", "x", (change,)),))
    *_, row = diff_markdown([cls], "HEAD").splitlines()
    assert row == (
        '| post-x | + added (1) | ```tag("``\\|\u240a</td>\ufffd@all")``` | `` `a\\|.py:1 `` |'
    )


def test_R64_calls_as_a_mermaid_chart(project):
    chart = project.cli("explain", "app.trainers:CoolTrainer.loss", "--format", "mermaid").stdout
    assert chart.splitlines()[:2] == ["flowchart LR", '  subgraph c0["app.trainers:CoolTrainer"]']
    order = re.findall(r'\[+"([^"]*)"\]+(?: -->|$)', chart, re.MULTILINE)
    assert order[2:] == [
        "pre shorten",
        "Trainer.loss",
        "post clip(8.0)",
        "post check",
        "post when(#34;debug#34;, every(10, log))",
    ]


def test_R64_nothing_of_a_name_is_mermaid(hostile_project):
    chart = hostile_project.cli("explain", "app:Hostile", "--format", "mermaid").stdout
    labels = re.findall(r'"(.*?)"\]', chart)
    assert len(labels) == 5
    assert all(re.fullmatch(r"[\w .,:()=+/#;-]*", label) for label in labels)
    assert "#60;img src=x onerror=alert(1)#62;" in chart
