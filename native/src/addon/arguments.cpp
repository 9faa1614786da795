#include "arguments.h"

#include <cmath>

argument argument::member(const char * key) const {
    return {read_object(*this).Get(key), name + "." + key};
}

argument nth_argument(const Napi::CallbackInfo & info, size_t index, const char * name) {
    return {info[index], name};
}

double read_number(const argument & arg) {
    if (!arg.value.IsNumber()) {
        throw wrong_type(arg.name + " must be a number");
    }
    return arg.value.As<Napi::Number>().DoubleValue();
}

int64_t read_integer(const argument & arg, int64_t min, int64_t max) {
    const double number = read_number(arg);
    if (std::trunc(number) != number) { // also NaN
        throw out_of_range(arg.name + " must be an integer");
    }
    if (number < (double) min || number > (double) max) {
        throw out_of_range(arg.name + " must be between " + std::to_string(min) + " and " + std::to_string(max));
    }
    return (int64_t) number;
}

bool read_boolean(const argument & arg) {
    if (!arg.value.IsBoolean()) {
        throw wrong_type(arg.name + " must be a boolean");
    }
    return arg.value.As<Napi::Boolean>().Value();
}

std::string read_string(const argument & arg) {
    if (!arg.value.IsString()) {
        throw wrong_type(arg.name + " must be a string");
    }
    return arg.value.As<Napi::String>().Utf8Value();
}

std::string read_path(const argument & arg) {
    std::string path = read_string(arg);
    if (path.empty() || path.find('\0') != std::string::npos) {
        throw out_of_range(arg.name + " must be a path");
    }
    return path;
}

Napi::Object read_object(const argument & arg) {
    if (!arg.value.IsObject()) {
        throw wrong_type(arg.name + " must be an object");
    }
    return arg.value.As<Napi::Object>();
}

Napi::Array read_array(const argument & arg) {
    if (!arg.value.IsArray()) {
        throw wrong_type(arg.name + " must be an array");
    }
    return arg.value.As<Napi::Array>();
}

static bool is_typed_array(const Napi::Value & value, napi_typedarray_type type) {
    return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

std::vector<uint8_t> read_bytes(const argument & arg) {
    if (!is_typed_array(arg.value, napi_uint8_array)) {
        throw wrong_type(arg.name + " must be a Uint8Array");
    }
    const auto array = arg.value.As<Napi::Uint8Array>();
    return std::vector<uint8_t>(array.Data(), array.Data() + array.ElementLength());
}

std::vector<int32_t> read_tokens(const argument & arg, int32_t n_vocab) {
    if (!is_typed_array(arg.value, napi_int32_array)) {
        throw wrong_type(arg.name + " must be an Int32Array");
    }
    const auto array = arg.value.As<Napi::Int32Array>();
    // Copied first and checked after: the array may be shared with another thread.
    std::vector<int32_t> tokens(array.Data(), array.Data() + array.ElementLength());
    for (const int32_t token : tokens) {
        if (token < 0 || token >= n_vocab) {
            throw out_of_range(arg.name + " has token " + std::to_string(token) +
                               ", the vocabulary has " + std::to_string(n_vocab));
        }
    }
    return tokens;
}
