/** Answers the requests of one host. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc/node';
import * as protocol from '../protocol/models.ts';
import { download } from './download/download.ts';
import { removePart } from './download/partFile.ts';
import { checkModel } from './files/checkModel.ts';
import { listModels, checkThoroughly } from './listModels.ts';

export function serve(connection: MessageConnection): void {
  connection.onRequest(protocol.listModels, listModels);
  connection.onRequest(protocol.checkModel, async ({ path }) =>
    checkThoroughly(await checkModel(path)),
  );
  connection.onRequest(protocol.downloadModel, (params, token) => load(connection, params, token));
  connection.onRequest(protocol.discardDownload, async ({ folder, fileName }) => {
    await removePart(join(folder, fileName));
    await rm(join(folder, `${fileName}.part.lock`), { force: true });
    return null;
  });
  connection.listen();
}

async function load(
  connection: MessageConnection,
  { reference, folder, progressToken }: protocol.DownloadParams,
  token: CancellationToken,
): Promise<protocol.DownloadResult> {
  const controller = new AbortController();
  const listener = token.onCancellationRequested(() => controller.abort());
  try {
    return await download({
      reference,
      folder,
      env: process.env,
      signal: controller.signal,
      onProgress: (progress) =>
        void connection.sendProgress(protocol.downloadProgress, progressToken, progress),
      onContact: (host, why) => void connection.sendNotification(protocol.contacted, { host, why }),
    });
  } finally {
    listener.dispose();
  }
}
