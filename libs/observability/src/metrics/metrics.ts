import { Injectable } from '@nestjs/common';
import { type Metric, Registry } from 'prom-client';
import {
  Counter,
  Gauge,
  Histogram,
  LabelledCounter,
  LabelledHistogram,
  type Labels,
  type PlainMetric,
} from './plain-metrics.js';

/** Upper bounds in seconds: a ping takes 20 µs, a password hash 100 ms, a time-out 10 s. */
const COMMAND_SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const APPEND_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Every metric of Hubbub, and the registry of this application instance (several may run in one process). Label values
 * come from closed sets. Who makes metrics of his own adds them to `registry`: `new Gauge({ …, registers: [registry] })`.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly connections = this.gauge('hubbub_connections', 'Open connections of this node.');
  readonly users = this.gauge('hubbub_users', 'Users with a connection to this node.');
  readonly rooms = this.gauge('hubbub_rooms', 'Rooms that connections of this node are in.');
  readonly members = this.gauge('hubbub_room_members', 'Members of rooms on this node, counted once a room.');
  readonly closes = this.labelled<{ code: string | number }>(
    'hubbub_closes_total',
    'Connections ended, by close code.',
    ['code'],
  );

  readonly commands = this.labelled<{ type: string; code: string | number }>(
    'hubbub_commands_total',
    'Commands answered, by type and error code; 0 where there was none.',
    ['type', 'code'],
  );
  readonly commandDuration = this.add(
    new LabelledHistogram<{ type: string }>(
      'hubbub_command_duration_seconds',
      'From the start of a command to its answer.',
      ['type'],
      COMMAND_SECONDS,
    ),
  );
  readonly rateLimited = this.counter('hubbub_rate_limited_total', 'Commands and requests refused for their rate.');
  readonly hookErrors = this.counter('hubbub_hook_errors_total', 'Hooks that threw.');
  readonly authResults = this.labelled<{ result: string }>(
    'hubbub_auth_results_total',
    'Attempts to be identified, by outcome.',
    ['result'],
  );

  readonly framesIn = this.counter('hubbub_frames_received_total', 'Frames received.');
  readonly framesOut = this.counter('hubbub_frames_sent_total', 'Frames sent.');
  readonly bytesIn = this.counter('hubbub_received_bytes_total', 'Payload of the frames received.');
  readonly bytesOut = this.counter('hubbub_sent_bytes_total', 'Frames sent, with their headers.');
  readonly deliveries = this.counter('hubbub_deliveries_total', 'Pushes handed to connections.');
  readonly dropped = this.counter('hubbub_dropped_frames_total', 'Ephemeral frames dropped from a full send queue.');
  readonly slowConsumers = this.counter('hubbub_slow_consumers_total', 'Connections closed for reading too slowly.');

  readonly joins = this.counter('hubbub_joins_total', 'Connections that joined a room.');
  readonly leaves = this.counter('hubbub_leaves_total', 'Connections that left a room, for any reason.');
  readonly repairs = this.counter('hubbub_repairs_total', 'Holes in a room or inbox that were read from the log.');
  readonly repaired = this.counter('hubbub_repaired_messages_total', 'Messages that came from the log to fill a hole.');

  readonly appended = this.counter('hubbub_appended_messages_total', 'Messages stored.');
  readonly appendLatency = this.histogram(
    'hubbub_append_duration_seconds',
    'From handing a message to the log to its being stored.',
    APPEND_SECONDS,
  );
  readonly appendBatch = this.histogram(
    'hubbub_append_batch_messages',
    'Messages stored by one transaction.',
    BATCH_SIZES,
  );
  readonly cacheHits = this.labelled<{ type: string }>(
    'hubbub_cache_hits_total',
    'Look-ups of users, rooms and roles that were answered without the database.',
    ['type'],
  );
  readonly cacheMisses = this.labelled<{ type: string }>(
    'hubbub_cache_misses_total',
    'Look-ups of users, rooms and roles that the database was asked for.',
    ['type'],
  );
  readonly databaseRetries = this.counter('hubbub_database_retries_total', 'Attempts repeated because of a lock.');
  readonly databaseErrors = this.counter(
    'hubbub_database_errors_total',
    'Reads and writes that failed because the database was not available.',
  );

  readonly busPublished = this.counter('hubbub_bus_published_total', 'Events handed to the bus.');
  readonly busReceived = this.counter('hubbub_bus_received_total', 'Events that the bus delivered to a handler.');
  readonly busReconnects = this.counter('hubbub_bus_reconnects_total', 'Times that the bus was back after being away.');
  readonly busRequestDuration = this.histogram(
    'hubbub_bus_request_duration_seconds',
    'From asking other nodes to having all answers, or the deadline.',
    COMMAND_SECONDS,
  );
  readonly busErrors = this.counter(
    'hubbub_bus_errors_total',
    'Events that the bus did not take or a handler threw at.',
  );

  readonly nodes = this.add(
    new Gauge('hubbub_nodes', 'Nodes that this one believes to be alive, itself included.', 'max'),
  );
  readonly nodesRemoved = this.counter('hubbub_nodes_removed_total', 'Nodes that this one took for dead and removed.');
  readonly fenced = this.counter('hubbub_fenced_total', 'Times that this node found that it was taken for dead.');

  readonly eventsPublished = this.counter('hubbub_events_published_total', 'Events for services that were published.');
  readonly outboxPending = this.add(
    new Gauge('hubbub_outbox_pending', 'Events that wait for the stream, at the node that relays.', 'max'),
  );
  readonly relayErrors = this.counter('hubbub_relay_errors_total', 'Events that the stream did not take, or not yet.');
  readonly streamAckLatency = this.histogram(
    'hubbub_stream_ack_duration_seconds',
    'From publishing an event to the stream to its acknowledgement.',
    APPEND_SECONDS,
  );
  readonly serviceCommands = this.labelled<{ type: string; code: string | number }>(
    'hubbub_service_commands_total',
    'Commands of services answered, by type and error code; 0 where there was none.',
    ['type', 'code'],
  );

  private counter(name: string, help: string): Counter {
    return this.add(new Counter(name, help));
  }

  private gauge(name: string, help: string): Gauge {
    return this.add(new Gauge(name, help));
  }

  private histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    return this.add(new Histogram(name, help, bounds));
  }

  private labelled<L extends Labels>(name: string, help: string, labelNames: readonly (keyof L & string)[]) {
    return this.add(new LabelledCounter<L>(name, help, labelNames));
  }

  private add<M extends PlainMetric>(metric: M): M {
    // The registry reads name and `get()` alone; its type wants one of prom-client's own classes.
    this.registry.registerMetric(metric as unknown as Metric);
    return metric;
  }
}
