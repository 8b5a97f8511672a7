import type { ComponentChildren } from 'preact';

/** The head of a view: what it is, a line about it, and what can be done with the whole of it. */
export function Head({
  title,
  about,
  children,
}: {
  readonly title: ComponentChildren;
  readonly about?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  return (
    <header class="view-head">
      <div class="view-title">
        <h1 tabIndex={-1}>{title}</h1>
        {about && <p class="soft">{about}</p>}
      </div>
      {children && <div class="view-acts">{children}</div>}
    </header>
  );
}

/** Facts of one thing: name and value. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export type Tone = 'good' | 'warning' | 'danger' | 'quiet';

/** A state in a word; its colour says nothing that the word does not. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
