"""page_in_chromium_test.py WRITER: opens a real report in headless Chromium and compares what a
reader sees with what SQL says. WRITER is the program write_sample_report."""

import csv
import io
import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "browser"))
from chromium import Browser

WRITER = sys.argv.pop(1)
CLASSES = 10


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="firstguess-report-")
        subprocess.run([WRITER, cls.folder.name], check=True)
        cls.database = sqlite3.connect(f"file:{cls.folder.name}/sample.db?mode=ro", uri=True)
        cls.browser = Browser()
        cls.url = pathlib.Path(cls.folder.name, "sample.html").as_uri()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.database.close()
        cls.folder.cleanup()

    def setUp(self):
        self.page = self.browser.new_page()
        self.page.resize(1400, 900)
        self.page.open(self.url)
        self.page.settle()

    def tearDown(self):
        self.assertEqual(self.page.errors, [])
        self.assertEqual(self.page.requests, [self.url], "the page must ask for nothing but itself")
        self.page.close()

    def sql(self, query, *values):
        return self.database.execute(query, values).fetchall()

    def texts(self, selector):
        return self.page.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map(node => node.textContent)")

    def csv(self, button):
        """What a press of the button saves."""
        self.page.evaluate("window.saved = null; URL.createObjectURL = blob => { window.saved = blob.text();"
                           " return 'about:blank'; }; HTMLAnchorElement.prototype.click = () => {}; 0")
        self.page.evaluate(f"document.querySelector({json.dumps(button)}).click()")
        return list(csv.DictReader(io.StringIO(self.page.evaluate("window.saved"))))

    def choose(self, label, value):
        """Picks an entry of the drop-down beside `label`."""
        self.page.evaluate(
            "(() => { const control = [...document.querySelectorAll('#trajectories-controls .control')]"
            f".find(node => node.firstChild.textContent === {json.dumps(label)}).querySelector('select');"
            f" control.value = [...control.options].find(entry => entry.text === {json.dumps(value)}).value;"
            " control.dispatchEvent(new Event('change')); })()")
        self.page.settle()

    def trials(self, depth, seed):
        return self.sql(
            "SELECT trial_id, loss, diverged_at_step FROM trial WHERE depth = ? AND seed = ? AND status = 'done'"
            " AND trial_id IN (SELECT trial_id FROM cell WHERE sweep_id = 2) ORDER BY trial_id", depth, seed)

    def outcome(self, trial_id):
        """Mean probability of the favoured class at both ends, classes above chance, accuracy."""
        first, end = self.sql("SELECT min(step), max(step) FROM snapshot WHERE trial_id = ?", trial_id)[0]
        prob = [self.sql("SELECT mean_prob FROM class_snapshot JOIN trial_class USING (trial_id, class)"
                         " WHERE trial_id = ? AND step = ? AND initial_rank = 0", trial_id, step)[0][0]
                for step in (first, end)]
        recovered = self.sql("SELECT count(*) FROM class_snapshot JOIN trial_class USING (trial_id, class)"
                             " WHERE trial_id = ? AND step = ? AND correct_count * ? > support",
                             trial_id, end, CLASSES)[0][0]
        accuracy = self.sql("SELECT accuracy FROM snapshot WHERE trial_id = ? AND step = ?", trial_id, end)[0][0]
        return prob[0], prob[1], recovered, accuracy

    def expect_panels(self, depth, seed):
        trials = self.trials(depth, seed)
        self.assertEqual(self.page.evaluate("[...document.querySelectorAll('.panel')].map(n => n.dataset.trial)"),
                         [str(trial_id) for trial_id, _, _ in trials])
        outcomes = self.texts(".panel figcaption")
        for text, (trial_id, _, diverged) in zip(outcomes, trials):
            begin, end, recovered, accuracy = self.outcome(trial_id)
            self.assertIn(f" {begin:.2f} → {end:.2f}", text)
            self.assertIn(f"{recovered} of {CLASSES} classes above chance · accuracy {accuracy:.2f}", text)
            self.assertEqual("diverged" in text, diverged is not None)

    def test_first_shown_is_the_most_biased_start(self):
        depth, seed = self.sql(
            "SELECT depth, seed FROM trial JOIN class_snapshot USING (trial_id) JOIN trial_class USING (trial_id, class)"
            " WHERE step = 0 AND initial_rank = 0 ORDER BY mean_prob DESC LIMIT 1")[0]
        self.expect_panels(depth, seed)

    def test_selectors_show_the_other_starts(self):
        for depth, seed in ((3, 0), (3, 1), (6, 1)):
            self.choose("depth", str(depth))
            self.choose("seed", str(seed))
            self.expect_panels(depth, seed)

    def test_charts_draw_a_line_for_each_class(self):
        # A line is a stroked path without fill; its points are the snapshots.
        counts = self.page.evaluate(
            "[...document.querySelectorAll('.panel svg')].map(svg => [...svg.querySelectorAll('path')]"
            ".filter(path => path.getAttribute('fill') === 'none' && (path.getAttribute('d').match(/[LC]/g) || [])"
            ".length >= 4).length)")
        self.assertEqual(counts, [CLASSES] * len(self.trials(6, 0)))
        points = self.page.evaluate("document.querySelectorAll('#initial-chart svg path').length")
        starts = self.sql("SELECT count(DISTINCT depth * 1000 + seed) FROM trial WHERE trial_id IN"
                          " (SELECT trial_id FROM cell WHERE sweep_id = 2)")[0][0]
        self.assertGreaterEqual(points, starts)

    def test_small_multiples_are_medians_of_the_databases_numbers(self):
        rows = self.csv("#multiples-csv")
        self.assertEqual({(row["depth"], row["loss"]) for row in rows},
                         {(depth, loss) for depth in ("3", "6")
                          for loss in ("cross-entropy", "blurry, gamma 0.5", "piecewise-zero, cutoff 0.05")})
        for row in rows:
            if row["loss"] != "blurry, gamma 0.5":
                continue
            values = [value for value, in self.sql(
                "SELECT mean_prob FROM class_snapshot JOIN trial_class USING (trial_id, class) JOIN trial USING (trial_id)"
                " WHERE loss = 'blurry' AND depth = ? AND step = ? AND initial_rank = ? AND trial_id IN"
                " (SELECT trial_id FROM cell WHERE sweep_id = 2)", row["depth"], row["step"], row["initial_rank"])]
            self.assertEqual(int(row["trials"]), len(values))
            self.assertAlmostEqual(float(row["mean_prob"]), statistics.median(values), delta=1e-5)
        drawn = self.page.evaluate("document.querySelectorAll('#multiples-chart svg path').length")
        self.assertGreaterEqual(drawn, 6 * CLASSES)

    def test_charts_are_described_in_words(self):
        labels = self.page.evaluate("[...document.querySelectorAll('[role=img]')].map(n => n.ariaLabel)")
        self.assertEqual(len(labels), len(self.trials(6, 0)) + 3)
        self.assertIn("Mean probability per class over 50 steps with the loss cross-entropy", labels[0])
        self.assertIn("Ankle boot 0.90", labels[0])

    def test_saved_trajectories_are_the_databases(self):
        rows = self.csv("#trajectories-csv")
        wanted = [row for trial_id, _, _ in self.trials(6, 0) for row in self.sql(
            "SELECT trial_id, step, class, initial_rank, mean_prob, 1.0 * correct_count / support FROM class_snapshot"
            " JOIN trial_class USING (trial_id, class) WHERE trial_id = ? ORDER BY step, class", trial_id)]
        self.assertEqual(len(rows), len(wanted))
        for row, (trial_id, step, index, rank, prob, recall) in zip(rows, wanted):
            self.assertEqual([int(row[name]) for name in ("trial_id", "step", "class", "initial_rank")],
                             [trial_id, step, index, rank])
            self.assertAlmostEqual(float(row["mean_prob"]), prob, delta=1e-5 * prob)
            self.assertAlmostEqual(float(row["recall"]), recall, places=12)
            self.assertEqual(row["depth"], "6")

    def test_ranks_are_medians_over_the_seeds(self):
        self.page.evaluate("document.querySelector('input[name=lines][value=ranks]').click()")
        self.page.settle()
        rows = [row for row in self.csv("#trajectories-csv") if row["loss"] == "cross-entropy"]
        depth = int(rows[0]["depth"])
        trials = [trial_id for seed in (0, 1) for trial_id, loss, _ in self.trials(depth, seed) if loss == "cross_entropy"]
        self.assertEqual({row["trials"] for row in rows}, {str(len(trials))})
        self.assertEqual(len({row["initial_rank"] for row in rows}), CLASSES)
        for row in rows:
            values = [self.sql(
                "SELECT mean_prob FROM class_snapshot JOIN trial_class USING (trial_id, class)"
                " WHERE trial_id = ? AND step = ? AND initial_rank = ?",
                trial_id, int(row["step"]), int(row["initial_rank"]))[0][0] for trial_id in trials]
            self.assertAlmostEqual(float(row["mean_prob"]), statistics.median(values), places=5)
            self.assertAlmostEqual(float(row["mean_prob_low"]), min(values) + 0.25 * (max(values) - min(values)), places=5)
            self.assertAlmostEqual(float(row["mean_prob_high"]), min(values) + 0.75 * (max(values) - min(values)), places=5)
        self.assertEqual(self.texts("#legend li")[0].strip(), "rank 0 favoured")
        self.assertIn(f"median of {len(trials)} seeds", self.texts(".panel figcaption")[0])
        # The bands are areas; the lines stay one a rank.
        lines = ("[...document.querySelectorAll('.panel:first-child svg path')].filter(path =>"
                 " path.getAttribute('fill') === 'none' && path.getAttribute('stroke-opacity') !== '0' &&"
                 " (path.getAttribute('d').match(/[LC]/g) || []).length >= 4).length")
        self.assertGreaterEqual(self.page.evaluate(lines), CLASSES)

    def test_table_shows_medians_over_seeds(self):
        shown = self.texts("#sweep-table tbody tr td, #sweep-table tbody tr th")
        columns = len(self.texts("#sweep-table thead th"))
        rows = [shown[i:i + columns] for i in range(0, len(shown), columns)]
        self.assertEqual(len(rows), 6)
        for row in rows:
            depth, loss = int(row[0]), row[1].split(",")[0].replace("-", "_")
            outcomes = [self.outcome(trial_id) for trial_id, diverged in self.sql(
                "SELECT trial_id, diverged_at_step FROM trial WHERE depth = ? AND loss = ? AND status = 'done'"
                " AND trial_id IN (SELECT trial_id FROM cell WHERE sweep_id = 2)", depth, loss) if diverged is None]
            if not outcomes:  # one diverged, the other failed
                self.assertEqual(row[7:], ["–", "–", "1", "1"])
                continue
            self.assertEqual(row[5], f"{statistics.median(o[0] for o in outcomes):.2f}")
            self.assertEqual(row[6], f"{statistics.median(o[1] for o in outcomes):.2f}")
            self.assertEqual(row[7], f"{statistics.median(o[2] for o in outcomes):g}")
            self.assertEqual(row[8], f"{statistics.median(o[3] for o in outcomes):.2f}")

    def test_saved_table_has_a_row_for_each_shown(self):
        rows = self.csv("#table-csv")
        self.assertEqual([row["depth"] for row in rows], ["3"] * 3 + ["6"] * 3)
        self.assertEqual(sum(int(row["failed"]) for row in rows), 1)
        self.assertEqual(sum(int(row["diverged"]) for row in rows), 1)

    def test_heat_map_shows_means_of_the_seeds_medians(self):
        rows = self.csv("#heat-csv")
        self.assertEqual({row["loss"].split(",")[0] for row in rows}, {"cross-entropy", "blurry", "piecewise-zero"})
        self.assertEqual({row["depth"] for row in rows}, {"3", "6"})
        for row in rows:
            loss = row["loss"].split(",")[0].replace("-", "_")
            values = [value for (value,) in self.sql(
                "SELECT max_guess FROM trial JOIN snapshot USING (trial_id) WHERE step = 0 AND depth = ? AND loss = ?"
                " AND trial_id IN (SELECT trial_id FROM cell WHERE sweep_id = 2)", int(row["depth"]), loss)]
            self.assertAlmostEqual(float(row["initial_max_guess"]), statistics.median(values), places=6)
        drawn = self.texts("#heat-chart svg text")
        for row in rows:
            self.assertIn(f"{float(row['initial_max_guess']):.2f}", drawn)

    def test_heat_map_shows_other_quantities_and_axes(self):
        control = "document.querySelector('#heat-controls select')"
        self.page.evaluate(f"{control}.value = 'accuracy'; {control}.dispatchEvent(new Event('change')); 0")
        self.page.settle()
        self.assertIn("the accuracy at the last step", self.texts("#heat-lead")[0])
        across = "document.querySelector('#heat-controls [data-axis=x] select')"
        before = self.page.evaluate(f"{across}.value")
        self.page.evaluate(f"{across}.value = [...{across}.options].find(o => o.value !== {across}.value).value;"
                           f" {across}.dispatchEvent(new Event('change')); 0")
        self.page.settle()
        self.assertEqual(self.page.evaluate("document.querySelector('#heat-controls [data-axis=y] select').value"), before)

    def test_theory_stands_beside_the_means_of_the_first_guess(self):
        self.assertIn("Dashed, beside it: what theory expects", self.texts("#initial-lead")[0])
        self.assertRegex(self.page.evaluate("document.querySelector('#initial-chart').ariaLabel"), r"\(theory 0\.\d\d\) at depth 3")

    def test_saved_starts_are_the_databases(self):
        rows = self.csv("#initial-csv")
        wanted = self.sql(
            "SELECT DISTINCT depth, seed, max_guess, mean_prob FROM trial JOIN snapshot USING (trial_id)"
            " JOIN class_snapshot USING (trial_id, step) JOIN trial_class USING (trial_id, class)"
            " WHERE step = 0 AND initial_rank = 0 AND trial_id IN (SELECT trial_id FROM cell WHERE sweep_id = 2)")
        self.assertEqual(sorted((int(row["depth"]), int(row["seed"]), float(row["max_guess"]),
                                 float(row["favoured_mean_prob"])) for row in rows), sorted(wanted))

    def test_headings_sort_by_keyboard(self):
        before = self.texts("#sweep-table tbody td:nth-of-type(7)")
        self.page.evaluate("document.querySelector('[data-key=accuracy]').focus()")
        self.page.press("Enter", "\r")
        accuracies = [float(text) for text in self.texts("#sweep-table tbody td:nth-of-type(7)") if text != "–"]
        self.assertEqual(accuracies, sorted(accuracies, reverse=True))
        self.assertEqual(len(before), 6)
        self.assertEqual(self.page.evaluate("document.activeElement.dataset.key"), "accuracy", "focus stays")
        self.assertEqual(self.page.evaluate("document.activeElement.closest('th').ariaSort"), "descending")

    def test_recall_can_be_shown_instead(self):
        self.page.evaluate("document.querySelector('input[name=quantity][value=recall]').click()")
        self.page.settle()
        trial_id = self.trials(6, 0)[0][0]
        recalls = [row[0] for row in self.sql(
            "SELECT 1.0 * correct_count / support FROM class_snapshot JOIN trial_class USING (trial_id, class)"
            " WHERE trial_id = ? AND initial_rank = 0 ORDER BY step", trial_id)]
        self.assertIn(f" {recalls[0]:.2f} → {recalls[-1]:.2f}", self.texts(".panel figcaption")[0])

    def test_classes_can_be_hidden_and_shown(self):
        lines = ("[...document.querySelectorAll('.panel:first-child svg path')].filter(path =>"
                 " path.getAttribute('fill') === 'none' && (path.getAttribute('d').match(/[LC]/g) || []).length >= 4).length")
        press = "document.querySelector('#legend button').click()"
        self.page.evaluate(press)
        self.page.settle()
        self.assertEqual(self.page.evaluate(lines), CLASSES - 1)
        self.page.evaluate(press)
        self.page.settle()
        self.assertEqual(self.page.evaluate(lines), CLASSES)

    def test_every_control_has_a_name_and_takes_the_keyboard(self):
        nameless = self.page.evaluate(
            "[...document.querySelectorAll('select, input, button')].filter(node =>"
            " !(node.labels?.[0]?.textContent || node.textContent).trim() || node.tabIndex < 0).length")
        self.assertEqual(nameless, 0)

    def test_text_of_the_database_stays_text(self):
        spec = self.texts("#specs pre")[0]
        self.assertIn("# <b>not bold</b> </script>", spec)
        self.assertEqual(self.page.evaluate("document.querySelectorAll('main b, main script').length"), 0)
        self.assertIn("crash: signal 11 <script>", self.texts("#failures")[0])

    def test_setting_names_optimizer_and_learning_rate(self):
        self.assertIn("optimizeradam", self.texts("#setting div"))
        self.assertIn("learning rate0.0005", self.texts("#setting div"))

    def test_narrow_screens_need_no_sideways_scrolling(self):
        for width in (1400, 800, 390):
            self.page.resize(width, 900)
            self.assertEqual(*self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]"))
            self.assertLessEqual(self.page.evaluate("document.querySelector('.panel svg').clientWidth"), width)

    def test_charts_follow_the_colour_scheme(self):
        colour = "document.querySelector('.panel svg text').getAttribute('fill')"
        light = self.page.evaluate(colour)
        self.page.resize(1400, 900, dark=True)
        dark = self.page.evaluate(colour)
        self.assertNotEqual(light, dark)
        self.page.resize(1400, 900)
        self.assertEqual(self.page.evaluate(colour), light)


if __name__ == "__main__":
    unittest.main(verbosity=2)
