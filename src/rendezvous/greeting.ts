/**
 * The first words on a connection, one line each way, before any JSON-RPC is read: the window says the token, the engine
 * says `welcome`. Whoever says anything else is hung up on.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

/** A token and a line end; more is never read. */
const maxBytes = 256;
const welcome = 'welcome';

/** The window's side. Rejects when the engine hangs up or is silent for `timeoutMs`; the socket is then destroyed. */
export async function greet(socket: Socket, token: string, timeoutMs: number): Promise<void> {
  socket.write(`${token}\n`);
  const answer = await readLine(socket, timeoutMs);
  if (answer === welcome) return;
  socket.destroy();
  throw new Error('The engine did not let this window in.');
}

/** The engine's side: false when the other did not say the token in time; the socket is then destroyed. */
export async function admit(socket: Socket, token: string, timeoutMs: number): Promise<boolean> {
  const said = await readLine(socket, timeoutMs).catch(() => undefined);
  const isRight = said !== undefined && isSame(said, token);
  if (isRight) socket.write(`${welcome}\n`);
  else socket.destroy();
  return isRight;
}

/** Takes as long for a wrong token as for the right one. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Reads up to the first line end and puts back what came behind it. The socket is paused afterwards. */
function readLine(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => fail('was silent'), timeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      socket.pause();
      socket.off('data', onData).off('close', onClose).off('error', onClose);
    };
    const fail = (what: string): void => {
      done();
      socket.destroy();
      reject(new Error(`The other side of the connection ${what}.`));
    };
    const onClose = (): void => fail('hung up');
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\n');
      if (end < 0 && received.length <= maxBytes) return;
      if (end < 0 || end > maxBytes) return fail('said something else');
      done();
      const rest = received.subarray(end + 1);
      if (rest.length > 0) socket.unshift(rest);
      resolve(received.subarray(0, end).toString('utf8'));
    };
    socket.on('data', onData).on('close', onClose).on('error', onClose);
  });
}
