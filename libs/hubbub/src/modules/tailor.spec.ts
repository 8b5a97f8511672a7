import { Controller, type DynamicModule, Global, Injectable, Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { WebSocketGateway } from '@nestjs/websockets';
import { type Alterations, Tailor } from './tailor.js';

abstract class Store {
  abstract readonly name: string;
}

@Injectable()
class OwnStore extends Store {
  readonly name: string = 'own';
}

/** Injects the store inside the module that provides it, where no other module's would be found. */
@Injectable()
class Shop {
  constructor(readonly store: Store) {}
}

@WebSocketGateway()
class Extra {}

@Controller('a')
class First {}
@Controller('b')
class Second {}

@Global()
@Module({
  controllers: [First, Second],
  providers: [{ provide: Store, useClass: OwnStore }, Shop, Extra],
  exports: [Shop],
})
class ShopModule {}

@Module({ imports: [ShopModule] })
class StreetModule {}

@Module({})
class DynamicShopModule {
  static forRoot(): DynamicModule {
    return { module: DynamicShopModule, global: true, providers: [{ provide: Store, useClass: OwnStore }, Shop] };
  }
}

const NOTHING: Alterations = { without: [], providers: [], imports: [] };
const cut = (alterations: Partial<Alterations>, ...modules: (Type | DynamicModule)[]) => {
  const tailor = new Tailor({ ...NOTHING, ...alterations });
  return { tailor, fitted: tailor.fit(modules) };
};
const start = (imports: ReturnType<Tailor['fit']>) => Test.createTestingModule({ imports }).compile();

describe('Tailor', () => {
  it('leaves modules that it has nothing to do with as they are, and knows what is in them', () => {
    const dynamic = DynamicShopModule.forRoot();
    const { tailor, fitted } = cut({}, StreetModule, dynamic);
    expect(fitted).toEqual([StreetModule, dynamic]);
    expect([...tailor.controllers]).toEqual([First, Second]);
    expect([...tailor.classes]).toEqual([Shop, Extra]);
  });

  it('puts a provider in place of another where that is injected, also below other modules, once', async () => {
    class OtherStore extends Store {
      readonly name = 'other';
    }
    const { fitted } = cut({ providers: [{ provide: Store, useClass: OtherStore }] }, StreetModule, ShopModule);
    const app = await start(fitted);
    expect(app.get(Shop, { strict: false }).store.name).toBe('other');
    expect(fitted.map((module) => (module as Type).name)).toEqual(['StreetModule', 'ShopModule']);
    // The street has the very same shop.
    expect(Reflect.getMetadata('imports', fitted[0] as Type)).toEqual([fitted[1]]);
    await app.close();
  });

  it('gives replacements what their modules export, in dynamic modules too', async () => {
    @Injectable()
    class Name {
      readonly text = 'from elsewhere';
    }
    @Module({ providers: [Name], exports: [Name] })
    class NameModule {}
    const useFactory = ({ text }: Name) => ({ name: text });
    const { fitted } = cut(
      { imports: [NameModule], providers: [{ provide: Store, inject: [Name], useFactory }] },
      DynamicShopModule.forRoot(),
    );
    const app = await start(fitted);
    expect(app.get(Shop, { strict: false }).store.name).toBe('from elsewhere');
    await app.close();
  });

  it('leaves controllers and gateways out, and the module as it was for others', async () => {
    const { tailor, fitted } = cut({ without: [Second, Extra] }, ShopModule);
    expect([...tailor.controllers]).toEqual([First]);
    const app = await start(fitted);
    expect(() => app.get(Extra, { strict: false })).toThrow('Nest could not find Extra');
    await app.close();
    const whole = await start(cut({}, ShopModule).fitted);
    expect(whole.get(Extra, { strict: false })).toBeInstanceOf(Extra);
    await whole.close();
  });

  it('names everything that is nowhere, and what others need', () => {
    class Nowhere {}
    const missing = () =>
      cut({ without: [Nowhere, First], providers: [{ provide: 'TOKEN', useValue: 1 }] }, ShopModule);
    expect(missing).toThrow('Hubbub has no Nowhere, no TOKEN that could be left out or replaced');
    expect(() => cut({ without: [Shop] }, ShopModule)).toThrow('Hubbub has no Shop that could be left out');
  });
});
