/** Servers of this run alone, on free ports, each started when a case first asks for it. */
export class Servers {
  stop(): Promise<void>;
}
