// The page as a whole: what is asked for, and what is said while nobody answers.

let lostAt = null;
let firstVersion = null;

// Spoken when it changes, without the time.
function sayConnection(words, since) {
  if (byId("connection").textContent !== words) byId("connection").textContent = words;
  byId("since").textContent = since;
}

function onOverview(answer) {
  if (answer.body !== null && answer.status === 200) {
    shown.overview = answer.body;
    firstVersion ??= answer.body.version;
  }
  const back = lostAt !== null;
  lostAt = null;
  if (shown.overview === null) return;
  document.body.classList.remove("lost");
  sayConnection(firstVersion === shown.overview.version ? "live" : "live, another version: reload the page", "");
  drawAll();
  if (back) askCurves();
}

function onLost() {
  lostAt ??= Date.now();
  document.body.classList.add("lost");
  sayConnection(shown.overview === null ? "the coordinator does not answer, trying again" : "connection lost, trying again",
    `, for ${spanText((Date.now() - lostAt) / 1000)}`);
}

function drawAll() {
  const before = shown.sweep;
  chooseSweep();
  const name = shown.overview.database.split("/").pop();
  byId("database").textContent = name;
  byId("database").title = shown.overview.database;
  document.title = `${name} · firstguess`;
  byId("version").textContent = shown.overview.version;
  byId("trouble").hidden = !shown.overview.disk_full;
  byId("trouble").textContent = shown.overview.disk_full
    ? "The disk is full: nothing is granted or acknowledged until there is room." : "";
  drawSweeps();
  drawWorkers();
  drawFailuresHead();
  byId("curves").hidden = shown.sweep === null;
  byId("curves-title").textContent = shown.sweep ?? "";
  if (shown.sweep === before) return;
  clearCurves();
  curves.by = "";
  byId("failures-table").replaceChildren();
  tags.delete(failuresPath());
  showOtherCurves();
  askFailures();
}

for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
startActions();
watchSurroundings();
addEventListener("hashchange", () => shown.overview && drawAll());
const askCurves = poll(curvesPath, onCurves);
const askFailures = poll(failuresPath, onFailures);
const askOverview = poll(() => "/api/overview", onOverview, onLost);
