import { Injectable } from '@nestjs/common';

/** One thing that a node needs, and how to ask whether it has it. */
export interface HealthCheck {
  /** Key in the answer of `/health`, as `database`. */
  readonly name: string;
  /** Whether the node is not ready while this is down, so that no new connections are sent to it. */
  readonly ready: boolean;
  /**
   * Resolves with figures to show, or throws. An error's message is shown, so it holds nothing internal; `degraded:
   * true` among the figures says that it still works, but not well.
   */
  check(): Promise<Record<string, unknown>>;
}

/** What `/health` asks. Libraries register here at start. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();

  /** @throws if the name is taken */
  register(check: HealthCheck): void {
    if (this.checks.has(check.name)) throw new Error(`health check ${check.name} is registered already`);
    this.checks.set(check.name, check);
  }

  all(): readonly HealthCheck[] {
    return [...this.checks.values()];
  }
}
