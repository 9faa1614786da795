// The JavaScript class Sampler.
#pragma once

#include "sampler-handle.h"
#include "wrap.h"

class sampler_wrap : public Napi::ObjectWrap<sampler_wrap> {
public:
    static constexpr const char *  js_name = "Sampler";
    static constexpr napi_type_tag tag     = {0x2d6be0f1a4c84c37, 0xb5d0927f316e4a02};

    static Napi::Function define(Napi::Env env);

    // Throws for anything else, and ERR_WARMFORK_CLOSED.
    static std::shared_ptr<sampler_handle> handle_of(const argument & arg);

    explicit sampler_wrap(const Napi::CallbackInfo & info);

private:
    void close(const Napi::CallbackInfo & info);

    std::shared_ptr<sampler_handle> handle; // null once closed
};
