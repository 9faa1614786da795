#include "sampler-wrap.h"

#include <cmath>

static sampler_options read_sampler_options(const argument & options) {
    const double temperature = read_number(options.member("temperature"));
    const double top_p       = read_number(options.member("topP"));
    if (!std::isfinite(temperature) || temperature <= 0) {
        throw out_of_range("options.temperature must be above 0");
    }
    if (!(top_p > 0 && top_p <= 1)) {
        throw out_of_range("options.topP must be above 0 and at most 1");
    }

    sampler_options result;
    result.temperature = (float) temperature;
    result.top_p       = (float) top_p;
    result.top_k       = (int32_t) read_integer(options.member("topK"), 0, INT32_MAX);
    result.seed        = (uint32_t) read_integer(options.member("seed"), 0, UINT32_MAX);
    return result;
}

Napi::Function sampler_wrap::define(Napi::Env env) {
    return DefineClass(env, js_name, {InstanceMethod<&sampler_wrap::close>("close")});
}

sampler_wrap::sampler_wrap(const Napi::CallbackInfo & info) : Napi::ObjectWrap<sampler_wrap>(info) {
    guarded(info.Env(), [&] {
        const sampler_options options = read_sampler_options(nth_argument(info, 0, "options"));
        llama_require();
        handle = std::make_shared<sampler_handle>(options);
    });
    info.This().As<Napi::Object>().TypeTag(&tag);
}

std::shared_ptr<sampler_handle> sampler_wrap::handle_of(const argument & arg) {
    if (!arg.value.IsObject() || !arg.value.As<Napi::Object>().CheckTypeTag(&tag)) {
        throw wrong_type(arg.name + " must be a Sampler");
    }
    const auto handle = Unwrap(arg.value.As<Napi::Object>())->handle;
    if (!handle) {
        throw closed_error(js_name);
    }
    return handle;
}

void sampler_wrap::close(const Napi::CallbackInfo &) {
    handle.reset();
}
