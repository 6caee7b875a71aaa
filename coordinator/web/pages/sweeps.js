// The table of sweeps: how far, how fast, how long yet; one of them is looked at more closely.

const shown = {sweep: null, overview: null};

function chosenByAddress() {
  return new URLSearchParams(location.hash.slice(1)).get("sweep");
}

function findSweep(name) {
  return shown.overview?.sweeps.find((sweep) => sweep.name === name) ?? null;
}

// A bar of segments, and its numbers beside it.
function progressCell(sweep) {
  const bar = element("div", {class: "bar", "aria-hidden": "true"});
  for (const part of ["done", "failed", "cancelled", "leased", "pending"]) {
    if (sweep[part] === 0) continue;
    const segment = element("span", {class: part});
    segment.style.flexGrow = String(sweep[part]);
    bar.append(segment);
  }
  const facts = [];
  if (sweep.leased > 0) facts.push(`${count(sweep.leased)} in hand`);
  if (sweep.cancelled > 0) facts.push(`${count(sweep.cancelled)} cancelled`);
  if (sweep.waiting_reason) facts.push(sweep.waiting_reason);
  const share = sweep.cells === 0 ? 100 : Math.floor((100 * (sweep.cells - sweep.pending - sweep.leased)) / sweep.cells);
  return [element("div", {class: "progress-text"},
    element("span", {}, `${count(sweep.done)} of ${count(sweep.cells)}`), element("span", {class: "percent"}, `${share} %`)),
  bar, element("div", {class: "facts"}, facts.join(" · "))];
}

function timeCell(sweep) {
  if (sweep.finished_at !== null) return agoText(sweep.finished_at);
  return sweep.remaining_seconds === null ? missing : `${spanText(sweep.remaining_seconds)} left`;
}

function nameCell(sweep) {
  const button = element("button",
    {type: "button", class: "name", "data-key": `sweep ${sweep.name}`, "aria-pressed": String(sweep.name === shown.sweep)},
    sweep.name);
  button.addEventListener("click", () => {
    location.hash = new URLSearchParams({sweep: sweep.name}).toString();
  });
  return [button, element("span", {class: "state", "data-state": sweep.state}, sweep.state)];
}

function drawSweeps() {
  const overview = shown.overview;
  const table = byId("sweeps-table");
  table.hidden = overview.sweeps.length === 0;
  byId("sweeps-message").textContent = overview.sweeps.length === 0
    ? "There is no sweep yet: firstguess submit SPEC.yaml sends one."
    : overview.sweeps.length < overview.sweeps_in_all
      ? `The first ${count(overview.sweeps.length)} of ${count(overview.sweeps_in_all)}; the SQL page knows them all.`
      : "";
  const columns = [
    {name: "Sweep", cell: nameCell, class: "sweep-name"},
    {name: "Done", cell: progressCell, class: "progress"},
    {name: "Pace", number: true, cell: (sweep) => (sweep.trials_per_second === null ? missing : rateText(sweep.trials_per_second))},
    {name: "Time", number: true, cell: timeCell},
    {name: "Failed", number: true, cell: (sweep) => element("span", {class: sweep.failed > 0 ? "bad" : null}, count(sweep.failed))},
    {name: "Diverged", number: true, cell: (sweep) => count(sweep.diverged)},
  ];
  if (overview.may_change) columns.push({name: "Change", cell: actionsCell, class: "actions"});
  drawTable(table, columns, overview.sweeps, (sweep) => sweep.name,
    (line, sweep) => line.classList.toggle("chosen", sweep.name === shown.sweep));
}

// The one that the address names, or the first.
function chooseSweep() {
  const chosen = findSweep(chosenByAddress()) ?? shown.overview.sweeps[0];
  shown.sweep = chosen?.name ?? null;
}
