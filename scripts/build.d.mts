/** Builds only if `dist/` is not up to date. @returns whether it worked */
export function buildIfStale(): Promise<boolean>;
