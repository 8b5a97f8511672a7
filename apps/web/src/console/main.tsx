import { render } from 'preact';
import { textsReady } from '../shared/i18n.js';
import { followSettings } from '../shared/page.js';
import { readSettings } from '../shared/settings.js';
import { App } from './app.js';

followSettings();
void textsReady().then(() => render(<App settings={readSettings()} />, document.getElementById('app') as HTMLElement));
