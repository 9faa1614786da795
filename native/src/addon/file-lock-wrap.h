// The JavaScript class FileLock: an exclusive lock on a file, which the system gives back when the process ends.
#pragma once

#include "wrap.h"

#include "mapped_file.h"

class file_lock_wrap : public handle_wrap<file_lock_wrap, lsm::mapped_file> {
public:
    static constexpr const char *  js_name = "FileLock";
    static constexpr napi_type_tag tag     = {0x5a0c3a4e9d2b4f61, 0x8e1f7b26c9d04d35};

    static Napi::Function define(Napi::Env env);

    using handle_wrap::handle_wrap;

private:
    // FileLock.tryAcquire(path): undefined while somebody else holds it.
    static Napi::Value try_acquire(const Napi::CallbackInfo & info);

    void close(const Napi::CallbackInfo & info);
};
