import { render } from 'preact';
import { followSettings } from '../shared/page.js';
import { Session } from '../shared/session.js';
import { readSettings } from '../shared/settings.js';
import { App } from './app.js';

followSettings();
const settings = readSettings();
void Session.restore(settings).then((kept) =>
  render(<App settings={settings} kept={kept} />, document.getElementById('app') as HTMLElement),
);
