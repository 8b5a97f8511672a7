import { syncSubject } from '@hubbub/protocol';

/** As which the primary answers its workers, which have numbers. */
export const PRIMARY = 'primary';

/** Asks the primary for the figures of all workers, as Prometheus text. */
export const CREW_METRICS = syncSubject('crew.metrics');
/** Asks the workers for their own. */
export const WORKER_METRICS = syncSubject('crew.worker_metrics');
