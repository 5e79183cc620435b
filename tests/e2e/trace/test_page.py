"""The page about traces shows the real output, except for the times."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.harness import Project, write_files
from tests.pages import PART, blocks

PAGE = Path(__file__).parents[3] / "docs" / "trace.md"
TEXT = PAGE.read_text(encoding="utf-8")


def shape(text):
    """A table without its times, and without the order of equal rows."""
    plain = re.sub(r"[\d.]+ (?:ns|µs|ms|s)\b", "#", text)
    plain = re.sub(r"\d+\.\d%", "%", plain)
    return sorted(re.sub(r" +", " ", line).strip() for line in plain.splitlines())


def test_R63_the_table_that_is_shown(tmp_path):
    hidden = {m["what"]: m["hidden"] for m in PART.finditer(TEXT) if m["word"] == "file"}
    p = Project(tmp_path, {"my_project/__init__.py": ""})
    write_files(tmp_path, hidden)
    p.built()
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen.trace", "train.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (shown,) = blocks(TEXT, "text")
    assert shape(done.stderr.replace(f"{tmp_path}/", "")) == shape(shown)


def test_the_picture_shows_calls_inside_each_other():
    drawn = runpy.run_path(str(PAGE.with_name("pictures.py")))["picture"]
    where = {"class": "Trainer", "event": "step"}
    calls = [
        {"ph": "X", "cat": kind, "name": name, "ts": begin, "dur": lasts, "args": where}
        for kind, name, begin, lasts in (
            ("event", "generated.app.Trainer.step", 0, 4e6),
            ("pre", "app.<lambda>", 0, 1e6),
            ("method", "app.Trainer.step", 1e6, 3e6),
            ("event", "generated.app.Trainer.step", 6e6, 1e6),
        )
    ]
    boxes = [box for box in ElementTree.fromstring(drawn(calls, 0, 5)).iter() if box.get("class")]
    assert [box.get("class") for box in boxes[3:]] == ["event", "pre", "method"]
    assert [float(box.get("y")) for box in boxes[3:]] == [40, 62, 62]
    committed = PAGE.parent / "images" / "trace.svg"
    assert len(list(ElementTree.parse(committed).iter())) > 50
    assert committed.stat().st_size < 30_000


def test_R63_where_is_shown_as_it_is_printed():
    from arctic_codegen.trace.breadcrumbs import Whereabouts
    from arctic_codegen.trace.sites import Site
    from arctic_codegen.trace.where_table import where_text

    module = "my_project.trainers"
    step = Site(module, "Trainer", "step", "method", f"{module}.Trainer.step")
    log = Site(module, "Trainer", "step", "post", f"{module}.log")
    ranks = [
        Whereabouts("node-1", 4711 + rank, rank, False, "runs", calls, True, site, 0.0)
        for rank, (calls, site) in enumerate([(1204, step), (1203, log), (1204, step)])
    ]
    shown = TEXT.partition("$ arctic-codegen where crumbs\n")[2].partition("```")[0]
    assert times_out(where_text(ranks)) == times_out(shown.rstrip())


def times_out(table):
    return [re.sub(r" *\d+ s +\d\d:\d\d:\d\d *", " # ", line) for line in table.splitlines()[1:]]
