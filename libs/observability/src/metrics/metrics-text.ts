/** What `/metrics` answers in place of this process's figures alone, where someone provides it. */
export abstract class MetricsText {
  /** Prometheus text. */
  abstract read(): Promise<string>;
}
