#!/usr/bin/env python3
"""Holds every #include of ours against the table of who may know whom.

The table is the one of the top README ("The house"). An include that a room may not have is printed
as path:line, and the exit code is 1.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Include prefixes of the outside world, by the word the table uses.
LIBRARIES = {
    "grpc": ("grpc/", "grpcpp/"),
    "protobuf": ("google/protobuf/",),
    "sqlite": ("sqlite3.h",),
    "libtorch": ("ATen/", "c10/", "torch/"),
    "yaml": ("yaml-cpp/",),
    "cli11": ("CLI/",),
    "http": ("httplib.h",),
    "prometheus": ("prometheus/",),
    "archive": ("archive.h", "archive_entry.h"),
    "arrow": ("arrow/", "parquet/"),
    "x509": ("openssl/x509", "openssl/pem.h", "openssl/bio.h"),
    "systemd": ("systemd/",),
    "threads": ("thread", "mutex", "condition_variable", "atomic", "future", "common/mutex.h"),
    "clock": ("chrono", "ctime", "common/clock.h", "absl/time/clock.h"),
    "io": ("fstream", "iostream", "cstdio", "unistd.h", "fcntl.h", "sys/"),
}

# Room (longest matching folder wins) -> our folders it may include, libraries it may not.
ROOMS = {
    "common": (("common",), ("grpc", "sqlite", "libtorch", "yaml", "cli11", "x509")),
    "common/certificates": (("common",), ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11")),
    "common/spec": (("common",), ("grpc", "sqlite", "libtorch", "cli11", "protobuf")),
    "common/wire": (("common", "firstguess/v1"), ("grpc", "sqlite", "libtorch", "yaml", "cli11")),
    "common/rpc": (("common", "firstguess/v1"), ("sqlite", "libtorch", "yaml", "cli11", "x509")),
    "coordinator/grid": (
        ("common", "coordinator/grid"),
        ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11", "threads", "clock", "io"),
    ),
    "coordinator/state": (
        ("common", "coordinator/grid", "coordinator/state"),
        ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11", "threads", "clock", "io"),
    ),
    "coordinator/store/sqlite": (("common", "coordinator/store/sqlite"),
                                 ("grpc", "protobuf", "libtorch", "yaml", "cli11")),
    "coordinator/store": (
        ("common", "coordinator/state", "coordinator/store"),
        ("grpc", "protobuf", "libtorch", "yaml", "cli11"),
    ),
    # Text alone.
    "coordinator/store/cookbook": (("coordinator/store/cookbook",),
                                   ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11", "threads", "clock", "io")),
    "coordinator/service": (
        ("common", "coordinator/grid", "coordinator/state", "coordinator/store",
         "coordinator/service", "firstguess/v1"),
        ("sqlite", "libtorch", "yaml", "cli11", "http", "prometheus"),
    ),
    "coordinator/web": (
        ("common", "coordinator/state", "coordinator/store", "coordinator/service",
         "coordinator/web"),
        ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11"),
    ),
    "coordinator": (("common", "coordinator", "firstguess/v1"),
                    ("sqlite", "libtorch", "yaml", "http", "prometheus")),
    "worker/ipc": (("common", "worker/ipc", "firstguess/v1"),
                   ("grpc", "sqlite", "libtorch", "yaml", "cli11")),
    "worker/agent": (("common", "worker/agent", "worker/ipc", "firstguess/v1"),
                     ("sqlite", "libtorch", "yaml")),
    "worker/trainer": (("common", "worker/trainer", "worker/ipc", "firstguess/v1"),
                       ("grpc", "sqlite", "yaml")),
    "tools/firstguess": (
        ("common", "tools/firstguess", "firstguess/v1", "coordinator/grid",
         "coordinator/store/sqlite", "coordinator/store/cookbook", "coordinator/store/data_dictionary.h",
         "coordinator/store/inspection.h",
         "coordinator/coordinator.h"),
        ("libtorch", "yaml", "archive", "arrow"),
    ),
    # What Slurm understands, without the coordinator.
    "tools/firstguess/slurm": (("common", "tools/firstguess"),
                               ("grpc", "protobuf", "sqlite", "libtorch", "yaml", "cli11")),
    "tools/firstguess/export": (
        ("common", "tools/firstguess", "coordinator/store/sqlite",
         "coordinator/store/data_dictionary.h", "coordinator/store/inspection.h"),
        ("grpc", "protobuf", "libtorch", "yaml", "cli11"),
    ),
}
# Headers that one file may include: so heavy, or wrapped there.
ONE_FILE = {
    "arrow": "tools/firstguess/export/parquet_module.cc",
    "systemd": "common/service_manager.cc",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
OURS = ("common/", "coordinator/", "worker/", "tools/", "tests/", "firstguess/")


def room_of(path):
    matches = [room for room in ROOMS if path.startswith(room + "/")]
    return max(matches, key=len) if matches else None


def forbidden(include, room):
    """Why this room may not include this, or None."""
    allowed, banned = ROOMS[room]
    for library in banned:
        for prefix in LIBRARIES[library]:
            # Standard headers match whole, folders by prefix.
            if include == prefix or (prefix.endswith("/") and include.startswith(prefix)):
                return f"{library} is not for {room}"
    if include.startswith(OURS) and not any(
        include == folder or include.startswith(folder + "/") for folder in allowed
    ):
        return f"{room} may not know it"
    return None


def check(path, text):
    room = room_of(path)
    if room is None:
        return []
    problems, protobuf, aten = [], 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        include = match.group(2)
        if include.endswith(".pb.h") or include.startswith("google/protobuf/"):
            protobuf = number
        if include.startswith(LIBRARIES["libtorch"]):
            aten = number
        if include == "torch/torch.h":
            problems.append(f"{path}:{number}: torch/torch.h costs 14 s a file; use ATen/ops headers")
        for library, only in ONE_FILE.items():
            if include.startswith(LIBRARIES[library]) and path != only:
                problems.append(f"{path}:{number}: {library} is for {only} alone")
        reason = forbidden(include, room)
        if reason:
            problems.append(f"{path}:{number}: includes {include}: {reason}")
    if protobuf and aten:
        problems.append(f"{path}:{aten}: ATen and Protobuf headers in one file (LibTorch ships its own)")
    return problems


def self_test():
    """The check itself must fail for what it forbids."""
    bad = [
        ("coordinator/state/x.cc", "#include <mutex>"),
        ("coordinator/state/x.cc", '#include "coordinator/store/store.h"'),
        ("coordinator/store/x.cc", "#include <grpcpp/grpcpp.h>"),
        ("worker/agent/x.cc", "#include <ATen/ATen.h>"),
        ("coordinator/service/x.cc", '#include "coordinator/web/metrics.h"'),
        ("coordinator/x.cc", '#include "httplib.h"'),
        ("coordinator/web/x.cc", '#include <grpcpp/grpcpp.h>'),
        ("worker/trainer/x.cc", '#include <ATen/ATen.h>\n#include "worker/ipc/trainer.pb.h"'),
        ("tools/firstguess/x.cc", '#include "coordinator/state/state.h"'),
        ("tools/firstguess/x.cc", '#include "coordinator/store/store.h"'),
        ("tools/firstguess/export/x.cc", '#include <arrow/array.h>'),
        ("common/x.cc", '#include <systemd/sd-daemon.h>'),
        ("tools/firstguess/export/x.cc", '#include <grpcpp/grpcpp.h>'),
    ]
    for path, text in bad:
        if not check(path, text):
            return [f"the check let through {text!r} in {path}"]
    return []


def main():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.h", "*.cc"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()
    problems = self_test()
    for path in listed:
        file = ROOT / path
        if file.exists():
            problems += check(path, file.read_text(encoding="utf-8"))
    print("\n".join(problems) or f"{len(listed)} files keep to their rooms")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
