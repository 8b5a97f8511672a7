import { Bus, Database, HubbubError, OnMessage } from '@hubbub/hubbub';
import { ERRORS } from '@hubbub/protocol';
