#include "model-wrap.h"

#include "promise-job.h"
#include "typed-arrays.h"

static model_options read_model_options(const argument & options) {
    model_options result;
    result.path         = read_path(options.member("path"));
    result.n_gpu_layers = (int32_t) read_integer(options.member("gpuLayers"), 0, INT32_MAX);
    result.use_mmap     = read_boolean(options.member("useMmap"));
    return result;
}

static llama_token read_token(const argument & arg, const model_handle & model) {
    return (llama_token) read_integer(arg, 0, model.n_vocab - 1);
}

Napi::Function model_wrap::define(Napi::Env env) {
    return DefineClass(env, js_name, {
        StaticMethod<&model_wrap::load>("load"),
        InstanceMethod<&model_wrap::tokenize>("tokenize"),
        InstanceMethod<&model_wrap::token_bytes>("tokenBytes"),
        InstanceMethod<&model_wrap::is_end_of_generation>("isEndOfGeneration"),
        InstanceMethod<&model_wrap::is_control>("isControl"),
        InstanceMethod<&model_wrap::tokens_starting_with>("tokensStartingWith"),
        InstanceMethod<&model_wrap::close>("close"),
    });
}

Napi::Value model_wrap::load(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const model_options options = read_model_options(nth_argument(info, 0, "options"));
        llama_require();
        environment & home = environment::of(info.Env());
        return queue_job(
            info.Env(), home.inference,
            [&home, options] { return home.own<model_handle>(home.inference, options, home.stopping); },
            [&home](Napi::Env env, std::shared_ptr<model_handle> & model) {
                Napi::Object info   = model_info(env, *model);
                Napi::Object object = wrap(home.model_class, std::move(model));
                define_constant(object, "info", info);
                return object;
            });
    });
}

Napi::Value model_wrap::tokenize(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const std::string text          = read_string(nth_argument(info, 0, "text"));
        const bool        parse_special = read_boolean(nth_argument(info, 1, "options").member("parseSpecial"));
        const auto        model         = open_handle();
        return to_typed_array<Napi::Int32Array>(info.Env(), model_tokenize(*model, text, parse_special));
    });
}

Napi::Value model_wrap::token_bytes(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const bool        special = read_boolean(nth_argument(info, 1, "options").member("special"));
        const auto        model   = open_handle();
        const std::string piece   = token_piece(model->vocab, read_token(nth_argument(info, 0, "token"), *model), special);
        return to_typed_array<Napi::Uint8Array>(info.Env(), std::vector<uint8_t>(piece.begin(), piece.end()));
    });
}

Napi::Value model_wrap::is_end_of_generation(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto model = open_handle();
        const auto token = read_token(nth_argument(info, 0, "token"), *model);
        return Napi::Boolean::New(info.Env(), llama().llama_vocab_is_eog(model->vocab, token));
    });
}

Napi::Value model_wrap::is_control(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const auto model = open_handle();
        const auto token = read_token(nth_argument(info, 0, "token"), *model);
        return Napi::Boolean::New(info.Env(), llama().llama_vocab_is_control(model->vocab, token));
    });
}

Napi::Value model_wrap::tokens_starting_with(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const std::vector<uint8_t> bytes = read_bytes(nth_argument(info, 0, "bytes"));
        const std::string_view     key(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return to_typed_array<Napi::Int32Array>(info.Env(), open_handle()->pieces().starting_with(key));
    });
}

// The memory goes when the last context of the model is closed.
Napi::Value model_wrap::close(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        return queue_job(
            info.Env(), environment::of(info.Env()).inference,
            [closing = std::move(handle)]() mutable { closing.reset(); return nothing(); }, to_undefined);
    });
}
