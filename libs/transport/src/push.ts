import type { PushData, PushType } from '@hubbub/protocol';
import type { Dialect } from './dialect.js';
import { Frame } from './frame.js';

export interface PushOptions {
  /** Left out for a connection whose queue is over its limit. @default false */
  readonly droppable?: boolean;
}

/** A message for many connections: encoded once per dialect, whatever their number. */
export class Push {
  private readonly droppable: boolean;
  private dialect: Dialect | null = null;
  private framed: Frame | null = null;
  /** Frames of further dialects: most nodes serve one. */
  private others: Map<Dialect, Frame> | null = null;

  /** @param dataJson JSON text of `data` */
  constructor(
    readonly messageType: string,
    readonly dataJson: string,
    options: PushOptions = {},
  ) {
    this.droppable = options.droppable ?? false;
  }

  static of<T extends PushType>(type: T, data: PushData<T>, options?: PushOptions): Push {
    return new Push(type, JSON.stringify(data), options);
  }

  /** The same object at every call with the same dialect. */
  frame(dialect: Dialect): Frame {
    if (this.dialect === dialect && this.framed !== null) return this.framed;
    if (this.framed === null) {
      this.dialect = dialect;
      this.framed = this.encode(dialect);
      return this.framed;
    }
    this.others ??= new Map();
    let frame = this.others.get(dialect);
    if (frame === undefined) {
      frame = this.encode(dialect);
      this.others.set(dialect, frame);
    }
    return frame;
  }

  private encode(dialect: Dialect): Frame {
    return new Frame(dialect.encode(this.messageType, this.dataJson, undefined), this.droppable);
  }
}
