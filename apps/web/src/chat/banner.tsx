import { useEffect, useState } from 'preact/hooks';
import { Button } from '../shared/ui/index.js';
import './banner.css';
import { usePage } from './page.js';
import { t } from './texts.js';

/** How long a connection may be made before it is worth a word: most are there sooner. */
const PATIENCE_MS = 1500;

/** Says that there is no connection, when the next attempt is, and lets it be made at once. */
export function Banner() {
  const { chat } = usePage();
  const { state, retryAt = 0 } = chat.connection.value;
  const isOffline = state === 'offline';
  const isBusy = state === 'connecting' || state === 'recovering';
  const isLate = useLate(isBusy, PATIENCE_MS);
  const seconds = useSecondsUntil(retryAt, isOffline);
  return (
    <>
      <p class="unseen" role="status">
        {isOffline ? t('offlineIn', { count: Math.max(1, Math.ceil((retryAt - Date.now()) / 10_000) * 10) }) : ''}
      </p>
      {isOffline && (
        <div class="banner offline">
          <span aria-hidden="true">{t('offlineIn', { count: seconds })}</span>
          <Button onClick={() => chat.client.retryNow()}>{t('tryNow')}</Button>
        </div>
      )}
      {isBusy && isLate && (
        <div class="banner" role="status">
          {t(state)}
        </div>
      )}
    </>
  );
}

/** True once `isOn` has been so for that long. */
function useLate(isOn: boolean, ms: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!isOn) return;
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [isOn, ms]);
  return isOn && isLate;
}

/** At least 0, as long as `isOn`; `at` is Unix ms. */
function useSecondsUntil(at: number, isOn: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isOn) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isOn, at]);
  return Math.max(0, Math.ceil((at - now) / 1000));
}
