/**
 * Says whether a key was changed since one looked, of however many keys in a fixed space: those that share a stamp count
 * as changed together, which costs one reading too many.
 */
export class Stamps {
  private readonly stamps: Uint32Array;

  /** @param count of stamps, a power of two */
  constructor(count = 4096) {
    this.stamps = new Uint32Array(count);
  }

  /** Where the stamp of a key is. */
  placeOf(key: string): number {
    let hash = 0x811c9dc5;
    for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193);
    return (hash ^ (hash >>> 16)) & (this.stamps.length - 1);
  }

  at(place: number): number {
    return this.stamps[place] ?? 0;
  }

  change(key: string): void {
    const place = this.placeOf(key);
    this.stamps[place] = this.at(place) + 1;
  }

  changeAll(): void {
    for (let place = 0; place < this.stamps.length; place++) this.stamps[place] = this.at(place) + 1;
  }
}
