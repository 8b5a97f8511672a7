/** Objects take no field that the document does not have: a field that nobody wrote down is found by this. */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  // Each part of a whole would refuse the fields of the others; what the checks of health tell besides is theirs.
  const isOpen = 'allOf' in schema || 'info' in ((schema as { properties?: object }).properties ?? {});
  if (isOpen) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, strict(part)]));
  return 'properties' in schema ? { ...parts, additionalProperties: false } : parts;
}
