#!/usr/bin/env python3
"""What `firstguess-trainer --describe` tells `firstguess doctor`: describe_test.py TRAINER"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest


class DescribeTest(unittest.TestCase):
    def describe(self, *arguments):
        done = subprocess.run([TRAINER, "--describe", *arguments], capture_output=True, check=True)
        return json.loads(done.stdout)

    def test_a_device_is_told_and_why_it_is_no_gpu(self):
        answer = self.describe()
        self.assertRegex(answer["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(answer["device"], ("cpu", "cuda"))
        self.assertEqual("no_gpu_because" in answer, answer["device"] == "cpu")
        self.assertTrue(answer["device_name"])
        self.assertGreater(answer["memory_bytes"], 1 << 28)

    def test_data_sets_are_looked_for_in_the_folders_given(self):
        self.assertIn("blobs", self.describe()["datasets"])
        with tempfile.TemporaryDirectory() as folder:
            own = pathlib.Path(folder, "mine")
            for split in ("train", "test"):
                (own / split).mkdir(parents=True)
                for name in ("x.npy", "y.npy"):
                    (own / split / name).touch()
            self.assertNotIn("npy/mine", self.describe()["datasets"])
            self.assertIn("npy/mine", self.describe("--data-dir", folder)["datasets"])


if __name__ == "__main__":
    TRAINER = sys.argv.pop(1)
    unittest.main()
