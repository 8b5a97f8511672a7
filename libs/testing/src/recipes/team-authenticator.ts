import { type Identity, PermissionSet, TokenAuthenticator } from '@hubbub/hubbub';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface Membership {
  readonly team: string;
  readonly may_write: number;
}

@Injectable()
export class TeamAuthenticator extends TokenAuthenticator {
  @Inject(DataSource)
  private readonly database!: DataSource;

  override async authenticate(token: string): Promise<Identity> {
    const identity = await super.authenticate(token); // who it is; throws unless the token is good
    const sql = 'SELECT team, may_write FROM team_members WHERE user_id = ?';
    const memberships = await this.database.query<Membership[]>(sql, [identity.userId]);
    const grants = memberships.flatMap(({ team, may_write: mayWrite }) => {
      const verbs = ['join:room', 'leave:room', 'read:message', ...(mayWrite ? ['send:message'] : [])];
      return verbs.map((permission) => `${permission}@team.${team}.*`);
    });
    const expiresAt = Math.min(identity.expiresAt ?? Number.POSITIVE_INFINITY, Date.now() + 300_000);
    return { ...identity, permissions: new PermissionSet(grants), expiresAt };
  }
}
