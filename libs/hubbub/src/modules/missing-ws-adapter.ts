import { AbstractWsAdapter } from '@nestjs/websockets';

/** Stands in until `useHubbub(app)` sets the real one. */
export class MissingWsAdapter extends AbstractWsAdapter {
  /** @throws Error, which keeps the application from starting */
  create(): never {
    throw new Error(
      'the application imports HubbubModule but nobody serves its WebSockets: call useHubbub(app) after NestFactory.create(), before app.listen()',
    );
  }

  bindMessageHandlers(): void {}
}
