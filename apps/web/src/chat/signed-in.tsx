import { HubbubClient } from '@hubbub/client';
import { indexedDbOutbox } from '@hubbub/client/indexed-db';
import { useEffect, useState } from 'preact/hooks';
import { Api } from '../shared/api.js';
import type { Session, SessionEnd } from '../shared/session.js';
import { type Settings, socketUrl } from '../shared/settings.js';
import { Button, Dialog } from '../shared/ui/index.js';
import { ChatPage } from './chat-page.js';
import { Conversation } from './conversation/conversation.js';
import { tellNews } from './news.js';
import { sharedSocket } from './shared-socket.js';
import { Chat } from './state/chat.js';
import type { Route } from './state/route.js';
import { t } from './texts.js';

export interface SignedInProps {
  readonly settings: Settings;
  readonly session: Session;
  readonly route: Route;
  readonly onEnd: (why: SessionEnd) => void;
}

/** The chat of one sign-in, as long as that lasts. */
export function SignedIn({ settings, session, route, onEnd }: SignedInProps) {
  const [chat, setChat] = useState<Chat<Conversation> | null>(null);
  useEffect(() => {
    const made = chatOf(session, settings);
    const stop = session.onEnd(onEnd);
    made.start();
    setChat(made);
    return () => {
      stop();
      setChat(null);
      made.dispose();
    };
  }, [session]);
  if (chat === null) return null;
  return (
    <ChatPage chat={chat} route={route} settings={settings}>
      <Ended chat={chat} />
    </ChatPage>
  );
}

/** Made once: a policy of the page may be made once only. */
const WebSocket = sharedSocket();

function chatOf(session: Session, settings: Settings): Chat<Conversation> {
  const client = new HubbubClient({
    url: socketUrl(settings),
    token: (reason) => session.token(reason),
    outbox: indexedDbOutbox(),
    WebSocket,
  });
  return new Chat({
    client,
    session,
    api: new Api(settings, session),
    open: (of, target, me) => new Conversation(of, target, me),
    tell: tellNews,
  });
}

/** The gateway has ended the connection for good, and the sign-in may still be alive. */
function Ended({ chat }: { chat: Chat }) {
  const { state, ending } = chat.connection.value;
  if (state !== 'closed' || ending === undefined) return null;
  return (
    <Dialog
      title={t('endedTitle')}
      size="small"
      onClose={() => location.reload()}
      actions={
        <>
          <Button onClick={() => void chat.session.logout()}>{t('logInAgain')}</Button>
          <Button kind="primary" onClick={() => location.reload()}>
            {t('connectAgain')}
          </Button>
        </>
      }
    >
      <p>{t(ending)}</p>
    </Dialog>
  );
}
