// Asking the coordinator. It may be away for a while: then the page says so, keeps what it has, and
// goes on by itself once it is back.

const pollPause = 2000;       // milliseconds
const pendingPause = 300;     // until an answer that is being computed is there
const patience = 15000;       // for one answer
const tags = new Map();       // path -> the answer's ETag
let clockOffset = 0;          // the coordinator's clock less ours, in milliseconds

function serverNow() {
  return (Date.now() + clockOffset) / 1000;
}

// {status, body}; body is null when nothing changed since the last time (304). Throws a TypeError or
// a DOMException when nobody answers.
async function request(path, options = {}) {
  const headers = {...options.headers};
  if (!options.method && tags.has(path)) headers["If-None-Match"] = tags.get(path);
  const response = await fetch(path,
    {...options, headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(patience)});
  const date = Date.parse(response.headers.get("Date"));
  if (!Number.isNaN(date)) clockOffset = date + 500 - Date.now();
  if (response.status === 304) return {status: 304, body: null};
  const body = await response.json();
  if (response.status === 200 && !options.method) tags.set(path, response.headers.get("ETag"));
  return {status: response.status, body};
}

function post(path, body, headers = {}) {
  return request(path,
    {method: "POST", body: JSON.stringify(body), headers: {"Content-Type": "application/json", ...headers}});
}

// Asks for path() again and again, null: not now. `onAnswer(answer)` gets every answer, also that
// nothing changed; `onLost(error)` that nobody answered. Returns a function that asks at once.
function poll(path, onAnswer, onLost = () => {}) {
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    clearTimeout(timer);
    const number = ++asked;
    const wanted = path();
    let answer = null;
    if (wanted !== null && !document.hidden) {
      try {
        answer = await request(wanted);
      } catch (error) {
        if (number === asked) onLost(error);
      }
    }
    // Asked anew meanwhile.
    if (number !== asked) return;
    timer = setTimeout(ask, answer?.status === 202 ? pendingPause : pollPause);
    if (answer !== null) onAnswer(answer);
  };
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  ask();
  return ask;
}
