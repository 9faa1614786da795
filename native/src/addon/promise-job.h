// A promise for one job on a worker thread.
#pragma once

#include "environment.h"
#include "native-error.h"

#include <optional>
#include <type_traits>

struct nothing {}; // the result of a job without one

inline Napi::Value to_undefined(Napi::Env env, nothing &) {
    return env.Undefined();
}

template <class Execute, class Convert> class promise_job {
public:
    using result_type = std::invoke_result_t<Execute>;

    promise_job(environment & home, Napi::Env env, Execute execute, Convert convert) :
        home(home.shared_from_this()), deferred(Napi::Promise::Deferred::New(env)),
        execute(std::move(execute)), convert(std::move(convert)) {}

    // Worker thread. What the job holds is dropped here, before anyone learns that it is done.
    void run() {
        try {
            result = (*execute)();
        } catch (...) {
            error = std::current_exception();
        }
        execute.reset();
    }

    // JS thread.
    void settle(Napi::Env env) {
        home->mailbox.unhold();
        if (error) {
            deferred.Reject(to_js_error(env, error));
            return;
        }
        try {
            deferred.Resolve(convert(env, *result));
        } catch (const Napi::Error & failed) {
            deferred.Reject(failed.Value());
        }
    }

    std::shared_ptr<environment> home;
    Napi::Promise::Deferred      deferred;

private:
    std::optional<Execute>     execute;
    Convert                    convert;
    std::optional<result_type> result;
    std::exception_ptr         error;
};

// Queues execute() -> result on `worker` and resolves to convert(env, result) on the JS thread. A native_error rejects.
// With `barrier` the job is queued only when everything queued on that worker before has run. `purpose`: of a head start
// that this job goes on from. JS thread.
template <class Execute, class Convert>
Napi::Value queue_job(Napi::Env env, worker_thread & worker, Execute execute, Convert convert,
                      worker_thread * barrier = nullptr, std::optional<head_start::purpose> purpose = std::nullopt) {
    using job_type = promise_job<Execute, Convert>;

    environment & home = environment::of(env);
    auto          job  = std::make_shared<job_type>(home, env, std::move(execute), std::move(convert));
    auto          run  = [job]() mutable {
        job->run();
        js_mailbox & mailbox = job->home->mailbox;
        mailbox.post([job = std::move(job)](Napi::Env js) { job->settle(js); });
    };
    const Napi::Promise promise = job->deferred.Promise();

    home.mailbox.hold();
    job.reset();
    if (barrier == nullptr) {
        worker.post(std::move(run), purpose);
    } else {
        barrier->post([&worker, run = std::move(run)]() mutable { worker.post(std::move(run)); });
    }
    return promise;
}
