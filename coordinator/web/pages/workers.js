// The table of workers.

function deviceCell(worker) {
  return worker.device_name && worker.device_name !== worker.device ? `${worker.device}: ${worker.device_name}` : worker.device;
}

function loadCell(worker) {
  return worker.leases === 0 ? "idle" : `${counted(worker.trials, "trial")} in ${counted(worker.leases, "pack")}`;
}

function drawWorkers() {
  const {workers, workers_in_all} = shown.overview;
  byId("workers-table").hidden = workers.length === 0;
  byId("workers-message").textContent = workers.length === 0
    ? "No worker is connected: firstguess-worker --device auto starts one."
    : workers.length < workers_in_all ? `The first ${count(workers.length)} of ${count(workers_in_all)}.` : "";
  drawTable(byId("workers-table"), [
    {name: "Worker", cell: (worker) => [worker.name, element("span", {class: "state", "data-state": worker.state}, worker.state)]},
    {name: "Device", cell: deviceCell},
    {name: "In hand", number: true, cell: loadCell},
    {name: "Done", number: true, cell: (worker) => count(worker.trials_done)},
    {name: "Busy", number: true, cell: (worker) => worker.busy === null ? missing : `${Math.round(worker.busy * 100)} %`},
    {name: "Last heard", number: true, cell: (worker) => agoText(worker.heard_at)},
    {name: "Build", cell: (worker) => worker.build || missing},
    {name: "Why not", cell: (worker) => worker.reason || missing, class: "reason"},
  ].filter((column) => column.name !== "Why not" || workers.some((worker) => worker.reason)),
  workers, (worker) => worker.instance_id);
}
