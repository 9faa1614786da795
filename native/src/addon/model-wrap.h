// The JavaScript class Model.
#pragma once

#include "model-handle.h"
#include "wrap.h"

class model_wrap : public handle_wrap<model_wrap, model_handle> {
public:
    static constexpr const char *  js_name = "Model";
    static constexpr napi_type_tag tag     = {0x7f1c5a4e93d04b61, 0x9a2b6c1e8f3d7701};

    static Napi::Function define(Napi::Env env);

    using handle_wrap::handle_wrap;

private:
    static Napi::Value load(const Napi::CallbackInfo & info);

    Napi::Value tokenize(const Napi::CallbackInfo & info);
    Napi::Value token_bytes(const Napi::CallbackInfo & info);
    Napi::Value is_end_of_generation(const Napi::CallbackInfo & info);
    Napi::Value is_control(const Napi::CallbackInfo & info);
    Napi::Value tokens_starting_with(const Napi::CallbackInfo & info);
    Napi::Value close(const Napi::CallbackInfo & info);
};

Napi::Object model_info(Napi::Env env, const model_handle & model);
