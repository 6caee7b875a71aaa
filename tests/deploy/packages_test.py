#!/usr/bin/env python3
"""The Debian package of coordinator and command line: packages_test.py --build FOLDER [--packages FOLDER]

Makes it with CPack, or takes those in --packages, also the worker's, and looks into it. Whether they
install and run is for clean_root.py.
"""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_arguments

BUILD, PACKAGES = test_arguments.take("build", "packages", required=False)


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def needed_libraries(program):
    """What the loader would bring in, and what it would not find."""
    lines = run("ldd", program).splitlines()
    return [line.split()[0] for line in lines], [line for line in lines if "not found" in line]


class Package:
    def __init__(self, path, folder):
        self.root = folder
        run("dpkg-deb", "--raw-extract", path, folder)
        control = (folder / "DEBIAN/control").read_text(encoding="utf-8")
        self.control = dict(re.findall(r"(?m)^([A-Z][A-Za-z-]*): (.*)$", control))
        self.files = {line.split(None, 5)[5].removeprefix("."): tuple(line.split()[:2])
                      for line in run("dpkg-deb", "--contents", path).splitlines()}


class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="packages")
        cls.addClassCleanup(folder.cleanup)
        made = PACKAGES
        if made is None:
            made = Path(folder.name) / "made"
            run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", made, "-D", "CPACK_COMPONENTS_ALL=coordinator")
        cls.packages = {path.name.split("_")[0]: Package(path, Path(folder.name) / path.stem)
                        for path in made.glob("*.deb")}

    def test_the_coordinator_s_is_among_them(self):
        self.assertIn("firstguess", self.packages)

    def test_what_is_in_the_coordinator_s(self):
        files = self.packages["firstguess"].files
        for path in ("/usr/bin/firstguess", "/usr/bin/firstguess-coordinator", "/usr/lib/sysusers.d/firstguess.conf",
                     "/usr/lib/systemd/system/firstguess-coordinator.service", "/etc/default/firstguess-coordinator",
                     "/usr/share/doc/firstguess/copyright", "/usr/share/doc/firstguess/runbook.md",
                     "/usr/share/doc/firstguess/examples/alerts.yaml"):
            self.assertIn(path, files)
        for path in files:
            self.assertNotRegex(path, "torch|worker|trainer")

    def test_everything_is_root_s_and_nothing_has_odd_rights(self):
        for package in self.packages.values():
            for path, (mode, owner) in package.files.items():
                self.assertEqual(owner, "root/root", path)
                self.assertRegex(mode, r"^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--)$", path)
                if mode.startswith("-rwx"):
                    self.assertTrue(path.startswith(("/usr/bin/", "/usr/lib/firstguess/")), path)

    def test_settings_are_conffiles(self):
        for package in self.packages.values():
            settings = {path for path in package.files if path.startswith("/etc/") and not path.endswith("/")}
            conffiles = (package.root / "DEBIAN/conffiles").read_text(encoding="utf-8").split()
            self.assertEqual(set(conffiles), settings)

    def test_programs_are_linked_with_what_the_package_depends_on_and_no_libtorch(self):
        package = self.packages["firstguess"]
        depends = package.control["Depends"]
        for program in ("firstguess", "firstguess-coordinator"):
            libraries, missing = needed_libraries(package.root / "usr/bin" / program)
            self.assertEqual(missing, [])
            self.assertFalse([library for library in libraries if "torch" in library or "c10" in library])
            self.assertTrue([library for library in libraries if library.startswith("libgrpc++")])
        for library in ("libgrpc++1.51", "libsqlite3-0", "libprotobuf32", "libsystemd0", "libc6", "sysusers"):
            self.assertIn(library, depends)

    def test_programs_look_in_no_build_folder(self):
        for package in self.packages.values():
            for program in (package.root / "usr/bin").iterdir():
                paths = re.findall(r"R(?:UN)?PATH\).*\[(.*)\]", run("readelf", "-d", program))
                for path in ":".join(paths).split(":") if paths else []:
                    self.assertTrue(path.startswith(("$ORIGIN/", "/opt/firstguess/")), f"{program.name}: {path}")

    def test_a_trainer_finds_libtorch_in_its_package(self):
        package = self.packages.get("firstguess-worker")
        if package is None:
            self.skipTest("the worker's package takes long to make: --packages FOLDER")
        _, missing = needed_libraries(package.root / "usr/bin/firstguess-trainer")
        self.assertEqual(missing, [])
        self.assertIn(str(package.root), run("ldd", package.root / "usr/bin/firstguess-trainer"))

    def test_scripts_are_shell(self):
        for package in self.packages.values():
            for script in ("postinst", "prerm", "postrm"):
                path = package.root / "DEBIAN" / script
                self.assertEqual(path.stat().st_mode & 0o777, 0o755)
                run("sh", "-n", path)

    def test_the_control_file_says_what_it_is(self):
        for name, package in self.packages.items():
            self.assertEqual(package.control["Package"], name)
            self.assertRegex(package.control["Version"], r"^[0-9]+\.[0-9]+\.[0-9]+-1$")
            self.assertIn("early training", package.control["Description"])


if __name__ == "__main__":
    unittest.main()
