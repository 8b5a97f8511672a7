import { PermissionSet } from '@hubbub/protocol';

/** Different sets remembered. Beyond that a set is made anew for each token, which costs memory and nothing else. */
const MAX_SETS = 1000;

/** One `PermissionSet` for all who hold the same grants: a hundred thousand connections of plain users share one. */
export class PermissionSets {
  private readonly sets = new Map<string, PermissionSet>();
  /** Of the list that was asked for last: anonymous users all bring the same one, that of the configuration. */
  private latest: { readonly grants: readonly string[]; readonly set: PermissionSet } | null = null;

  of(grants: readonly string[]): PermissionSet {
    if (grants.length === 0) return PermissionSet.NONE;
    if (this.latest?.grants !== grants) this.latest = { grants, set: this.find(grants) };
    return this.latest.set;
  }

  private find(grants: readonly string[]): PermissionSet {
    const key = JSON.stringify(grants);
    const known = this.sets.get(key);
    if (known !== undefined) return known;
    const made = new PermissionSet([...grants]);
    if (this.sets.size < MAX_SETS) this.sets.set(key, made);
    return made;
  }
}
