/** Holds the connection that the tabs share. */
import '@hubbub/client/tabs-worker';
