"""A trainer with a memory limit: a pack that does not fit fails as such, and one that fits is trained.

  memory_limit_test.py TRAINER
"""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TRAINER = sys.argv.pop(1)
SMALL = Path(__file__).with_name("replicate_pack.json")


class MemoryLimit(unittest.TestCase):
    def train(self, limit, **changes):
        return self.train_on(limit, dataset="blobs", data_dimension=64, data_train_per_class=50,
                             data_test_per_class=20, **changes)

    def train_on(self, limit, **changes):
        trial = json.loads(SMALL.read_text(encoding="utf-8"))[0]
        trial.update(probe_size=100, steps=3, points=1, **changes)
        with tempfile.TemporaryDirectory() as folder:
            pack = Path(folder) / "pack.json"
            pack.write_text(json.dumps([trial]), encoding="utf-8")
            return subprocess.run([TRAINER, "--pack", pack, "--memory-limit", str(limit)],
                                  capture_output=True, text=True, check=False, timeout=300)

    def test_what_fits_is_trained(self):
        done = self.train(2 << 30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_does_not_fit_fails_with_the_bytes_it_needed(self):
        # Weights of 16384 x 16384 take 1 GiB.
        done = self.train(1 << 30, width=16384)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertRegex(done.stdout, r"can't allocate memory: tried to allocate \d{9,} bytes")

    def test_a_data_set_that_does_not_fit_fails_in_words(self):
        before = re.search(r"which has (\d+) MiB before", self.train(1 << 20).stderr)
        # 60,000 images are 45 MiB.
        done = self.train_on((int(before[1]) + 20) << 20)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("memory ran out outside of the networks", done.stdout)

    def test_a_limit_below_what_the_trainer_itself_has_is_refused(self):
        done = self.train(1 << 20)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"a memory limit of 1 MiB for a trainer, which has \d+ MiB")


if __name__ == "__main__":
    unittest.main()
