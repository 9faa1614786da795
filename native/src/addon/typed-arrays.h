// Copies of C++ vectors as JavaScript typed arrays.
#pragma once

#include "napi-setup.h"

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
