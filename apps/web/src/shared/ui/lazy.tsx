import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { sayError, sharedTexts } from '../texts.js';
import { toast } from './toasts.js';

export interface Lazy<P> {
  (props: P): preact.JSX.Element | null;
  /** Fetches it before it is needed, as long as there is a connection. */
  preload(): void;
}

/** A component in a file of its own, which is fetched when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): Lazy<P> {
  const loaded = signal<ComponentType<P> | null>(null);
  let loading: Promise<void> | null = null;
  const fetch = () =>
    (loading ??= load().then(
      (component) => void (loaded.value = component),
      (error: unknown) => {
        loading = null;
        throw error;
      },
    ));
  const Shown = (props: P) => {
    const Component = loaded.value;
    if (Component !== null) return <Component {...props} />;
    fetch().catch((error: unknown) =>
      toast(error instanceof TypeError ? sharedTexts('Disconnected') : sayError(error), 'alert'),
    );
    return null;
  };
  return Object.assign(Shown, { preload: () => void fetch().catch(() => {}) });
}
