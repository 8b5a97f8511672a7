import type { BusHandler, BusResponder } from '../bus.js';
import { isWildcard, subjectMatches } from '../subject-match.js';

interface Subscriber {
  readonly pattern: string;
  readonly handler: BusHandler;
}

/** Stands for patterns with a wildcard in their first two tokens. */
const ANY = '*';

/** What the memory buses of one process share: the subscribers and responders of its nodes. */
export class MemoryBroker {
  private readonly exact = new Map<string, Set<Subscriber>>();
  private readonly wild = new Set<Subscriber>();
  private readonly responders = new Map<string, Map<string, BusResponder>>();
  /** How many patterns begin with the same two tokens. */
  private readonly heads = new Map<string, number>();

  subscribe(pattern: string, handler: BusHandler): () => void {
    const subscriber = { pattern, handler };
    this.count(pattern, 1);
    const end = this.add(subscriber);
    let live = true;
    return () => {
      if (live) this.count(pattern, -1);
      live = false;
      end();
    };
  }

  /** Whether anybody may be subscribed to a subject that begins with these two tokens. */
  hears(head: string): boolean {
    return this.heads.has(head) || this.heads.has(ANY);
  }

  private count(pattern: string, by: number): void {
    const two = pattern.split('.', 2).join('.');
    const head = isWildcard(two) ? ANY : two;
    const count = (this.heads.get(head) ?? 0) + by;
    if (count === 0) this.heads.delete(head);
    else this.heads.set(head, count);
  }

  private add(subscriber: Subscriber): () => void {
    const { pattern } = subscriber;
    if (isWildcard(pattern)) {
      this.wild.add(subscriber);
      return () => this.wild.delete(subscriber);
    }
    let subscribers = this.exact.get(pattern);
    if (subscribers === undefined) this.exact.set(pattern, (subscribers = new Set()));
    const own = subscribers.add(subscriber);
    return () => {
      own.delete(subscriber);
      if (own.size === 0 && this.exact.get(pattern) === own) this.exact.delete(pattern);
    };
  }

  /** Those that are subscribed now; a later one does not get what was published before. */
  subscribersOf(subject: string): BusHandler[] {
    const handlers = [...(this.exact.get(subject) ?? [])].map((subscriber) => subscriber.handler);
    for (const { pattern, handler } of this.wild) if (subjectMatches(pattern, subject)) handlers.push(handler);
    return handlers;
  }

  respond(nodeId: string, subject: string, responder: BusResponder): () => void {
    let responders = this.responders.get(subject);
    if (responders === undefined) this.responders.set(subject, (responders = new Map()));
    responders.set(nodeId, responder);
    return () => {
      if (responders.get(nodeId) === responder) responders.delete(nodeId);
    };
  }

  respondersOf(subject: string): [nodeId: string, responder: BusResponder][] {
    return [...(this.responders.get(subject) ?? [])];
  }
}
