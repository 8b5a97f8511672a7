import { render } from 'preact';
import { followSettings } from '../shared/page.js';
import { readSettings } from '../shared/settings.js';
import { App } from './app.js';

followSettings();
render(<App settings={readSettings()} />, document.getElementById('app') as HTMLElement);
