import { KeyedLimiter, RoomDemands } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError, type Permission } from '@hubbub/protocol';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Caller } from './actor.js';
import type { NewRoom, RoomPatch } from './room-info.js';
import {
  type DeclaredPolicy,
  faultsOfPolicies,
  neededBeside,
  parseRate,
  RoomPolicies,
  requireAllowed,
  shapeRoom,
} from './room-policies.js';
import { policiesOf, RegisteredPolicy } from './room-policy.decorator.js';

/** Senders whose messages are counted, for each policy; of more, those who were silent longest are forgiven. */
const MAX_SENDERS = 100_000;

interface Rule extends DeclaredPolicy {
  readonly limiter: KeyedLimiter | null;
}

/** Applies the policies that an application declares for its rooms: `@RoomPolicy`, `roomPolicy()`. */
@Injectable()
export class RoomRules extends RoomDemands implements OnModuleInit {
  private policies = new RoomPolicies<Rule>([]);

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  /** @throws Error that names all faults and contradictions */
  onModuleInit(): void {
    const declared = this.declared();
    const faults = faultsOfPolicies(declared, this.config.limits);
    if (faults.length > 0) throw new Error(['the policies of rooms are wrong:', ...faults].join('\n  '));
    this.policies = new RoomPolicies(declared.map((policy) => ({ ...policy, limiter: limiterOf(policy) })));
  }

  override beside(permission: Permission, roomId: string): Permission | null {
    const policy = this.policies.of(roomId);
    return policy === null ? null : neededBeside(permission, policy.options);
  }

  /** What the room is made with. @throws HubbubError InvalidFormat for what its policy does not allow */
  shape(roomId: string, wanted: NewRoom): NewRoom {
    const policy = this.policies.of(roomId);
    return policy === null ? wanted : shapeRoom(wanted, policy.options);
  }

  /** @throws HubbubError InvalidFormat for what the policy of the room does not allow */
  requireAllowed(roomId: string, patch: RoomPatch): void {
    const policy = this.policies.of(roomId);
    if (policy !== null) requireAllowed(patch, policy.options);
  }

  /** Whether a join makes the room. */
  createsOnJoin(roomId: string): boolean {
    return this.policies.of(roomId)?.options.createOnJoin ?? this.config.rooms.createOnJoin;
  }

  /**
   * Counts a message against the rate of its room. Not for the application itself and for `admin:system`.
   * @returns null, or HubbubError RateLimited
   */
  refusal(roomId: string, senderId: string, caller: Caller): HubbubError | null {
    const limiter = this.policies.of(roomId)?.limiter ?? null;
    if (limiter === null || caller === null || caller.permissions.has('admin:system')) return null;
    const retryAfterMs = limiter.take(`${roomId}\n${senderId}`, performance.now());
    if (retryAfterMs === 0) return null;
    this.metrics.rateLimited.inc();
    return new HubbubError('RateLimited', { message: 'Too many messages in this room.', retryAfterMs });
  }

  private declared(): DeclaredPolicy[] {
    const providers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const classes = new Set(providers.flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype] : [])));
    const registered = providers
      .map(({ instance }) => instance as unknown)
      .filter((it) => it instanceof RegisteredPolicy);
    return [...[...classes].flatMap((type) => policiesOf(type)), ...new Set(registered)];
  }
}

function limiterOf({ options: { rate } }: DeclaredPolicy): KeyedLimiter | null {
  if (rate === undefined) return null;
  const { count, perMs } = parseRate(rate);
  const bucket = { perSecond: (count * 1000) / perMs, burst: count };
  return new KeyedLimiter(() => bucket, MAX_SENDERS);
}
