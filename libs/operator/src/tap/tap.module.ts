import { Module } from '@nestjs/common';
import { TapGateway } from './tap.gateway.js';
import { TapFeed } from './tap-feed.js';
import { TapSources } from './tap-sources.service.js';
import { Taps } from './taps.service.js';

/** Live taps of rooms and users, over all nodes. */
@Module({ providers: [TapFeed, TapSources, Taps, TapGateway] })
export class TapModule {}
