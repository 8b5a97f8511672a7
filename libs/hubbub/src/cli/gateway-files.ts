import { COMMANDS, isMessageType, PUSHES } from '@hubbub/protocol';
import type { PlannedFile } from './write-files.js';

/** What a gateway and its parts are called. */
export interface GatewayNames {
  /** Of files and folder: `purchase-orders`. */
  readonly kebab: string;
  /** Of classes: `PurchaseOrders`. */
  readonly pascal: string;
  /** `message_type` of the command: `purchase_orders`. */
  readonly type: string;
  readonly permission: string;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** What Windows has as devices: no folder and no file can be called so there. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/;
/** Classes that the files import. */
const IMPORTED = ['WebSocketGateway', 'TestGateway'];

/** @throws Error for a name that is no name, or that is taken */
export function gatewayNames(name: string): GatewayNames {
  const type = name.replaceAll('-', '_');
  if (!NAME.test(name) || !isMessageType(`${type}_reply`)) {
    throw new Error(
      `${name} is no name for a gateway: small letters and digits, words joined by -, as purchase-orders.`,
    );
  }
  if (Object.hasOwn(COMMANDS, type) || Object.hasOwn(PUSHES, type))
    throw new Error(`${type} is a message type of Hubbub itself. Choose another name.`);
  const pascal = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  if (DEVICE.test(name)) throw new Error(`${name} can be no folder on Windows. Choose another name.`);
  if (IMPORTED.includes(`${pascal}Gateway`))
    throw new Error(`${pascal}Gateway is a class that a gateway imports. Choose another name.`);
  return { kebab: name, pascal, type, permission: `send:${type}` };
}

/** A gateway of one command, its schemas, and a spec that passes. */
export function gatewayFiles(names: GatewayNames): PlannedFile[] {
  const { kebab } = names;
  return [
    { file: `${kebab}.schema.ts`, text: schema(names) },
    { file: `${kebab}.gateway.ts`, text: gateway(names) },
    { file: `${kebab}.gateway.spec.ts`, text: spec(names) },
  ];
}

const schema = ({ pascal, type }: GatewayNames) => `import Type from 'typebox';

/** The \`data\` of \`${type}\`. */
export const ${pascal}Data = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 1000 }),
});

/** The \`data\` of \`${type}_reply\`. */
export const ${pascal}Reply = Type.Object({
  user_id: Type.String(),
  text: Type.String(),
});
`;

const gateway = ({ kebab, pascal, type, permission }: GatewayNames) => `import {
  CurrentUser,
  type Identity,
  Replies,
  RequirePermissions,
  SchemaPipe,
} from '@hubbub/hubbub';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Static } from 'typebox';
import { ${pascal}Data, ${pascal}Reply } from './${kebab}.schema.js';

@WebSocketGateway()
export class ${pascal}Gateway {
  /** Answered by \`${type}_reply\` with what is returned, and by \`error\` when it throws. */
  @SubscribeMessage('${type}')
  @RequirePermissions('${permission}')
  @Replies(${pascal}Reply)
  handle(
    @MessageBody(new SchemaPipe(${pascal}Data)) { text }: Static<typeof ${pascal}Data>,
    @CurrentUser() user: Identity,
  ): Static<typeof ${pascal}Reply> {
    return { user_id: user.userId, text };
  }
}
`;

const spec = ({
  kebab,
  pascal,
  type,
  permission,
}: GatewayNames) => `import { startGateway, type TestGateway } from '@hubbub/testing';
import { ${pascal}Gateway } from './${kebab}.gateway.js';

describe('${pascal}Gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ providers: [${pascal}Gateway] });
  });
  afterAll(() => gateway.close());

  it('answers ${type}', async () => {
    const alice = await gateway.connect('alice', { permissions: ['${permission}'] });
    expect(await alice.command('${type}', { text: 'hello' })).toEqual({ user_id: 'alice', text: 'hello' });
  });

  it('refuses what the schema does not allow', async () => {
    const alice = await gateway.connect('alice', { permissions: ['${permission}'] });
    await expect(alice.command('${type}', { text: '' })).rejects.toThrow('InvalidFormat');
  });

  it('refuses who has no permission', async () => {
    const mallory = await gateway.connect('mallory', { permissions: [] });
    await expect(mallory.command('${type}', { text: 'hello' })).rejects.toThrow('Forbidden');
  });
});
`;
