// Everything one JavaScript environment (the main thread, or a worker thread) has of this addon.
#pragma once

#include "js-mailbox.h"
#include "native-resource.h"
#include "worker-thread.h"

#include <atomic>
#include <memory>

// Shared by what lives in it, so that a handle may outlive the environment's own end.
class environment : public std::enable_shared_from_this<environment> {
public:
    static std::shared_ptr<environment> create(Napi::Env env);
    static environment & of(Napi::Env env);

    js_mailbox        mailbox;
    worker_thread     inference;  // every llama_* call that touches a context which serves
    worker_thread     background; // contexts on their way: images are written and opened here while others serve
    worker_thread     io;         // what waits for a disk
    worker_thread     saves{worker_thread::urgency::in_background}; // the same, with much to copy, beside decodes
    resource_list     resources;
    std::atomic<bool> stopping{false};

    Napi::FunctionReference model_class;
    Napi::FunctionReference context_class;
    Napi::FunctionReference sampler_class;
    Napi::FunctionReference session_class;
    Napi::FunctionReference file_lock_class;
    Napi::FunctionReference on_log;

    // A handle that registers itself, and is destroyed on `home` whoever drops it last.
    template <class T, class... Args> std::shared_ptr<T> own(worker_thread & home, Args &&... args) {
        auto self  = shared_from_this();
        T *  owned = new T(std::forward<Args>(args)...);
        resources.add(owned);
        return std::shared_ptr<T>(owned, [self, &home](T * dropped) { self->retire(home, dropped); });
    }

private:
    explicit environment(Napi::Env env) : mailbox(env) {}

    // The end of the environment, JS thread: interrupts the running jobs and waits for them, drops the others, frees
    // everything. Handles are closed from then on. A second call does nothing.
    void shut_down();

    // process.exit() runs no clean-up hooks, but would destroy the statics of libllama under our threads.
    void shut_down_on_exit(Napi::Env env);

    void retire(worker_thread & home, native_resource * dropped);
};
