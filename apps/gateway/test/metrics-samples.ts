import { OnMessage } from '@hubbub/hubbub';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** Names of samples as `MetricsLedger` writes them. */
export const ok = (type: string) => `commands_total{type="${type}",code="0"}`;
export const failed = (type: string, code: number) => `commands_total{type="${type}",code="${code}"}`;
export const auth = (result: string) => `auth_results_total{result="${result}"}`;
export const closed = (code: number) => `closes_total{code="${code}"}`;
export const closedOther = 'closes_total{code="other"}';
export const appended = (messages: number) => ({
  appended_messages_total: messages,
  append_duration_seconds_count: messages,
  append_batch_messages_count: messages,
  append_batch_messages_sum: messages,
});

/** All nodes were asked for something, this one included. */
export const asked = { bus_request_duration_seconds_count: 1 };

/** What `cluster-cache` shows, what `metrics-limits` does, and what `metrics-cluster`. */
export const MOVED_BY_CACHES = ['cache_hits_total', 'cache_misses_total'];
export const MOVED_AT_LIMITS = ['rate_limited_total', 'dropped_frames_total', 'slow_consumers_total'];
export const MOVED_IN_CLUSTERS = [
  'bus_reconnects_total',
  'fenced_total',
  'nodes_removed_total',
  'outbox_pending',
  'relay_errors_total',
  'service_commands_total',
  'stream_ack_duration_seconds',
];

/** What an application adds: a stream, a handler and a hook that throw. */
@WebSocketGateway()
export class Custom {
  @SubscribeMessage('count_down')
  async *countDown() {
    yield 2;
    yield 1;
  }

  @SubscribeMessage('explode')
  explode(): never {
    throw new Error('not foreseen');
  }

  @OnMessage()
  hook({ contentJson }: { contentJson: string }): void {
    if (contentJson === '"explode"') throw new Error('a hook that throws');
  }
}
