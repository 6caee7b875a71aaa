#!/usr/bin/env python3
"""Workers on hosts of their own, whose links are cut, slow, or change their address.

  hosts_test.py --bin FOLDER --trainer PROGRAM

Network namespaces are the hosts: the coordinator's, and six workers' with trainers that make their results
up. While all of them train, one host is cut off, one hears nothing more, nothing arrives of what one sends,
one has a slow link, and one gets another address. The sweep must end without the first three, which come
back with results that nobody wants any more, and take part in the next one. What is stored is what a worker
beside the coordinator leaves.

Ends with 77 where namespaces can't be made (they need root and Linux's `ip` and `tc`).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from compare_databases import differences, impossible
from hosts import Hosts
from process_group import Failed, ProcessGroup, Program, await_condition

WAITS_AT_GATE = 1000008
AT_WORK = 2  # leases of a worker: one in training, one ahead
WORKERS = ("cut", "deaf", "mute", "slow", "moved", "fine")
LOST = WORKERS[:3]
PORT = 7171


def spec(folder, name, data_seed):
    path = Path(folder, f"{name}.yaml")
    # Each trial waits at the gate, whoever trains it.
    path.write_text(f"name: {name}\ndataset: fashion-mnist\ntrain: {{steps: 6}}\n"
                    f"measure: {{points: 6, probe_size: 100}}\nseed: {WAITS_AT_GATE}\n"
                    f"data_seed: {data_seed}\npack: {{max_trials: 1}}\n"
                    f"grid: {{width: {{range: [8, {7 + AT_WORK * len(WORKERS)}]}}}}\n", encoding="utf-8")
    return str(path)


class Cluster:
    """The hosts, and what runs on them."""

    def __init__(self, hosts, group):
        self.hosts = hosts
        self.group = group
        self.gate = group.folder / "gate"

    def start(self):
        self.group.coordinator = Program("coordinator", [
            *self.hosts.enter("hub"), self.group.programs / "firstguess-coordinator", "--db",
            self.group.database, "--lease", self.group.lease, "--listen", self.group.address, "--listen",
            f"{Hosts.HUB}:{PORT}", "--insecure-network"], self.group.folder / "coordinator.log")
        await_condition(lambda: os.path.exists(self.group.folder / "socket"), "there is no coordinator",
                        self.group.tails)
        for name in WORKERS:
            self.group.workers[name] = Program(name, [
                *self.hosts.enter(name), self.group.programs / "firstguess-worker", "--coordinator",
                f"{Hosts.HUB}:{PORT}", "--insecure-network", "--name", name, "--trainer", self.group.trainer],
                self.group.folder / f"{name}.log")
        self.group.await_workers(*WORKERS)

    def await_all_at_work(self):
        self.group.await_rows("SELECT worker, count(*) FROM lease WHERE ended_at IS NULL GROUP BY worker ORDER BY worker",
                              [(name, AT_WORK) for name in sorted(WORKERS)])

    def await_end(self, name):
        self.group.ask("watch", name)


def everything_goes_wrong_at_once(cluster, folder):
    cluster.group.ask("submit", spec(folder, "first", 1))
    cluster.await_all_at_work()
    cluster.hosts.cut("cut")
    cluster.hosts.deafen("deaf")
    cluster.hosts.mute("mute")
    cluster.hosts.slow_down("slow")
    cluster.hosts.move("moved", "10.77.0.77")
    lost = ", ".join(f"'{name}'" for name in LOST)
    cluster.group.await_rows(f"SELECT count(*) FROM lease WHERE outcome = 'expired' AND worker IN ({lost})",
                             [(AT_WORK * len(LOST),)])
    cluster.gate.touch()
    cluster.await_end("first")
    done_by = {name for name, in cluster.group.rows("SELECT DISTINCT worker FROM trial")}
    if done_by & set(LOST) or "fine" not in done_by:
        raise Failed(f"trials were done by {sorted(done_by)}")


def all_come_back(cluster, folder):
    cluster.gate.unlink()
    for name in WORKERS:
        cluster.hosts.heal(name)
    cluster.group.ask("submit", spec(folder, "second", 2))
    cluster.await_all_at_work()
    cluster.gate.touch()
    cluster.await_end("second")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="the folder of the programs")
    parser.add_argument("--trainer", required=True, help="firstguess-fake-trainer")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FIRSTGUESS_FAKE_TRAINER_GATE"] = f"{folder}/gate"
        os.mkdir(f"{folder}/undisturbed")
        try:
            with Hosts(WORKERS) as hosts, ProcessGroup(arguments.bin, folder,
                                                       trainer=arguments.trainer) as group:
                cluster = Cluster(hosts, group)
                cluster.start()
                everything_goes_wrong_at_once(cluster, folder)
                all_come_back(cluster, folder)
                if wrong := impossible(group.database):
                    raise Failed("\n".join(wrong))
            with ProcessGroup(arguments.bin, f"{folder}/undisturbed", trainer=arguments.trainer) as undisturbed:
                undisturbed.start_coordinator()
                undisturbed.start_worker("alone")
                for name in ("first", "second"):
                    undisturbed.ask("submit", f"{folder}/{name}.yaml")
                    undisturbed.ask("watch", name)
                if found := differences(undisturbed.database, group.database):
                    raise Failed("\n".join(found))
                print(f"equal rows; {len(LOST)} of {len(WORKERS)} hosts were lost, and came back")
        except OSError as error:
            print(f"no hosts can be made here: {error}")
            sys.exit(77)
        except Failed as failure:
            sys.exit(str(failure))


if __name__ == "__main__":
    main()
