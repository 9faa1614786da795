// Readers of JavaScript arguments. Each throws native_error (ERR_WARMFORK_ARGUMENT) that names the argument.
#pragma once

#include "native-error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// An argument and the name its errors use.
struct argument {
    Napi::Value value;
    std::string name;

    argument member(const char * key) const; // of an object; throws if this is none
    bool     absent() const { return value.IsUndefined(); }
};

argument nth_argument(const Napi::CallbackInfo & info, size_t index, const char * name);

int64_t              read_integer(const argument & arg, int64_t min, int64_t max);
double               read_number (const argument & arg);
bool                 read_boolean(const argument & arg);
std::string          read_string (const argument & arg);
std::string          read_path   (const argument & arg); // not empty, no NUL
Napi::Object         read_object (const argument & arg);
Napi::Array          read_array  (const argument & arg);
std::vector<uint8_t> read_bytes  (const argument & arg);

// A copy of an Int32Array whose values are all in [0, n_vocab).
std::vector<int32_t> read_tokens (const argument & arg, int32_t n_vocab);
