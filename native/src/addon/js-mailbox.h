// Brings work from other threads to the JS thread.
#pragma once

#include "napi-setup.h"

#include <functional>
#include <mutex>
#include <vector>

class js_mailbox {
public:
    using letter = std::function<void(Napi::Env)>;

    explicit js_mailbox(Napi::Env env);

    js_mailbox(const js_mailbox &) = delete;
    js_mailbox & operator=(const js_mailbox &) = delete;

    // Any thread. Letters are read in order, each in its own handle scope; after close() they are dropped.
    void post(letter && fn);

    // JS thread. While something is held the event loop stays alive; otherwise the process may exit.
    void hold();
    void unhold();

    // JS thread. Drops unread letters.
    void close();

private:
    static void on_signal(napi_env env, napi_value function, void * context, void * data);

    void drain(Napi::Env env);

    napi_env                 env;
    napi_threadsafe_function signal = nullptr;
    std::mutex               mutex;
    std::vector<letter>      letters;
    bool                     closed = false;
    size_t                   n_held = 0;
};
