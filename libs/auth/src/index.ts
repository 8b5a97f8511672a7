export { type Account, Accounts, accountId } from './accounts.service.js';
export { AuthModule } from './auth.module.js';
export { ANONYMOUS_PREFIX } from './claims.js';
export { Clock } from './clock.js';
export { Authenticated, CurrentUser, RequirePermissions } from './decorators.js';
export { bearerOf, type HttpRequest } from './http-request.js';
export { Disconnected } from './http-schemas.js';
export { PermissionsGuard } from './permissions.guard.js';
export { type RevocationOutcome, Revocations } from './revocations.service.js';
export { type SignedIn, SignIn } from './sign-in.service.js';
export { signToken } from './sign-token.js';
export { type TokenGrant, TokenService } from './token.service.js';

import { Auth1700000000100 } from './migrations/1700000000100-auth.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { RevocationEntity } from './revocation.entity.js';
import { UserEntity } from './user.entity.js';

/** For `StorageModule.forRoot`. */
export const AUTH_ENTITIES = [UserEntity, RefreshTokenEntity, RevocationEntity];
export const AUTH_MIGRATIONS = [Auth1700000000100];
