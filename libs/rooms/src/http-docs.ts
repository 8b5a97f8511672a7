import { applyDecorators } from '@nestjs/common';
import { ApiBody, type ApiBodyOptions, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { TObject, TSchema } from 'typebox';

type OpenApiSchema = NonNullable<Extract<ApiBodyOptions, { schema: unknown }>['schema']>;

export interface RouteDocs {
  readonly summary: string;
  readonly body?: TSchema;
  readonly query?: TObject;
  readonly status?: number;
  /** Of the answer; none where there is no body. */
  readonly response?: TSchema;
  /** Other statuses and when they are answered. */
  readonly errors?: Readonly<Record<number, string>>;
}

/** Describes a route in the OpenAPI document by the schemas that it is validated with. */
export function Documented({ summary, body, query, status = 200, response, errors = {} }: RouteDocs): MethodDecorator {
  const parameters = Object.entries(query?.properties ?? {}).map(([name, schema]) =>
    ApiQuery({ name, required: false, schema: openApi(schema) }),
  );
  return applyDecorators(
    ApiOperation({ summary }),
    ...(body ? [ApiBody({ schema: openApi(body) })] : []),
    ...parameters,
    ApiResponse({ status, description: 'Done', ...(response ? { schema: openApi(response) } : {}) }),
    ...Object.entries(errors).map(([code, description]) => ApiResponse({ status: Number(code), description })),
  );
}

/** TypeBox schemas are JSON Schema, which is what OpenAPI takes. */
function openApi(schema: TSchema): OpenApiSchema {
  return schema;
}
