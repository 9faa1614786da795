// The image methods of Context: a base mapped in place, and the cells on their way there.
#include "context-image.h"
#include "context-wrap.h"
#include "exported-state.h"
#include "model-wrap.h"
#include "promise-job.h"
#include "typed-arrays.h"

static image_files read_image_files(const argument & files) {
    return {read_path(files.member("cellsPath")), read_path(files.member("metaPath")), read_string(files.member("identity"))};
}

// Its decodes are none, or one token at a time.
static context_options options_for_building(context_options options) {
    options.n_batch  = 1;
    options.n_ubatch = 1;
    return options;
}

Napi::Value context_wrap::create_for_image(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        environment & home = environment::of(info.Env());
        const auto    like = from(nth_argument(info, 0, "like")).open_handle();
        return queue_job(
            info.Env(), home.background,
            [&home, like] {
                return home.own<context_handle>(home.background, like->model, options_for_building(like->options), home.background,
                                                source_for_building(*like));
            },
            [](Napi::Env env, std::shared_ptr<context_handle> & context) { return to_js(env, std::move(context)); });
    });
}

Napi::Value context_wrap::open_image(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        llama_require();
        environment &         home    = environment::of(info.Env());
        const model_wrap &    of      = model_wrap::from(nth_argument(info, 0, "model"));
        const context_options options = read_context_options(nth_argument(info, 1, "options"));
        const image_files     files   = read_image_files(nth_argument(info, 2, "files"));
        return queue_job(
            info.Env(), home.background,
            [&home, model = of.open_handle(), options, files] {
                opened_image result;
                const auto   source = source_on_image(files, options.n_ctx, result);
                // From now on it belongs to the inference thread: what queues its first job there comes after this one.
                result.context = home.own<context_handle>(home.inference, model, options, home.inference, source);
                return result;
            },
            [](Napi::Env env, opened_image & opened) {
                Napi::Object result = Napi::Object::New(env);
                result.Set("tokens", to_typed_array<Napi::Int32Array>(env, opened.tokens));
                result.Set("checksum", to_hex(env, opened.checksum));
                result.Set("context", to_js(env, std::move(opened.context)));
                return result;
            });
    });
}

Napi::Value context_wrap::write_image(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const image_files files   = read_image_files(nth_argument(info, 0, "files"));
        auto              tokens  = read_tokens(nth_argument(info, 1, "tokens"), open_handle()->model->n_vocab);
        const auto        context = open_handle();
        return queue_job(
            info.Env(), context->worker,
            [context, files, tokens = std::move(tokens)] { return ::write_image(*context, files, tokens); },
            [](Napi::Env env, const written_image & written) {
                Napi::Object result = Napi::Object::New(env);
                result.Set("cellsBytes", (double) written.cells_bytes);
                result.Set("metaBytes", (double) written.meta_bytes);
                result.Set("checksum", to_hex(env, written.checksum));
                return result;
            });
    });
}

Napi::Value context_wrap::export_sequence(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context  = open_handle();
        const auto sequence = read_sequence(nth_argument(info, 0, "sequence"), *context);
        return queue_job(
            info.Env(), context->worker,
            [context, sequence] { return export_state(*context, sequence); },
            [](Napi::Env env, exported_state & state) { return exported_to_js(env, std::move(state)); });
    });
}

Napi::Value context_wrap::prepare_export(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto context = open_handle();
        const auto n_cells = (size_t) read_integer(nth_argument(info, 0, "cells"), 1, context->n_ctx);
        return queue_job(
            info.Env(), environment::of(info.Env()).io,
            [context, n_cells] { ::prepare_export(*context, n_cells); return nothing(); }, to_undefined);
    });
}

Napi::Value context_wrap::import_sequence(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto state    = read_exported(nth_argument(info, 0, "state"));
        const auto context  = open_handle();
        const auto sequence = read_sequence(nth_argument(info, 1, "sequence"), *context);
        return queue_job(
            info.Env(), context->worker,
            [context, state, sequence] {
                context->last_output = -1;
                if (llama().llama_state_seq_set_data(context->ctx, state->data(), state->size(), sequence) != state->size()) {
                    throw context_error("llama.cpp did not take the state of the sequence: too few free cells, or another model");
                }
                return nothing();
            },
            to_undefined);
    });
}
