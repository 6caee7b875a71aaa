// Failures of the chosen sweep, grouped by what went wrong.

function failuresPath() {
  const sweep = findSweep(shown.sweep);
  return sweep === null || sweep.failed === 0 ? null : `/api/failures?${new URLSearchParams({sweep: sweep.name})}`;
}

// What a failure's class means to who looks.
const failureClasses = {
  crash: "crash", timeout: "time-out", out_of_memory: "out of memory", lost: "lost", preempted: "preempted",
  invalid: "invalid", init_condition: "initial condition",
};

function messageCell(group) {
  const message = element("span", {class: "failure-message"}, group.message || missing);
  if (!group.log_tail) return message;
  return [message, element("details", {}, element("summary", {}, "end of its log"), element("pre", {}, group.log_tail))];
}

function onFailures(answer) {
  if (answer.status !== 200) return;
  const {failures, groups_in_all} = answer.body;
  const open = new Set([...byId("failures-table").querySelectorAll("details[open]")].map((node) => node.closest("tr").dataset.row));
  drawTable(byId("failures-table"), [
    {name: "What", cell: (group) => failureClasses[group.class] ?? group.class},
    {name: "Trials", number: true, cell: (group) => count(group.trials)},
    {name: "Message", cell: messageCell, class: "failure"},
    {name: "Latest on", cell: (group) => group.worker || missing},
  ], failures, (group) => `${group.class} ${group.message}`, (line) => {
    const details = line.querySelector("details");
    if (details && open.has(line.dataset.row)) details.open = true;
  });
  byId("failures-note").textContent = failures.length < groups_in_all
    ? `The most frequent ${failures.length} of ${count(groups_in_all)} kinds.` : "";
}

function drawFailuresHead() {
  const sweep = findSweep(shown.sweep);
  byId("failures").hidden = sweep === null || sweep.failed === 0;
  if (sweep !== null) byId("failures-title").textContent = `Failures of ${sweep.name}`;
}
