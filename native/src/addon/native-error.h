// The one exception type of the addon; it becomes a JavaScript error with `code` and, for session files, `reason`.
#pragma once

#include "napi-setup.h"

#include <exception>
#include <stdexcept>
#include <string>

enum class js_error_type { error, type_error, range_error };

class native_error : public std::runtime_error {
public:
    native_error(const char * code, const std::string & message,
                 js_error_type type = js_error_type::error, std::string reason = {}) :
        std::runtime_error(message), code(code), type(type), reason(std::move(reason)) {}

    const char *  code; // a literal
    js_error_type type;
    std::string   reason;
};

native_error library_error (const std::string & message);
native_error model_error   (const std::string & message);
native_error context_error (const std::string & message);
native_error closed_error  (const char * what);
native_error wrong_type    (const std::string & message);
native_error out_of_range  (const std::string & message);
native_error session_error (const std::string & reason, const std::string & message);

// The JavaScript error for an exception. JS thread.
Napi::Value to_js_error(Napi::Env env, const std::exception_ptr & exception);

// Calls fn(); a native_error leaves as the JavaScript error it stands for. JS thread, around every entry point.
template <class F> auto guarded(Napi::Env env, F && fn) -> decltype(fn()) {
    try {
        return fn();
    } catch (const native_error &) {
        throw Napi::Error(env, to_js_error(env, std::current_exception()));
    }
}
