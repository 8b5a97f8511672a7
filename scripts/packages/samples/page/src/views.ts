import type { HubbubClient } from '@hubbub/client';
import * as react from '@hubbub/client/react';
import * as vue from '@hubbub/client/vue';
import type { ComputedRef } from 'vue';

/** What a component of each framework has of a room. */
export const inReact = (client: HubbubClient): number => react.useRoom(client, 'lobby').messages.length;
export const inVue = (client: HubbubClient): ComputedRef<number> => vue.useRoom(client, 'lobby').memberCount;
