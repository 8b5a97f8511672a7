import { UserId } from '@hubbub/protocol';
import { SchemaPipe } from '@hubbub/transport';
import { Controller, Delete, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Static } from 'typebox';
import { RequirePermissions } from './decorators.js';
import { Disconnected, responseOf, TokenId } from './http-schemas.js';
import { Revocations } from './revocations.service.js';

/** Revocation by an operator (PROTOCOL §6, §10). */
@ApiTags('operators')
@RequirePermissions('admin:system')
@Controller('api')
export class SessionsController {
  constructor(private readonly revocations: Revocations) {}

  @Delete('users/:id/sessions')
  @ApiOperation({ summary: 'Refuse all tokens the user has now, end his sign-ins, close his connections' })
  @ApiOkResponse(responseOf(Disconnected, 'Revoked'))
  async revokeUser(@Param('id', new SchemaPipe(UserId)) userId: string): Promise<Static<typeof Disconnected>> {
    const { closed, nodes, unconfirmed } = await this.revocations.revokeUser(userId);
    return { closed, nodes, unconfirmed: [...unconfirmed] };
  }

  @Delete('tokens/:jti')
  @ApiOperation({ summary: 'Refuse one token by its jti, and close its connections' })
  @ApiOkResponse(responseOf(Disconnected, 'Revoked'))
  async revokeToken(@Param('jti', new SchemaPipe(TokenId)) tokenId: string): Promise<Static<typeof Disconnected>> {
    const { closed, nodes, unconfirmed } = await this.revocations.revokeToken(tokenId);
    return { closed, nodes, unconfirmed: [...unconfirmed] };
  }
}
