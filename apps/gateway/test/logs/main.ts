/** The gateway as `npm start` runs it, with an application whose code throws: run by `logs.e2e-spec.ts` as a process. */
import { OnMessage } from '@hubbub/hubbub';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AppModule } from '../../src/app.module.js';

@WebSocketGateway()
class Throwing {
  @SubscribeMessage('explode')
  explode(@MessageBody() data: object): never {
    throw Object.assign(new Error('not foreseen'), { data: { ...data } });
  }

  @SubscribeMessage('forget')
  forget(): void {
    void Promise.reject(new Error('a promise that nobody awaits'));
  }

  @OnMessage()
  hook(): never {
    throw new Error('a hook that throws');
  }
}

@Controller('explode')
class ThrowingController {
  @Post()
  explode(@Body() body: object): never {
    throw Object.assign(new Error('not foreseen'), { body });
  }
}

Module({ providers: [Throwing], controllers: [ThrowingController] })(AppModule);
await import('../../src/main.js');
