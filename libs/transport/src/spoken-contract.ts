/** Port: what this node speaks, as `connected` names it. Without it, `connected` does not say. */
export abstract class SpokenContract {
  /** The same for as long as types, schemas and codes are. */
  abstract readonly hash: string;
}
