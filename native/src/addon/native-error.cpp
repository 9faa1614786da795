#include "native-error.h"

native_error library_error(const std::string & message) {
    return native_error("ERR_WARMFORK_LIBRARY", message);
}

native_error model_error(const std::string & message) {
    return native_error("ERR_WARMFORK_MODEL", message);
}

native_error context_error(const std::string & message) {
    return native_error("ERR_WARMFORK_CONTEXT", message);
}

native_error closed_error(const char * what) {
    return native_error("ERR_WARMFORK_CLOSED", std::string(what) + " is closed");
}

native_error wrong_type(const std::string & message) {
    return native_error("ERR_WARMFORK_ARGUMENT", message, js_error_type::type_error);
}

native_error out_of_range(const std::string & message) {
    return native_error("ERR_WARMFORK_ARGUMENT", message, js_error_type::range_error);
}

native_error session_error(const std::string & reason, const std::string & message) {
    return native_error("ERR_WARMFORK_SESSION", message, js_error_type::error, reason);
}

static napi_value create_error(Napi::Env env, const native_error & error) {
    napi_value result  = nullptr;
    napi_value code    = Napi::String::New(env, error.code);
    napi_value message = Napi::String::New(env, error.what());

    switch (error.type) {
        case js_error_type::error:       napi_create_error(env, code, message, &result);       break;
        case js_error_type::type_error:  napi_create_type_error(env, code, message, &result);  break;
        case js_error_type::range_error: napi_create_range_error(env, code, message, &result); break;
    }

    if (!error.reason.empty()) {
        Napi::Object(env, result).Set("reason", error.reason);
    }

    return result;
}

Napi::Value to_js_error(Napi::Env env, const std::exception_ptr & exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const native_error & error) {
        return Napi::Value(env, create_error(env, error));
    } catch (const std::bad_alloc &) {
        return Napi::Value(env, create_error(env, context_error("out of memory")));
    } catch (const std::exception & error) {
        return Napi::Value(env, create_error(env, context_error(error.what())));
    } catch (...) {
        return Napi::Value(env, create_error(env, context_error("unknown native exception")));
    }
}
