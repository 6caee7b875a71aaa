#!/usr/bin/env python3
"""Writes the inputs that the fuzzers of binary formats begin with: corpus/ipc_frames and
corpus/session_messages. Messages are encoded here, field by field, so that nothing needs to be
installed. Run it again after a change; what a fuzzer found is kept beside them under other names.
"""

import pathlib
import struct

HERE = pathlib.Path(__file__).parent / "corpus"


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """An integer, a text or bytes (a message); floats are doubles; lists repeat."""
    if isinstance(value, list):
        return b"".join(field(number, one) for one in value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    return varint(number << 3) + varint(value)


def message(fields):
    return b"".join(field(number, value) for number, value in fields.items())


# ---- What workers say (work_service.proto) -------------------------------------------------------


def inventory(leases=(), unsent=()):
    return message({1: [message({1: lease, 2: 1}) for lease in leases],
                    2: [message({1: lease, 2: trial}) for lease, trial in unsent]})


def hello(name, epoch=1, capacity=2, leases=(), unsent=(), reason="", device="cpu"):
    return field(1, message({1: 1, 2: name, 3: name, 4: epoch, 6: device, 8: 1 << 30,
                             9: ["fashion-mnist"], 11: reason, 12: capacity,
                             13: inventory(leases, unsent)}))


def heartbeat(leases=(), last_grant=0):
    return field(2, message({1: inventory(leases), 2: last_grant}))


def result(lease, trial, trajectory=None, last=1):
    fields = {1: lease, 2: trial, 4: last}
    if trajectory is not None:
        fields[3] = trajectory
    return field(3, message(fields))


def failed(lease, trial, failure=1):
    return field(4, message({1: lease, 2: trial, 3: failure, 4: "so it goes"}))


def ended(lease, reason=1):
    return field(5, message({1: lease, 2: reason, 3: "so it goes"}))


def say(worker, text):
    return bytes([worker << 3]) + struct.pack(">H", len(text)) + text


SETTLE, EXECUTE, TICK, RESTART = b"\x03", b"\x04", lambda s: b"\x05" + bytes([s]), b"\x06"
CLOSE = lambda worker: bytes([worker << 3 | 7])
BOTH = say(0, hello("a")) + say(1, hello("b")) + SETTLE
ONE = say(0, hello("a")) + SETTLE

SESSIONS = {
    "hello": ONE,
    "two_workers": BOTH,
    "whole_sweep": ONE + say(0, result(1, 1)) + say(0, result(1, 2)) + say(0, result(2, 3))
                   + SETTLE + say(0, ended(1)) + say(0, ended(2)),
    "doubled_result": ONE + say(0, result(1, 1)) * 2 + SETTLE + say(0, result(1, 1)) + SETTLE,
    "foreign_result": BOTH + say(1, result(1, 1)) + SETTLE,
    "unknown_lease": ONE + say(0, result(77, 1)) + say(0, ended(77)) + say(0, failed(77, 1)),
    "heartbeats": ONE + say(0, heartbeat([1, 2], 2)) + TICK(20) + say(0, heartbeat([1], 2)) + SETTLE,
    "lost": ONE + say(0, heartbeat([], 2)) + SETTLE,
    "old_heartbeat": ONE + say(0, heartbeat([], 0)) + SETTLE,
    "expired": BOTH + TICK(2) * 18 + SETTLE + say(0, result(1, 1)) + SETTLE,
    "reconnect": ONE + CLOSE(0) + say(0, hello("a", 2, 2, [1], [(1, 1)])) + say(0, result(1, 1)) + SETTLE,
    "older_epoch": say(0, hello("a", 5)) + say(1, hello("a", 4)) + SETTLE,
    "newer_epoch": say(0, hello("a", 1)) + SETTLE + say(1, hello("a", 2)) + say(0, heartbeat()) + SETTLE,
    "restart": ONE + say(0, result(1, 1)) + EXECUTE + RESTART
               + say(0, hello("a", 2, 2, [1, 2], [(1, 1)])) + say(0, result(1, 1)) + SETTLE,
    "restart_early": ONE + say(0, result(1, 1)) + RESTART + say(0, hello("a", 2, 2, [1, 2])) + SETTLE,
    "failed": ONE + say(0, failed(1, 1)) + SETTLE + TICK(2) + SETTLE + say(0, failed(3, 1)) + SETTLE,
    "crashed": ONE + say(0, ended(1, 4)) + SETTLE + TICK(2) + SETTLE,
    "out_of_memory": ONE + say(0, ended(1, 8)) + SETTLE,
    "preempted": ONE + say(0, ended(1, 5)) + SETTLE + say(0, heartbeat([2], 2)) + SETTLE,
    "incapable": BOTH + say(0, ended(1, 6)) + SETTLE,
    "returned": BOTH + say(0, ended(1, 2)) + SETTLE,
    "finished_early": ONE + say(0, ended(1, 1)) + SETTLE,
    "invalid_trial": ONE + say(0, failed(2, 3, 6)) + SETTLE,
    "cannot_work": say(0, hello("a", reason="no device", device="")) + SETTLE + say(0, heartbeat()),
    "malformed_result": ONE + say(0, result(1, 1, message({4: [message({1: 0})]}))) + SETTLE,
    "chunks": ONE + say(0, result(1, 1, b"", 0)) + say(0, result(1, 1, b"", 1)) + SETTLE,
    "no_content": ONE + say(0, b""),
    "no_message": ONE + say(0, b"\xff\xff\xff"),
    "no_hello": say(0, heartbeat()),
    "bad_ids": ONE + say(0, result(-1, 1)) + say(1, hello("b", -1)) + say(1, hello("b", 1, 1000)),
}

# ---- Frames between agent and trainer (trainer.proto) --------------------------------------------


def frame(data):
    return struct.pack(">I", len(data)) + data


SNAPSHOT = message({1: 0, 2: 0.5})
TRAJECTORY = message({1: -1, 2: [SNAPSHOT]})
TRAIN = field(1, message({1: 7, 2: [message({1: 5, 2: '{"format_version":1}'}), message({1: 6})]}))
STOP = field(2, message({1: 7}))
READY = field(1, message({2: "cpu", 3: "a cpu", 4: 1 << 33, 5: ["fashion-mnist", "blobs"]}))
FRAMES = {
    "nothing": b"",
    "empty_frame": frame(b""),
    "train": frame(TRAIN),
    "train_and_stop": frame(TRAIN) + frame(STOP),
    "ready": frame(READY),
    "ready_with_error": frame(field(1, message({1: "no CUDA driver was found"}))),
    "finished": frame(field(2, message({1: 7, 2: 5, 3: TRAJECTORY}))),
    "failed": frame(field(3, message({1: 7, 2: 5, 3: 1, 4: "so it goes"}))),
    "ended": frame(READY) + frame(field(4, message({1: 7}))),
    "stopped": frame(field(4, message({1: 7, 2: 1}))),
    "short_header": frame(STOP) + b"\x00\x00",
    "short_frame": frame(TRAIN)[:-3],
    "too_long": b"\x04\x00\x00\x01" + STOP,
    "far_too_long": b"\xff\xff\xff\xff",
    "no_message": frame(b"\xff\xff\xff\xff") + frame(STOP),
    "deep": frame(field(1, field(2, field(2, field(2, b"x" * 40))))),
}

for folder, inputs in (("session_messages", SESSIONS), ("ipc_frames", FRAMES)):
    (HERE / folder).mkdir(parents=True, exist_ok=True)
    for name, data in inputs.items():
        (HERE / folder / name).write_bytes(data)
