/** The floor: a message is encoded once and sent to every other member. */
import { serveRooms } from './ws-rooms.js';

serveRooms((members, sender, text) => {
  for (const member of members) if (member !== sender) member.send(text);
});
