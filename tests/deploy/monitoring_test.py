#!/usr/bin/env python3
"""Alerts and the dashboard: monitoring_test.py --bin FOLDER

Held against what a coordinator serves, against Grafana's own model of a dashboard (grafana-foundation-sdk, in
the tests' Python), and by Prometheus' promtool where it is installed.
"""

import functools
import json
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

import test_arguments
from program_flags import flags_of

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
MONITORING = DEPLOY / "monitoring"
# Made by Prometheus itself.
OWN = {"up": {"job", "instance"}}
SPEC = "name: a\ndataset: blobs\ntrain: {steps: 1}\ngrid: {}\n"
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? \S+$")
SELECTOR = re.compile(r"\b((?:firstguess|process)_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|=|!=|!~)"([^"]*)"')

[BIN] = test_arguments.take("bin")


@functools.cache
def scraped():
    """/metrics of a coordinator with a sweep."""
    with tempfile.TemporaryDirectory(prefix="metrics") as folder:
        coordinator = subprocess.Popen(
            [BIN / "firstguess-coordinator", "--db", f"{folder}/a.db", "--listen", f"unix:{folder}/socket",
             "--metrics", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = next(line.split()[-1] for line in coordinator.stdout if line.rstrip().endswith("/metrics"))
            subprocess.run([BIN / "firstguess", "submit", "-", "--coordinator", f"unix:{folder}/socket"],
                           input=SPEC, text=True, check=True, stdout=subprocess.DEVNULL)
            with urllib.request.urlopen(url, timeout=60) as answer:
                return answer.read().decode()
        finally:
            coordinator.terminate()
            coordinator.communicate()


@functools.cache
def served():
    """{metric: {label: values}} of it."""
    metrics = {}
    for line in scraped().splitlines():
        if sample := SAMPLE.match(line):
            labels = metrics.setdefault(sample[1], {"job": set(), "instance": set()})
            for label, value in re.findall(r'(\w+)="([^"]*)"', sample[2] or ""):
                labels.setdefault(label, set()).add(value)
    return metrics


def rules():
    groups = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard():
    return json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries():
    """(where, PromQL) of every rule and panel."""
    yield from ((rule["alert"], rule["expr"]) for rule in rules())
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def strangers(query):
    """What this query names that a coordinator does not serve."""
    found = []
    labels = set()
    for metric, matchers in SELECTOR.findall(query):
        known = served().get(metric) or ({label: set() for label in OWN[metric]} if metric in OWN else None)
        if known is None:
            found.append(metric)
            continue
        labels |= known.keys()
        for label, operator, value in MATCHER.findall(matchers):
            values = value.split("|") if operator in ("=~", "!~") else [value]
            if label not in known:
                found.append(f"{metric}: {label}")
            elif known[label] and not value.startswith("$"):
                found += [f"{metric}: {label}={one}" for one in values if one not in known[label]]
    for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", query):
        found += [label for label in re.split(r",\s*", group) if label not in labels]
    return found


def lost(before, after, where=""):
    """The keys of one value that the other doesn't have."""
    if isinstance(before, dict):
        for key, value in before.items():
            yield from lost(value, after[key], f"{where}.{key}") if key in after else (f"{where}.{key}",)
    elif isinstance(before, list):
        for number, value in enumerate(before):
            yield from lost(value, after[number], f"{where}[{number}]")


def as_grafana_reads(value):
    """What is left of a dashboard that Grafana's model has read."""
    plugins.register_default_plugins()
    return json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(value)))


def promtool(*arguments, folder=MONITORING, text=None):
    done = subprocess.run(["promtool", *arguments], cwd=folder, input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class MonitoringTest(unittest.TestCase):
    def test_what_is_asked_for_is_served(self):
        for where, query in queries():
            self.assertEqual(strangers(query), [], where)

    def test_what_is_not_served_is_found(self):
        for query, stranger in (("firstguess_nothing > 0", "firstguess_nothing"),
                                ('firstguess_workers{shape="round"}', "firstguess_workers: shape"),
                                ('firstguess_workers{state="happy"}', "firstguess_workers: state=happy"),
                                ("sum by (colour) (firstguess_workers)", "colour")):
            self.assertEqual(strangers(query), [stranger])

    def test_every_alert_is_in_the_runbook_and_in_its_own_test(self):
        names = [rule["alert"] for rule in rules()]
        runbook = (DEPLOY / "runbook.md").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r"(?m)^## (Firstguess\w+)$", runbook), names)
        tested = yaml.safe_load((MONITORING / "alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
        quiet = [test["alertname"] for test in tested[0]["alert_rule_test"]]
        self.assertEqual(quiet, names)

    def test_the_runbook_s_commands_are_there(self):
        text = (DEPLOY / "runbook.md").read_text(encoding="utf-8")
        commands = re.findall(r"(?:`|^|sudo -u firstguess |; )firstguess ([a-z]+)((?: [^`#;\n|]*)?)", text, re.MULTILINE)
        self.assertGreater(len(commands), 15)
        for command, rest in commands:
            flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))
            self.assertEqual(flags - flags_of(BIN / "firstguess", command), set(), command)

    def test_panels_have_names_and_do_not_overlap(self):
        taken = {}
        ids = set()
        for panel in dashboard()["panels"]:
            self.assertTrue(panel["title"])
            self.assertNotIn(panel["id"], ids)
            ids.add(panel["id"])
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, f"{panel['title']} covers {taken.get((x, y))}")
                    taken[(x, y)] = panel["title"]

    def test_panels_ask_the_chosen_source_about_the_chosen_coordinators(self):
        variables = {variable["name"] for variable in dashboard()["templating"]["list"]}
        for panel in panels():
            for target in panel["targets"]:
                self.assertEqual(target["datasource"]["uid"], "${datasource}")
                for metric, matchers in SELECTOR.findall(target["expr"]):
                    self.assertTrue(matchers.startswith('job="$job",instance=~"$instance"'), f"{panel['title']}: {metric}")
                used = set(re.findall(r"\$(\w+)", target["expr"])) - {"__rate_interval"}
                self.assertLessEqual(used, variables)

    def test_grafana_knows_every_field(self):
        self.assertEqual(list(lost(dashboard(), as_grafana_reads(dashboard()))), [])

    def test_a_field_that_grafana_does_not_know_is_found(self):
        misspelt = dashboard()
        misspelt["panels"][0]["gridPlace"] = misspelt["panels"][0].pop("gridPos")
        self.assertEqual(list(lost(misspelt, as_grafana_reads(misspelt))), [".panels[0].gridPlace"])

    @unittest.skipIf(shutil.which("promtool") is None, "promtool is not installed (Debian's package prometheus)")
    def test_prometheus_likes_the_names_of_what_is_served(self):
        code, output = promtool("check", "metrics", text=scraped())
        self.assertEqual((code, output), (0, ""))

    @unittest.skipIf(shutil.which("promtool") is None, "promtool is not installed (Debian's package prometheus)")
    def test_prometheus_takes_rules_and_configuration(self):
        for arguments in (("check", "rules", "alerts.yaml"), ("check", "config", "prometheus.yaml"),
                          ("test", "rules", "alerts_test.yaml")):
            code, output = promtool(*arguments)
            self.assertEqual(code, 0, output)

    @unittest.skipIf(shutil.which("promtool") is None, "promtool is not installed (Debian's package prometheus)")
    def test_prometheus_takes_the_panels_queries(self):
        rules_of_panels = [{"record": f"panel:{number}", "expr": target["expr"].replace("$__rate_interval", "1m")}
                           for number, panel in enumerate(panels()) for target in panel["targets"]]
        with tempfile.TemporaryDirectory(prefix="panels") as folder:
            (Path(folder) / "panels.yaml").write_text(
                yaml.safe_dump({"groups": [{"name": "panels", "rules": rules_of_panels}]}), encoding="utf-8")
            code, output = promtool("check", "rules", "--lint=none", "panels.yaml", folder=folder)
        self.assertEqual(code, 0, output)


if __name__ == "__main__":
    unittest.main()
