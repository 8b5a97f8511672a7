import { HubbubConfig } from '@hubbub/config';
import { HubbubModule } from './hubbub.module.js';

describe('server.workers', () => {
  it('is refused before anything starts, where nothing forks them', () => {
    const config = HubbubConfig.from({ server: { workers: 4 } });
    expect(() => HubbubModule.forRoot(config)).toThrow(
      /server\.workers: more than 1 needs a program that calls runWorkers/,
    );
  });

  it('is served where it is 1', () => {
    expect(HubbubModule.forRoot(HubbubConfig.from({ server: { workers: 1 } }))).toHaveProperty('imports');
  });
});
