import { CurrentUser, RequirePermissions } from '@hubbub/auth';
import { UserId } from '@hubbub/protocol';
import { type Identity, SchemaPipe } from '@hubbub/transport';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import Type, { type Static } from 'typebox';
import { OperatorService } from './operator.service.js';

const Broadcast = Type.Object({ message: Type.Unknown() });
const Page = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
  user_id: Type.Optional(UserId),
});
const MAX_PAGE = 1000;

/** What an operator does over HTTP (PROTOCOL §10); for holders of `admin:system`. */
@ApiTags('operation')
@ApiBearerAuth()
@Controller('api')
export class OperatorController {
  constructor(private readonly operator: OperatorService) {}

  @Post('broadcast')
  @HttpCode(200)
  @RequirePermissions('admin:system')
  @ApiOperation({ summary: 'Pushes a message to every identified connection of every node' })
  @ApiBody({ schema: Broadcast as object })
  broadcast(
    @Body(new SchemaPipe(Broadcast)) { message }: Static<typeof Broadcast>,
    @CurrentUser() { userId }: Identity,
  ) {
    return this.operator.broadcast(message, userId);
  }

  @Get('stats')
  @RequirePermissions('admin:system')
  @ApiOperation({ summary: 'Connections, users, rooms and message rate, of all nodes together and of each' })
  @ApiOkResponse()
  stats() {
    return this.operator.stats();
  }

  @Get('clients')
  @RequirePermissions('admin:system')
  @ApiOperation({ summary: 'Connections of all nodes, by pages' })
  @ApiQuery({ name: 'cursor', required: false, type: String })
  @ApiQuery({ name: 'limit', required: false, type: Number })
  @ApiQuery({ name: 'user_id', required: false, type: String, description: 'Only those of this user.' })
  clients(@Query(new SchemaPipe(Page)) { cursor, limit, user_id: userId }: Static<typeof Page>) {
    return this.operator.clients(
      cursor,
      limit === undefined ? undefined : Math.min(MAX_PAGE, Math.max(1, Number(limit))),
      userId,
    );
  }

  @Delete('clients/:connection')
  @RequirePermissions('admin:system')
  @ApiOperation({ summary: 'Ends one connection with close code 4502, wherever it is' })
  disconnect(@Param('connection') connectionId: string) {
    return this.operator.disconnect(connectionId);
  }
}
