#!/usr/bin/env python3
"""A coordinator that other machines reach, as SECURITY.md sets it up: certificates, tokens, roles.

  security_test.py --bin FOLDER --trainer PROGRAM

Real programs over TLS, with certificates that `firstguess certs` makes: a sweep from submit to its
end, refusals as exit codes, certificates renewed and revoked under a running worker, and no secret
where other users of a machine could read it.
"""

import argparse
import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path

from process_group import Failed, ProcessGroup, await_condition

TOKEN = "b38f1c8d9a6e4f70b38f1c8d9a6e4f70"
REFUSED = 6


class Site:
    """The group, with an authority and folders of certificates."""

    def __init__(self, group):
        self.group = group
        self.authority = ["--ca", str(group.folder / "ca")]

    def certs(self, *arguments):
        return self.group.firstguess("certs", *arguments, *self.authority)

    def issue(self, name, role, *flags):
        folder = str(self.group.folder / name)
        self.certs("issue", name, "--role", role, "--output", folder, *flags)
        return folder

    def ask_as(self, folder, *arguments, code=0):
        done = self.group.run(*arguments, "--coordinator", self.group.address, "--tls", folder)
        if done.returncode != code:
            raise Failed(f"firstguess {' '.join(arguments)} ended with {done.returncode}, not {code}:\n"
                         f"{done.stdout}{done.stderr}\n{self.group.tails()}")
        return done.stdout + done.stderr

    def submit_as(self, folder, name, code=0):
        spec = self.group.folder / f"{name}.yaml"
        spec.write_text(f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: 6}}\n"
                        f"measure: {{points: 2, probe_size: 100}}\ngrid: {{seed: [1, 2, 3]}}\n"
                        f"data_seed: {len(name)}\n", encoding="utf-8")
        return self.ask_as(folder, "submit", str(spec), code=code)

    def await_worker_as(self, folder, name):
        await_condition(lambda: name in self.ask_as(folder, "workers"), f"{name} did not come",
                        self.group.tails)


def expect(text, pattern):
    if not re.search(pattern, text):
        raise Failed(f"no {pattern!r} in:\n{text}")


def start(site, tokens):
    group = site.group
    site.certs("init")
    node1 = site.issue("node1", "coordinator", "--host", "127.0.0.1")
    group.address = "127.0.0.1:0"
    group.start_coordinator(flags=["--tls", node1, "--tokens", tokens])
    printed = Path(group.coordinator.log).read_text(encoding="utf-8")
    group.address = re.search(r"127\.0\.0\.1:[1-9]\d*", printed).group(0)
    node2 = site.issue("node2", "worker")
    group.start_worker("node2", "--tls", node2)
    return node1, node2


def a_sweep_goes_from_submit_to_its_end(site, submitter):
    site.await_worker_as(submitter, "node2")
    site.submit_as(submitter, "first")
    site.ask_as(submitter, "watch", "first")


def refusals_say_why(site, submitter, viewer):
    expect(site.submit_as(viewer, "never", code=REFUSED),
           "certificate:anna has the role viewer, which may not call Submit")
    expect(site.ask_as(submitter, "drain", "node2", code=REFUSED), "may not call DrainWorker")
    listed = site.ask_as(viewer, "list")
    if "never" in listed:
        raise Failed(f"it was submitted all the same:\n{listed}")


def a_token_opens_nothing_by_itself(site, submitter, token):
    # What is left of a certificate when the coordinator is asked without one: nothing.
    without = site.group.run("list", "--coordinator", site.group.address, "--token-file", token)
    if without.returncode != 3:
        raise Failed(f"a token without a certificate: {without}")
    # The certificate's role comes first.
    expect(site.ask_as(submitter, "drain", "node2", "--token-file", token, code=REFUSED),
           "has the role submitter")


def a_renewed_certificate_is_used_without_a_restart(site, submitter, node2):
    """The old one is revoked, so whatever is said from then on is said with the new one."""
    old = re.findall(r"^node2 .* ([0-9a-f]{38,40})$", site.certs("list"), re.MULTILINE)
    if len(old) != 1:
        raise Failed(f"serial numbers of node2: {old} in\n{site.certs('list')}")
    site.issue("node2", "worker")
    site.certs("revoke", old[0], "--crl", str(site.group.folder / "node1" / "ca.crl"))
    site.submit_as(submitter, "second")
    site.ask_as(submitter, "watch", "second")
    if not site.group.workers["node2"].runs():
        raise Failed(site.group.tails())
    expect(Path(node2, "tls.crt").read_text(encoding="utf-8"), "BEGIN CERTIFICATE")


def a_revoked_caller_is_out(site, submitter):
    site.certs("revoke", "alice", "--crl", str(site.group.folder / "node1" / "ca.crl"))
    expect(site.ask_as(submitter, "list", code=REFUSED), "the certificate of alice was revoked")


def no_secret_can_be_read_by_others(site):
    key = (site.group.folder / "node2" / "tls.key").read_text(encoding="utf-8").split("\n")[1]
    for program in [site.group.coordinator, *site.group.workers.values()]:
        for place in ("cmdline", "environ"):
            shown = Path(f"/proc/{program.pid}/{place}").read_bytes().decode(errors="replace")
            if TOKEN in shown or key in shown:
                raise Failed(f"a secret is in {place} of {program.name}")
    for log in site.group.folder.glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        if TOKEN in text or key in text or "PRIVATE KEY" in text:
            raise Failed(f"a secret is in {log}")
    log = Path(site.group.coordinator.log).read_text(encoding="utf-8")
    expect(log, r"AUDIT Submit who=certificate:alice role=submitter from=ipv4:127\.0\.0\.1:\d+ "
                r"of=first outcome=OK")
    expect(log, r"AUDIT refused method=/firstguess.v1.SweepService/Submit who=certificate:anna")
    expect(log, r"worker connected worker=node2 .* who=certificate:node2 role=worker")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    os.umask(0o077)
    with (tempfile.TemporaryDirectory() as folder,
          ProcessGroup(arguments.bin, folder, trainer=arguments.trainer) as group):
        token, tokens = Path(folder, "token"), Path(folder, "tokens")
        token.write_text(TOKEN + "\n", encoding="utf-8")
        tokens.write_text(f"admin carol {hashlib.sha256(TOKEN.encode()).hexdigest()}\n", encoding="utf-8")
        site = Site(group)
        try:
            _, node2 = start(site, str(tokens))
            alice, anna = site.issue("alice", "submitter"), site.issue("anna", "viewer")
            a_sweep_goes_from_submit_to_its_end(site, alice)
            refusals_say_why(site, alice, anna)
            a_token_opens_nothing_by_itself(site, alice, str(token))
            a_renewed_certificate_is_used_without_a_restart(site, alice, node2)
            a_revoked_caller_is_out(site, alice)
            no_secret_can_be_read_by_others(site)
            for program in [*group.workers.values(), group.coordinator]:
                program.terminate()
        except Failed as failure:
            sys.exit(str(failure))


if __name__ == "__main__":
    main()
