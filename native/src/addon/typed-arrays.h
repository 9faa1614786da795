// Copies of C++ vectors as JavaScript typed arrays, and checksums as text.
#pragma once

#include "napi-setup.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <vector>

template <class Array, class T> Array to_typed_array(Napi::Env env, const std::vector<T> & values) {
    Array array = Array::New(env, values.size());
    static_assert(sizeof(*array.Data()) == sizeof(T), "element types differ");
    if (!values.empty()) {
        std::memcpy(array.Data(), values.data(), values.size() * sizeof(T));
    }
    return array;
}

// 16 hex digits: JavaScript's numbers do not hold 64 bits.
inline Napi::String to_hex(Napi::Env env, uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof(text), "%016" PRIx64, value);
    return Napi::String::New(env, text);
}
