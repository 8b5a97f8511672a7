import { HubbubModule, loadConfig } from '@hubbub/hubbub';
import { Module } from '@nestjs/common';
import { DiceGateway } from './dice.gateway.js';

export const config = loadConfig({ env: process.env });

@Module({ imports: [HubbubModule.forRoot(config)], providers: [DiceGateway] })
export class AppModule {}
