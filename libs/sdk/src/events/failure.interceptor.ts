import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { catchError, type Observable, throwError } from 'rxjs';
import type { HubbubEventContext } from './hubbub-event.context.js';

/** Keeps what a handler threw: Nest tells a transport no more than "Internal server error", which is no reason for a dead letter. */
export class FailureInterceptor implements NestInterceptor {
  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = host.switchToRpc().getContext<HubbubEventContext>();
    return next.handle().pipe(
      catchError((error: unknown) => {
        context.failure = error;
        return throwError(() => error);
      }),
    );
  }
}
