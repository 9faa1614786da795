// The module: initialize() and the classes of native/index.d.ts.
#include "compute-threads.h"
#include "context-wrap.h"
#include "file-lock-wrap.h"
#include "image-library.h"
#include "llama-log.h"
#include "model-wrap.h"
#include "promise-job.h"
#include "sampler-wrap.h"
#include "session-file-wrap.h"
#include "session-library.h"
#include "shared-library.h"
#include "typed-arrays.h"

#include "report.h"

static Napi::Object library_info(Napi::Env env) {
    Napi::Object info = Napi::Object::New(env);
    info.Set("sessionVersion",  LLAMA_SESSION_VERSION);
    info.Set("sequenceVersion", LLAMA_STATE_SEQ_VERSION);
    info.Set("mmapSupported",   llama_state_mmap_supported());
    info.Set("imagesSupported", image_placement_api().ggml.is_complete());
    info.Set("maxSequences",    (double) llama().llama_max_parallel_sequences());
    info.Set("llamaRelease",    WARMFORK_LLAMA_RELEASE);
    return info;
}

static Napi::Value initialize(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        const argument    options    = nth_argument(info, 0, "options");
        const std::string llama_path = read_path(options.member("llamaPath"));
        const std::string ggml_path  = read_path(options.member("ggmlPath"));
        const argument    backends   = options.member("backendsPath");
        const argument    on_log     = options.member("onLog");
        if (!on_log.absent() && !on_log.value.IsFunction()) {
            throw wrong_type(on_log.name + " must be a function");
        }

        llama_load(llama_path, ggml_path, backends.absent() ? std::string() : read_path(backends));
        session_library_install();
        image_library_install(ggml_path);
        compute_threads_install(ggml_path);
        log_install();
        if (!on_log.absent()) {
            environment & home = environment::of(info.Env());
            home.on_log        = Napi::Persistent(on_log.value.As<Napi::Function>());
            log_add_sink(home);
        }
        return library_info(info.Env());
    });
}

// Reads it on the I/O thread, whatever else goes on.
static Napi::Value image_checksum(const Napi::CallbackInfo & info) {
    return guarded(info.Env(), [&] {
        struct summary {
            size_t   size;
            uint64_t checksum;
        };
        return queue_job(
            info.Env(), environment::of(info.Env()).io,
            [path = read_path(nth_argument(info, 0, "path"))] {
                lsm::report_clear();
                summary found = {};
                if (!lsm::image_checksum(path.c_str(), found.size, found.checksum)) {
                    throw last_session_error();
                }
                return found;
            },
            [](Napi::Env env, const summary & found) {
                Napi::Object result = Napi::Object::New(env);
                result.Set("cellsBytes", (double) found.size);
                result.Set("checksum", to_hex(env, found.checksum));
                return result;
            });
    });
}

static Napi::Value session_counters(const Napi::CallbackInfo & info) {
    llama_state_mmap_counters counters = {};
    llama_state_mmap_counters_get(&counters);

    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("open",              (double) counters.n_open);
    result.Set("loads",             (double) counters.n_loads);
    result.Set("saves",             (double) counters.n_saves);
    result.Set("syncs",             (double) counters.n_syncs);
    result.Set("rejected",          (double) counters.n_rejected);
    result.Set("bytesMapped",       (double) counters.bytes_mapped);
    result.Set("bytesCopied",       (double) counters.bytes_copied);
    result.Set("bytesLoaded",       (double) counters.bytes_loaded);
    result.Set("bytesSaved",        (double) counters.bytes_saved);
    result.Set("bytesPreallocated", (double) counters.bytes_preallocated);
    return result;
}

static Napi::Object init(Napi::Env env, Napi::Object exports) {
    pin_this_library();
    const auto home = environment::create(env);

    const auto define = [&](const char * name, Napi::FunctionReference & reference, Napi::Function constructor) {
        reference = Napi::Persistent(constructor);
        exports.Set(name, constructor);
    };
    define(model_wrap::js_name,   home->model_class,   model_wrap::define(env));
    define(context_wrap::js_name, home->context_class, context_wrap::define(env));
    define(sampler_wrap::js_name, home->sampler_class, sampler_wrap::define(env));
    define(session_file_wrap::js_name, home->session_class, session_file_wrap::define(env));
    define(file_lock_wrap::js_name, home->file_lock_class, file_lock_wrap::define(env));

    exports.Set("sessionCounters", Napi::Function::New(env, session_counters, "sessionCounters"));
    exports.Set("imageChecksum", Napi::Function::New(env, image_checksum, "imageChecksum"));
    exports.Set("initialize", Napi::Function::New(env, initialize, "initialize"));
    return exports;
}

NODE_API_MODULE(warmfork, init)
