// The report's numbers, as report_json.cc writes them, and how to find one's way in them.

const report = JSON.parse(document.getElementById("report-data").textContent);

// A group is one configuration and seed: its trials differ in the loss alone. report.groups[g]
// holds, for each of report.axes, a position in its values.
report.trials.forEach((trial) => {
  const group = report.groups[trial.group];
  (group.trials = group.trials || []).push(trial);
});

function axisPosition(name) {
  return report.axes.findIndex((axis) => axis.name === name);
}

function axisText(axis, position) {
  return valueText(report.axes[axis].values[position]);
}

// "width 64, depth 10": a group, or a table row, in words.
function axesText(positions, axes = report.axes.map((_, index) => index)) {
  return axes.map((axis, i) => `${report.axes[axis].label} ${axisText(axis, positions[i])}`).join(", ");
}

// The data set of a group is an axis or the same for all.
function classNames(positions) {
  const axis = axisPosition("dataset");
  const dataset = axis >= 0 ? report.axes[axis].values[positions[axis]] : report.dataset;
  return report.classes[dataset];
}

function className(positions, index) {
  return classNames(positions)?.[index] ?? `class ${index}`;
}

// Among the groups whose `axis` is at `position`, the one that agrees with `current` on most other
// axes: what a reader means who changes one selector of a sweep that is not a full grid. Groups are
// in order of bias, so the more biased one wins a tie.
function nearestGroup(current, axis, position) {
  let best = -1;
  let bestAgreement = -1;
  report.groups.forEach((group, index) => {
    if (group.axes[axis] !== position) return;
    const agreement = group.axes.filter((value, i) => value === report.groups[current].axes[i]).length;
    if (agreement > bestAgreement) {
      best = index;
      bestAgreement = agreement;
    }
  });
  return best;
}
