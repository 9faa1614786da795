#include "js-mailbox.h"

js_mailbox::js_mailbox(Napi::Env env) : env(env) {
    const napi_status status = napi_create_threadsafe_function(
        env, nullptr, nullptr, Napi::String::New(env, "warmfork"), 0, 1, nullptr, nullptr, this, &on_signal, &signal);
    if (status != napi_ok) {
        throw Napi::Error::New(env, "cannot create a thread-safe function");
    }
    napi_unref_threadsafe_function(env, signal);
}

void js_mailbox::post(letter && fn) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (closed) {
        return;
    }
    letters.push_back(std::move(fn));
    if (letters.size() == 1) {
        napi_call_threadsafe_function(signal, nullptr, napi_tsfn_nonblocking);
    }
}

void js_mailbox::hold() {
    if (n_held++ == 0) {
        napi_ref_threadsafe_function(env, signal);
    }
}

void js_mailbox::unhold() {
    if (--n_held == 0) {
        napi_unref_threadsafe_function(env, signal);
    }
}

void js_mailbox::close() {
    std::vector<letter> unread;
    const std::lock_guard<std::mutex> lock(mutex);
    closed = true;
    unread.swap(letters);
}

// Node calls with a null environment to empty its queue when the environment goes: `context` may be gone then.
void js_mailbox::on_signal(napi_env env, napi_value, void * context, void *) {
    if (env != nullptr) {
        static_cast<js_mailbox *>(context)->drain(Napi::Env(env));
    }
}

void js_mailbox::drain(Napi::Env js) {
    std::vector<letter> unread;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        unread.swap(letters);
    }
    // A letter that throws (a log listener) must not keep the others from being read: they settle promises.
    for (const letter & read : unread) {
        const Napi::HandleScope scope(js);
        try {
            read(js);
        } catch (const Napi::Error & error) {
            napi_fatal_exception(js, error.Value());
        }
    }
}
