import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SETTINGS, type Settings } from '../settings/settings.js';
import { WordList } from './word-list.js';

/** By looking rather than by being told: also of files that are replaced, or mounted into a container. */
const LOOK_MS = 1000;

/** The words that are not wanted at the moment: those of the environment, and those of the file. */
@Injectable()
export class Words implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Moderator');
  private list = new WordList([]);

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** @throws Error if there is a file and it cannot be read */
  onModuleInit(): void {
    const { MODERATOR_WORDS_FILE: file } = this.settings;
    this.read();
    if (file !== '') watchFile(file, { interval: LOOK_MS, persistent: false }, () => this.readAgain());
  }

  onModuleDestroy(): void {
    if (this.settings.MODERATOR_WORDS_FILE !== '') unwatchFile(this.settings.MODERATOR_WORDS_FILE);
  }

  areIn(text: string): boolean {
    return this.list.isIn(text);
  }

  private read(): void {
    const { MODERATOR_WORDS: words, MODERATOR_WORDS_FILE: file } = this.settings;
    const lines = file === '' ? [] : readFileSync(file, 'utf8').split('\n');
    this.list = new WordList([...words, ...lines.map((line) => line.replace(/#.*/, ''))]);
    this.logger.log({ msg: 'words are read', words: this.list.size });
  }

  private readAgain(): void {
    try {
      this.read();
    } catch (error) {
      this.logger.error({ msg: 'words cannot be read again, those of before stay', err: error });
    }
  }
}
