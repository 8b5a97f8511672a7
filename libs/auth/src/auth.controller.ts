import { HubbubConfig } from '@hubbub/config';
import { SchemaPipe } from '@hubbub/transport';
import { Body, Controller, Headers, HttpCode, Post, Req } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { Static } from 'typebox';
import { type HttpRequest, networkOf } from './http-request.js';
import {
  bodyOf,
  Credentials,
  LoggedOut,
  RefreshRequest,
  Registration,
  responseOf,
  SignedInBody,
} from './http-schemas.js';
import { type SignedIn, SignIn } from './sign-in.service.js';

/** Accounts of this gateway: registration and sign-in (PROTOCOL §10). */
@ApiTags('auth')
@ApiTooManyRequestsResponse({ description: 'Too many attempts; see `Retry-After`' })
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly config: HubbubConfig,
  ) {}

  @Post('register')
  @ApiOperation({ summary: 'Make an account and sign in' })
  @ApiBody(bodyOf(Registration))
  @ApiCreatedResponse(responseOf(SignedInBody, 'Registered and signed in'))
  @ApiConflictResponse({ description: 'The username is taken' })
  @ApiForbiddenResponse({ description: 'Registration is off' })
  async register(
    @Body(new SchemaPipe(Registration)) body: Static<typeof Registration>,
    @Req() request: HttpRequest,
  ): Promise<Static<typeof SignedInBody>> {
    return toBody(await this.signIn.register(body.username, body.password, this.networkOf(request)));
  }

  @Post('login')
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in' })
  @ApiBody(bodyOf(Registration))
  @ApiOkResponse(responseOf(SignedInBody, 'Signed in'))
  @ApiUnauthorizedResponse({ description: 'Wrong name or wrong password' })
  async login(
    @Body(new SchemaPipe(Credentials)) body: Static<typeof Credentials>,
    @Req() request: HttpRequest,
  ): Promise<Static<typeof SignedInBody>> {
    return toBody(await this.signIn.login(body.username, body.password, this.networkOf(request)));
  }

  @Post('refresh')
  @HttpCode(200)
  @ApiOperation({ summary: 'Exchange a refresh token for new tokens; a second use ends the sign-in' })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Random text. The same request with the same key within a minute is a retry, not a second use.',
  })
  @ApiBody(bodyOf(RefreshRequest))
  @ApiOkResponse(responseOf(SignedInBody, 'New tokens'))
  @ApiUnauthorizedResponse({ description: 'The token is unknown, used or expired' })
  async refresh(
    @Body(new SchemaPipe(RefreshRequest)) body: Static<typeof RefreshRequest>,
    @Headers('idempotency-key') retryKey: string | undefined,
    @Req() request: HttpRequest,
  ): Promise<Static<typeof SignedInBody>> {
    return toBody(await this.signIn.refresh(body.refresh_token, retryKey || undefined, this.networkOf(request)));
  }

  @Post('logout')
  @HttpCode(200)
  @ApiOperation({ summary: 'End a sign-in: its tokens are refused and its connections closed with 4502' })
  @ApiBody(bodyOf(RefreshRequest))
  @ApiOkResponse(responseOf(LoggedOut, 'Signed out, or it was before'))
  async logout(
    @Body(new SchemaPipe(RefreshRequest)) body: Static<typeof RefreshRequest>,
  ): Promise<Static<typeof LoggedOut>> {
    await this.signIn.logout(body.refresh_token);
    return { status: 'logged out' };
  }

  private networkOf(request: HttpRequest): string {
    return networkOf(request, this.config.server.trustProxy);
  }
}

function toBody({ account, accessToken, refreshToken, expiresInS }: SignedIn): Static<typeof SignedInBody> {
  return {
    user_id: account.userId,
    username: account.username,
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in: expiresInS,
  };
}
