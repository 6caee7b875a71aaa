// The figure: a quantity per class over steps, one panel a loss, for one start, or over all seeds by
// initial rank (ranks.js).

const figure = {
  group: 0,
  quantity: "mean_prob",
  lines: "classes",   // of one start; or "ranks", over all seeds
  hidden: new Set(),  // classes
  panels: [],         // {chart, trial}
};

const quantities = {
  mean_prob: {label: "Mean probability"},
  recall: {label: "Recall"},
};

// One number per class and snapshot; null where it is not defined.
function series(trial, quantity, index) {
  if (trial.spread) return trial.spread[quantity][index].map((at) => at.middle);
  if (quantity === "mean_prob") return trial.mean_prob[index];
  return trial.correct[index].map((correct) => (trial.support[index] ? correct / trial.support[index] : null));
}

function stepsOf(trial) {
  return report.step_sets[trial.steps];
}

// Which colour a class has: its own number; among many classes the initially highest ranked ones
// have one, the others none (-1).
function classSlot(trial, index) {
  const slot = trial.support.length <= seriesColours ? index : trial.rank[index];
  return slot < seriesColours ? slot : -1;
}

// Of a class, or of a rank.
function lineName(trial, index) {
  if (trial.spread) return `rank ${index}`;
  return className(report.groups[trial.group].axes, index);
}

function panelOption(trial, colours) {
  const names = trial.support.map((_, index) => lineName(trial, index));
  const steps = stepsOf(trial);
  const lines = names.map((name, index) => {
    const favoured = index === trial.favoured;
    const colour = colours.series[classSlot(trial, index)] ?? colours.line;
    return {
      type: "line",
      name,
      id: String(index),
      data: figure.hidden.has(index)
        ? []
        : series(trial, figure.quantity, index).map((value, i) => [stepPosition(steps[i]), value]),
      showSymbol: steps.length === 1,
      symbol: "circle",
      symbolSize: favoured ? 7 : 5,
      color: colour,
      lineStyle: {width: favoured ? 3.5 : 1.6, opacity: favoured ? 1 : 0.85},
      z: favoured ? 5 : 3,
      emphasis: {focus: "series", lineStyle: {width: favoured ? 4.5 : 3}},
      blur: {lineStyle: {opacity: 0.15}},
    };
  });
  const marks = [{
    yAxis: 1 / names.length,
    lineStyle: {color: colours.muted, type: [4, 4], width: 1},
    label: {show: true, position: "insideStartTop", formatter: "chance", color: colours.muted, fontSize: 11},
  }];
  if (trial.diverged_at_step !== null) {
    marks.push({
      xAxis: stepPosition(trial.diverged_at_step),
      lineStyle: {color: colours.text, type: "solid", width: 1},
      label: {show: true, position: "insideEndTop", formatter: "diverged", color: colours.text, fontSize: 11},
    });
  }
  if (trial.spread) {
    names.forEach((_, index) =>
      lines.push(...bandSeries(trial, index, colours.series[classSlot(trial, index)] ?? colours.line, steps)));
  }
  lines.push({
    type: "line",
    name: "chance",
    data: [],
    markLine: {silent: true, symbol: "none", animation: false, data: marks},
  });
  return {
    ...baseOption(colours),
    grid: {left: 36, right: 14, top: 14, bottom: 46},
    xAxis: stepAxis(Math.max(last(steps), trial.diverged_at_step ?? 0), colours),
    yAxis: {...axisStyle(colours), type: "value", min: 0, max: 1, interval: 0.25},
    tooltip: {
      ...tooltipStyle(colours),
      trigger: "axis",
      axisPointer: {type: "line", lineStyle: {color: colours.muted}},
      formatter: (points) => {
        const shown = points.filter((point) => point.value[1] !== null && names.includes(point.seriesName))
          .sort((a, b) => b.value[1] - a.value[1]);
        const step = Math.round(10 ** points[0].value[0] - 1);
        return tooltipElement(
          `step ${step}`,
          shown.slice(0, 10).map((point) => [point.color, point.seriesName, fraction(point.value[1], 3)]));
      },
    },
    series: lines,
  };
}

function aboveChance(trial) {
  if (trial.spread) return trial.above_chance;
  const end = trial.correct.map((counts) => last(counts));
  return end.filter((correct, c) => correct * end.length > trial.support[c]).length;
}

// What became of the start, in one line.
function outcome(trial) {
  const values = series(trial, figure.quantity, trial.favoured);
  if (trial.spread) {
    return {
      favoured: `favoured class ${fraction(values[0])} → ${fraction(last(values))}`,
      classes: `median of ${counted(trial.trials, "seed")}: ${valueText(trial.above_chance)} of ${trial.support.length} classes above chance`,
      accuracy: `accuracy ${fraction(last(trial.accuracy))}`,
      diverged: trial.diverged === 0 ? null : `${trial.diverged} diverged`,
    };
  }
  const name = className(report.groups[trial.group].axes, trial.favoured);
  return {
    favoured: `${name} ${fraction(values[0])} → ${fraction(last(values))}`,
    classes: `${aboveChance(trial)} of ${trial.support.length} classes above chance`,
    accuracy: `accuracy ${fraction(last(trial.accuracy))}`,
    diverged: trial.diverged_at_step === null ? null : `diverged at step ${trial.diverged_at_step}`,
  };
}

function describePanel(trial) {
  const facts = outcome(trial);
  return `${quantities[figure.quantity].label} per class over ${last(stepsOf(trial))} steps with the loss ` +
    `${report.treatments[trial.treatment].label}. The favoured class, ${facts.favoured}. At the end ` +
    `${facts.classes}, ${facts.accuracy}${facts.diverged ? `, ${facts.diverged}` : ""}.`;
}

function drawPanels() {
  figure.panels.forEach((panel) => panel.chart.remove());
  figure.panels = [];
  const group = report.groups[figure.group];
  const container = byId("panels");
  const trials = figure.lines === "ranks" ? rankTrials(group) : group.trials;
  container.replaceChildren();
  for (const trial of trials) {
    const facts = outcome(trial);
    const swatch = classSwatch(trial, trial.favoured);
    const drawing = element("div", {class: "chart", "aria-label": describePanel(trial)});
    const caption = element("figcaption", {},
      element("h3", {}, report.treatments[trial.treatment].label),
      element("p", {class: "outcome"}, swatch, element("strong", {}, facts.favoured)),
      element("p", {class: "outcome"}, `${facts.classes} · ${facts.accuracy}`));
    if (facts.diverged) caption.append(element("p", {class: "outcome warning"}, facts.diverged));
    container.append(element("figure", {class: "panel", "data-trial": trial.id}, caption, drawing));
    const chart = makeChart(drawing, (colours) => panelOption(trial, colours));
    chart.chart.group = "trajectories";
    figure.panels.push({chart, trial});
  }
  echarts.connect("trajectories");
  drawLegend(trials[0]);
}

function classSwatch(trial, index) {
  const swatch = element("span", {class: "swatch"});
  swatch.style.background = `var(--series-${classSlot(trial, index)}, var(--line))`;
  return swatch;
}

function drawLegend(trial) {
  const legend = byId("legend");
  legend.replaceChildren();
  const order = trial.support.map((_, index) => index);
  const shown = order.filter((index) => classSlot(trial, index) >= 0);
  for (const index of shown) {
    const favoured = index === trial.favoured;
    const button = element("button",
      {type: "button", "aria-pressed": String(!figure.hidden.has(index)), class: favoured ? "favoured" : null},
      classSwatch(trial, index), lineName(trial, index), favoured ? element("em", {}, " favoured") : "");
    button.addEventListener("click", () => toggleClass(index, button));
    const highlight = (type) => () =>
      figure.panels.forEach((panel) => panel.chart.chart.dispatchAction({type, seriesId: String(index)}));
    for (const event of ["mouseenter", "focus"]) button.addEventListener(event, highlight("highlight"));
    for (const event of ["mouseleave", "blur"]) button.addEventListener(event, highlight("downplay"));
    legend.append(element("li", {}, button));
  }
  if (shown.length < order.length) legend.append(element("li", {class: "rest"}, `and ${order.length - shown.length} more in grey`));
}

function toggleClass(index, button) {
  if (!figure.hidden.delete(index)) figure.hidden.add(index);
  button.setAttribute("aria-pressed", String(!figure.hidden.has(index)));
  figure.panels.forEach((panel) => panel.chart.draw());
}

function drawControls() {
  const controls = byId("trajectories-controls");
  controls.replaceChildren();
  report.axes.forEach((axis, index) => {
    const used = new Set(report.groups.map((group) => group.axes[index]));
    const options = axis.values.map((value, position) => [String(position), valueText(value)])
      .filter(([position]) => used.has(Number(position)));
    if (figure.lines === "ranks" && seedAxes.includes(index)) return;
    controls.append(selector(axis.label, options, String(report.groups[figure.group].axes[index]),
      (position) => showGroup(nearestGroup(figure.group, index, Number(position)), index)));
  });
  controls.append(choice("quantity", "Quantity",
    Object.entries(quantities).map(([name, quantity]) => [name, quantity.label]), figure.quantity,
    (name) => {
      figure.quantity = name;
      drawPanels();
    }));
  if (report.groups.some((group) => replicatesOf(group).length > 1)) {
    controls.append(choice("lines", "Lines",
      [["classes", "Classes of one start"], ["ranks", "Ranks over all seeds"]], figure.lines,
      (name) => {
        figure.lines = name;
        showGroup(figure.group);
        byId("trajectories-controls").querySelector("input[name=lines]:checked").focus();
      }));
  }
  if (report.groups.length > 1) {
    const back = element("button", {type: "button", class: "quiet"}, "Most biased start");
    back.addEventListener("click", () => showGroup(0));
    controls.append(back);
  }
}

// `axis`: the selector that was used, so that the keyboard stays on it.
function showGroup(index, axis) {
  figure.group = index;
  figure.hidden.clear();
  drawControls();
  drawPanels();
  if (axis !== undefined) {
    const shown = report.axes.map((_, position) => position)
      .filter((position) => figure.lines === "classes" || !seedAxes.includes(position));
    byId("trajectories-controls").querySelectorAll("select")[shown.indexOf(axis)].focus();
  }
  if (figure.lines === "ranks") {
    const axes = report.axes.map((_, axis) => axis).filter((axis) => !seedAxes.includes(axis));
    const setting = axesText(axes.map((axis) => report.groups[index].axes[axis]), axes);
    byId("trajectories-message").textContent =
      `Classes by their rank in the first guess, medians over ${counted(replicatesOf(report.groups[index]).length, "start")} ` +
      `with their quartiles${setting ? `: ${setting}` : ""}.`;
    return;
  }
  const start = axesText(report.groups[index].axes);
  const measured = report.groups[index].trials.length;
  const total = report.treatments.length;
  byId("trajectories-message").textContent =
    (index === 0 ? "The most biased start of the sweep" : "Shown") + (start ? `: ${start}.` : ".") +
    (measured < total ? ` Measured with ${measured} of the sweep's ${total} losses.` : "");
}

function trajectoryRows() {
  const group = report.groups[figure.group];
  if (figure.lines === "ranks") return rankRows(group);
  const rows = [["trial_id", ...report.axes.map((axis) => axis.name), "loss", "step", "class", "class_name",
    "initial_rank", "mean_prob", "recall"]];
  for (const trial of group.trials) {
    const fixed = [trial.id, ...group.axes.map((position, axis) => report.axes[axis].values[position]),
      report.treatments[trial.treatment].label];
    stepsOf(trial).forEach((step, i) => {
      trial.support.forEach((_, index) => {
        rows.push([...fixed, step, index, className(group.axes, index), trial.rank[index],
          trial.mean_prob[index][i], series(trial, "recall", index)[i]]);
      });
    });
  }
  return rows;
}

function startTrajectories() {
  const note = byId("trajectories-note");
  if (report.groups.length === 0) {
    byId("trajectories-message").textContent = "No trial has been measured yet.";
    byId("trajectories-csv").hidden = true;
    return;
  }
  note.textContent = "Measured on the probe set: fixed test examples with clean labels. Step 0 is the untrained " +
    "network. Mean probability is over all of them, recall over those of the class.";
  if (report.trials.length < report.measured_trials) {
    note.textContent += ` To keep this file small it carries the trajectories of ${count(report.trials.length)} of ` +
      `${counted(report.measured_trials, "trial")}, the most biased starts first; the database has them all.`;
  }
  savesCsv(byId("trajectories-csv"), "trajectories", trajectoryRows);
  showGroup(0);
}
