// Model.info: what the GGUF file says about itself.
#include "model-wrap.h"

static Napi::Object special_tokens(Napi::Env env, const llama_vocab * vocab) {
    Napi::Object tokens = Napi::Object::New(env);
    tokens.Set("bos",           llama().llama_vocab_bos(vocab));
    tokens.Set("eos",           llama().llama_vocab_eos(vocab));
    tokens.Set("eot",           llama().llama_vocab_eot(vocab));
    tokens.Set("newline",       llama().llama_vocab_nl(vocab));
    tokens.Set("fimPrefix",     llama().llama_vocab_fim_pre(vocab));
    tokens.Set("fimSuffix",     llama().llama_vocab_fim_suf(vocab));
    tokens.Set("fimMiddle",     llama().llama_vocab_fim_mid(vocab));
    tokens.Set("fimPad",        llama().llama_vocab_fim_pad(vocab));
    tokens.Set("fimRepository", llama().llama_vocab_fim_rep(vocab));
    tokens.Set("fimSeparator",  llama().llama_vocab_fim_sep(vocab));
    return tokens;
}

static Napi::Object metadata(Napi::Env env, const model_handle & model) {
    Napi::Object result = Napi::Object::New(env);
    for (const auto & entry : model_metadata(model)) {
        result.Set(entry.first, entry.second);
    }
    return result;
}

Napi::Object model_info(Napi::Env env, const model_handle & model) {
    const char * chat_template = llama().llama_model_chat_template(model.model, nullptr);

    Napi::Object info = Napi::Object::New(env);
    info.Set("description",        model_description(model));
    info.Set("parameters",         (double) llama().llama_model_n_params(model.model));
    info.Set("sizeBytes",          (double) llama().llama_model_size(model.model));
    info.Set("nCtxTrain",          llama().llama_model_n_ctx_train(model.model));
    info.Set("nLayer",             llama().llama_model_n_layer(model.model));
    info.Set("nVocab",             model.n_vocab);
    info.Set("ropeFreqScaleTrain", llama().llama_model_rope_freq_scale_train(model.model));
    info.Set("isRecurrent",        llama().llama_model_is_recurrent(model.model));
    info.Set("isHybrid",           llama().llama_model_is_hybrid(model.model));
    info.Set("nSwa",               llama().llama_model_n_swa(model.model));
    info.Set("addBos",             llama().llama_vocab_get_add_bos(model.vocab));
    info.Set("tokens",             special_tokens(env, model.vocab));
    info.Set("chatTemplate",       chat_template ? Napi::Value(Napi::String::New(env, chat_template)) : env.Undefined());
    info.Set("metadata",           metadata(env, model));
    return info;
}
