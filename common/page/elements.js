// Building the page. Text is only ever set as text, so nothing in a database can become markup.

// element("p", {class: "note", "aria-hidden": "true"}, "text", child, ...)
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

// A labelled drop-down; `options` are [value, text] pairs.
function selector(label, options, selected, onChange) {
  const select = element("select", {});
  for (const [value, text] of options) select.append(element("option", {value}, text));
  select.value = selected;
  select.addEventListener("change", () => onChange(select.value));
  return element("label", {class: "control"}, element("span", {}, label), select);
}

// A row of radio buttons that looks like one switch.
function choice(name, label, options, selected, onChange) {
  const set = element("fieldset", {class: "choice"}, element("legend", {}, label));
  for (const [value, text] of options) {
    const input = element("input", {type: "radio", name, value, checked: value === selected});
    input.addEventListener("change", () => onChange(value));
    set.append(element("label", {}, input, element("span", {}, text)));
  }
  return set;
}

function addTerms(list, terms) {
  for (const [term, text] of terms) {
    list.append(element("div", {}, element("dt", {}, term), element("dd", {}, text)));
  }
}
