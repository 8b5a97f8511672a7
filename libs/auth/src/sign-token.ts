import type { HubbubConfig } from '@hubbub/config';
import { Clock } from './clock.js';
import { type TokenGrant, TokenService } from './token.service.js';

/**
 * A token signed with the node's secret, for `npm run token` and for scripts; without starting an application. The
 * secret is made in `data_dir` if there is none.
 * @throws HubbubError Forbidden where tokens are verified by a public key or JWKS: this node has no key to sign with
 */
export function signToken(config: HubbubConfig, grant: TokenGrant): string {
  return new TokenService(config, new Clock()).sign(grant).token;
}
