/** Compares what everybody has with the logs. @returns counts, and what is wrong in words */
export function takeStock(people, logs) {
  const faults = people.flatMap((person) => person.faults);
  for (const [room, log] of logs) faults.push(...faultsOfLog(room, log));
  for (const person of people) {
    const log = logs.get(person.room);
    person.record.finish(log.at(-1)?.seq ?? 0);
    faults.push(...faultsOfPerson(person, new Map(log.map(({ seq, content }) => [seq, content.key]))));
  }
  for (const [room, log] of logs) {
    const inRoom = people.filter((person) => person.room === room);
    faults.push(...faultsOfOrder(log, new Set(inRoom.flatMap(({ repeatedKeys }) => [...repeatedKeys]))));
  }
  const sum = (of) => people.reduce((all, person) => all + of(person), 0);
  const errors = new Map();
  for (const person of people) {
    for (const [name, count] of person.errors) errors.set(name, (errors.get(name) ?? 0) + count);
  }
  return {
    acknowledged: sum(({ acknowledged }) => acknowledged.size),
    delivered: sum(({ record }) => record.received),
    lost: sum(({ record }) => record.lost),
    repeated: sum(({ record }) => record.repeated),
    reordered: sum(({ record }) => record.reordered),
    longestSilenceMs: Math.max(0, ...people.map(({ record }) => record.longestSilence)),
    connections: sum(({ connections }) => connections),
    duplicates: sum(({ duplicates }) => duplicates),
    errors,
    faults,
  };
}

/** Numbers without holes, and every message once. */
function faultsOfLog(room, log) {
  const faults = [];
  const holes = log.filter(({ seq }, n) => seq !== n + 1);
  if (holes.length > 0)
    faults.push(`${room}: its log goes on with ${holes[0].seq} in place ${log.indexOf(holes[0]) + 1}`);
  const keys = log.map(({ content }) => content.key);
  const twice = keys.filter((key, n) => keys.indexOf(key) !== n);
  if (twice.length > 0) faults.push(`${room}: stored twice: ${twice.slice(0, 5).join(', ')}`);
  return faults;
}

/** What was acknowledged is in the log at that place; what was received is what the log has there. */
function faultsOfPerson({ name, acknowledged, record }, keys) {
  const faults = [];
  const missing = [...acknowledged].filter(([key, seq]) => keys.get(seq) !== key);
  if (missing.length > 0) {
    const [key, seq] = missing[0];
    faults.push(`${name}: ${missing.length} acknowledged and not in the log, as ${key} at ${seq}`);
  }
  const other = [...record.keys].filter(([seq, key]) => keys.get(seq) !== key);
  if (other.length > 0) faults.push(`${name}: ${other.length} received that the log has not, as ${other[0].join(' ')}`);
  return faults;
}

/** The order of sending is that of `seq`, where nothing had to be sent again. */
function faultsOfOrder(log, repeatedKeys) {
  const last = new Map();
  const faults = [];
  for (const { seq, content } of log) {
    if (repeatedKeys.has(content.key)) continue;
    if (content.n < (last.get(content.from) ?? 0)) faults.push(`${content.key} at ${seq} is out of its sender's order`);
    last.set(content.from, content.n);
  }
  return faults.slice(0, 5);
}
