import { entropyBits, type Span } from './secretSpans.ts';

/**
 * Finds what is recognisable as a secret by its own shape: tokens of known services, credentials
 * in URLs and headers, and long random-looking literals.
 */
export function findSecretTokens(line: string): readonly Span[] {
  if (line.length < MIN_TOKEN_LENGTH) return [];
  return [
    ...matches(line, SERVICE_TOKEN, () => true),
    ...matches(line, URL_PASSWORD, (secret) => !PLACEHOLDER.test(secret)),
    ...matches(line, HEADER_TOKEN, hasDigit),
    ...matches(line, LONG_LITERAL, isRandomLooking),
  ];
}

const MIN_TOKEN_LENGTH = 8;

/** Tokens that say whose they are; one alternation, so that a line is gone through once. */
const SERVICE_TOKEN = oneOf([
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/, // AWS
  /\bgh[pousr]_[A-Za-z0-9]{20,}/, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|ffct|oas)-[A-Za-z0-9_.-]{18,}/, // GitLab
  /\bxox[a-z](?:-\d)?-[A-Za-z0-9-]{10,}/, // Slack
  /\bxapp-\d-[A-Za-z0-9-]{10,}/,
  /https:\/\/hooks\.slack\.com\/[A-Za-z0-9/_+-]{20,}/,
  /https:\/\/(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]+/,
  /https:\/\/[\w.-]+\.webhook\.office\.com\/\S{20,}/,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}/, // Stripe
  /\bwhsec_[A-Za-z0-9+/=]{20,}/,
  /\bsq0[a-z]{3}-[\w-]{20,}/, // Square
  /\bsk-(?:[a-z0-9]+-)*[A-Za-z0-9_]*\d[A-Za-z0-9_-]{15,}/, // OpenAI, Anthropic and others
  /\b(?:gsk|xai|nvapi|pplx|r8|tvly|jina|fc|lsv2_pt)[-_][A-Za-z0-9_-]{28,}/,
  /\bAIza[\w-]{30,}/, // Google
  /\bya29\.[\w-]{20,}/,
  /\bGOCSPX-[\w-]{20,}/,
  /\bhf_[A-Za-z0-9]{30,}/, // Hugging Face
  /\bnpm_[A-Za-z0-9]{30,}/,
  /\bpypi-[\w-]{50,}/,
  /\brubygems_[a-f0-9]{40,}/,
  /\bdckr_pat_[\w-]{20,}/, // Docker
  /\bSG\.[\w-]{16,}\.[\w-]{16,}/, // SendGrid
  /\b(?:SK|AC)[0-9a-f]{32}\b/, // Twilio
  /\bkey-[0-9a-f]{32}\b/, // Mailgun
  /\b[0-9a-f]{32}-us\d{1,2}\b/, // Mailchimp
  /\b\d{8,10}:AA[\w-]{30,}/, // Telegram
  /\b[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,}/, // Discord
  /\beyJ[\w-]{8,}\.(?:eyJ)?[\w-]{8,}(?:\.[\w-]*)?/, // JSON web token
  /\bdo[opr]_v1_[a-f0-9]{40,}/, // DigitalOcean
  /\bshp[a-z]{2}_[a-fA-F0-9]{32}/, // Shopify
  /\bdapi[a-f0-9]{32}/, // Databricks
  /\bdp\.[a-z]{2,5}\.[A-Za-z0-9_.]{30,}/, // Doppler
  /\blin_(?:api|oauth)_[A-Za-z0-9]{30,}/, // Linear
  /\bsecret_[A-Za-z0-9]{43}\b/, // Notion
  /\bntn_[A-Za-z0-9]{40,}/,
  /\bhv[sbr]\.[\w-]{20,}/, // Vault
  /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}/, // Terraform Cloud
  /\bAGE-SECRET-KEY-1[A-Z0-9]{40,}/,
  /\bNRAK-[A-Z0-9]{20,}/, // New Relic
  /\bsntry[su]_[\w=+/.-]{30,}/, // Sentry
  /\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}/, // Postman
  /\bfig[doru]_[\w-]{30,}/, // Figma
  /\bATATT3[\w=-]{30,}/, // Atlassian
  /\bATBB[A-Za-z0-9]{24,}/,
  /\bops_eyJ[\w-]{50,}/, // 1Password
  /\btskey-[\w-]{20,}/, // Tailscale
  /\bglsa_[A-Za-z0-9]{20,}_[a-f0-9]{8}/, // Grafana
  /\bpscale_(?:tkn|pw|oauth)_[\w.-]{30,}/,
  /\bsbp_[a-f0-9]{40}/, // Supabase
  /\bEAA[A-Za-z0-9]{60,}/, // Facebook
  /(?<=\b(?:AccountKey|SharedAccessKey|SharedSecretValue)=)[A-Za-z0-9+/=]{30,}/, // Azure
  /(?<=[?&](?:sig|X-Amz-Signature|access_token|api_key|apikey|key|token)=)[\w%+/=.-]{16,}/,
]);

const URL_PASSWORD = /(?<=[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@'"`]{0,80}:)[^\s/@'"`]{3,}(?=@)/giu;

const HEADER_TOKEN =
  /(?<=\b(?:Bearer|Basic|Token|Authorization:|X-Api-Key:|Private-Token:)\s{1,4})[\w.~+/=-]{12,}/giu;

const LONG_LITERAL = /(?<=["'`=:\s]|^)[A-Za-z0-9+/_-]{32,}={0,2}(?=["'`\s,;)]|$)/gu;

/** What people write where a secret would stand. */
export const PLACEHOLDER =
  /^(?:\[redacted\].*|[x*.•_-]+|<.*>|\$\{.*\}|\$\(.*\)|\$[A-Za-z_]\w*|\{.*\}|%\w+%|@\w+@|change[-_ ]?(?:me|it|this).*|your[-_ ]?.*|my[-_](?:secret|password|token).{0,6}|example.*|placeholder|dummy|fake|todo|tbd|none|null|nil|undefined|true|false|string|str|text|number|boolean|bool|any|object|unknown|bytes|passw(?:or)?d|secret|token|required|optional|hidden|password_hash)$/iu;

function matches(line: string, pattern: RegExp, accept: (match: string) => boolean): Span[] {
  const spans: Span[] = [];
  for (const match of line.matchAll(pattern)) {
    if (!accept(match[0])) continue;
    spans.push({ start: match.index, end: match.index + match[0].length });
  }
  return spans;
}

function hasDigit(text: string): boolean {
  return /\d/u.test(text);
}

/** Long hexadecimal or base64 text; written words, paths and alphabets are not. */
function isRandomLooking(text: string): boolean {
  if (/abcdefg/iu.test(text) || !hasDigit(text)) return false;
  if (/^[0-9a-f]+$/iu.test(text)) return entropyBits(text) > 2.8 && /[a-f]/iu.test(text);
  return /[a-z]/u.test(text) && /[A-Z]/u.test(text) && entropyBits(text) > 4.2;
}

function oneOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:${pattern.source})`).join('|'), 'gu');
}
