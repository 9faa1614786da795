/** Errors of sockets and of TLS in words: what, which host, what to do. */

type Words = (host: string) => string;

const trustHint = 'set warmfork.server.caFile (or NODE_EXTRA_CA_CERTS) to the certificate to trust';

const selfSigned: Words = (host) =>
  `The certificate of ${host} is self-signed and not trusted; ${trustHint}.`;
const unknownIssuer: Words = (host) =>
  `The certificate of ${host} comes from an authority that is not trusted; ${trustHint} of that authority.`;

const words: Readonly<Record<string, Words>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  CERT_UNTRUSTED: unknownIssuer,
  CERT_HAS_EXPIRED: (host) =>
    `The certificate of ${host} has expired; it has to be renewed on the server (or the clock of this machine is wrong).`,
  CERT_NOT_YET_VALID: (host) =>
    `The certificate of ${host} is not valid yet; is the clock of this machine right?`,
  ERR_TLS_CERT_ALTNAME_INVALID: (host) =>
    `The certificate is not made out to ${host}; use the name that it is made out to in the server's address.`,
  ECONNREFUSED: (host) => `Nothing listens on ${host}; is the server started, and the port right?`,
  ENOTFOUND: (host) => `There is no machine of the name in ${host}; is the address right?`,
  EAI_AGAIN: (host) =>
    `The name in ${host} could not be looked up; is this machine connected to a network?`,
  EHOSTUNREACH: (host) => `${host} cannot be reached from this machine.`,
  ENETUNREACH: (host) => `${host} cannot be reached: there is no network.`,
  ECONNRESET: (host) => `${host} hung up.`,
  EPIPE: (host) => `${host} hung up.`,
  ETIMEDOUT: (host) => `${host} did not answer.`,
};

const notTls = /wrong version number|packet length too long|unknown protocol/i;

export function connectionWords(error: Error, host: string): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (notTls.test(error.message))
    return `${host} does not speak TLS; write http:// instead of https:// in its address.`;
  const known = words[code] ?? words[firstCode(error)];
  return known?.(host) ?? `${host} cannot be reached: ${error.message}.`;
}

/** Of the attempts on several addresses of one name. */
function firstCode(error: Error): string {
  const { errors } = error as AggregateError;
  const [first] = Array.isArray(errors) ? (errors as NodeJS.ErrnoException[]) : [];
  return first?.code ?? '';
}
