#include "environment.h"

#include "llama-log.h"

std::shared_ptr<environment> environment::create(Napi::Env env) {
    std::shared_ptr<environment> self(new environment(env));
    env.SetInstanceData(new std::shared_ptr<environment>(self));
    // Hooks run last in, first out: this one before the end of the mailbox's thread-safe function.
    env.AddCleanupHook([](environment * ended) { ended->shut_down(); }, self.get());
    return self;
}

environment & environment::of(Napi::Env env) {
    return **env.GetInstanceData<std::shared_ptr<environment>>();
}

void environment::shut_down() {
    stopping = true;
    resources.interrupt_all();
    inference.stop();
    io.stop();
    log_remove_sink(*this);
    mailbox.close();
    resources.release_all();

    for (Napi::FunctionReference * reference : {&model_class, &context_class, &sampler_class, &session_class, &on_log}) {
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
