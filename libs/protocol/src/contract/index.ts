/**
 * What documents are made of: texts, examples, the canonical contract and its comparison. An entry of its own, so that no
 * client carries it.
 */
export {
  builtInCommands,
  type Catalogue,
  type CommandEntry,
  catalogueOf,
  type EventEntry,
  type PushEntry,
  type SpokenCommand,
} from './catalogue.js';
export { compareContracts, type Finding, mayBreak } from './compare-contracts.js';
export { type Contract, contractOf } from './contract.js';
export { described, fieldText, kindOf } from './describe.js';
export { fieldsOf, isMergeable, type JsonSchema, mapSchema, NAMED, nameOf, valuesOf, variantsOf } from './schema.js';
export { FIELD_TEXTS } from './texts/fields.js';
export { COMMON_ERRORS } from './texts/text.js';
