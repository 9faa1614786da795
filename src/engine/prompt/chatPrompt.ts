/** The chat prompt on top of the base, by the model's own chat template. */
import {
  JinjaTemplateChatWrapper,
  SpecialTokensText,
  type ChatHistoryItem,
  type LlamaText,
} from 'node-llama-cpp';
import type { ChatMessage } from '../../protocol/requests.ts';
import type { Tokenizer } from '../tokenizer.ts';

export const systemMessage =
  'You are Warmfork, a programming assistant that runs on the user’s own machine. The project is shown above. Answer briefly, with code in fenced blocks.';

/** ChatML, which a model without a template of its own is most likely to follow. */
const chatMl = `{% for message in messages %}<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;

export class ChatTemplate {
  readonly #wrapper: JinjaTemplateChatWrapper;

  constructor(template: string | undefined) {
    this.#wrapper = new JinjaTemplateChatWrapper({
      template: template ?? chatMl,
      trimLeadingWhitespaceInResponses: false,
    });
  }

  /**
   * Tokens of the conversation up to where the answer begins. Only the template's own text is parsed for special
   * tokens; what a person, a file or the model wrote is plain text. `answers` gives the tokens an earlier answer was
   * generated as, so that its cells are found again even where its text would be tokenised differently.
   */
  tokens(
    tokenizer: Tokenizer,
    messages: readonly ChatMessage[],
    answers: ReadonlyMap<string, readonly number[]>,
  ): number[] {
    const text = this.#render(messages);
    return text.values.flatMap((value) => {
      if (typeof value === 'string') return [...(answers.get(value) ?? tokenizer.text(value))];
      if (value instanceof SpecialTokensText) return tokenizer.template(value.value);
      return tokenizer.builtin(value.value);
    });
  }

  #render(messages: readonly ChatMessage[]): LlamaText {
    const history: ChatHistoryItem[] = [{ type: 'system', text: systemMessage }];
    for (const { role, content } of messages)
      history.push(
        role === 'user' ? { type: 'user', text: content } : { type: 'model', response: [content] },
      );
    history.push({ type: 'model', response: [] });
    return this.#wrapper.generateContextState({ chatHistory: history }).contextText;
  }
}
