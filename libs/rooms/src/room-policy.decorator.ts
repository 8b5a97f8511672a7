import type { ValueProvider } from '@nestjs/common';
import type { DeclaredPolicy, RoomPolicyOptions } from './room-policies.js';

const POLICIES_METADATA = 'hubbub:room_policies';

type Declaration = Omit<DeclaredPolicy, 'by'>;

/** What `roomPolicy` registers. */
export class RegisteredPolicy implements DeclaredPolicy {
  readonly by = 'roomPolicy()';

  constructor(
    readonly pattern: string,
    readonly options: RoomPolicyOptions,
  ) {}
}

/**
 * What holds for all rooms whose ids match `pattern`, in which `*` stands for any characters: on any provider or gateway, any
 * number of times. Of those that match a room the most specific one holds, whole. Faults and contradictions stop the start.
 */
export function RoomPolicy(pattern: string, options: RoomPolicyOptions): ClassDecorator {
  return (target) => {
    const declared = (Reflect.getOwnMetadata(POLICIES_METADATA, target) ?? []) as Declaration[];
    Reflect.defineMetadata(POLICIES_METADATA, [{ pattern, options }, ...declared], target);
  };
}

/** The same as a provider: `providers: [roomPolicy('chat.*', { maxClients: 500 })]`. */
export function roomPolicy(pattern: string, options: RoomPolicyOptions): ValueProvider<DeclaredPolicy> {
  return { provide: Symbol(`room policy ${pattern}`), useValue: new RegisteredPolicy(pattern, options) };
}

/** What `@RoomPolicy` says on a class. */
export function policiesOf(type: object): DeclaredPolicy[] {
  const declared = (Reflect.getOwnMetadata(POLICIES_METADATA, type) ?? []) as Declaration[];
  return declared.map((policy) => ({ ...policy, by: (type as { name: string }).name }));
}
