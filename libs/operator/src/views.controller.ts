import { RequirePermissions } from '@hubbub/auth';
import { RoomId, UserId } from '@hubbub/protocol';
import { Documented, QueryPipe } from '@hubbub/rooms';
import { Explanations } from '@hubbub/services';
import { ChangesNothing, SchemaPipe } from '@hubbub/transport';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Static } from 'typebox';
import { EffectiveConfig } from './nodes/effective-config.js';
import { NodeDrain } from './nodes/node-drain.js';
import { OperatorRooms } from './rooms/operator-rooms.service.js';
import { Series } from './series/series.service.js';
import { OperatorUsers } from './users/operator-users.service.js';
import * as schemas from './view-schemas.js';

/** What the console shows of nodes, rooms and users (PROTOCOL §10); for holders of `admin:system`. */
@ApiTags('operation')
@Controller('api/operator')
export class ViewsController {
  constructor(
    private readonly nodes: Series,
    private readonly rooms: OperatorRooms,
    private readonly users: OperatorUsers,
    private readonly explanations: Explanations,
    private readonly configuration: EffectiveConfig,
    private readonly draining: NodeDrain,
  ) {}

  @Get('series')
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'The last hour of every node, a row every ten seconds',
    query: schemas.SeriesQuery,
    response: schemas.SeriesAnswer,
  })
  series(@Query(new QueryPipe(schemas.SeriesQuery)) { since }: Static<typeof schemas.SeriesQuery>) {
    return this.nodes.read(since);
  }

  @Get('rooms')
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'All rooms by name or age, or those with the most members or messages',
    query: schemas.RoomsQuery,
    response: schemas.RoomsAnswer,
  })
  list(@Query(new QueryPipe(schemas.RoomsQuery)) query: Static<typeof schemas.RoomsQuery>) {
    return this.rooms.list(query);
  }

  @Get('rooms/:id')
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'One room: its settings, roles and traffic, and at which nodes its members are',
    response: schemas.RoomAnswer,
    errors: { 404: 'There is no such room' },
  })
  room(@Param('id', new SchemaPipe(RoomId)) roomId: string) {
    return this.rooms.get(roomId);
  }

  @Get('users/:id')
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'One user: his connections at all nodes with what they may do, and his roles',
    response: schemas.UserAnswer,
  })
  user(@Param('id', new SchemaPipe(UserId)) userId: string) {
    return this.users.get(userId);
  }

  @Post('explain')
  @ChangesNothing()
  @HttpCode(200)
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'Whether a user may do something now, and which rule decides; nothing is done',
    body: schemas.ExplainBody,
    response: schemas.ExplainAnswer,
  })
  explain(@Body(new SchemaPipe(schemas.ExplainBody)) body: Static<typeof schemas.ExplainBody>) {
    const { user_id, command: action, data = {}, room_id = data.room_id, connection_id } = body;
    // Commands that are about somebody name him by one of the two.
    const target_id = data.target_id ?? data.user_id;
    const { role, seq } = data;
    return this.explanations.explain({ user_id, action, room_id, target_id, role, seq, connection_id });
  }

  @Get('config')
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'The configuration of the node that answers: what holds, who said so, and what a reload changes',
    response: schemas.ConfigAnswer,
  })
  config(): Static<typeof schemas.ConfigAnswer> {
    return this.configuration.read();
  }

  @Post('nodes/:id/drain')
  @HttpCode(202)
  @RequirePermissions('admin:system')
  @Documented({
    summary: 'Has a node send its connections away and end, as by SIGTERM',
    status: 202,
    response: schemas.DrainAnswer,
    errors: { 404: 'There is no such node', 503: 'It does not answer' },
  })
  drain(@Param('id', new SchemaPipe(schemas.NodeIdPath)) nodeId: string) {
    return this.draining.start(nodeId);
  }
}
