import { render } from 'preact';
import { textsReady } from '../shared/i18n.js';
import { followSettings } from '../shared/page.js';
import { Session } from '../shared/session.js';
import { readSettings } from '../shared/settings.js';
import { App } from './app.js';

followSettings();
const settings = readSettings();
void Promise.all([Session.restore(settings), textsReady()]).then(([kept]) =>
  render(<App settings={settings} kept={kept} />, document.getElementById('app') as HTMLElement),
);
