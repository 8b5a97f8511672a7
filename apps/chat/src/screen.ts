import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Where lines are typed and shown: on a terminal without tearing what is being typed, and otherwise plainly. */
export class Screen {
  private readonly readline: Interface;
  private readonly typed: AsyncIterator<string>;
  private isOpen = true;

  constructor(
    input: Readable,
    private readonly output: Writable,
    /** Whether a person sits there. */
    readonly isTerminal: boolean,
  ) {
    this.readline = createInterface({ input, output, terminal: isTerminal, prompt: '> ' });
    // From the first moment: lines that come before somebody listens would be lost.
    this.typed = this.readline[Symbol.asyncIterator]();
    this.readline.once('close', () => (this.isOpen = false));
  }

  /** What is typed, line by line, until the end of the input. */
  async *lines(): AsyncGenerator<string> {
    for (;;) {
      if (this.isTerminal && this.isOpen) this.readline.prompt();
      const { value, done } = await this.typed.next();
      if (done) return;
      yield value;
    }
  }

  /** Called at Ctrl-C. */
  onInterrupt(listener: () => void): void {
    this.readline.on('SIGINT', listener);
  }

  print(...lines: string[]): void {
    if (lines.length === 0) return;
    const drawn = this.isTerminal && this.isOpen;
    if (drawn) {
      moveCursor(this.output, 0, -this.readline.getCursorPos().rows);
      cursorTo(this.output, 0);
      clearScreenDown(this.output);
    }
    this.output.write(`${lines.join('\n')}\n`);
    if (drawn) this.readline.prompt(true);
  }

  /** Takes the line just typed off a terminal: it is shown again where it belongs. */
  eraseTyped(line: string): void {
    if (!this.isTerminal) return;
    const columns = (this.output as { columns?: number }).columns || 80;
    moveCursor(this.output, 0, -Math.max(1, Math.ceil((line.length + 2) / columns)));
    cursorTo(this.output, 0);
    clearScreenDown(this.output);
  }

  close(): void {
    this.readline.close();
  }
}
