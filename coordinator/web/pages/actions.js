// Pause, resume, cancel, for who has the token. It is kept by this tab alone, until it is closed.

const tokenKey = "firstguess-token";
const actions = {
  pause: {label: "Pause", words: "What is in training ends; nothing more is begun until it is resumed."},
  resume: {label: "Resume", words: "Its trials are given to workers again."},
  cancel: {label: "Cancel", words: "What is in training is stopped, and what waits is never begun. What is done stays."},
};
const change = {sweep: null, action: null};

function actionsCell(sweep) {
  const possible = {running: ["pause", "cancel"], paused: ["resume", "cancel"]}[sweep.state] ?? [];
  return possible.map((action) => {
    const button = element("button",
      {type: "button", class: "quiet", "data-key": `${action} ${sweep.name}`, "aria-label": `${actions[action].label} ${sweep.name}`},
      actions[action].label);
    button.addEventListener("click", () => askToChange(sweep.name, action));
    return button;
  });
}

function askToChange(sweep, action) {
  Object.assign(change, {sweep, action});
  byId("change-title").textContent = `${actions[action].label} ${sweep}?`;
  byId("change-words").textContent = actions[action].words;
  byId("change-do").textContent = `${actions[action].label} the sweep`;
  byId("change-error").textContent = "";
  byId("token-control").hidden = sessionStorage.getItem(tokenKey) !== null;
  byId("change-dialog").showModal();
}

async function makeChange() {
  const token = sessionStorage.getItem(tokenKey) ?? byId("token").value;
  try {
    const {status, body} = await post("/api/change", {sweep: change.sweep, action: change.action},
      {Authorization: `Bearer ${token}`});
    if (status === 200) {
      sessionStorage.setItem(tokenKey, token);
      byId("token").value = "";
      byId("change-dialog").close();
      askOverview();
      return;
    }
    if (status === 401) {
      sessionStorage.removeItem(tokenKey);
      byId("token-control").hidden = false;
      byId("token").focus();
    }
    byId("change-error").textContent = body.error;
  } catch {
    byId("change-error").textContent = "The coordinator does not answer; nothing is known to have changed.";
  }
}

function startActions() {
  byId("change-form").addEventListener("submit", (event) => {
    event.preventDefault();
    makeChange();
  });
  byId("change-leave").addEventListener("click", () => byId("change-dialog").close());
}
