#!/usr/bin/env python3
"""The dashboard in a real browser, on a coordinator with a worker.

  dashboard_test.py --bin FOLDER [--trainer PROGRAM] [--screenshots FOLDER]

The page is opened once and never loaded again: it must show ten thousand finished trials, a sweep as
it trains, a coordinator that is killed and started again, and the end of a sweep that is cancelled on
it. All the while it may ask nobody else for anything, and break no rule of its security policy.
"""

import argparse
import json
import os
import secrets
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import large_sweep
from process_group import Failed, ProcessGroup, await_condition

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from chromium import Browser

TRIALS = 10_000
# More than are ever trained here.
LIVE = ("name: live\ndataset: blobs\nwidth: 4\ndepth: 1\ndata_dimension: 8\ndata_train_per_class: 20\n"
        "data_test_per_class: 10\ntrain: {steps: 20, batch_size: 20}\nmeasure: {points: 4, probe_size: 50}\n"
        "pack: {max_trials: 20}\ngrid:\n  seed: {range: [1, 100000]}\n  loss: [cross_entropy, blurry]\n")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Dashboard:
    """The coordinator's pages: as a program sees them, and in one tab of a browser."""

    def __init__(self, group, browser):
        self.group = group
        self.token = secrets.token_hex(16)
        self.token_file = group.folder / "token"
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(self.token)
        self.origin = f"http://127.0.0.1:{free_port()}"
        self.tab = browser.new_page()

    def start(self):
        self.group.start_coordinator(flags=["--web", self.origin.removeprefix("http://"),
                                            "--web-token-file", self.token_file])

    def answer(self, path, body=None, **headers):
        """Code and headers of an answer."""
        data = None if body is None else json.dumps(body).encode()
        if data:
            headers.setdefault("Content_Type", "application/json")
        request = urllib.request.Request(self.origin + path, data,
                                         {name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers

    def await_page(self, holds, words):
        """Looks rarely: looking is the browser's work, too."""
        await_condition(holds, words, lambda: "\n".join(
            [self.tab.evaluate("document.body.innerText"), *self.tab.errors, self.group.tails()]),
            lambda _: time.sleep(0.1))

    def see(self, expression, words):
        """Until this is true of the page."""
        self.await_page(lambda: self.tab.evaluate(expression), words)

    def press(self, selector):
        self.tab.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def done(self, sweep):
        """What the page says is done of it; -1: nothing."""
        row = f"[data-row={json.dumps(sweep)}] .progress-text span"
        text = self.tab.evaluate(f"document.querySelector({json.dumps(row)})?.textContent ?? ''")
        return int(text.split(" of ")[0].replace(",", "")) if text else -1

    def await_more(self, sweep, than):
        self.await_page(lambda: self.done(sweep) > than, f"no more than {than} of {sweep} become done")
        return self.done(sweep)

    def expect(self, holds, words):
        if not holds:
            raise Failed(f"{words}\n{self.tab.evaluate('document.body.innerText')}\n{self.group.tails()}")


def strangers_are_refused(dashboard):
    change = {"sweep": "large", "action": "cancel"}
    for code, answer in ((403, dashboard.answer("/", Host="evil.example")),
                         (403, dashboard.answer("/api/change", change, Origin="http://evil.example",
                                                Authorization=f"Bearer {dashboard.token}")),
                         (401, dashboard.answer("/api/change", change)),
                         (401, dashboard.answer("/api/change", change, Authorization="Bearer wrong")),
                         (403, dashboard.answer("/api/query", {"sql": "DELETE FROM trial"}))):
        dashboard.expect(answer[0] == code, f"answered with {answer[0]}, not with {code}")
    policy = dashboard.answer("/")[1]["Content-Security-Policy"]
    dashboard.expect(policy.startswith("default-src 'none'") and "unsafe" not in policy, policy)


def ten_thousand_trials_are_shown(dashboard):
    dashboard.tab.open(dashboard.origin + "/")
    dashboard.tab.evaluate("window.neverLoadedAgain = true")
    dashboard.see("document.querySelectorAll('#curves-panels canvas').length === 3", "no curves by loss appear")
    dashboard.expect(dashboard.done("large") == TRIALS, "not all trials are counted")
    lead = dashboard.tab.evaluate("document.querySelector('#curves-lead').textContent")
    dashboard.expect("500 trials drawn from 10,000" in lead, lead)
    summary = dashboard.tab.evaluate("document.querySelector('#curves-panels .chart').getAttribute('aria-label')")
    dashboard.expect("favoured class 0." in summary and "median of" in summary, summary)
    for width in (400, 1000, 1600):
        dashboard.tab.resize(width, 900)
        dashboard.expect(dashboard.tab.evaluate("document.documentElement.scrollWidth <= innerWidth"),
                         f"it is wider than {width} pixels")


def a_sweep_is_shown_as_it_trains(dashboard):
    spec = dashboard.group.folder / "live.yaml"
    spec.write_text(LIVE, encoding="utf-8")
    dashboard.group.ask("submit", str(spec))
    dashboard.group.start_worker("north")
    first = dashboard.await_more("live", 0)
    dashboard.press("[data-key='sweep live']")
    dashboard.see("document.querySelectorAll('#curves-panels canvas').length === 2", "no curves of the sweep appear")
    before = dashboard.tab.evaluate("document.querySelector('#curves-lead').textContent")
    dashboard.await_more("live", first)
    dashboard.see(f"document.querySelector('#curves-lead').textContent !== {json.dumps(before)}",
                  "the curves do not grow")
    dashboard.see("document.querySelector('#workers-table').textContent.includes('north')", "no worker is shown")


def the_page_outlives_the_coordinator(dashboard):
    dashboard.group.coordinator.kill()
    dashboard.see("document.querySelector('#connection').textContent.startsWith('connection lost')",
                  "the page does not say that the connection is lost")
    done = dashboard.done("live")
    dashboard.expect(done > 0, "the page forgot what it knew")
    dashboard.start()
    dashboard.see("document.querySelector('#connection').textContent === 'live'", "the page does not come back")
    dashboard.await_more("live", done)


def the_sweep_is_cancelled_with_the_token_alone(dashboard):
    dashboard.press("[data-key='cancel live']")
    dashboard.tab.evaluate("document.querySelector('#token').value = 'not the token'")
    dashboard.press("#change-do")
    dashboard.see("document.querySelector('#change-error').textContent.includes('not the token')",
                  "a wrong token is not refused")
    dashboard.tab.evaluate(f"document.querySelector('#token').value = '{dashboard.token}'")
    dashboard.press("#change-do")
    dashboard.see("document.querySelector('[data-row=live] .state')?.textContent === 'cancelled'",
                  "the sweep is not cancelled")
    dashboard.see("!document.querySelector('#change-dialog').open", "the dialog stays")


def the_page_was_loaded_once_and_asked_nobody_else(dashboard):
    tab = dashboard.tab
    dashboard.expect(tab.evaluate("window.neverLoadedAgain === true"), "the page was loaded again")
    strange = [url for url in tab.requests if not url.startswith(dashboard.origin + "/")]
    dashboard.expect(not strange, f"it asked for {strange}")
    # What a browser notes of a coordinator that is away, and of the wrong token.
    expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "status of 401")
    errors = [error for error in tab.errors if not any(words in error for words in expected)]
    dashboard.expect(not errors, f"the browser notes {errors}")
    tab.errors.clear()


def questions_are_answered_and_nothing_is_written(dashboard):
    tab = dashboard.tab
    tab.requests.clear()
    tab.open(dashboard.origin + "/sql")
    dashboard.see("document.querySelectorAll('#cookbook button').length >= 15", "the cookbook is not there")
    dashboard.press("[data-recipe=progress]")
    dashboard.see("document.querySelector('#answer').textContent.includes('large')", "no answer comes")
    tab.evaluate("document.querySelector('#sql').value = 'UPDATE sweep SET done = 0'")
    dashboard.press("#run")
    dashboard.see("document.querySelector('#query-error').textContent.includes('may only read')",
                  "a statement that writes is not refused")
    dashboard.expect(not [error for error in tab.errors if "status of 403" not in error], str(tab.errors))
    dashboard.expect(all(url.startswith(dashboard.origin) for url in tab.requests), str(tab.requests))


TESTS = [strangers_are_refused, ten_thousand_trials_are_shown, a_sweep_is_shown_as_it_trains,
         the_page_outlives_the_coordinator, the_sweep_is_cancelled_with_the_token_alone,
         the_page_was_loaded_once_and_asked_nobody_else, questions_are_answered_and_nothing_is_written]


def take_screenshots(dashboard, folder, name):
    for width in (400, 1000, 1600):
        for dark in (False, True):
            dashboard.tab.resize(width, 1000, dark)
            dashboard.tab.save_screenshot(Path(folder) / f"{name}-{width}-{'dark' if dark else 'light'}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", help="another trainer than the one beside the worker")
    parser.add_argument("--screenshots", metavar="FOLDER", help="leave pictures there, to be looked at")
    arguments = parser.parse_args()
    with (tempfile.TemporaryDirectory() as folder, Browser() as browser,
          ProcessGroup(arguments.bin, folder, trainer=arguments.trainer) as group):
        group.start_coordinator()
        spec = group.folder / "large.yaml"
        spec.write_text(large_sweep.spec("large", TRIALS), encoding="utf-8")
        group.ask("submit", str(spec))
        group.coordinator.terminate()
        large_sweep.finish(group.database, "large", TRIALS)

        dashboard = Dashboard(group, browser)
        dashboard.start()
        for test in TESTS:
            try:
                test(dashboard)
            except Failed as failure:
                sys.exit(f"{test.__name__}: {failure}")
            print(f"{test.__name__}: ok", flush=True)
            if arguments.screenshots:
                os.makedirs(arguments.screenshots, exist_ok=True)
                take_screenshots(dashboard, arguments.screenshots, test.__name__)
        group.workers["north"].terminate()
        group.coordinator.terminate()


if __name__ == "__main__":
    main()
