// Everything that is not a chart: counts, setting, provenance.

function drawCounts() {
  const sweep = report.sweep;
  const list = byId("counts");
  const add = (number, label, bad = false) => list.append(
    element("li", {class: bad && number > 0 ? "bad" : null}, element("strong", {}, count(number)), ` ${label}`));
  add(sweep.cells, sweep.cells === 1 ? "cell" : "cells");
  add(sweep.done, "done");
  add(sweep.diverged, "of them diverged");
  add(sweep.failed, "failed", true);
  if (sweep.cancelled > 0) add(sweep.cancelled, "cancelled");
  if (sweep.leased > 0) add(sweep.leased, "running");
  if (sweep.pending > 0) add(sweep.pending, "waiting");
}

// What the bias depends on, whether the sweep varies it or not.
function drawSetting() {
  byId("setting-section").hidden = report.setting.length === 0;
  addTerms(byId("setting"), report.setting.map((field) => [field.label, field.value]));
}

function drawProvenance() {
  const sweep = report.sweep;
  const origin = report.provenance;
  const list = byId("provenance-list");
  addTerms(list, [
    ["submitted", dateText(sweep.created_at)],
    ["finished", dateText(sweep.finished_at)],
    ["training", `${durationText(origin.train_seconds)} in all` +
      (origin.last_finished_at === null ? "" : `, from ${dateText(origin.first_started_at)} to ${dateText(origin.last_finished_at)}`)],
    ["device", origin.devices.join(", ") || missing],
    ["library", origin.libraries.join(", ") || missing],
    ["workers", origin.workers.join(", ") || missing],
    ["database", origin.database],
    ["report written", dateText(report.generated_at)],
  ]);
  addTerms(byId("fields"), [
    ...report.axes.map((axis) => [`${axis.label} (varied)`, axis.summary]),
    [report.treatments.length > 1 ? "loss (varied)" : "loss",
      report.treatments.map((treatment) => treatment.label).join("; ") || missing],
    ...report.fixed.map((field) => [field.label, field.value]),
  ]);
  if (origin.failures.length > 0) {
    byId("failures").append(element("h3", {}, "Failures"), element("ul", {},
      ...origin.failures.map(([message, trials]) => element("li", {}, `${counted(trials, "trial")}: ${message}`))));
  }
  for (const revision of report.revisions) {
    byId("specs").append(element("details", {},
      element("summary", {}, `Sweep file, revision ${revision.revision}, ${dateText(revision.submitted_at)}`),
      element("pre", {tabindex: "0"}, revision.spec)));
  }
}
