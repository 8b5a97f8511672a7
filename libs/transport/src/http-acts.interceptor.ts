import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor, Optional } from '@nestjs/common';
import { defer, lastValueFrom, type Observable } from 'rxjs';
import { Acts } from './acts.js';

/** Takes HTTP requests through `Acts`. Commands go there by themselves, and are never asked for an interceptor of ours. */
@Injectable()
export class HttpActs implements NestInterceptor {
  constructor(@Optional() private readonly acts?: Acts) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { acts } = this;
    const act = context.getType() === 'http' ? acts?.ofRequest(context) : null;
    // As it is: it may be a stream of events.
    if (acts === undefined || !act) return next.handle();
    return defer(async () => acts.do(act, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}
