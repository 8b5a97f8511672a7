import { render } from 'preact';

render(<main>Hubbub</main>, document.getElementById('app') as HTMLElement);
