import { CacheModule } from '@hubbub/cache';
import { HubbubConfig } from '@hubbub/config';
import { Authenticator } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';
import { Accounts } from './accounts.js';
import { AuthController } from './auth.controller.js';
import { AuthenticateGateway } from './authenticate.gateway.js';
import { Clock } from './clock.js';
import { DatabaseAccounts } from './database-accounts.js';
import { Housekeeping } from './housekeeping.js';
import { HttpRateLimit } from './http-rate-limit.js';
import { Passwords } from './passwords.js';
import { Revocations } from './revocations.service.js';
import { SessionsController } from './sessions.controller.js';
import { SignIn } from './sign-in.service.js';
import { SignInLimits } from './sign-in-limits.js';
import { TokenService } from './token.service.js';
import { TokenAuthenticator } from './token-authenticator.js';
import { TokenExpiry } from './token-expiry.service.js';
import { UserGrants } from './user-grants.service.js';

/** Accounts, tokens, revocation, and the `Authenticator` of the transport. Needs config, storage, bus, metrics and transport. */
@Global()
@Module({
  imports: [CacheModule],
  controllers: [AuthController, SessionsController],
  providers: [
    Clock,
    { provide: Passwords, useFactory: () => new Passwords() },
    {
      provide: SignInLimits,
      inject: [HubbubConfig],
      useFactory: (config: HubbubConfig) => new SignInLimits(() => config.limits.authPerMin),
    },
    { provide: Accounts, useClass: DatabaseAccounts },
    TokenService,
    Revocations,
    SignIn,
    UserGrants,
    { provide: Authenticator, useClass: TokenAuthenticator },
    TokenExpiry,
    Housekeeping,
    HttpRateLimit,
    AuthenticateGateway,
  ],
  exports: [Accounts, Authenticator, Clock, Housekeeping, HttpRateLimit, Revocations, SignIn, TokenService, UserGrants],
})
export class AuthModule {}
