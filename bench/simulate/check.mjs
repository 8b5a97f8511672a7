/** The model against what was measured: the traffic of the part `nodes` that no unit cost was taken from. Pure. */
import { usageOf } from './model.mjs';

/** Nobody comes or goes while it is measured. */
const FOR_EVER_MIN = 1e9;

/**
 * @param part `nodes`, as measured; its `traffic` says what was sent: `rooms`, `members` of each, messages a second in each point
 * @returns for each number of nodes, of the node, the database and the bus: CPU as a share of a core, `predicted` and `measured`;
 *   null for the bus of one node, which the model does without
 */
export function compare({ traffic, points }, units) {
  return points
    .filter(({ figures }) => figures !== undefined)
    .map(({ x: nodes, figures: { check } }) => {
      const { rooms, members } = traffic;
      const mix = {
        ...{ sessionMinutes: FOR_EVER_MIN, payloadBytes: 128, busyShare: 1 },
        rooms: [{ size: members, perConnection: 1, storedPerMinute: (check.messagesPerS / rooms) * 60 }],
      };
      const { node, database, bus } = usageOf(mix, rooms * members, nodes, units);
      const pair = (predicted, measured) => ({ predicted, measured });
      return {
        nodes,
        node: pair(node.cores, check.node),
        database: pair(database.cores, check.database),
        bus: nodes > 1 ? pair(bus.cores, check.bus) : null,
      };
    });
}
