import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/internal';
import { type ApplicationConfig, MetadataScanner } from '@nestjs/core';

interface Route {
  readonly method: string;
  /** Its path, cut at the slashes; a parameter is `:` and its name. */
  readonly segments: readonly string[];
}

/** Which HTTP requests of an application are for routes of these controllers. */
export class OwnRoutes {
  private routes: Route[] | undefined;

  /** @param application asked at the first request, as `setGlobalPrefix` may come later than this */
  constructor(
    private readonly controllers: Iterable<Type>,
    private readonly application: Pick<ApplicationConfig, 'getGlobalPrefix' | 'getGlobalPrefixOptions'>,
  ) {}

  /**
   * Whether the target of a request, or the pattern of a route, is one of theirs. What differs in case, or by a slash at the end,
   * counts too: Express does not tell it apart.
   */
  cover(method: string, target: string): boolean {
    this.routes ??= [...this.controllers].flatMap((controller) => this.routesOf(controller));
    const segments = cut(target.split('?', 1)[0] ?? '');
    return this.routes.some((route) => matches(route, method === 'HEAD' ? 'GET' : method, segments));
  }

  private routesOf(controller: Type): Route[] {
    const methods = controller.prototype as Record<string, object>;
    const bases = pathsOf(controller);
    return new MetadataScanner().getAllMethodNames(methods).flatMap((name) => {
      const handler = methods[name] as object;
      const verb = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
      const paths = bases.flatMap((base) => pathsOf(handler).map((path) => cut(`${base}/${path}`)));
      return paths.map((path) => ({ method: RequestMethod[verb], segments: this.prefixed(path, verb) }));
    });
  }

  private prefixed(path: readonly string[], verb: RequestMethod): readonly string[] {
    const { exclude = [] } = this.application.getGlobalPrefixOptions();
    const isExcluded = exclude.some(
      ({ pathRegex, requestMethod }) =>
        (requestMethod === RequestMethod.ALL || requestMethod === verb) && pathRegex.test(`/${path.join('/')}`),
    );
    return isExcluded ? path : [...cut(this.application.getGlobalPrefix()), ...path];
  }
}

/** Empty for a method that is no route. */
function pathsOf(target: object): string[] {
  return [Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined]
    .flat()
    .filter((path) => path !== undefined);
}

function cut(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function matches(route: Route, method: string, segments: readonly string[]): boolean {
  if (route.method !== method || route.segments.length !== segments.length) return false;
  return route.segments.every(
    (segment, at) => segment.startsWith(':') || segment.toLowerCase() === segments[at]?.toLowerCase(),
  );
}
