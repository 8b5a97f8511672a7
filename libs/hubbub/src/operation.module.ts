import { Module } from '@nestjs/common';
import { ClusterExit } from './cluster-exit.service.js';
import { HttpFront } from './http/http-front.service.js';
import { HttpShutdown } from './http/http-shutdown.service.js';

/** How the node stands in its process: before other HTTP routes, and at its end. */
@Module({ providers: [ClusterExit, HttpFront, HttpShutdown] })
export class OperationModule {}
