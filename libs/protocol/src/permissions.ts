/** Permissions that the built-in commands ask for (PROTOCOL §6). Custom handlers may use any other `verb:noun`. */
export const PERMISSIONS = [
  'read:message',
  'send:message',
  'create:room',
  'delete:room',
  'join:room',
  'leave:room',
  'admin:room',
  'admin:system',
] as const;

export type Permission = (typeof PERMISSIONS)[number] | (`${string}:${string}` & {});

const GRANT = /^([A-Za-z0-9_-]+:[A-Za-z0-9_-]+)(?:@(.{1,256}))?$/;

/** What a caller may do: plain grants, and grants narrowed to rooms (`send:message@support.*`). */
export class PermissionSet {
  static readonly NONE = new PermissionSet([]);

  private readonly plain = new Set<string>();
  private narrowed: Map<string, string[]> | null = null;
  private readonly all: boolean;

  /** @param grants anything that is no well-formed grant is left out: it grants nothing */
  constructor(readonly grants: readonly string[]) {
    for (const grant of grants) {
      const [, permission, pattern] = GRANT.exec(grant) ?? [];
      if (permission === undefined) continue;
      if (pattern === undefined) this.plain.add(permission);
      else this.narrow(permission, pattern);
    }
    this.all = this.plain.has('admin:system');
  }

  private narrow(permission: string, pattern: string): void {
    this.narrowed ??= new Map();
    const patterns = this.narrowed.get(permission);
    if (patterns) patterns.push(pattern);
    else this.narrowed.set(permission, [pattern]);
  }

  /**
   * Whether `permission` is granted.
   * @param roomId the room that the command names; without one, narrowed grants do not count
   */
  has(permission: Permission, roomId?: string): boolean {
    if (this.all || this.plain.has(permission)) return true;
    if (this.narrowed === null || roomId === undefined) return false;
    return this.narrowed.get(permission)?.some((pattern) => matchesPattern(pattern, roomId)) ?? false;
  }
}

/**
 * Whether `text` matches `pattern`, in which `*` stands for any characters and everything else for itself.
 * Linear in practice and never exponential: patterns come from tokens and are matched on every command.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
