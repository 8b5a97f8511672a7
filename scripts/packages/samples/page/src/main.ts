import { HubbubClient } from '@hubbub/client';

/** Joins a room, says a word and hears it, and uses a command of the application's own. */
export async function talk(url: string, token: string, socket?: typeof WebSocket): Promise<unknown> {
  const client = new HubbubClient({ url, token, WebSocket: socket });
  const session = await client.connect();
  await client.command('create_room', { room_id: 'lobby' });
  const room = await client.join('lobby');
  const heard = new Promise<unknown>((resolve) => {
    room.on('room_message', ({ seq, content }) => resolve({ seq, content }));
  });
  await room.send({ text: 'héllo' });
  const rolled = await client.command<{ user_id: string; value: number }>('roll_dice', { sides: 6 });
  const refused: unknown = await client.command('roll_dice', { sides: 1 }).catch((error: Error) => error.name);
  const result = { user: session.user_id, heard: await heard, rolled, refused };
  client.close();
  return result;
}
