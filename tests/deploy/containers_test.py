#!/usr/bin/env python3
"""The Containerfiles: containers_test.py --python FOLDER (the programs of the tests' Python)

That they build is shown by hand, where there is a builder (deploy/container/README.md). This holds what can
be read: hadolint's rules, and that image, package and manifests mean the same.
"""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import test_arguments

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
CONTAINER = DEPLOY / "container"
IMAGES = ("coordinator", "worker")

[PYTHON] = test_arguments.take("python")


def instructions(image):
    """[(instruction, its words)], with broken lines joined and comments left out."""
    text = (CONTAINER / f"Containerfile.{image}").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(None, 1)) for line in lines if line.strip()]


def last(image, instruction):
    return [words for name, words in instructions(image) if name == instruction][-1]


def build(*arguments, path):
    return subprocess.run([CONTAINER / "build", *arguments], capture_output=True, text=True, check=False,
                          env=dict(os.environ, PATH=path))


class ContainersTest(unittest.TestCase):
    def test_the_linter_has_nothing_to_say(self):
        for image in IMAGES:
            done = subprocess.run([PYTHON / "hadolint", "--config", CONTAINER / "hadolint.yaml",
                                   CONTAINER / f"Containerfile.{image}"], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, ""), image)

    def test_nobody_is_root_and_the_manifests_know_the_number(self):
        for image, manifest in (("coordinator", "coordinator.yaml"), ("worker", "worker.yaml")):
            user = last(image, "USER")
            self.assertEqual(user, "10001:10001")
            text = (DEPLOY / "kubernetes/base" / manifest).read_text(encoding="utf-8")
            self.assertEqual(re.findall(r"runAs(?:User|Group): (\d+)", text), ["10001", "10001"])
            # Nothing is installed or copied after it.
            names = [name for name, _ in instructions(image)]
            self.assertNotIn("RUN", names[names.index("USER"):])

    def test_each_says_how_it_is_and_of_what_it_was_built(self):
        for image in IMAGES:
            self.assertIn("CMD [", last(image, "HEALTHCHECK"))
            for label in ("version=\"${VERSION}\"", "revision=\"${BUILD_ID}\""):
                self.assertIn(f"org.opencontainers.image.{label}", last(image, "LABEL"))

    def test_signals_reach_the_program(self):
        for image in IMAGES:
            command = json.loads(last(image, "ENTRYPOINT"))
            self.assertEqual(command[0], f"firstguess-{image}")

    def test_the_worker_s_file_is_the_one_that_is_looked_at(self):
        file, = (word.split("=")[1] for word in json.loads(last("worker", "ENTRYPOINT")) if "alive" in word)
        self.assertIn(f"stat -c %Y {file}", last("worker", "HEALTHCHECK"))
        self.assertIn(f"stat -c %Y {file}", (DEPLOY / "kubernetes/base/worker.yaml").read_text(encoding="utf-8"))

    def test_the_builder_is_told_everything(self):
        with tempfile.TemporaryDirectory(prefix="images") as name:
            folder = Path(name)
            (folder / "root/DEBIAN").mkdir(parents=True)
            (folder / "root/DEBIAN/control").write_text(
                "Package: firstguess\nVersion: 1.2.3-1\nArchitecture: all\nMaintainer: a <a@b>\nDescription: a\n",
                encoding="utf-8")
            subprocess.run(["dpkg-deb", "--build", folder / "root", folder / "firstguess_1.2.3-1_all.deb"],
                           check=True, stdout=subprocess.DEVNULL)
            (folder / "bin").mkdir()
            (folder / "bin/buildah").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
            (folder / "bin/buildah").chmod(0o755)
            path = f"{folder}/bin:{os.environ['PATH']}"
            done = build("coordinator", "--packages", str(folder), "--base", "localhost/debian:12", path=path)
            self.assertEqual(done.returncode, 0, done.stderr)
            words = done.stdout.splitlines()
            for word in ("VERSION=1.2.3-1", "BASE=localhost/debian:12", "firstguess-coordinator:1.2.3", "docker"):
                self.assertIn(word, words)
            build_id, = (word.removeprefix("BUILD_ID=") for word in words if word.startswith("BUILD_ID="))
            self.assertRegex(build_id, "^[0-9a-f]{7,40}(-dirty)?$")
            self.assertEqual(words[-1], str(folder))
            # There is no package of a worker.
            done = build("worker", "--packages", str(folder), path=path)
            self.assertEqual(done.returncode, 2)
            self.assertIn("cpack --config", done.stderr)


if __name__ == "__main__":
    unittest.main()
