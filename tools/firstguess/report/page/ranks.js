// The figure over all seeds: classes by their rank in the first guess (0: the favoured one), because
// the favoured class differs from seed to seed. A line is the median, its band the quartiles.

const seedAxes = report.axes.map((axis, index) => (axis.name === "seed" || axis.name === "data_seed" ? index : -1))
  .filter((index) => index >= 0);

// The number below which a share of the sorted values lies, between neighbours in proportion.
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}

// {low, middle, high} of the numbers among `values`; nulls if there are none.
function quartiles(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return {low: null, middle: null, high: null};
  return {low: quantile(sorted, 0.25), middle: quantile(sorted, 0.5), high: quantile(sorted, 0.75)};
}

// Groups that differ from `group` in seeds alone, itself too.
function replicatesOf(group) {
  return report.groups.filter((other) =>
    other.axes.every((position, axis) => seedAxes.includes(axis) || position === group.axes[axis]));
}

// Trials that stand for one loss over all seeds of `group`, in the shape of a trial; `spread` holds
// the quartiles by quantity, rank and snapshot. A diverged one counts as far as it went.
function rankTrials(group) {
  const replicates = replicatesOf(group);
  return report.treatments.map((_, treatment) => {
    const trials = replicates.flatMap((other) => other.trials.filter((trial) => trial.treatment === treatment));
    if (trials.length === 0) return null;
    const longest = trials.reduce((a, b) => (stepsOf(b).length > stepsOf(a).length ? b : a));
    const spread = {};
    for (const quantity of Object.keys(quantities)) {
      spread[quantity] = longest.support.map((_, rank) => stepsOf(longest).map((_, i) =>
        quartiles(trials.map((trial) => series(trial, quantity, trial.rank.indexOf(rank))[i] ?? null))));
    }
    return {
      id: `loss-${treatment}`, group: longest.group, treatment, steps: longest.steps, spread,
      favoured: 0, support: longest.support, rank: longest.support.map((_, rank) => rank),
      diverged_at_step: null, diverged: trials.filter((trial) => trial.diverged_at_step !== null).length,
      trials: trials.length, above_chance: quartiles(trials.map(aboveChance)).middle,
      accuracy: [quartiles(trials.map((trial) => last(trial.accuracy) ?? null)).middle],
    };
  }).filter((trial) => trial !== null);
}

// Two lines without ink, the upper one stacked on the lower with the area between them filled.
function bandSeries(trial, index, colour, steps) {
  const spread = trial.spread[figure.quantity][index];
  const line = (name, value) => ({
    type: "line", id: `${name}-${index}`, name: `${name}-${index}`, stack: `band-${index}`, stackStrategy: "all",
    symbol: "none", silent: true, lineStyle: {opacity: 0}, color: colour, tooltip: {show: false},
    data: figure.hidden.has(index) ? [] : spread.map((at, i) => [stepPosition(steps[i]), value(at)]),
  });
  return [
    line("low", (at) => at.low),
    {...line("high", (at) => (at.high === null ? null : at.high - at.low)), areaStyle: {color: colour, opacity: 0.16}},
  ];
}

function rankRows(group) {
  const axes = report.axes.map((axis, index) => [axis.name, index]).filter(([, index]) => !seedAxes.includes(index));
  const rows = [[...axes.map(([name]) => name), "loss", "trials", "step", "initial_rank",
    ...Object.keys(quantities).flatMap((quantity) => [quantity, `${quantity}_low`, `${quantity}_high`])]];
  for (const trial of rankTrials(group)) {
    stepsOf(trial).forEach((step, i) => trial.rank.forEach((rank) => rows.push([
      ...axes.map(([, index]) => report.axes[index].values[group.axes[index]]),
      report.treatments[trial.treatment].label, trial.trials, step, rank,
      ...Object.keys(quantities).flatMap((quantity) => {
        const at = trial.spread[quantity][rank][i];
        return [at.middle, at.low, at.high];
      })])));
  }
  return rows;
}
