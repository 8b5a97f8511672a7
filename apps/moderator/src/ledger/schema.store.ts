export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE said (
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  sender_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  sketch BLOB NOT NULL,
  PRIMARY KEY (epoch, seq)
) WITHOUT ROWID;
CREATE INDEX said_by ON said (epoch, sender_id, seq);
CREATE INDEX said_at ON said (at);
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX decision_by ON decision (user_id, at);
CREATE INDEX decision_at ON decision (at);
CREATE TABLE effect (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  decision_id TEXT NOT NULL REFERENCES decision
);
CREATE INDEX effect_kind ON effect (kind, number);
CREATE INDEX effect_of ON effect (decision_id);
PRAGMA user_version = ${SCHEMA_VERSION};`;
