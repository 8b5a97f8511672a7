import type { Count, Distribution, Metrics } from '@hubbub/observability';

/** The metrics of one message type, looked up once: what a command counts is a number in its place. */
export class CommandStats {
  private readonly ok: Count;
  private readonly errors = new Map<number, Count>();
  private readonly duration: Distribution;

  /** @param type a handled message type, or `unknown` for all others: labels come from a closed set */
  constructor(
    private readonly metrics: Metrics,
    private readonly type: string,
  ) {
    this.ok = metrics.commands.of({ type, code: 0 });
    this.duration = metrics.commandDuration.of({ type });
  }

  /** @param code of the error, 0 for none */
  answered(code: number): void {
    if (code === 0) this.ok.inc();
    else this.errorCount(code).inc();
  }

  took(ms: number): void {
    this.duration.observe(ms / 1000);
  }

  private errorCount(code: number): Count {
    let count = this.errors.get(code);
    if (count === undefined) {
      count = this.metrics.commands.of({ type: this.type, code });
      this.errors.set(code, count);
    }
    return count;
  }
}
