/** The first fenced block of `page` in that language that holds `words`. @throws Error if there is none */
export function blockOf(page: string, language: string, words: string): string;

/** Runs an example as it stands on its page; resolves with what it exports as `result`. @param load what its imports are loaded by */
export function runExample<T>(text: string, load: (name: string) => unknown): Promise<T>;
