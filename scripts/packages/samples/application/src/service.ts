import { type EventData, Hubbub, HubbubClientModule, OnHubbubEvent } from '@hubbub/sdk';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

@Injectable()
class Greeter {
  constructor(private readonly hubbub: Hubbub) {}

  @OnHubbubEvent('room_joined', { room: 'support.*' })
  async greet({ room_id, user_id }: EventData<'room_joined'>): Promise<void> {
    await this.hubbub.rooms.publish(room_id, { text: `Welcome, ${user_id}` });
  }
}

@Module({
  imports: [HubbubClientModule.forRoot({ servers: process.env.NATS_URL, name: 'greeter' })],
  providers: [Greeter],
})
class AppModule {}

/** A service beside the gateways. */
const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
console.log('listening');
