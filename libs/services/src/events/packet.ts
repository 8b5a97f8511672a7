import type { Subject } from '@hubbub/protocol';

/** An event as Nest's microservices read it, on whatever transport. @param dataJson JSON text, kept to the character */
export function encodePacket(subject: Subject, dataJson: string): string {
  return `{"pattern":"${subject}","data":${dataJson}}`;
}
