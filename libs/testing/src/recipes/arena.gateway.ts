import {
  type Connection,
  CurrentConnection,
  type CurrentRoom,
  OnJoin,
  OnLeave,
  Push,
  Room,
  type RoomInfo,
  Rooms,
  SchemaPipe,
} from '@hubbub/hubbub';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import Type, { type Static } from 'typebox';

const TICK_MS = 50;
const Direction = Type.Integer({ minimum: -1, maximum: 1 });
const Steer = Type.Object({ room_id: Type.String(), dx: Direction, dy: Direction });

interface Player {
  readonly id: string;
  x: number;
  y: number;
  dx: number;
  dy: number;
}

@WebSocketGateway()
export class ArenaGateway implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly games = new Map<string, Map<Connection, Player>>();
  private ticks = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly rooms: Rooms) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  onModuleDestroy() {
    clearInterval(this.timer);
  }

  @OnJoin()
  enter(connection: Connection, { id }: RoomInfo) {
    if (!id.startsWith('game.')) return;
    const players = this.games.get(id) ?? new Map<Connection, Player>();
    this.games.set(id, players.set(connection, { id: connection.id, x: 0, y: 0, dx: 0, dy: 0 }));
  }

  @OnLeave()
  leave(connection: Connection, { id }: RoomInfo) {
    const players = this.games.get(id);
    players?.delete(connection);
    if (players?.size === 0) this.games.delete(id);
  }

  @SubscribeMessage('steer')
  steer(
    @MessageBody(new SchemaPipe(Steer)) { dx, dy }: Static<typeof Steer>,
    @Room() room: CurrentRoom,
    @CurrentConnection() connection: Connection,
  ) {
    const player = this.games.get(room.id)?.get(connection);
    if (player !== undefined) Object.assign(player, { dx, dy });
  }

  tick() {
    this.ticks++;
    for (const [roomId, players] of this.games) {
      for (const player of players.values()) {
        player.x += player.dx;
        player.y += player.dy;
      }
      const state = { room_id: roomId, tick: this.ticks, players: [...players.values()] };
      this.rooms.broadcast(roomId, new Push('tick', JSON.stringify(state), { droppable: true }));
    }
  }
}
