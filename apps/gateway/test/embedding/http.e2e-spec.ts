import { describeHttp } from '../http/http.contract.js';
import { closeApplications, PLATFORMS, startApplication } from './applications.js';

describe.each(PLATFORMS)('in an application on %s', (platform) => {
  describeHttp('HTTP', () => startApplication({ platform, use: { docs: 'docs' } }));
  afterAll(closeApplications);
});
