import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

describe('hubbub new gateway', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hubbub-cli-'));
    mkdirSync(join(folder, 'src'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function hubbub(...args: string[]) {
    const [out, errors]: [string[], string[]] = [[], []];
    const code = run(args, { folder, out: (line) => out.push(line), error: (line) => errors.push(line) });
    return { code, out: out.join('\n'), error: errors.join('\n') };
  }
  const files = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const text = (file: string) => readFileSync(join(folder, file), 'utf8');

  it('writes a gateway, its schema and a spec, and says what to add to a module', () => {
    const { code, out } = hubbub('new', 'gateway', 'purchase-orders');
    expect(code).toBe(0);
    expect(files()).toEqual([
      'src',
      'src/purchase-orders',
      'src/purchase-orders/purchase-orders.gateway.spec.ts',
      'src/purchase-orders/purchase-orders.gateway.ts',
      'src/purchase-orders/purchase-orders.schema.ts',
    ]);
    expect(text('src/purchase-orders/purchase-orders.gateway.ts')).toContain(
      "@SubscribeMessage('purchase_orders')\n  @RequirePermissions('send:purchase_orders')",
    );
    expect(out).toContain("import { PurchaseOrdersGateway } from './purchase-orders/purchase-orders.gateway.js';");
    expect(out).toContain('providers: [PurchaseOrdersGateway]');
  });

  it('overwrites nothing, and writes nothing beside what is there', () => {
    mkdirSync(join(folder, 'src/orders'));
    writeFileSync(join(folder, 'src/orders/orders.gateway.spec.ts'), 'mine');
    const before = files();
    const { code, error } = hubbub('new', 'gateway', 'orders');
    expect([code, error]).toEqual([
      1,
      'Nothing was written, because there is already src/orders/orders.gateway.spec.ts.',
    ]);
    expect(files()).toEqual(before);
    expect(text('src/orders/orders.gateway.spec.ts')).toBe('mine');
  });

  it('takes away what it has written when the rest cannot be', () => {
    mkdirSync(join(folder, 'src/orders'));
    // Leads nowhere, so that it is noticed late.
    symlinkSync('nowhere', join(folder, 'src/orders/orders.gateway.spec.ts'));
    const before = files();
    const { code, error } = hubbub('new', 'gateway', 'orders');
    expect([code, error]).toEqual([1, expect.stringContaining('EEXIST')]);
    expect(files()).toEqual(before);
  });

  it('only says what it would write', () => {
    const { code, out } = hubbub('new', 'gateway', 'orders', '--dry-run');
    expect([code, files()]).toEqual([0, ['src']]);
    expect(out).toContain('would write src/orders/orders.gateway.ts');
  });

  it('writes where Nest does: the source folder of nest-cli.json, unless a path is given', () => {
    mkdirSync(join(folder, 'apps/shop/src'), { recursive: true });
    writeFileSync(join(folder, 'nest-cli.json'), '{ "monorepo": true, "sourceRoot": "apps/shop/src" }');
    expect(hubbub('new', 'gateway', 'orders').out).toContain('wrote apps/shop/src/orders/orders.gateway.ts');
    expect(hubbub('new', 'gateway', 'orders', '--path', 'src').out).toContain('wrote src/orders/orders.gateway.ts');
    expect(hubbub('new', 'gateway', 'orders', '--path', 'lib').error).toContain('There is no folder lib.');
  });

  it('refuses a nest-cli.json that is none', () => {
    writeFileSync(join(folder, 'nest-cli.json'), '{');
    const { code, error } = hubbub('new', 'gateway', 'orders');
    expect([code, error]).toEqual([1, expect.stringContaining('nest-cli.json cannot be read')]);
  });

  it.each(['Orders', '../orders', 'a b', '1st', 'orders-', 'x'.repeat(64), ''])('refuses the name %j', (name) => {
    const { code, error } = hubbub('new', 'gateway', name);
    expect([code, error]).toEqual([1, expect.stringContaining('is no name for a gateway')]);
    expect(files()).toEqual(['src']);
  });

  it.each([
    ['join-room', 'join_room is a message type of Hubbub itself.'],
    ['room-joined', 'room_joined is a message type of Hubbub itself.'],
    ['aux', 'aux can be no folder on Windows.'],
    ['com1', 'com1 can be no folder on Windows.'],
    ['test', 'TestGateway is a class that a gateway imports.'],
    ['web-socket', 'WebSocketGateway is a class that a gateway imports.'],
  ])('refuses %s, which is taken', (name, why) => {
    const { code, error } = hubbub('new', 'gateway', name);
    expect([code, error]).toEqual([1, `${why} Choose another name.`]);
    expect(files()).toEqual(['src']);
  });

  it.each(['schema-pipe', 'type', 'identity', 'object'])(
    'gives a gateway of %s names that nothing else has',
    (name) => {
      hubbub('new', 'gateway', name);
      for (const file of [`${name}.schema.ts`, `${name}.gateway.ts`, `${name}.gateway.spec.ts`]) {
        const source = text(`src/${name}/${file}`);
        const imported = [...source.matchAll(/^import (.+?) from/gms)].flatMap(
          ([, names = '']) => names.match(/\w+/g) ?? [],
        );
        const declared = [...source.matchAll(/^export (?:const|class) (\w+)/gm)].map(([, declares]) => declares);
        const words = [...imported.filter((word) => word !== 'type'), ...declared, 'Object'];
        expect(new Set(words).size).toBe(words.length);
      }
    },
  );

  it.each([
    [[], 'no command'],
    [['new'], 'no command new'],
    [['new', 'gateway'], 'one name is needed'],
    [['new', 'gateway', 'a', 'b'], 'one name is needed'],
    [['new', 'gateway', 'a', '--force'], "Unknown option '--force'"],
  ])('explains itself when %j is asked of it', (args, why) => {
    const { code, error } = hubbub(...args);
    expect([code, error]).toEqual([2, expect.stringContaining(why)]);
    expect(error).toContain('usage: hubbub new gateway <name>');
  });
});
