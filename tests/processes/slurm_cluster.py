"""A real Slurm on this machine: controller, one node and munge, in a folder of its own, on free ports.

It is nobody's but the test's: own key, configuration and state, no accounts, and every process is a
child of this one. Jobs run as whoever runs the test. Two partitions: what is submitted to "high"
preempts what runs in "low", which is queued again.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from process_group import Failed, Program, await_condition

CONFIGURATION = """
ClusterName=firstguess
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=30
MaxArraySize={longest_array}
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 CPUs={processors} RealMemory=1000
PartitionName=low Nodes=node1 Default=YES PriorityTier=1
PartitionName=high Nodes=node1 PriorityTier=2
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SlurmCluster:
    """`longest_array`: one more than the site's largest index."""

    def __init__(self, folder, longest_array=4):
        self.folder = Path(folder)
        self.longest_array = longest_array
        self.programs = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        os.environ["PATH"] += ":/usr/sbin"
        missing = [name for name in ["munged", "slurmctld", "slurmd", "sbatch"]
                   if shutil.which(name) is None]
        if missing:
            raise Failed(f"there is no {', '.join(missing)}: run tools/setup --test")
        for name in ["state", "spool"]:
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        configuration = self.folder / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(
            host=socket.gethostname(), folder=self.folder, user=getpass.getuser(),
            controller_port=free_port(), node_port=free_port(), processors=os.cpu_count(),
            longest_array=self.longest_array), encoding="utf-8")
        os.environ["SLURM_CONF"] = str(configuration)
        munge = self.folder / "munge"
        self.run("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge}.socket",
                 f"--pid-file={munge}.pid", f"--log-file={munge}.log", f"--seed-file={munge}.seed")
        await_condition(Path(f"{munge}.socket").exists, "munge does not listen", self.tails)
        self.run("slurmctld", "-D", "-i")
        self.run("slurmd", "-D", "-N", "node1")
        await_condition(lambda: "idle" in self.ask("sinfo", "--noheader", "--format", "%T",
                                                   check=False),
                        "the node does not become idle", self.tails)

    def run(self, name, *arguments):
        self.programs.append(Program(name, [name, *arguments], self.folder / f"{name}.log"))

    def end(self):
        """Every job with what belongs to it, then the daemons, last started first."""
        if len(self.programs) == 3:
            self.ask("scancel", "--full", "--signal=KILL", "--me", check=False)
            self.ask("scancel", "--me", check=False)
            await_condition(lambda: not self.queue(), "jobs do not end", self.tails)
        for program in reversed(self.programs):
            if program.runs():
                program.send(signal.SIGTERM)
                program.process.wait()

    def ask(self, *command, check=True):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def queue(self):
        """id -> state of every job."""
        lines = self.ask("squeue", "--noheader", "--array", "--format", "%i %T", check=False)
        return dict(line.split() for line in lines.splitlines())

    def await_queue(self, holds, words):
        await_condition(lambda: holds(self.queue()), f"{words}; the queue is {self.queue()}",
                        self.tails)

    def tails(self):
        logs = [path.read_text(errors="replace") for path in self.folder.glob("logs/*.log")]
        return "\n".join([program.tail() for program in self.programs] + logs)
