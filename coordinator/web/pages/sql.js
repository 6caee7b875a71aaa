// The SQL page: the cookbook's questions, or one's own.

let recipe = null;  // that the text came from
let asked = 0;      // the latest question alone is answered

function chooseRecipe(chosen) {
  recipe = chosen;
  byId("sql").value = chosen.sql;
  byId("parameters").replaceChildren(...chosen.parameters.map((parameter) => {
    const input = element("input",
      {type: "text", name: parameter.name, required: parameter.required, placeholder: parameter.required ? "" : "the usual"});
    return element("label", {class: "control"}, element("span", {}, `${parameter.name}: ${parameter.meaning}`), input);
  }));
  for (const button of byId("cookbook").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.recipe === chosen.name));
  }
  if (chosen.parameters.some((parameter) => parameter.required)) byId("parameters").querySelector("input").focus();
  else ask();
}

// Numbers to the right, NULL as a dash.
function drawAnswer(answer) {
  const isNumber = answer.columns.map((_, index) => answer.rows.every((row) => row[index] === null || typeof row[index] === "number"));
  drawTable(byId("answer"), answer.columns.map((name, index) => ({
    name, number: isNumber[index], cell: (row) => (row[index] === null ? missing : String(row[index])),
  })), answer.rows, () => "");
  byId("answer-frame").hidden = answer.columns.length === 0;
  byId("query-message").textContent = `${answer.has_more ? "The first " : ""}${count(answer.rows.length)} ` +
    `row${answer.rows.length === 1 ? "" : "s"}${answer.has_more ? "; there are more" : ""}, in ${fraction(answer.seconds)} s.`;
}

async function ask() {
  const values = {};
  for (const input of byId("parameters").querySelectorAll("input")) if (input.value !== "") values[input.name] = input.value;
  byId("query-error").textContent = "";
  byId("query-message").textContent = "asking …";
  const number = ++asked;
  try {
    const {status, body} = await post("/api/query", {sql: byId("sql").value, values, recipe: recipe?.name ?? ""});
    if (number !== asked) return;
    byId("query-message").textContent = "";
    if (status === 200) drawAnswer(body);
    else byId("query-error").textContent = body.error;
  } catch {
    if (number !== asked) return;
    byId("query-message").textContent = "";
    byId("query-error").textContent = "The coordinator does not answer; try again.";
  }
}

async function showCookbook() {
  const {body} = await request("/api/cookbook");
  byId("cookbook").replaceChildren(...body.cookbook.map((entry) => {
    const button = element("button", {type: "button", "data-recipe": entry.name, "aria-pressed": "false"}, entry.question);
    button.addEventListener("click", () => chooseRecipe(entry));
    return element("li", {}, button);
  }));
}

byId("query-form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
byId("sql").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
});
// A text of one's own has no parameters but those it names.
byId("sql").addEventListener("input", () => {
  if (recipe === null || recipe.parameters.every(({name}) => byId("sql").value.includes(`:${name}`))) return;
  recipe = null;
  byId("parameters").replaceChildren();
});
byId("sql").value = "SELECT * FROM progress";
showCookbook();
ask();
