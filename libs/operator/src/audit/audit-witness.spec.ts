import { HubbubError, PermissionSet } from '@hubbub/protocol';
import type { RoomQuestions } from '@hubbub/rooms';
import type { Act, Acts } from '@hubbub/transport';
import type { AuditLog } from './audit-log.js';
import { AuditWitness } from './audit-witness.js';

describe('attempts without the power', () => {
  it('are kept a hundred at once of all users together, as nobody knows who is another', async () => {
    let kept = 0;
    const log = { record: async () => `${++kept}`, settle: async () => undefined } as unknown as AuditLog;
    const acts = { witnessedBy: () => undefined } as unknown as Acts;
    const witness = new AuditWitness(log, {} as RoomQuestions, acts);
    const refuse = () => Promise.reject(new HubbubError('Forbidden'));
    for (let n = 0; n < 1000; n++) {
      const caller = { userId: `anon:${n}`, username: '', permissions: PermissionSet.NONE };
      const act: Act = { action: 'broadcast', permissions: ['admin:system'], caller, address: '::1', data: {} };
      await expect(witness.around(act, refuse)).rejects.toMatchObject({ name: 'Forbidden' });
    }
    // What a minute allows runs in again meanwhile.
    expect(kept).toBeGreaterThanOrEqual(100);
    expect(kept).toBeLessThan(120);
  });
});
