import { RoomPolicy } from '@hubbub/hubbub';
import { Injectable } from '@nestjs/common';

@RoomPolicy('news.*', { permissions: { send: 'send:news' } })
@RoomPolicy('support.*', { visibility: 'private', rate: '5/10s', permissions: { join: 'join:support' } })
@RoomPolicy('game.*', { history: 'durable', maxClients: 8, createOnJoin: true })
@Injectable()
export class Policies {}
