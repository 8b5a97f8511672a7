import { createRequire } from 'node:module';
import type { Type } from '@nestjs/common';
import type * as Transformer from 'class-transformer';
import type * as Validator from 'class-validator';
import type * as JsonSchema from 'class-validator-jsonschema';
import type { TSchema } from 'typebox';

/**
 * Classes of payloads, with the rules of class-validator. Its packages are the application's to install: nothing here needs
 * them until a class is used.
 */

const load = createRequire(import.meta.url);
const REF = '#/dto/';

/** The packages that check a class. @throws Error that names the one that is not installed */
export function dtoPackages(): { readonly validator: typeof Validator; readonly transformer: typeof Transformer } {
  return {
    validator: need<typeof Validator>('class-validator'),
    transformer: need<typeof Transformer>('class-transformer'),
  };
}

/** Whether `type` is a class with rules. */
export function isDto(type: unknown): type is Type {
  return typeof type === 'function' && rulesOf(type).length > 0;
}

/** The properties of a class that have rules. */
export function dtoProperties(dto: Type): string[] {
  return [...new Set(rulesOf(dto).map(({ propertyName }) => propertyName))];
}

/** A class as JSON Schema, for documents; its properties alone where `class-validator-jsonschema` is not installed. */
export function dtoSchema(dto: Type): TSchema {
  const converter = find<typeof JsonSchema>('class-validator-jsonschema');
  if (converter === null) {
    return {
      title: dto.name,
      type: 'object',
      properties: Object.fromEntries(dtoProperties(dto).map((key) => [key, {}])),
    };
  }
  const storage = find<{ defaultMetadataStorage: never }>('class-transformer/cjs/storage.js');
  const options = {
    refPointerPrefix: REF,
    ...(storage === null ? {} : { classTransformerMetadataStorage: storage.defaultMetadataStorage }),
  };
  const others = converter.validationMetadatasToSchemas(options);
  return inline(converter.targetConstructorToSchema(dto, options), others, [dto.name]) as TSchema;
}

/** Puts schemas in place of the references to them, which lead nowhere elsewhere. One inside itself is any object. */
function inline(schema: unknown, others: Readonly<Record<string, unknown>>, within: readonly string[]): unknown {
  if (Array.isArray(schema)) return schema.map((item) => inline(item, others, within));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref } = schema as { $ref?: unknown };
  if (typeof $ref === 'string' && $ref.startsWith(REF)) {
    const name = $ref.slice(REF.length);
    return within.includes(name) ? { type: 'object' } : inline(others[name] ?? {}, others, [...within, name]);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inline(value, others, within)]));
}

function rulesOf(type: object) {
  const validator = find<typeof Validator>('class-validator');
  return validator?.getMetadataStorage().getTargetValidationMetadatas(type as Type, '', false, false) ?? [];
}

function find<T>(name: string): T | null {
  try {
    return load(name) as T;
  } catch (error) {
    if ((error as { code?: string }).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function need<T>(name: string): T {
  const found = find<T>(name);
  if (found === null) throw new Error(`${name} is not installed: classes of payloads need it (npm install ${name})`);
  return found;
}
