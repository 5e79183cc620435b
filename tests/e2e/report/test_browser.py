"""The report in a real browser: filters, links, keys, print, colours (R64)."""

from __future__ import annotations

import contextlib
import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

WHEN = 'when("debug", every(10, log))'


@pytest.fixture
def opened(browser):
    """Open a file; any error that the browser reports fails the test."""
    with contextlib.ExitStack() as stack:
        complaints = []

        def open_file(path, hash="", **options):
            context = stack.enter_context(contextlib.closing(browser.new_context(**options)))
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("dialog", lambda dialog: complaints.append(dialog.message))
            page.on(
                "request", lambda one: one.url.startswith("file:") or complaints.append(one.url)
            )
            page.goto(f"{path.as_uri()}{hash}")
            return page

        yield open_file
        assert complaints == []


def rows(page):
    """The visible callbacks."""
    return page.eval_on_selector_all(
        ".n", "all => all.filter(one => one.checkVisibility()).map(one => one.textContent)"
    )


def test_R64_filters_show_what_matches(report, opened):
    page = opened(report)
    everything = rows(page)
    assert len(everything) == 12
    page.get_by_label("Event").fill("loss")
    assert rows(page) == ["shorten", "clip(8.0)", "check", WHEN, "clip(8.0)", "check"]
    page.get_by_label("Class").fill("cool")
    assert rows(page) == ["shorten", "clip(8.0)", "check", WHEN]
    page.get_by_label("Callback").fill("CLIP")
    assert rows(page) == ["clip(8.0)"]
    assert page.locator("output").inner_text() == "1 callback"
    assert page.url.endswith("#?class=cool&event=loss&callback=clip")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-off]")).to_have_count(0)
    page.get_by_label("Text").fill("hazard")
    assert rows(page) == ["CoolTrainer.post_step_callback"]


def test_R64_a_link_opens_what_it_names(report, opened):
    page = opened(report, "#?event=step&callback=cool")
    assert rows(page) == ["CoolTrainer.pre_step_callback", "CoolTrainer.post_step_callback"]
    page = opened(report, "#app.trainers:Trainer.loss")
    assert page.evaluate("document.activeElement.textContent").startswith("loss")
    page.get_by_role("button", name="Close all").click()
    assert rows(page) == []
    page.evaluate("location.hash = 'app.trainers:CoolTrainer.step'")
    expect(page.locator(":focus")).to_have_text(re.compile("^step"))
    assert "CoolTrainer.post_step_callback" in rows(page)


def test_R64_keys(report, opened):
    page = opened(report)
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    assert page.get_by_label("Text").input_value() == "zzz"
    assert rows(page) == []
    page = opened(report)
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert not page.evaluate("document.querySelector('.c').open")


@pytest.mark.parametrize("script", [True, False])
def test_R64_print_opens_all(report, opened, script):
    page = opened(report, java_script_enabled=script)
    assert page.get_by_label("Text").is_visible() is script
    for summary in page.locator(".c > summary").all():
        summary.click()
    assert page.locator(".n").first.is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".n").first.is_visible()


def test_R64_nothing_of_a_hostile_name_runs(hostile, opened):
    page = opened(hostile)
    assert page.evaluate("document.querySelectorAll('img, [onclick], main b[onclick]').length") == 0
    assert "</script><img src=x onerror=alert(1)>{{ 7 * 7 }}" in page.locator("main").inner_text()
    page.get_by_label("Text").fill("<img")
    assert len(rows(page)) == 2


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_R64_axe_finds_nothing(report, browser, scheme):
    axe = pytest.importorskip("axe_core_python.sync_playwright")
    with contextlib.closing(browser.new_context(color_scheme=scheme)) as context:
        page = context.new_page()
        page.goto(report.as_uri())
        found = axe.Axe().run(page)["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
