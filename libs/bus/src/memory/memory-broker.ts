import type { BusHandler, BusResponder } from '../bus.js';
import { SubjectHeads } from '../subject-heads.js';
import { isWildcard, subjectMatches } from '../subject-match.js';

interface Subscriber {
  readonly pattern: string;
  readonly handler: BusHandler;
}

/** What the memory buses of one process share: the subscribers and responders of its nodes. */
export class MemoryBroker {
  private readonly exact = new Map<string, Set<Subscriber>>();
  private readonly wild = new Set<Subscriber>();
  private readonly responders = new Map<string, Map<string, BusResponder>>();
  private readonly heads = new SubjectHeads();

  subscribe(pattern: string, handler: BusHandler): () => void {
    const subscriber = { pattern, handler };
    this.heads.add(pattern);
    const end = this.add(subscriber);
    let live = true;
    return () => {
      if (live) this.heads.remove(pattern);
      live = false;
      end();
    };
  }

  /** Whether anybody may be subscribed to a subject that begins with these two tokens. */
  hears(head: string): boolean {
    return this.heads.hears(head);
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
