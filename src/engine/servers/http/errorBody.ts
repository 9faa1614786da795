/** What a server says when it answers with an error, as one sentence. */

const maxChars = 240;

/** @param secret never shown, should the server repeat it */
export function errorSentence(body: string, secret: string | undefined): string {
  const said = oneLine(messageOf(body));
  const shown = secret ? said.replaceAll(secret, '…') : said;
  return shown.length > maxChars ? `${shown.slice(0, maxChars)}…` : shown;
}

function messageOf(body: string): string {
  const text = body.trim();
  if (text.startsWith('<')) return titleOf(text);
  try {
    return inJson(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}

/** `{error: {message}}`, `{error}`, `{message}`, `{detail}`, `{detail: [{msg}]}`. */
function inJson(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return inJson(value[0]);
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail, msg } = value as Readonly<Record<string, unknown>>;
  return inJson(error) ?? inJson(message) ?? inJson(detail) ?? inJson(msg);
}

function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(html)?.[1]?.trim();
  if (title) return title;
  return html.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
}
