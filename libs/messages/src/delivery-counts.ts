import { Bus, NodeInfo, Nodes } from '@hubbub/bus';
import { ClusterEvents } from '@hubbub/cluster';
import { subjectKey, syncSubject } from '@hubbub/protocol';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Tally } from './tally.js';

/**
 * Longest wait for the counts of other nodes, in milliseconds. A node that has not answered by then counts as none, and is
 * not waited for again before it has answered something: one that is gone delays one message a sender, not all of them.
 */
const WAIT_MS = 1000;

/** Stands for this node among those that are counted. */
const HERE = '';

const subjectOf = (nodeId: string) => syncSubject(`handed.${subjectKey(nodeId)}`);

/** What a node says to another one: to how many connections it handed what that one asked about. */
interface Answers {
  readonly node: string;
  readonly counts: readonly (readonly [question: number, handedTo: number])[];
}

export interface Question {
  /** Goes to the other nodes with the message, and comes back with their answers. */
  readonly number: number;
  /** What this node has to say. */
  readonly here: (handedTo: number) => void;
}

/** To how many connections messages were handed, at all nodes: asks, waits a little, and answers what others ask. */
@Injectable()
export class DeliveryCounts implements OnModuleInit {
  private readonly open = new Map<number, Tally>();
  /** Nodes that have left a question without an answer. */
  private readonly silent = new Set<string>();
  /** To be sent at the end of the turn, by the node that asked. */
  private readonly outgoing = new Map<string, [number, number][]>();
  // Answers to an earlier process of this name are none to this one.
  private latest = Math.floor(Math.random() * 2 ** 40);
  private isListening = false;

  constructor(
    private readonly bus: Bus,
    private readonly nodes: Nodes,
    private readonly node: NodeInfo,
    private readonly events: ClusterEvents,
  ) {}

  onModuleInit(): void {
    if (!this.node.clustered) return;
    this.events.onReady(() => this.listen());
    this.nodes.onGone((nodeId) => {
      this.silent.delete(nodeId);
      for (const tally of this.open.values()) tally.add(nodeId, 0);
    });
  }

  /**
   * Begins to count for this node and others.
   * @param done called once, with the sum of all who have answered within a second
   */
  ask(nodeIds: readonly string[], done: (handedTo: number) => void): Question {
    const number = ++this.latest;
    const isAway = nodeIds.length > 0 && this.bus.health().status === 'down';
    const awaited = isAway ? [] : nodeIds.filter((nodeId) => !this.silent.has(nodeId));
    const tally = new Tally([HERE, ...awaited], (sum) => {
      this.open.delete(number);
      clearTimeout(timer);
      done(sum);
    });
    this.open.set(number, tally);
    const timer = setTimeout(() => this.expire(tally), WAIT_MS).unref();
    return { number, here: (handedTo) => tally.add(HERE, handedTo) };
  }

  /** Tells the node that asked. */
  answer(nodeId: string, question: number, handedTo: number): void {
    if (this.outgoing.size === 0) queueMicrotask(() => this.flush());
    const counts = this.outgoing.get(nodeId);
    if (counts === undefined) this.outgoing.set(nodeId, [[question, handedTo]]);
    else counts.push([question, handedTo]);
  }

  private async listen(): Promise<void> {
    if (this.isListening) return;
    this.isListening = true;
    await this.bus.subscribe(subjectOf(this.node.nodeId), (payload) => {
      const { node, counts } = JSON.parse(Buffer.from(payload).toString()) as Answers;
      this.silent.delete(node);
      for (const [question, handedTo] of counts) this.open.get(question)?.add(node, handedTo);
    });
  }

  private expire(tally: Tally): void {
    for (const nodeId of tally.missing) if (nodeId !== HERE) this.silent.add(nodeId);
    tally.end();
  }

  private flush(): void {
    for (const [nodeId, counts] of this.outgoing) {
      const answers: Answers = { node: this.node.nodeId, counts };
      try {
        this.bus.publish(subjectOf(nodeId), Buffer.from(JSON.stringify(answers)));
      } catch {
        // Away: who asked waits no longer than it does anyway.
      }
    }
    this.outgoing.clear();
  }
}
