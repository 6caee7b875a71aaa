// A step axis that is logarithmic but has room for step 0: a step stands at log10(1 + step).

function last(list) {
  return list[list.length - 1];
}

function stepPosition(step) {
  return Math.log10(1 + step);
}

// Round steps that are labelled, 0 first and the last step last, never closer than `gap`.
function stepTicks(lastStep, gap) {
  const ticks = [0];
  for (let power = 1; power <= lastStep; power *= 10) ticks.push(power, 3 * power);
  const kept = [];
  for (const step of ticks.filter((tick) => tick < lastStep)) {
    const crowded =
      (kept.length > 0 && stepPosition(step) - stepPosition(last(kept)) < gap) ||
      stepPosition(lastStep) - stepPosition(step) < gap;
    if (step === 0 || !crowded) kept.push(step);
  }
  if (lastStep > 0) kept.push(lastStep);
  return kept;
}

function stepAxis(lastStep, colours) {
  const ticks = stepTicks(lastStep, Math.max(0.1, stepPosition(lastStep) / 9));
  const positions = ticks.map(stepPosition);
  return {
    ...axisStyle(colours),
    type: "value",
    min: 0,
    max: Math.max(stepPosition(lastStep), 0.1),
    name: "step, logarithmic",
    nameLocation: "middle",
    nameGap: 28,
    axisTick: {show: true, customValues: positions, lineStyle: {color: colours.line}},
    axisLabel: {
      color: colours.muted,
      fontSize: 12,
      customValues: positions,
      formatter: (position) => String(Math.round(10 ** position - 1)),
    },
    splitLine: {show: false},
    axisPointer: {label: {show: false}},
  };
}
