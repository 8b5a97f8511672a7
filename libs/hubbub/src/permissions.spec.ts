import { COMMANDS, PERMISSIONS } from '@hubbub/protocol';
import { startGateway, type TestGateway } from '@hubbub/testing';

const needs = Object.entries(COMMANDS).flatMap(([type, { permission }]) =>
  permission === null ? [] : [[type, permission] as const],
);

const ORDINARY = PERMISSIONS.filter((permission) => !permission.startsWith('admin:'));

/** PROTOCOL §3, §6, and SEEDS 10: there is no permission that nothing asks for. */
describe('permissions', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  /** The permission that a user with these lacks for a command, whatever else is wrong with it. */
  async function lacks(permissions: readonly string[], type: string): Promise<unknown> {
    const client = await gateway.connect('asker', { permissions });
    const { data } = await client.request(type, {});
    await client.close();
    return (data['details'] as { permission?: string } | undefined)?.permission;
  }

  it.each(needs)('%s needs %s and nothing else', async (type, permission) => {
    const others = ORDINARY.filter((each) => each !== permission);
    expect(await lacks(others, type)).toBe(permission);
    expect(await lacks([permission], type)).toBeUndefined();
    expect(await lacks(['admin:system'], type)).toBeUndefined();
  });

  it('are each asked for by a command, but for admin:room, which does in place of a role', () => {
    expect(new Set(needs.map(([, permission]) => permission))).toEqual(new Set([...ORDINARY, 'admin:system']));
  });
});
