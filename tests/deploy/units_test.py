#!/usr/bin/env python3
"""The systemd units, as systemd itself reads them: units_test.py --bin FOLDER"""

import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_arguments
from program_flags import unknown_flags

SYSTEMD = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
UNITS = ("firstguess-coordinator.service", "firstguess-worker@.service")
# Of ten; systemd's own scale calls 2.0 and below safe.
MOST_EXPOSURE = 2.0

[BIN] = (path.resolve() for path in test_arguments.take("bin"))


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def program_of(unit):
    return unit.removesuffix(".service").rstrip("@")


def exposure(path):
    """systemd's figure for how much a unit may do."""
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", path)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    if found is None:
        raise AssertionError(done.stdout + done.stderr)
    return float(found[1])


class UnitsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="units")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # Programs are where they are built; the rest is as it is installed.
        for unit in UNITS:
            text = (SYSTEMD / unit).read_text(encoding="utf-8")
            self.assertIn(f"ExecStart=/usr/bin/{program_of(unit)} ", text)
            text = text.replace("ExecStart=/usr/bin/", f"ExecStart={BIN}/")
            (self.folder / unit).write_text(text, encoding="utf-8")

    def test_systemd_takes_them_without_complaint(self):
        for unit in UNITS:
            # A template is read as one of its instances.
            path = self.folder / unit.replace("@", "@cuda")
            if not path.exists():
                shutil.copy(self.folder / unit, path)
            done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""), unit)

    def test_systemd_s_complaints_are_seen(self):
        with open(self.folder / UNITS[0], "a", encoding="utf-8") as unit:
            unit.write("[Service]\nProtectHom=yes\n")
        done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", self.folder / UNITS[0])
        self.assertIn("ProtectHom", done.stderr)

    def test_systemd_finds_them_confined(self):
        for unit in UNITS:
            self.assertLess(exposure(self.folder / unit), MOST_EXPOSURE, unit)

    def test_the_figure_of_confinement_can_be_too_high(self):
        text = (self.folder / UNITS[0]).read_text(encoding="utf-8").replace("ProtectSystem=strict\n", "")
        text = text.replace("SystemCallFilter=", "#").replace("ProtectHome=", "#")
        (self.folder / "open.service").write_text(text, encoding="utf-8")
        self.assertGreater(exposure(self.folder / "open.service"), MOST_EXPOSURE)

    def test_flags_are_those_of_the_programs(self):
        for unit in UNITS:
            program = BIN / program_of(unit)
            text = (SYSTEMD / unit).read_text(encoding="utf-8")
            text += (SYSTEMD / (program_of(unit) + ".default")).read_text(encoding="utf-8")
            self.assertEqual(unknown_flags(program, set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))), set(), unit)

    def test_the_flags_in_the_default_files_are_those_in_the_units(self):
        for unit in UNITS:
            in_unit = re.search(r'Environment="(OPTIONS=.*)"', (SYSTEMD / unit).read_text(encoding="utf-8"))[1]
            default = (SYSTEMD / (program_of(unit) + ".default")).read_text(encoding="utf-8")
            self.assertIn(in_unit, [word for line in default.splitlines() for word in shlex.split(line, comments=True)])

    def test_users_are_made_as_the_units_name_them(self):
        (self.folder / "etc").mkdir()
        for unit in UNITS:
            name = "firstguess" if "coordinator" in unit else "firstguess-worker"
            done = run("systemd-sysusers", f"--root={self.folder}", SYSTEMD / f"{name}.sysusers")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"\nUser={name}\nGroup={name}\n", (SYSTEMD / unit).read_text(encoding="utf-8"))
            self.assertRegex((self.folder / "etc/passwd").read_text(encoding="utf-8"),
                             rf"(?m)^{name}:[^:]*:[1-9][0-9]{{0,2}}:")

    @unittest.skipIf(shutil.which("logrotate") is None, "logrotate is not installed")
    def test_logs_are_rotated_while_they_are_written(self):
        log = self.folder / "coordinator.log"
        with open(log, "a", encoding="utf-8") as writer:
            writer.write("before\n")
            writer.flush()
            text = (SYSTEMD / "firstguess.logrotate").read_text(encoding="utf-8")
            text = text.replace("/var/log/firstguess", str(self.folder)).replace("su firstguess firstguess", "su root root")
            (self.folder / "rules").write_text(text, encoding="utf-8")
            (self.folder / "rules").chmod(0o644)
            done = run("logrotate", "--force", "--state", self.folder / "state", self.folder / "rules")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            writer.write("after\n")
        self.assertEqual(log.read_text(encoding="utf-8"), "after\n")
        self.assertEqual((self.folder / "coordinator.log.1").read_text(encoding="utf-8"), "before\n")


if __name__ == "__main__":
    unittest.main()
