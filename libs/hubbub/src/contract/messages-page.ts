import { CLOSE, ERRORS, shouldReconnect } from '@hubbub/protocol';
import {
  type Catalogue,
  COMMON_ERRORS,
  type CommandEntry,
  type EventEntry,
  fieldsOf,
  fieldText,
  type JsonSchema,
  kindOf,
  type PushEntry,
} from '@hubbub/protocol/contract';
import { type Hints, hintsOf } from './async-api-schemas.js';
import { type Html, html, jsonBlock, prose } from './html.js';
import { PAGE_STYLE } from './page-style.js';

export interface PageOptions {
  readonly version: string;
  /** Hash of the contract. */
  readonly contract: string;
}

/** One part of the page; its entries are in the navigation too. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly entries: readonly { readonly id: string; readonly title: string; readonly body: Html }[];
  /** In place of entries. */
  readonly table?: Html;
}

/** What the gateway speaks, for people: one page without scripts or anything from elsewhere. */
export function messagesPage(catalogue: Catalogue, { version, contract }: PageOptions): string {
  const sections = sectionsOf(catalogue).filter(({ entries, table }) => entries.length > 0 || table !== undefined);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hubbub: messages</title>
<style>@style</style>
</head>
<body>
<div class="page">
<nav aria-label="Messages">${sections.map(contents)}</nav>
<main>
<h1>Messages</h1>
<p class="lead">What this gateway speaks: version ${version}, contract <code>${contract}</code>.
The same for tools: <a href="asyncapi.json">AsyncAPI</a>, <a href="contract.json">canonical contract</a>.
The HTTP routes have <a href="./">a page of their own</a>.</p>
${sections.map(body)}
</main>
</div>
</body>
</html>
`;
  // Not as a part: a style sheet is no text to escape.
  return page.text.replace('@style', () => PAGE_STYLE);
}

function contents({ id, title, entries }: Section): Html {
  const links = entries.map((entry) => html`<li><a href="#${entry.id}">${entry.title}</a></li>`);
  return html`<h2><a href="#${id}">${title}</a></h2><ul>${links}</ul>`;
}

function body({ id, title, lead, entries, table }: Section): Html {
  return html`<section id="${id}"><h2>${title}</h2><p class="lead">${prose(lead)}</p>${table}${entries.map(
    (entry) => html`
<article id="${entry.id}"><h3><a href="#${entry.id}">${entry.title}</a></h3>${entry.body}</article>`,
  )}</section>
`;
}

function sectionsOf({ commands, pushes, events, serviceCommands, ...tables }: Catalogue): Section[] {
  const ofCommands = (kind: string, entries: readonly CommandEntry[]) =>
    entries.map((entry) => ({ id: `${kind}-${entry.type}`, title: entry.type, body: command(entry, kind) }));
  const ofMessages = (kind: string, entries: readonly (PushEntry | EventEntry)[]) =>
    entries.map((entry) => ({ id: `${kind}-${entry.type}`, title: entry.type, body: message(entry) }));
  return [
    {
      id: 'commands',
      title: 'Commands',
      lead: `A frame is \`{"message_type", "message_id", "data"}\`. Each gets exactly one answer, its reply or an \`error\`, with the \`message_id\` as \`request_id\`. Any may fail by ${COMMON_ERRORS.join(', ')}; what else may happen stands with each.`,
      entries: ofCommands(
        'command',
        commands.filter(({ isBuiltIn }) => isBuiltIn),
      ),
    },
    {
      id: 'application',
      title: 'Commands of the application',
      lead: 'What this application has added.',
      entries: ofCommands(
        'command',
        commands.filter(({ isBuiltIn }) => !isBuiltIn),
      ),
    },
    { id: 'pushes', title: 'Pushes', lead: 'What the gateway says unasked.', entries: ofMessages('push', pushes) },
    {
      id: 'errors',
      title: 'Errors',
      lead: '`data` of an `error` frame has `code`, `name`, `message`, `retryable`, and sometimes `retry_after_ms` and `details`.',
      entries: [],
      table: table(
        ['code', 'name', 'retry', 'when'],
        tables.errors.map(({ name, when }) => [
          html`<code>${ERRORS[name].code}</code>`,
          html`${name}`,
          html`${ERRORS[name].retryable ? 'yes' : 'no'}`,
          prose(when),
        ]),
      ),
    },
    {
      id: 'closes',
      title: 'Close codes',
      lead: '4000–4499 reconnect, 4500–4999 do not.',
      entries: [],
      table: table(
        ['code', 'reconnect', 'why'],
        tables.closes.map(({ name, when }) => [
          html`<code>${CLOSE[name].code}</code>`,
          html`${shouldReconnect(CLOSE[name].code) ? 'yes' : 'no'}`,
          prose(when),
        ]),
      ),
    },
    {
      id: 'permissions',
      title: 'Permissions',
      lead: '`admin:system` grants all. A grant may be narrowed to rooms: `send:message@support.*`.',
      entries: [],
      table: table(
        ['permission', 'lets do'],
        tables.permissions.map(({ name, lets }) => [html`<code>${name}</code>`, prose(lets)]),
      ),
    },
    {
      id: 'events',
      title: 'Events for services',
      lead: 'Facts on `hubbub.evt.<scope>.<key>.<event>` of the broker, with `bus.type: nats`, as packets `{"pattern", "data"}`.',
      entries: ofMessages('event', events),
    },
    {
      id: 'service-commands',
      title: 'Commands of services',
      lead: 'Requests on `hubbub.cmd.<command>`, answered `{"response"}` or `{"err"}`; or over HTTP, `POST /api/commands/<command>`.',
      entries: ofCommands('service', serviceCommands),
    },
  ];
}

function command(entry: CommandEntry, kind: string): Html {
  const { summary, notes, permissions, needs, replyType, streams, errors, type } = entry;
  const needed = permissions.map((name) => html`<li>needs <code>${name}</code></li>`);
  const answer = streams
    ? html`<li>a stream of <code>${type}_item</code>, then <code>done</code></li>`
    : replyType !== null && html`<li>reply <code>${replyType}</code></li>`;
  return html`${summary && html`<p>${prose(summary)}</p>`}${notes && html`<p>${prose(notes)}</p>`}
<ul class="facts">${needed}${needs && html`<li>needs: ${prose(needs)}</li>`}${answer || undefined}</ul>
${fields('data', entry.data, hintsOf(entry, entry.fields))}${
  replyType === null && kind === 'command'
    ? undefined
    : fields(streams ? 'an item' : 'reply', entry.replyData, hintsOf(entry, entry.replyFields))
}
${failures(errors)}
${examples(entry, kind)}`;
}

/** Errors of its own: those of every command are said once. */
function failures(errors: CommandEntry['errors']): Html | undefined {
  const own = errors.filter((name) => !COMMON_ERRORS.includes(name));
  if (own.length === 0) return undefined;
  const names = own.map((name, index) => html`${index === 0 ? '' : ', '}${name} <code>${ERRORS[name].code}</code>`);
  return html`<p class="errors">May fail by ${names}.</p>`;
}

function examples({ type, example, reply, replyType }: CommandEntry, kind: string): Html | undefined {
  if (example === undefined) return undefined;
  const isService = kind === 'service';
  const sent = isService ? example : { message_type: type, message_id: 1, data: example };
  const answered = isService ? { response: reply } : { message_type: replyType, request_id: 1, data: reply };
  const hasAnswer = isService || replyType !== null;
  return html`<div class="examples"><div><h4>For example</h4>${jsonBlock(sent)}</div>${
    hasAnswer ? html`<div><h4>is answered by</h4>${jsonBlock(answered)}</div>` : undefined
  }</div>`;
}

function message(entry: PushEntry | EventEntry): Html {
  const { type, summary, notes, to, data, example } = entry;
  const isEvent = 'scope' in entry;
  const facts = isEvent
    ? html`<li>about a ${entry.scope}</li>${entry.stored ? html`<li>stored</li>` : undefined}`
    : html`<li>to ${to === undefined ? undefined : prose(to)}</li>`;
  const sent = isEvent
    ? { pattern: `hubbub.evt.${entry.scope}.….${type}`, data: example }
    : { message_type: type, data: example };
  return html`<p>${prose(summary)}</p>${notes && html`<p>${prose(notes)}</p>`}<ul class="facts">${facts}</ul>
${fields('data', data, entry.fields)}<h4>For example</h4>${jsonBlock(sent)}`;
}

function fields(title: string, schema: JsonSchema, hints: Hints | null = {}): Html | undefined {
  const all = fieldsOf(schema);
  if (all.length === 0) return undefined;
  const rows = all.map(({ name, schema: field, required }) => [
    html`<code>${name}</code>${required ? undefined : html` <span class="optional">optional</span>`}`,
    html`${kindOf(field)}`,
    prose(hints === null ? (field.description ?? '') : fieldText(name, field, hints[name])),
  ]);
  return html`<h4>${title}</h4>${table(['field', 'kind', 'meaning'], rows)}`;
}

function table(heads: readonly string[], rows: readonly (readonly (Html | readonly Html[])[])[]): Html {
  const hasKinds = heads[1] === 'kind';
  const cells = (row: readonly (Html | readonly Html[])[]) =>
    row.map((cell, index) => html`<td${hasKinds && index === 1 ? html` class="kind"` : undefined}>${cell}</td>`);
  return html`<div class="wide"><table${hasKinds ? html` class="kinds"` : undefined}>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
}
