import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { WarmforkApi } from '../../../src/extension/api.ts';
import { until, warmApi } from './helpers.ts';

type Message = vscode.LanguageModelChatMessage;

const user = (content: string | vscode.LanguageModelToolResultPart[]): Message =>
  vscode.LanguageModelChatMessage.User(content);
const assistant = (content: string | vscode.LanguageModelToolCallPart[]): Message =>
  vscode.LanguageModelChatMessage.Assistant(content);

/** What VS Code's own chat and other extensions get. */
describe('the model in VS Code’s chat', () => {
  let api: WarmforkApi;
  let model: vscode.LanguageModelChat;

  before(async () => {
    api = await warmApi();
    model = await until(async () => (await vscode.lm.selectChatModels({ vendor: 'warmfork' }))[0]);
  });

  async function ask(
    messages: vscode.LanguageModelChatMessage[],
    options: vscode.LanguageModelChatRequestOptions = {},
  ): Promise<string> {
    const response = await model.sendRequest(messages, options);
    let text = '';
    for await (const piece of response.text) text += piece;
    return text;
  }

  it('is offered with what fits into it', () => {
    assert.equal(model.vendor, 'warmfork');
    assert.ok(model.maxInputTokens > 0 && model.maxInputTokens < 1_000_000);
  });

  it('counts tokens as the model does', async () => {
    const one = await model.countTokens('const answer = 42;');
    const two = await model.countTokens('const answer = 42;const answer = 42;');
    assert.ok(one > 0 && two > one && two <= one * 2);
    assert.equal(await model.countTokens(user('const answer = 42;')), one);
  });

  it('streams an answer, and goes on from it without evaluating it again', async () => {
    const asked = [user('What does greet do?')];
    const text = await ask(asked);
    assert.notEqual(text, '');
    const before = await api.counters();
    await ask([...asked, assistant(text), user('And then?')]);
    const after = await api.counters();
    assert.equal(after.chats, before.chats + 1);
    // The new question, what the template puts around it, and the answer; the history is not among them.
    assert.ok(after.tokensEvaluated - before.tokensEvaluated < 80);
  });

  it('ends when it is cancelled', async () => {
    const source = new vscode.CancellationTokenSource();
    const response = await model.sendRequest([user('Count to a million.')], {}, source.token);
    let pieces = 0;
    try {
      for await (const piece of response.text) if (piece !== '' && ++pieces === 2) source.cancel();
    } catch (error) {
      assert.ok(error instanceof vscode.CancellationError || error instanceof Error);
    }
    assert.ok(pieces >= 2, `${pieces} pieces`);
    source.dispose();
  });

  it('takes tools, and what they answered', async () => {
    const tools = [{ name: 'read', description: 'Reads a file.', inputSchema: { type: 'object' } }];
    const call = new vscode.LanguageModelToolCallPart('1', 'read', { path: 'a.ts' });
    const result = new vscode.LanguageModelToolResultPart('1', [
      new vscode.LanguageModelTextPart('const a = 1;'),
    ]);
    const text = await ask([user('Read a.ts'), assistant([call]), user([result])], { tools });
    assert.equal(typeof text, 'string');
  });

  it('answers @warmfork, with a slash command and a history', async () => {
    const streamed: string[] = [];
    const stream = {
      markdown: (value: string | vscode.MarkdownString) =>
        void streamed.push(typeof value === 'string' ? value : value.value),
    };
    const { token } = new vscode.CancellationTokenSource();
    const request = { prompt: 'this', command: 'explain' };
    const result = await api.askParticipant(request, { history: [] }, stream, token);
    assert.equal(result.errorDetails, undefined);
    assert.ok(streamed.length > 1, 'it streamed');
  });

  it('keeps nothing of it on disk', async () => {
    await vscode.commands.executeCommand('warmfork.saveAllSessions');
    const chats = (await api.sessions()).filter(({ id }) => /^(model|participant)-/.test(id));
    assert.ok(chats.length > 0);
    for (const { sizeBytes } of chats) assert.equal(sizeBytes, 0);
  });
});
