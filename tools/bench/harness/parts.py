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
    """One start of the Optuna peer with these arguments, or with the second for a smoke run."""
    arguments: tuple[list[str], list[str]]
    rounds: int = ROUNDS


@dataclass(frozen=True)
class Part:
    name: str
    what: str
    steps: tuple
    needs: tuple = ()  # parts whose figures stand beside its own

    def programs(self):
        return {step.program for step in self.steps if isinstance(step, Step)}

    def has_peer(self):
        return any(isinstance(step, PeerStep) for step in self.steps)


def same(name):
    return name, name


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
        PeerStep((["--seconds", "0.3"], ["--seconds", "0.1"])),
        PeerStep((["--growth", "100", "1000", "10000"], ["--growth", "10", "20", "30"]), rounds=1),
    ), needs=("ingest", "store")),
)
