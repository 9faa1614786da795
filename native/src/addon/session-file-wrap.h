// The JavaScript class SessionFile.
#pragma once

#include "session-handle.h"
#include "wrap.h"

class session_file_wrap : public handle_wrap<session_file_wrap, session_handle> {
public:
    static constexpr const char *  js_name = "SessionFile";
    static constexpr napi_type_tag tag     = {0x5b09e7c2d41f4f96, 0xa7e18d04635bc204};

    static Napi::Function define(Napi::Env env);

    using handle_wrap::handle_wrap;

private:
    static Napi::Value open(const Napi::CallbackInfo & info);

    Napi::Value load(const Napi::CallbackInfo & info);
    Napi::Value save(const Napi::CallbackInfo & info);
    Napi::Value save_exported(const Napi::CallbackInfo & info);
    Napi::Value sync(const Napi::CallbackInfo & info);
    Napi::Value checksum(const Napi::CallbackInfo & info);
    Napi::Value content_size(const Napi::CallbackInfo & info);
    Napi::Value close(const Napi::CallbackInfo & info);

    // Also needs a context that is not closed.
    std::shared_ptr<session_handle> usable_handle() const;
};
