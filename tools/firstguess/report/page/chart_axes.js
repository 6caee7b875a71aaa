// What the charts over two axes share: the heat map and the small multiples. An axis is {name, label,
// values as text, of(row or trial) → position}.

function lossAxis() {
  return {
    name: "loss", label: "loss",
    values: report.treatments.map((treatment) => treatment.label), of: (row) => row.treatment,
  };
}

// A drop-down for each of the two axes that `chart` holds under the keys of `labels`; `draw` is called
// when one was chosen.
function addAxisSelectors(controls, chart, labels, axes, draw) {
  const keys = Object.keys(labels);
  for (const [key, other] of [keys, [...keys].reverse()]) {
    const control = selector(labels[key], axes.map((axis) => [axis.name, axis.label]), chart[key].name, (name) => {
      const before = chart[key];
      chart[key] = axes.find((axis) => axis.name === name);
      // The same axis twice says nothing: the other one takes the place that is free.
      if (chart[other].name === name) {
        chart[other] = before;
        controls.querySelector(`[data-axis=${other}] select`).value = before.name;
      }
      draw();
    });
    control.dataset.axis = key;
    controls.append(control);
  }
}
