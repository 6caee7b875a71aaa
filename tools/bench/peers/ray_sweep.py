"""Ray Tune driving the trials of plain_sweep.py: its grid search, a core a trial, actors that are used again.

  ray_sweep.py --width 32 [--trials 100] [--steps 200] [--processes 2]

A trial reports once, at its end, with its snapshots, as that costs Ray least.
"""

import os
import tempfile
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would ask the network
os.environ["RAY_DEDUP_LOGS"] = "0"

import plain_sweep  # noqa: E402  (Ray reads its environment when it is loaded)
import ray  # noqa: E402
from ray import tune  # noqa: E402


def objective(config):
    if plain_sweep.DATA is None:
        plain_sweep.begin(config["steps"])
    snapshots = plain_sweep.train(config["width"], config["rate"], config["seed"], plain_sweep.DATA)
    tune.report({"accuracy": snapshots[-1][1][3], "snapshots": snapshots})


def main():
    arguments = plain_sweep.command_line(__doc__)
    cells = plain_sweep.grid(arguments.trials)
    # The path of a socket has room for 107 bytes, and Ray takes 60 of them.
    with (tempfile.TemporaryDirectory() as folder,
          tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as sockets):
        ray.init(num_cpus=arguments.processes, include_dashboard=False, log_to_driver=False,
                 _temp_dir=sockets,
                 runtime_env={"env_vars": {"PYTHONPATH": f"{Path(__file__).parent}:"
                                           + os.environ.get("PYTHONPATH", "")}})
        results = tune.Tuner(
            tune.with_resources(objective, {"cpu": 1}),
            param_space={"width": arguments.width, "steps": arguments.steps,
                         "rate": tune.grid_search(sorted({rate for rate, _ in cells})),
                         "seed": tune.grid_search(sorted({seed for _, seed in cells}))},
            tune_config=tune.TuneConfig(reuse_actors=True),
            run_config=tune.RunConfig(storage_path=folder, verbose=0)).fit()
        done = len([result for result in results if result.error is None])
        ray.shutdown()
    if done != len(cells):
        raise SystemExit(f"ray_sweep.py: {done} trials instead of {len(cells)}")


if __name__ == "__main__":
    main()
