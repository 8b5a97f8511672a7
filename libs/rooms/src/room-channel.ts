import { DeliveryChannel, encodeRoomMessage, erased, type LoggedMessage, type Recipient } from '@hubbub/messages';
import { Push } from '@hubbub/transport';

/** The ordered fan-out of one room to its connections on this node. Pure: whoever owns it fills the holes. */
export class RoomChannel<R extends Recipient> extends DeliveryChannel<R, LoggedMessage> {
  /** Redacted before they were delivered: what is on its way may still have the content. */
  private readonly redactions: Set<number>;

  /** @param arrived told of each stored message in its turn, before any recipient is */
  constructor(
    readonly epoch: string,
    arrived?: (message: LoggedMessage) => void,
  ) {
    const redactions = new Set<number>();
    super({
      encode: (message) => new Push('room_message', encodeRoomMessage(message)),
      arriving: (message) => {
        const arriving = redactions.size > 0 && redactions.delete(message.seq) ? erased(message) : message;
        arrived?.(arriving);
        return arriving;
      },
    });
    this.redactions = redactions;
  }

  /** The content of a message is erased: who has not got it yet gets it without. */
  redact(seq: number): void {
    if (seq <= this.head) return;
    this.redactions.add(seq);
    this.expect(seq);
  }

  override skip(seq: number): void {
    super.skip(seq);
    for (const each of this.redactions) if (each <= seq) this.redactions.delete(each);
  }
}
