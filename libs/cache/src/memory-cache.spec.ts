import { describeCacheContract } from '@hubbub/cache/testing';

describeCacheContract('MemoryCache', async () => null);
