#!/usr/bin/env python3
"""How samples become figures: medians, ratios of the same round, targets."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools" / "bench"))

from harness import rows, table  # noqa: E402  (found through the line above)


def judge(found, **fields):
    return rows.Row("part", "what", "/s", **fields).judge(found)


class RowTest(unittest.TestCase):
    def test_target_is_held_against_the_median(self):
        samples = {"ours": [1.0, 9.0, 10.0, 11.0, 90.0]}
        self.assertTrue(judge(samples, ours="ours", target=rows.at_least(10)).met)
        self.assertFalse(judge(samples, ours="ours", target=rows.at_least(10.5)).met)
        self.assertTrue(judge(samples, ours="ours", target=rows.at_most(10)).met)
        self.assertFalse(judge(samples, ours="ours", target=rows.at_most(9.5)).met)

    def test_ratio_compares_samples_of_the_same_round(self):
        # The machine became three times as slow; the ratio did not change.
        samples = {"ours": [2.0, 6.0, 4.0], "raw": [1.0, 3.0, 2.0]}
        row = judge(samples, ours="ours", beside="raw", target=rows.at_most(2, "ratio"))
        self.assertEqual(row.ratios, [2.0, 2.0, 2.0])
        self.assertTrue(row.met)

    def test_how_many_times_as_fast_is_the_ratio_of_times_turned_round(self):
        samples = {"ours": [2.0, 4.0], "peer": [6.0, 12.0]}
        row = judge(samples, ours="ours", beside="peer", target=rows.at_least(3, "ratio"),
                    times_faster=True)
        self.assertEqual(row.ratios, [3.0, 3.0])
        self.assertTrue(row.met)

    def test_ratio_of_medians_where_rounds_differ(self):
        row = judge({"ours": [8.0], "raw": [1.0, 2.0, 9.0]}, ours="ours", beside="raw")
        self.assertEqual(row.ratios, [4.0])

    def test_difference_to_what_stands_beside(self):
        samples = {"ours": [250.0], "raw": [100.0]}
        for number, met in ((150, True), (149, False)):
            target = rows.at_most(number, "difference")
            self.assertIs(judge(samples, ours="ours", beside="raw", target=target).met, met)

    def test_a_row_needs_samples_of_both_sides(self):
        row = rows.Row("part", "what", "/s", "ours", "raw")
        self.assertFalse(row.has_figures({"ours": [1.0]}))
        self.assertFalse(row.has_figures({"raw": [1.0]}))
        self.assertTrue(row.has_figures({"ours": [1.0], "raw": [1.0]}))

    def test_quartiles_are_samples(self):
        self.assertEqual(rows.quantile([7, 1, 5, 3, 4, 2, 6], 0.25), 3)
        self.assertEqual(rows.quantile([7, 1, 5, 3, 4, 2, 6], 0.75), 6)


class TableTest(unittest.TestCase):
    def test_missed_targets_stand_out(self):
        row = judge({"ours": [1.0, 2.0, 3.0]}, ours="ours", target=rows.at_least(5))
        text = table.text({"cores": 2}, [row], quick=False)
        self.assertIn("cores 2", text)
        self.assertRegex(text, r"what +/s +2 \[2-3\] +>= 5 +MISSED")


    def test_a_step_of_every_shape_has_its_line(self):
        text = table.shapes({"train/32/1:tile_us": [3.0, 1.0, 2.0], "train/64/3:tile_us": [5.0]})
        lines = [line.split() for line in text.splitlines()]
        self.assertEqual(lines[0], ["width", "depth", "pack", "us"])
        self.assertEqual(lines[1], ["32", "1", "2"])
        self.assertIn(["64", "3", "5"], lines)
        self.assertEqual(table.shapes({"empty1/1e3:per_s": [1.0]}), "")


if __name__ == "__main__":
    unittest.main()
