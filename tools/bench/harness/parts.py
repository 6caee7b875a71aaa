"""What is run: the parts that can be asked for by name, and their steps."""

from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True)
class Step:
    """One start of a program, in each of the first `rounds` rounds.

    `benchmarks` gives each benchmark of the program a key, and its smaller sister for a smoke run.
    """
    program: str
    benchmarks: dict[str, tuple[str, str]]
    rounds: int = ROUNDS
    repetitions: int = 1


@dataclass(frozen=True)
class PeerStep:
    """One start of a script with these arguments, or with the second for a smoke run."""
    script: str
    arguments: tuple[list[str], list[str]]
    environment: str  # harness/peers.py
    programs: frozenset = frozenset()  # of ours, that it starts
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    steps: tuple
    needs: tuple = ()  # parts whose figures stand beside its own
    smoke: bool = True  # is also in a smoke run; not what takes a minute to start

    def programs(self):
        return {program for step in self.steps
                for program in ({step.program} if isinstance(step, Step) else step.programs)}

    def environments(self):
        return {step.environment for step in self.steps if isinstance(step, PeerStep)}


def same(name):
    return name, name


WIDTHS = (32, 64, 128, 256, 512)
DEPTHS = (1, 2, 3, 4, 5)
SHAPES = tuple((width, depth) for width in WIDTHS for depth in DEPTHS)

SWEEP_WIDTHS = (32, 64)
RUN = frozenset(("firstguess", "firstguess-worker", "firstguess-trainer"))


def words(*values):
    return [str(value) for value in values]


PARTS = (
    Part("ingest", "trials a second over gRPC beside raw inserts; flat cost", (
        Step("firstguess_ingest_bench", {
            "empty64/1e3": same("EmptyTrialsInPacksOf64/1000"),
            "empty64/1e5": ("EmptyTrialsInPacksOf64/100000", "EmptyTrialsInPacksOf64/1000"),
            "empty1/1e3": same("EmptyTrialsInPacksOf1/1000"),
            "empty1/1e4": ("EmptyTrialsInPacksOf1/10000", "EmptyTrialsInPacksOf1/1000"),
            "full": ("FullTrials/2048", "FullTrials/64"),
        }),
        Step("firstguess_ingest_bench", {
            "empty1/1e5": ("EmptyTrialsInPacksOf1/100000", "EmptyTrialsInPacksOf1/1000"),
        }, rounds=1),
    )),
    Part("store", "bytes per class row", (
        Step("firstguess_store_bench", {"bytes": same("BytesPerClassRow")}, rounds=1),
    )),
    Part("grid", "submit of 10^7 and 10^12 cells; restart with 10^6 finished trials", (
        Step("firstguess_grid_bench", {
            "submit/1e7": same("SubmitTenMillionCells"),
            "submit/1e12": same("SubmitTrillionCells"),
        }),
        Step("firstguess_grid_bench", {"restart": ("Restart/1000000", "Restart/1000")},
             rounds=1, repetitions=ROUNDS),
    )),
    Part("tail", "workers at the end of a sweep: what its plan leaves them, in simulated time", (
        Step("firstguess_tail_bench", {
            f"tail/{rules}/{workers}/{trials}/{width}":
                same(f"{rules}/workers:{workers}/trials:{trials}/width:{width}")
            for rules in ("Tapered", "Equal") for workers in (2, 64)
            for trials in (1000, 10000) for width in (64, 512)}, rounds=1),
    )),
    Part("dashboard", "full trials while three dashboards look on", (
        Step("firstguess_dashboard_bench", {"watched": ("Watched/8192", "Watched/640")}, rounds=3),
    )),
    Part("crowd", "2,000 workers held; the coordinator killed under them", (
        Step("firstguess_crowd_bench",
             {"held": ("Held/workers:2000/seconds:40", "Held/workers:50/seconds:1"),
              "burst": ("Burst/workers:2000/trial_ms:5000", "Burst/workers:50/trial_ms:200")},
             rounds=1),
        Step("firstguess_crowd_bench",
             {"storm": ("Storm/workers:2000/trial_ms:2000", "Storm/workers:50/trial_ms:200")},
             rounds=3),
        Step("firstguess_crowd_bench", {"kill": same("Storm/workers:4/trial_ms:100")}),
    )),
    Part("optuna", "Optuna with its SQLite and journal stores", (
        PeerStep("peers/optuna_peer.py", (["--seconds", "0.3"], ["--seconds", "0.1"]), "optuna"),
        PeerStep("peers/optuna_peer.py",
                 (["--growth", "100", "1000", "10000"], ["--growth", "10", "20", "30"]), "optuna",
                 rounds=1),
    ), needs=("ingest", "store")),
    Part("trainer", "a step of training, by width and depth, beside a matrix product", (
        Step("firstguess_trainer_bench", {
            **{f"train/{width}/{depth}": (f"Sgd/width:{width}/depth:{depth}",
                                          "Sgd/width:32/depth:1") for width, depth in SHAPES},
            **{f"probed/{width}": (f"SgdWithSnapshots/width:{width}/depth:3",
                                   "SgdWithSnapshots/width:32/depth:3") for width in WIDTHS},
        }),
    )),
    Part("pytorch", "the same in PyTorch: eager, and torch.func.vmap", (
        PeerStep("peers/training_peer.py",
                 (words("--widths", *WIDTHS, "--depths", *DEPTHS),
                  words("--widths", *WIDTHS, "--depths", 3, "--seconds", 0.01)), "pytorch"),
    ), needs=("trainer",)),
    Part("sweep", "a sweep end to end, beside plain PyTorch", tuple(
        PeerStep("sweep_bench.py",
                 (words("--width", width, "--with", "ours", "plain"),
                  words("--width", width, "--with", "ours", "plain", "--trials", 4, "--steps", 5)),
                 "pytorch", programs=RUN)
        for width in SWEEP_WIDTHS)),
    Part("tuners", "the same beside Optuna and Ray Tune", tuple(
        PeerStep("sweep_bench.py", (words("--width", width, "--with", "optuna", "ray"),) * 2,
                 "pytorch", rounds=3)
        for width in SWEEP_WIDTHS), needs=("sweep",), smoke=False),
)
