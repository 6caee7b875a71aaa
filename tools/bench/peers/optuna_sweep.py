"""Optuna driving the trials of plain_sweep.py: its own grid sampler, its SQLite store, a process a core.

  optuna_sweep.py --width 32 [--trials 100] [--steps 200] [--processes 2]

A trial's snapshots are one attribute, set at its end, as that costs Optuna least.
"""

import multiprocessing
import tempfile

import optuna
import plain_sweep
from optuna.storages import RDBStorage


def work(folder, width, trials):
    cells = plain_sweep.grid(trials)
    axes = {"rate": sorted({rate for rate, _ in cells}), "seed": sorted({seed for _, seed in cells})}

    def objective(trial):
        rate = trial.suggest_categorical("rate", axes["rate"])
        seed = trial.suggest_categorical("seed", axes["seed"])
        snapshots = plain_sweep.train(width, rate, seed, plain_sweep.DATA)
        trial.set_user_attr("snapshots", snapshots)
        return snapshots[-1][1][3]  # accuracy

    optuna.load_study(study_name="sweep", storage=storage(folder),
                      sampler=optuna.samplers.GridSampler(axes, seed=0)).optimize(objective)


def storage(folder):
    return RDBStorage(f"sqlite:///{folder}/optuna.db", engine_kwargs={"connect_args": {"timeout": 60}})


def main():
    arguments = plain_sweep.command_line(__doc__)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        optuna.create_study(study_name="sweep", storage=storage(folder))
        plain_sweep.begin(arguments.steps)
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(folder, arguments.width, arguments.trials))
                   for _ in range(arguments.processes)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        study = optuna.load_study(study_name="sweep", storage=storage(folder))
        done = {tuple(sorted(trial.params.items())) for trial in study.get_trials(
            deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))}
    # Two processes may train a cell twice at the end; none may be missing.
    expected = len(plain_sweep.grid(arguments.trials))
    if len(done) != expected:
        raise SystemExit(f"optuna_sweep.py: {len(done)} cells instead of {expected}")


if __name__ == "__main__":
    main()
