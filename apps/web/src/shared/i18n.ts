import { computed, signal } from '@preact/signals';
import { readStored, writeStored } from './stored.js';

export type Language = 'en' | 'zh';

/** Names of the languages as their speakers call them. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

/** A sentence with `{name}` for what is put in. Where it depends on `{count}`: one for each form of the plural. */
export type Text = string | { readonly one?: string; readonly other: string };
export type Vars = Readonly<Record<string, string | number>>;
export type Catalogue<K extends string> = Readonly<Record<K, Text>>;

const chosen = signal<Language>(initialLanguage());

/** The language of the page. */
export const language = computed(() => chosen.value);

/** How dates and numbers are written: as in the person's own country, where its language is that of the page. */
export const locale = computed(() => ownTag((tag) => tag === chosen.value) ?? chosen.value);

export function setLanguage(next: Language): void {
  chosen.value = next;
  writeStored('language', next);
  void textsReady();
}

/** What fetches the texts that the page's language has in files of their own, of each area. */
const areas: (() => Promise<void>)[] = [];

/** Resolves when the texts of the page's language are there; English ones stand in for those that cannot be fetched. */
export async function textsReady(): Promise<void> {
  await Promise.allSettled(areas.map((fetch) => fetch()));
}

/**
 * The texts of one area: English ones, and a file with the same in Chinese. Whatever shows what the function gives follows
 * the language.
 * @example const t = makeTexts({ hello: 'Hello, {name}' }, () => import('./texts.zh.js')); t('hello', { name })
 */
export function makeTexts<K extends string, Z extends Catalogue<NoInfer<K>>>(
  en: Catalogue<K>,
  fetchZh: () => Promise<{ readonly zh: Z & Record<Exclude<keyof Z, NoInfer<K>>, never> }>,
) {
  const zh = signal<Catalogue<K> | null>(null);
  const fetch = async () => {
    if (chosen.peek() === 'zh') zh.value ??= (await fetchZh()).zh;
  };
  areas.push(fetch);
  void fetch().catch(() => {});
  return (key: K, vars: Vars = {}): string => fill(((language.value === 'zh' && zh.value) || en)[key] ?? '', vars);
}

/** A time of day; `ms` is Unix time. */
export function formatTime(ms: number): string {
  return format('time', { hour: '2-digit', minute: '2-digit' }).format(ms);
}

/** A day, with its year where that is another than now. */
export function formatDay(ms: number, now = Date.now()): string {
  const isThisYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return isThisYear
    ? format('day', { weekday: 'long', day: 'numeric', month: 'long' }).format(ms)
    : format('year', { day: 'numeric', month: 'long', year: 'numeric' }).format(ms);
}

/** Day and time in full, for what is shown when one points at a time. */
export function formatMoment(ms: number): string {
  return format('moment', { dateStyle: 'long', timeStyle: 'medium' }).format(ms);
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(locale.value, options).format(value);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs far more than using it, and a list of messages uses one for each. */
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value} ${name}`;
  let made = formats.get(key);
  if (made === undefined) formats.set(key, (made = new Intl.DateTimeFormat(locale.value, options)));
  return made;
}

function fill(text: Text, vars: Vars): string {
  return formOf(text, vars.count).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = vars[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(value) : value;
  });
}

function formOf(text: Text, count: string | number | undefined): string {
  if (typeof text === 'string') return text;
  const isOne = text.one !== undefined && new Intl.PluralRules(language.value).select(Number(count)) === 'one';
  return isOne ? text.one : text.other;
}

function initialLanguage(): Language {
  const kept = readStored<string>('language');
  if (kept === 'en' || kept === 'zh') return kept;
  return ownTag((tag) => tag === 'en' || tag === 'zh')
    ?.toLowerCase()
    .startsWith('zh')
    ? 'zh'
    : 'en';
}

/** The first of the browser's languages, as in BCP 47, that is one of those wanted, whatever its country. */
function ownTag(isWanted: (language: string) => boolean): string | undefined {
  return globalThis.navigator?.languages?.find((tag) => isWanted(tag.toLowerCase().split('-')[0] ?? ''));
}
