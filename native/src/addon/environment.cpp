#include "environment.h"

#include "llama-log.h"

std::shared_ptr<environment> environment::create(Napi::Env env) {
    std::shared_ptr<environment> self(new environment(env));
    env.SetInstanceData(new std::shared_ptr<environment>(self));
    self->shut_down_on_exit(env);
    // For environments that end without an exit event. Hooks run last in, first out: this one before the end of the mailbox's thread-safe function.
    env.AddCleanupHook([](environment * ended) { ended->shut_down(); }, self.get());
    return self;
}

environment & environment::of(Napi::Env env) {
    return **env.GetInstanceData<std::shared_ptr<environment>>();
}

void environment::shut_down_on_exit(Napi::Env env) {
    const Napi::Object process = env.Global().Get("process").As<Napi::Object>();
    const auto         once    = process.Get("once").As<Napi::Function>();
    const auto         on_exit = Napi::Function::New(env, [this](const Napi::CallbackInfo &) { shut_down(); });
    once.Call(process, {Napi::String::New(env, "exit"), on_exit});
}

void environment::shut_down() {
    if (stopping.exchange(true)) {
        return;
    }
    resources.interrupt_all();
    inference.stop();
    background.stop();
    io.stop();
    saves.stop();
    log_remove_sink(*this);
    mailbox.close();
    resources.release_all();

    for (Napi::FunctionReference * reference : {&model_class, &context_class, &sampler_class, &session_class, &file_lock_class, &on_log}) {
        reference->Reset();
    }
}

void environment::retire(worker_thread & home, native_resource * dropped) {
    auto destroy = [self = shared_from_this(), dropped] {
        dropped->release();
        self->resources.remove(dropped);
        delete dropped;
    };
    if (home.is_current()) {
        destroy();
    } else {
        home.post(destroy);
    }
}
