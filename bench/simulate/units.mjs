/** What each single thing costs, taken from what was measured (bench/growth/measured.json). Pure: each line says where it comes from. */

/** Deliveries of a stored message at its sender's node, and at another one, in the part `nodes`. */
const [AT_SENDER, AT_OTHER] = [9, 10];
/** In the rows S1 and S3. */
const DELIVERIES = 9;

/**
 * @param measured parts by key
 * @returns CPU in µs, memory in kB. `node`, `bus`, `database`: of a thing, or of one that is there for a second. Where much is done at once it is joined into
 *   one write or one transaction and costs less; `at`: `alone` for things as dear as they are one by one, `joined` as cheap as under full load
 * @throws Error for a person, naming what was not measured
 */
export function unitsOf(measured, at = 'alone') {
  const points = (key) => {
    const found = measured[key]?.points.filter(({ figures }) => figures !== undefined) ?? [];
    if (found.length === 0)
      throw new Error(`the part ${key} was not measured: npm run growth -- --keep --parts ${key}`);
    return found;
  };
  const row = (key) => {
    const found = points('rows').find(({ x }) => x === key);
    if (found === undefined) throw new Error(`the row ${key} was not measured: npm run growth -- --keep --parts rows`);
    return found.figures;
  };
  const mean = (key, figure) => average(points(key).map(({ figures }) => figures[figure]));
  const slope = (key, figure) => slopeOf(points(key).map(({ x, figures }) => [x, figures[figure]]));
  const perSecond = (key, figure) => Math.max(0, slope(key, figure)) * 1000;

  const sizes = points('room-size').map(({ x, figures }) => [x - 1, figures.message_us]);
  const isJoined = at === 'joined';
  // What a message costs is a + b × deliveries.
  const delivery = isJoined ? row('A2').cpu_us : slopeOf(sizes);
  const [[few, ofFew]] = sizes;
  const single = points('nodes')[0].figures;
  const atBus = points('nodes').map(({ figures }) => [figures.withMembers - 1, figures.bus_us]);
  const busBytes = points('nodes').map(({ figures }) => [figures.withMembers - 1, figures.bus_bytes]);
  const atDatabase = points('nodes').map(({ x, figures }) => [x, figures.idle_database_ms]);
  const [one] = points('connections');
  const connection = slope('connections', 'kb');
  return {
    node: {
      delivery,
      ephemeral: atLeast0(isJoined ? row('S1').cpu_us - DELIVERIES * delivery : ofFew - few * delivery),
      stored: atLeast0(isJoined ? row('S3').cpu_us - DELIVERIES * delivery : single.sender_us - AT_SENDER * delivery),
      remote: atLeast0(mean('nodes', 'member_us') - AT_OTHER * slopeOf(sizes)),
      join: row('J').cpu_us,
      handshake: row('HT').cpu_us,
      heartbeat: perSecond('connections', 'idle_ms') * measured.connections.heartbeatS,
      userSecond: perSecond('online', 'node_ms'),
      roomSecond: perSecond('followed', 'node_ms'),
      idleSecond: single.idle_ms * 1000,
      peerSecond: perSecond('nodes', 'idle_ms'),
      baseKb: one.figures.kb - connection * one.x,
      connectionKb: connection,
      roomKb: slope('open-rooms', 'kb'),
      pushBytes: row('A2').bytes,
    },
    bus: {
      publish: atLeast0(interceptOf(atBus)),
      delivery: slopeOf(atBus),
      publishBytes: atLeast0(interceptOf(busBytes)),
      deliveryBytes: slopeOf(busBytes),
      userKb: slope('online', 'bus_kb'),
      roomKb: slope('followed', 'bus_kb'),
    },
    database: {
      append: isJoined ? points('history-postgres').at(-1).figures.append_server_us : mean('nodes', 'database_us'),
      idleSecond: atLeast0(interceptOf(atDatabase)) * 1000,
      nodeSecond: atLeast0(slopeOf(atDatabase)) * 1000,
      userSecond: perSecond('online', 'database_ms'),
      roomSecond: perSecond('followed', 'database_ms'),
      messageBytes: points('history-postgres').at(-1).figures.bytes,
    },
  };
}

/** Noise may make a small difference negative. */
const atLeast0 = (value) => Math.max(0, value);

function average(values) {
  const known = values.filter((value) => typeof value === 'number');
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** How much is added by each more, by least squares. @param points `[x, value]`, of at least two x; one alone has no slope: 0 */
export function slopeOf(points) {
  const [x, y] = [average(points.map(([each]) => each)), average(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [each]) => sum + (each - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [each, value]) => sum + (each - x) * (value - y), 0) / spread;
}

/** What there is anyway. */
function interceptOf(points) {
  return average(points.map(([, value]) => value)) - slopeOf(points) * average(points.map(([each]) => each));
}
