// The curves of the chosen sweep, as far as its trials are finished.

const quantities = {
  mean_prob: "Mean probability",
  guess_fraction: "Guess fraction",
  recall: "Recall",
  accuracy: "Accuracy",
  max_guess: "Largest guess fraction",
};
const curves = {of: "mean_prob", by: "", panels: new Map(), answer: null};

function curvesPath() {
  if (shown.sweep === null) return null;
  return `/api/curves?${new URLSearchParams({sweep: shown.sweep, of: curves.of, by: curves.by})}`;
}

function clearCurves() {
  for (const panel of curves.panels.values()) panel.chart.remove();
  curves.panels.clear();
  curves.answer = null;
  byId("curves-panels").replaceChildren();
  byId("curves-legend").replaceChildren();
  byId("curves-controls").replaceChildren();
  byId("curves-lead").textContent = "";
}

// Another sweep, axis or quantity.
function showOtherCurves() {
  tags.delete(curvesPath());
  byId("curves-message").textContent = "reading …";
  askCurves();
}

function onCurves(answer) {
  if (answer.status === 304 || answer.status === 202) return;
  if (answer.status !== 200) {
    byId("curves-message").textContent = answer.body.error;
    return;
  }
  const data = answer.body;
  curves.answer = data;
  byId("curves-message").textContent = data.finished === 0 ? "No trial is finished yet; curves appear with the first." : "";
  drawCurveControls(data);
  drawCurveLead(data);
  drawCurveLegend(data);
  drawCurvePanels(data);
}

function drawCurveControls(data) {
  const controls = byId("curves-controls");
  const wanted = JSON.stringify([data.axes, data.by, data.of]);
  if (controls.dataset.wanted === wanted && controls.childElementCount > 0) return;
  controls.dataset.wanted = wanted;
  const focused = [...controls.querySelectorAll("select")].indexOf(document.activeElement);
  controls.replaceChildren(selector("Show", Object.entries(quantities), data.of, (of) => {
    curves.of = of;
    showOtherCurves();
  }));
  if (data.axes.length > 0) {
    const axes = data.axes.map((axis) => [axis, axis.replaceAll("_", " ")]);
    controls.append(selector("A panel for each", data.by === "" ? [["", "–"], ...axes] : axes, data.by, (by) => {
      curves.by = by;
      showOtherCurves();
    }));
  }
  if (focused >= 0) controls.querySelectorAll("select")[focused]?.focus();
}

function drawCurveLead(data) {
  const parts = [];
  if (data.drawn > 0) {
    parts.push(data.drawn < data.finished
      ? `Median of ${counted(data.drawn, "trial")} drawn from ${count(data.finished)} finished ones.`
      : `Median of ${counted(data.finished, "finished trial")}.`);
  }
  if (data.panels.length < data.values) parts.push(`The first ${data.panels.length} of ${count(data.values)} values.`);
  byId("curves-lead").textContent = parts.join(" ");
}

function drawCurveLegend(data) {
  const ranks = new Set(data.panels.flatMap((panel) => panel.lines.map((line) => line.rank)));
  byId("curves-legend").replaceChildren(...[...ranks].filter((rank) => rank !== null).sort((a, b) => a - b).map((rank) => {
    const swatch = element("span", {class: "swatch"});
    swatch.style.background = `var(--series-${rank})`;
    return element("li", {class: rank === 0 ? "favoured" : null}, swatch,
      rank === 0 ? "rank 0, the favoured class, with quartiles" : `rank ${rank}`);
  }));
}

// Panels stay where they are while their curves grow.
function drawCurvePanels(data) {
  const lastStep = Math.max(0, ...data.panels.flatMap((panel) => panel.lines.map((line) => last(line.steps))));
  const kept = new Map();
  for (const panel of data.panels) {
    const title = data.by === "" ? "" : axisValueText(data.by, panel.value);
    const known = curves.panels.get(panel.value) ?? makeCurvePanel();
    known.option = (colours) => curveOption(panel, data.of, lastStep, colours);
    known.title.textContent = title || "All trials";
    known.outcome.textContent = curveOutcome(panel);
    known.trials.textContent = counted(panel.trials, "trial") + (panel.diverged > 0 ? `, ${panel.diverged} diverged` : "");
    known.drawing.setAttribute("aria-label", curveSummary(panel, title, data.of, lastStep));
    kept.set(panel.value, known);
  }
  for (const [value, panel] of curves.panels) if (!kept.has(value)) panel.chart?.remove();
  curves.panels = kept;
  byId("curves-panels").replaceChildren(...[...kept.values()].map((panel) => panel.figure));
  for (const panel of kept.values()) {
    if (panel.chart) panel.chart.draw();
    else panel.chart = makeChart(panel.drawing, (colours) => panel.option(colours), "canvas");
  }
}

function makeCurvePanel() {
  const panel = {
    title: element("h3"), outcome: element("strong"), trials: element("span"), drawing: element("div", {class: "chart"}),
  };
  panel.figure = element("figure", {class: "panel"},
    element("figcaption", {}, panel.title, element("p", {class: "outcome"}, panel.outcome, " · ", panel.trials)), panel.drawing);
  return panel;
}
