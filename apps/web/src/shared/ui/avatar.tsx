import './avatar.css';

export type Status = 'online' | 'away' | 'busy' | 'offline';

export interface AvatarProps {
  readonly userId: string;
  readonly name: string;
  /** A dot in its corner; without, none. */
  readonly status?: Status | undefined;
  readonly size?: 'small' | 'medium' | 'large';
}

/** Initials on a colour of the user's id. Said by nobody: the name is beside it. */
export function Avatar({ userId, name, status, size = 'medium' }: AvatarProps) {
  return (
    <span class={`avatar ${size}`} style={{ '--hue': hueOf(userId) }} aria-hidden="true">
      {initialsOf(name || userId)}
      {status && <span class={`avatar-dot ${status}`} />}
    </span>
  );
}

/** The same for the same id, everywhere: 0–359. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (Math.imul(hash, 31) + (char.codePointAt(0) as number)) | 0;
  // Neighbouring ids far apart on the circle.
  return ((hash >>> 0) * 137) % 360;
}

/** One or two letters, or one ideograph: of the first two words. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '');
  const [first = '?', second] = words.map((word) => [...word][0] ?? '');
  return second === undefined || /\p{Script=Han}/u.test(first) ? first.toUpperCase() : (first + second).toUpperCase();
}
