import { type ChatOptions, readArguments, USAGE, UsageError } from './arguments.js';
import { runChat } from './run-chat.js';

function readOptions(): ChatOptions {
  try {
    return readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = readOptions();
const leaving = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => leaving.abort());
// The reader of our output has gone: there is nobody to talk to.
process.stdout.on('error', () => leaving.abort());

const code = await runChat(options, {
  input: process.stdin,
  output: process.stdout,
  isTerminal: process.stdin.isTTY && process.stdout.isTTY,
  folder: 'data/chat',
  signal: leaving.signal,
});
process.exit(code);
