import { type ReadonlySignal, signal } from '@preact/signals';
import { readStored, writeStored } from '../../shared/stored.js';

/** Without a touch of any tab for so long, somebody is away. */
const IDLE_MS = 5 * 60_000;
/** How often a touch is told to the other tabs. */
const TOLD_EVERY_MS = 10_000;
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'] as const;

/** Whether somebody is at this browser: in any of its tabs, so that a tab in the background does not call him away. */
export class Activity {
  private readonly idle = signal(false);
  private lastTold = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly touched = () => this.touch();
  private readonly looked = () => {
    if (document.visibilityState === 'visible') this.touch();
  };

  constructor() {
    for (const type of TOUCHES) addEventListener(type, this.touched, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.looked);
    if (document.visibilityState === 'visible') this.touch();
    this.watch();
  }

  get isIdle(): ReadonlySignal<boolean> {
    return this.idle;
  }

  dispose(): void {
    for (const type of TOUCHES) removeEventListener(type, this.touched, { capture: true });
    document.removeEventListener('visibilitychange', this.looked);
    clearTimeout(this.timer);
  }

  private touch(): void {
    const now = Date.now();
    if (now - this.lastTold < TOLD_EVERY_MS && !this.idle.value) return;
    this.lastTold = now;
    writeStored('active-at', now);
    this.idle.value = false;
    this.watch();
  }

  private watch(): void {
    clearTimeout(this.timer);
    const restMs = (readStored<number>('active-at') ?? 0) + IDLE_MS - Date.now();
    this.idle.value = restMs <= 0;
    // Idle, it looks now and then whether another tab is not.
    this.timer = setTimeout(() => this.watch(), restMs > 0 ? restMs : 2 * TOLD_EVERY_MS);
  }
}
