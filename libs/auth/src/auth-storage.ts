import { Auth1700000000100 } from './migrations/1700000000100-auth.js';
import { RevocationNumber1700000000110 } from './migrations/1700000000110-revocation-number.js';
import { SignInsOfOthers1700000000120 } from './migrations/1700000000120-sign-ins-of-others.js';
import { RefreshTokenEntity } from './refresh-token.entity.js';
import { RevocationCountEntity, RevocationEntity } from './revocation.entity.js';
import { UserEntity } from './user.entity.js';

/** For `StorageModule.forRoot`. */
export const AUTH_ENTITIES = [UserEntity, RefreshTokenEntity, RevocationEntity, RevocationCountEntity];
export const AUTH_MIGRATIONS = [Auth1700000000100, RevocationNumber1700000000110, SignInsOfOthers1700000000120];
