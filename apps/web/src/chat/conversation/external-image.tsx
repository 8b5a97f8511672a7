import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { onStored, readStored, writeStored } from '../../shared/stored.js';
import { Button } from '../../shared/ui/index.js';
import { hostOf } from './markdown/urls.js';
import { t } from './texts.js';

const SETTING = 'show-images';
const always = signal(readStored<boolean>(SETTING) === true);
onStored(SETTING, () => {
  always.value = readStored<boolean>(SETTING) === true;
});

/** Whether pictures from elsewhere are shown without being asked for. Off, as asking for one tells its server who reads. */
export const imagesShown = {
  get value(): boolean {
    return always.value;
  },
  set value(shown: boolean) {
    always.value = shown;
    writeStored(SETTING, shown || undefined);
  },
};

export interface ExternalImageProps {
  /** http or https. */
  readonly src: string;
  readonly alt: string;
}

/**
 * A picture that somebody else's server has: asked for without telling from where. Not with `crossorigin`, which would leave
 * the cookies out too: it tells the origin, and hardly any server of pictures answers it.
 */
export function ExternalImage({ src, alt }: ExternalImageProps) {
  const [wanted, setWanted] = useState(false);
  const [loaded, setLoaded] = useState(false);
  const [failed, setFailed] = useState(false);
  const host = hostOf(src);
  if (failed) {
    return (
      <span class="external-image soft">
        {t('imageFailed')}{' '}
        <a href={src} target="_blank" rel="noopener noreferrer nofollow">
          {t('openImage', { host })}
        </a>
      </span>
    );
  }
  if (!wanted && !always.value) {
    return (
      <span class="external-image">
        <Button icon="image" onClick={() => setWanted(true)}>
          {t('showImage', { host })}
        </Button>
        <Button kind="quiet" onClick={() => (imagesShown.value = true)}>
          {t('alwaysImages')}
        </Button>
        {alt && <span class="soft">{alt}</span>}
      </span>
    );
  }
  return (
    <a class="external-image" href={src} target="_blank" rel="noopener noreferrer nofollow">
      <img
        class={loaded ? undefined : 'loading'}
        src={src}
        alt={alt || t('image', { host })}
        loading="lazy"
        decoding="async"
        referrerpolicy="no-referrer"
        onLoad={() => setLoaded(true)}
        onError={() => setFailed(true)}
      />
    </a>
  );
}
