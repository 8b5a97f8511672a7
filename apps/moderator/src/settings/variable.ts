import { userOf } from './user-of.js';

/** One variable of the environment. */
export interface Variable<T> {
  /** As it would be written. */
  readonly fallback: string;
  readonly help: string;
  readonly expected: string;
  /** Undefined for what it cannot be. */
  readonly parse: (text: string) => T | undefined;
}

export function text(fallback: string, help: string): Variable<string> {
  return { fallback, help, expected: 'text', parse: (value) => value };
}

/** Of a user, or none. */
export function token(help: string): Variable<string> {
  const parse = (value: string) => (userOf(value) === undefined ? undefined : value);
  return { fallback: '', help, expected: 'a token of a user', parse };
}

/** Separated by commas. */
export function list(fallback: string, help: string): Variable<readonly string[]> {
  const items = (value: string) => value.split(',').map((item) => item.trim());
  return { fallback, help, expected: 'a list', parse: (value) => items(value).filter((item) => item !== '') };
}

export function integer(fallback: number, help: string, most = 1_000_000_000): Variable<number> {
  const parse = (value: string) => (/^\d{1,10}$/.test(value) && Number(value) <= most ? Number(value) : undefined);
  return { fallback: String(fallback), help, expected: `a whole number from 0 to ${most}`, parse };
}

/** A part of something. */
export function share(fallback: number, help: string): Variable<number> {
  const parse = (value: string) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? Number(value) : undefined);
  return { fallback: String(fallback), help, expected: 'a number from 0 to 1', parse };
}

export function truth(fallback: boolean, help: string): Variable<boolean> {
  const values: Record<string, boolean> = { true: true, false: false, '1': true, '0': false };
  return { fallback: String(fallback), help, expected: 'true or false', parse: (value) => values[value.toLowerCase()] };
}

export function choice<const C extends string>(choices: readonly C[], fallback: NoInfer<C>, help: string): Variable<C> {
  return { fallback, help, expected: choices.join(', '), parse: (value) => choices.find((one) => one === value) };
}
