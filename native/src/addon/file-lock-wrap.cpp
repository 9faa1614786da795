#include "file-lock-wrap.h"

#include "session-library.h"

#include "report.h"

Napi::Function file_lock_wrap::define(Napi::Env env) {
    return DefineClass(env, js_name, {
        StaticMethod<&file_lock_wrap::try_acquire>("tryAcquire"),
        InstanceMethod<&file_lock_wrap::close>("close"),
    });
}

// The lock of a session file's writer, on a file that stays empty: checked for owner and permissions in the same way.
Napi::Value file_lock_wrap::try_acquire(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
        const std::string path = read_path(nth_argument(info, 0, "path"));
        lsm::report_clear();
        std::shared_ptr<lsm::mapped_file> file = lsm::mapped_file::open(path.c_str(), lsm::map_mode::read_write);
        if (file) {
            return wrap(environment::of(info.Env()).file_lock_class, std::move(file));
        }
        if (lsm::report_code() == LLAMA_STATE_MMAP_LOCKED) {
            return info.Env().Undefined();
        }
        throw last_session_error();
    });
}

void file_lock_wrap::close(const Napi::CallbackInfo &) {
    handle.reset();
}
