/** `node --import` of this lets the process, and its threads, run our TypeScript. */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
