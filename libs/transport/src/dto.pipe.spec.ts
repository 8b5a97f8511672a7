import { ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Type as Transformed } from 'class-transformer';
import { IsInt, IsString, Length, Max, Min, Validate, ValidateNested, ValidatorConstraint } from 'class-validator';
import { DtoPipe } from './dto.pipe.js';
import { RouterHarness } from './testing/router-harness.js';
import { WireApp } from './testing/wire-harness.js';

@ValidatorConstraint({ async: true })
class IsFree {
  async validate(name: unknown): Promise<boolean> {
    await Promise.resolve();
    return name !== 'taken';
  }
  defaultMessage(): string {
    return 'name is taken';
  }
}

class Die {
  @IsInt()
  @Min(2)
  @Max(100)
  sides!: number;
  get highest(): number {
    return this.sides;
  }
}

class Throw {
  @IsString()
  @Length(1, 10)
  @Validate(IsFree)
  name!: string;

  @ValidateNested({ each: true })
  @Transformed(() => Die)
  'the/dice'!: Die[];
}

@WebSocketGateway()
class Dice {
  @SubscribeMessage('by_class')
  byClass(@MessageBody(DtoPipe) it: Throw) {
    return { isThrow: it instanceof Throw, highest: it['the/dice'].map((die) => die.highest), keys: Object.keys(it) };
  }
  @SubscribeMessage('by_name')
  byName(@MessageBody(new DtoPipe(Die, { whitelist: true })) die: object) {
    return { keys: Object.keys(die) };
  }
  @SubscribeMessage('strict')
  strict(@MessageBody(new DtoPipe(Die, { whitelist: true, forbidNonWhitelisted: true })) { sides }: Die) {
    return { sides };
  }
  @SubscribeMessage('field')
  field(@MessageBody('die', new DtoPipe(Die)) { highest }: Die) {
    return { highest };
  }
}

@WebSocketGateway()
class Stock {
  @SubscribeMessage('stock')
  stock(@MessageBody() die: Die) {
    return { isDie: die instanceof Die, keys: Object.keys(die) };
  }
}

describe('a payload of a class with rules of class-validator', () => {
  let app: WireApp;
  beforeAll(async () => {
    app = await WireApp.start({}, { providers: [Dice] });
  });
  afterAll(() => app.stop());

  const answer = async (type: string, data: unknown) =>
    (await (await app.connect('alice')).command(type, data as object)).data;

  it('is made an instance of it, with what is inside; unknown fields are let through', async () => {
    const data = { name: 'x', 'the/dice': [{ sides: 6 }], more: 1 };
    expect(await answer('by_class', data)).toEqual({ isThrow: true, highest: [6], keys: ['name', 'the/dice', 'more'] });
  });

  it('is answered InvalidFormat with the place of each fault as a JSON pointer, and never the value', async () => {
    const refused = await answer('by_class', { name: 4711, 'the/dice': [{ sides: 6 }, { sides: 4712 }] });
    expect(refused).toMatchObject({ code: 1001, name: 'InvalidFormat', retryable: false });
    const { details } = refused as { details: { path: string }[] };
    expect(new Set(details.map(({ path }) => path))).toEqual(new Set(['/name', '/the~1dice/1/sides']));
    expect(JSON.stringify(refused)).not.toMatch(/471[12]/);
  });

  it('has its asynchronous rules waited for', async () => {
    const refused = await answer('by_class', { name: 'taken', 'the/dice': [] });
    expect(refused).toMatchObject({ code: 1001, details: [{ path: '/name', message: 'name is taken' }] });
  });

  it.each([[[]], [[{ sides: 6 }]], ['text'], [7], [true], [null], [{}], [undefined]])('is not %j', async (data) => {
    expect(await answer('by_name', data)).toMatchObject({ code: 1001 });
  });

  it('loses unknown fields, or is refused for them, where the pipe says so', async () => {
    expect(await answer('by_name', { sides: 6, more: 1 })).toEqual({ keys: ['sides'] });
    expect(await answer('strict', { sides: 6, more: 1 })).toMatchObject({ code: 1001, details: [{ path: '/more' }] });
  });

  it('may be one field of the payload', async () => {
    expect(await answer('field', { die: { sides: 6 } })).toEqual({ highest: 6 });
    expect(await answer('field', {})).toMatchObject({ code: 1001 });
  });
});

describe('a class that cannot be checked', () => {
  class Loose {}

  it('is refused where it is named', () => {
    expect(() => new DtoPipe(Loose)).toThrow('Loose has no rules of class-validator');
  });

  it('is refused at start where the parameter has it', async () => {
    @WebSocketGateway()
    class Lax {
      @SubscribeMessage('lax')
      lax(@MessageBody(DtoPipe) _data: Loose) {}
    }
    await expect(RouterHarness.start({ providers: [Lax] })).rejects.toThrow(
      'Lax.lax: DtoPipe finds no class with rules',
    );
  });

  it('is told which package is missing', () => {
    jest.isolateModules(() => {
      jest.doMock('node:module', () => ({
        createRequire: () => (name: string) => {
          throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
        },
      }));
      // oxlint-disable-next-line typescript/no-require-imports -- a module of its own, in which the packages are absent
      const { DtoPipe: Without } = require('./dto.pipe.js') as typeof import('./dto.pipe.js');
      expect(() => new Without(Die)).toThrow('class-validator is not installed');
      jest.dontMock('node:module');
    });
  });
});

describe("Nest's own ValidationPipe for the whole application", () => {
  it('checks what is of a class, and its refusal is InvalidFormat with its sentences', async () => {
    const pipe = { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, transform: true }) };
    const app = await WireApp.start({}, { providers: [Stock, pipe] });
    const alice = await app.connect('alice');
    expect((await alice.command('stock', { sides: 6, more: 1 })).data).toEqual({ isDie: true, keys: ['sides'] });
    expect((await alice.command('stock', { sides: 1 })).data).toEqual({
      code: 1001,
      name: 'InvalidFormat',
      message: 'The frame or its data is not valid.',
      retryable: false,
      details: [{ path: '', message: 'sides must not be less than 2' }],
    });
    expect((await alice.command('ping', { ts: 1 })).data).toMatchObject({ ts: 1 });
    await app.stop();
  });
});
