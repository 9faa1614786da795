// The file methods of Context.
#include "context-wrap.h"
#include "exported-state.h"
#include "promise-job.h"
#include "state-file.h"
#include "typed-arrays.h"

static constexpr llama_seq_id whole_context = -1;

static Napi::Value queue_save(const Napi::CallbackInfo & info, std::shared_ptr<context_handle> context,
                              llama_seq_id sequence, const argument & tokens) {
    const std::string path = read_path(nth_argument(info, 0, "path"));
    return queue_job(
        info.Env(), context->worker,
        [context, path, sequence, saved = read_tokens(tokens, context->model->n_vocab)] {
            return save_state_file(*context, path, sequence, saved);
        },
        [](Napi::Env env, size_t n_bytes) { return Napi::Number::New(env, (double) n_bytes); });
}

static Napi::Value queue_load(const Napi::CallbackInfo & info, std::shared_ptr<context_handle> context, llama_seq_id sequence) {
    const std::string path = read_path(nth_argument(info, 0, "path"));
    return queue_job(
        info.Env(), context->worker,
        [context, path, sequence] { return load_state_file(*context, path, sequence); },
        [](Napi::Env env, const std::vector<llama_token> & tokens) { return to_typed_array<Napi::Int32Array>(env, tokens); });
}

Napi::Value context_wrap::save_file(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] { return queue_save(info, open_handle(), whole_context, nth_argument(info, 1, "tokens")); });
}

Napi::Value context_wrap::load_file(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] { return queue_load(info, open_handle(), whole_context); });
}

Napi::Value context_wrap::save_sequence_file(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context  = open_handle();
        const auto sequence = read_sequence(nth_argument(info, 1, "sequence"), *context);
        return queue_save(info, context, sequence, nth_argument(info, 2, "tokens"));
    });
}

Napi::Value context_wrap::load_sequence_file(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context  = open_handle();
        const auto sequence = read_sequence(nth_argument(info, 1, "sequence"), *context);
        return queue_load(info, context, sequence);
    });
}

Napi::Value context_wrap::save_exported_file(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const std::string path   = read_path(nth_argument(info, 0, "path"));
        auto              tokens = read_tokens(nth_argument(info, 2, "tokens"), open_handle()->model->n_vocab);
        return queue_job(
            info.Env(), environment::of(info.Env()).saves,
            [path, state = take_exported(nth_argument(info, 1, "state")), tokens = std::move(tokens)] {
                return ::save_exported_file(path, *state, tokens);
            },
            [](Napi::Env env, size_t n_bytes) { return Napi::Number::New(env, (double) n_bytes); });
    });
}
