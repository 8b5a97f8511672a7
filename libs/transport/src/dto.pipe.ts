import { type FieldFault, HubbubError } from '@hubbub/protocol';
import { Injectable, Optional, type Type, ValidationPipe, type ValidationPipeOptions } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { dtoPackages, isDto } from './dto.js';

/** Most faults named in one answer, as for schemas. */
const MAX_FAULTS = 10;

/** Options of Nest's ValidationPipe but for what this pipe is there to decide. */
export type DtoOptions = Omit<
  ValidationPipeOptions,
  'transform' | 'expectedType' | 'exceptionFactory' | 'errorHttpStatusCode' | 'validatorPackage' | 'transformerPackage'
>;

/**
 * Validates a payload by a class with rules of class-validator and makes an instance of it: `@MessageBody(new DtoPipe(RollDto))
 * roll`, or `@MessageBody(DtoPipe) roll: RollDto`. Unknown fields are let through unless `whitelist` says otherwise.
 * @throws HubbubError InvalidFormat whose details name path and expectation, never the value
 */
@Injectable()
export class DtoPipe extends ValidationPipe {
  /**
   * @param dto the type of the parameter, where the compiler emits it
   * @throws Error if `dto` has no rules, which would let everything through, or class-validator is not installed
   */
  constructor(
    @Optional() readonly dto?: Type,
    @Optional() options: DtoOptions = {},
  ) {
    const { validator, transformer } = dtoPackages();
    const isKnown: boolean = dto === undefined || isDto(dto);
    if (!isKnown) throw new Error(`${dto?.name} has no rules of class-validator`);
    super({
      ...options,
      transform: true,
      validatorPackage: validator,
      transformerPackage: transformer,
      exceptionFactory: (errors) =>
        new HubbubError('InvalidFormat', { details: faultsOf(errors).slice(0, MAX_FAULTS) }),
      ...(dto === undefined ? {} : { expectedType: dto }),
    });
  }
}

/** One fault a broken rule, its path as a JSON pointer. */
function faultsOf(errors: readonly ValidationError[], parent = ''): FieldFault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = `${parent}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const own = Object.values(constraints).map((message) => ({ path, message }));
    return [...own, ...faultsOf(children, path)];
  });
}
