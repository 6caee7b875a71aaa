"""What the samples say: one row a figure, beside its limit or peer, and the target it is held to."""

from dataclasses import dataclass
from statistics import median


def quantile(values, share):
    """The nearest sample."""
    return sorted(values)[int(share * (len(values) - 1) + 0.5)]


@dataclass(frozen=True)
class Target:
    of: str        # what is held to it: ours, ratio or difference (ours - beside)
    at_least: bool
    number: float

    def text(self):
        what = {"ours": "", "ratio": "ratio ", "difference": "beside + "}[self.of]
        return f"{what}{'>=' if self.at_least else '<='} {self.number:g}"

    def met(self, value):
        return value >= self.number if self.at_least else value <= self.number


@dataclass(frozen=True)
class Judged:
    what: str
    unit: str
    ours: list
    beside_name: str
    beside: list | None
    ratios: list | None
    target: str
    met: bool | None  # None: no target


@dataclass(frozen=True)
class Row:
    part: str
    what: str
    unit: str
    ours: str                # metric
    beside: str | None = None
    beside_name: str = ""
    target: Target | None = None
    times_faster: bool = False  # what is measured is time, and the ratio beside / ours

    def has_figures(self, found):
        return self.ours in found and (self.beside is None or self.beside in found)

    def judge(self, found):
        ours = found[self.ours]
        beside = found[self.beside] if self.beside else None
        ratios = None
        if beside:
            # Of the same round where both have one.
            paired = len(ours) == len(beside)
            pairs = zip(ours, beside) if paired else [(median(ours), median(beside))]
            ratios = [right / left if self.times_faster else left / right for left, right in pairs]
        met = None
        if self.target:
            value = (median(ratios) if self.target.of == "ratio" else
                     median(ours) - median(beside) if self.target.of == "difference" else
                     median(ours))
            met = self.target.met(value)
        return Judged(self.what, self.unit, ours, self.beside_name, beside, ratios,
                      self.target.text() if self.target else "", met)


def at_least(number, of="ours"):
    return Target(of, True, number)


def at_most(number, of="ours"):
    return Target(of, False, number)


# Trees get deeper with the logarithm of their rows; more than that is no flat cost.
FLAT = at_most(1.25, "ratio")

RAW = "raw inserts"
INGEST = (
    Row("ingest", "empty trials, packs of 64, 10^5 cells", "/s", "empty64/1e5:per_s",
        "empty64/1e5:raw_per_s", RAW, at_least(20_000)),
    Row("ingest", "empty trials, packs of 1, 10^4 cells", "/s", "empty1/1e4:per_s",
        "empty1/1e4:raw_per_s", RAW, at_least(3_000)),
    Row("ingest", "full trials (30 x 10)", "/s", "full:per_s", "full:raw_per_s", RAW,
        at_least(0.65, "ratio")),
    Row("ingest", "coordinator's processor time, empty, packs of 64", "us",
        "empty64/1e5:coordinator_cpu_us", "empty64/1e5:raw_cpu_us", RAW, at_most(60)),
    Row("ingest", "coordinator's processor time, empty, packs of 1", "us",
        "empty1/1e4:coordinator_cpu_us", "empty1/1e4:raw_cpu_us", RAW),
    Row("ingest", "coordinator's processor time, full", "us", "full:coordinator_cpu_us",
        "full:raw_cpu_us", RAW, at_most(150, "difference")),
    Row("ingest", "flat: processor time at 10^5 cells, packs of 64", "us",
        "empty64/1e5:coordinator_cpu_us", "empty64/1e3:coordinator_cpu_us", "10^3 cells", FLAT),
    Row("ingest", "flat: trials at 10^5 cells, packs of 64", "/s", "empty64/1e5:per_s",
        "empty64/1e3:per_s", "10^3 cells"),
    Row("ingest", "flat: processor time at 10^4 cells, packs of 1", "us",
        "empty1/1e4:coordinator_cpu_us", "empty1/1e3:coordinator_cpu_us", "10^3 cells", FLAT),
    Row("ingest", "flat: processor time at 10^5 cells, packs of 1", "us",
        "empty1/1e5:coordinator_cpu_us", "empty1/1e3:coordinator_cpu_us", "10^3 cells", FLAT),
    Row("ingest", "flat: trials at 10^5 cells, packs of 1", "/s", "empty1/1e5:per_s",
        "empty1/1e3:per_s", "10^3 cells"),
)

STORE = (
    Row("store", "bytes per class row: its B-tree", "B", "bytes:tree", target=at_most(54)),
    Row("store", "bytes per class row: whole file", "B", "bytes:file", target=at_most(68)),
)

GRID = (
    Row("grid", "submit of 10^7 cells", "ms", "submit/1e7:ms", target=at_most(50)),
    Row("grid", "submit of 10^12 cells", "ms", "submit/1e12:ms"),
    Row("grid", "restart with 10^6 finished empty trials: first answer", "ms", "restart:ms",
        target=at_most(1_000)),
    Row("grid", "the same: next finished trial", "ms", "restart:first_trial_ms",
        target=at_most(1_000)),
    Row("grid", "the same: memory then", "MB", "restart:resident_MB"),
    Row("grid", "processor time of the 10^6 trials, packs of 64", "us", "restart:made_cpu_us",
        target=at_most(60)),
    Row("grid", "the 10^6 trials", "/s", "restart:made_per_s", target=at_least(20_000)),
)

TAIL = tuple(
    Row("tail", f"share of their time that {workers} workers train, "
        f"{trials:,} trials of width {width}", "", f"tail/Tapered/{workers}/{trials}/{width}:busy_share",
        f"tail/Equal/{workers}/{trials}/{width}:busy_share", "packs of equal size")
    for width in (64, 512) for trials in (1000, 10000) for workers in (2, 64))

DASHBOARD = (
    Row("dashboard", "full trials while three dashboards look on", "/s", "watched:per_s",
        "watched:alone_per_s", "nobody looks", at_least(0.9, "ratio")),
    Row("dashboard", "the same: coordinator's processor time", "us", "watched:coordinator_cpu_us",
        "watched:alone_cpu_us", "nobody looks"),
    Row("dashboard", "answers to them", "/s", "watched:answers_per_s"),
)

CROWD = (
    Row("crowd", "2,000 workers: all connected after", "s", "held:connect_s"),
    Row("crowd", "held for", "s", "held:held_s"),
    Row("crowd", "connections lost", "", "held:disconnects", target=at_most(0)),
    Row("crowd", "heartbeats sent", "", "held:heartbeats"),
    Row("crowd", "heartbeats missed", "", "held:missed_heartbeats", target=at_most(0)),
    Row("crowd", "slowest answer to a heartbeat", "ms", "held:slowest_reply_ms"),
    Row("crowd", "memory, idle", "MB", "held:idle_resident_MB", target=at_most(200)),
    Row("crowd", "memory, peak, full trials", "MB", "held:peak_resident_MB", target=at_most(200)),
    Row("crowd", "memory, peak, 2,000 full results at once", "MB", "burst:peak_resident_MB"),
    Row("crowd", "share of one core, idle", "%", "held:idle_cpu_percent"),
    Row("crowd", "share of one core, full trials", "%", "held:busy_cpu_percent"),
    Row("crowd", "full trials then", "/s", "held:busy_trials_per_s"),
    Row("crowd", "killed under 4 workers: next finished trial", "s", "kill:first_result_s",
        target=at_most(1)),
    Row("crowd", "killed under 2,000 workers: serves again", "s", "storm:serving_s"),
    Row("crowd", "the same: next finished trial", "s", "storm:first_result_s"),
    Row("crowd", "the same: all workers back", "s", "storm:all_back_s"),
    Row("crowd", "the same: what waited is stored", "s", "storm:backlog_stored_s"),
    Row("crowd", "the same: trials trained twice", "", "storm:trained_twice", target=at_most(0)),
)


def optuna_rows():
    # A trial of Optuna's is asked for and told by itself: as our packs of 1.
    for objective, ours in (("empty", "empty1/1e4"), ("full", "full")):
        for store, store_name in (("sqlite", "SQLite"), ("journal", "journal")):
            for processes in (1, 2):
                yield Row("optuna", f"{objective} trials" + (", packs of 1" * (objective == "empty")),
                          "/s", f"{ours}:per_s", f"optuna/{store}/{objective}/{processes}:per_s",
                          f"Optuna, {store_name}, {processes} process{'es' * (processes > 1)}")
    for store, store_name in (("sqlite", "SQLite"), ("journal", "journal")):
        yield Row("optuna", "processor time, empty, packs of 1", "us",
                  "empty1/1e4:coordinator_cpu_us", f"optuna/{store}/empty/1:cpu_us",
                  f"Optuna, {store_name}")
        yield Row("optuna", "on disk, full trials", "B", "bytes:trial",
                  f"optuna/{store}/full/1:bytes_per_trial", f"Optuna, {store_name}")
    for index, size in ((1, "10^3"), (2, "10^4")):
        yield Row("optuna", f"(Optuna's own) one more trial of a grid, {size} finished", "ms",
                  f"optuna/growth/{index}:trial_ms", "optuna/growth/0:trial_ms", "10^2 finished")


# Of a step at depth 3: times as fast as PyTorch eager, and as torch.func.vmap.
TRAINING_TARGETS = {32: (4.5, 2.2), 64: (2.7, 2.0), 128: (1.8, 1.6), 256: (1.5, 1.5), 512: (1.3, 1.4)}
SWEEP_TARGETS = {32: 6, 64: 3}


def training_rows():
    for width, (eager, vmap) in TRAINING_TARGETS.items():
        step = f"a step of a network, width {width}, depth 3"
        ours = f"train/{width}/3"
        yield Row("trainer", f"width {width}, depth 3", "GFLOP/s", f"{ours}:GFLOPs",
                  f"{ours}:cube_GFLOPs", "1024-cube product",
                  at_least(0.85, "ratio") if width >= 64 else None)
        yield Row("trainer", step, "us", f"{ours}:tile_us", f"{ours}:autograd_us",
                  "our autograd, one by one", times_faster=True)
        yield Row("trainer", "the same with 25 snapshots in 200 steps", "us",
                  f"probed/{width}:tile_us", f"probed/{width}:autograd_us",
                  "our autograd, one by one", times_faster=True)
        for peer, name, target in (("eager", "PyTorch eager", eager), ("vmap", "torch.func.vmap", vmap)):
            yield Row("pytorch", step, "us", f"{ours}:tile_us", f"pytorch/{width}/3:{peer}_us", name,
                      at_least(target, "ratio"), times_faster=True)


def sweep_rows():
    peers = (("plain", "plain PyTorch"), ("optuna", "Optuna driving it"),
             ("ray", "Ray Tune driving it"))
    for width, target in SWEEP_TARGETS.items():
        name = f"sweep of 100 trials, width {width}"
        for peer, peer_name in peers:
            yield Row("sweep" if peer == "plain" else "tuners", name, "s",
                      f"sweep/{width}:ours_s", f"sweep/{width}:{peer}_s", peer_name,
                      at_least(target, "ratio") if peer == "plain" else None, times_faster=True)
        yield Row("sweep", "the same, its start not counted", "s", f"sweep/{width}:ours_s",
                  f"sweep/{width}:plain_loop_s", "plain PyTorch", times_faster=True)
        yield Row("sweep", "the same, processor time", "s", f"sweep/{width}:ours_cpu_s",
                  f"sweep/{width}:plain_cpu_s", "plain PyTorch", times_faster=True)


ROWS = (*INGEST, *STORE, *GRID, *TAIL, *DASHBOARD, *CROWD, *optuna_rows(), *training_rows(),
        *sweep_rows())
