/**
 * What Nest takes for a WebSocket server. It never announces a connection, so that Nest binds no handlers to each of them:
 * the command router serves them all from one table.
 */
export class SilentServer {
  on(): this {
    return this;
  }

  close(done?: () => void): void {
    done?.();
  }
}
