#include "worker-thread.h"

#include "thread-priority.h"

#include <utility>

void worker_thread::post(job && fn, std::optional<head_start::purpose> purpose) {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!stopped) {
            if (!thread.joinable()) {
                thread = std::thread([this] { run(); });
            }
            if (!ahead.run || purpose != ahead.is_for) {
                disturbed = true;
            }
            jobs.push_back({std::move(fn), purpose});
            wake.notify_one();
            return;
        }
    }
    fn();
}

void worker_thread::begin_next(head_start && next) {
    const std::lock_guard<std::mutex> lock(mutex);
    ahead     = std::move(next);
    disturbed = stopped || !jobs.empty();
}

bool worker_thread::is_current() {
    const std::lock_guard<std::mutex> lock(mutex);
    return stopped || thread.get_id() == std::this_thread::get_id();
}

void worker_thread::stop() {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        stopped   = true;
        disturbed = true;
        wake.notify_one();
    }
    if (thread.joinable()) {
        thread.join();
    }
    // Outside of the lock: what the jobs own may post again while it is destroyed.
    std::deque<entry> dropped;
    head_start        not_wanted;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        dropped.swap(jobs);
        not_wanted = std::exchange(ahead, {});
    }
}

void worker_thread::run() {
    if (how == urgency::in_background) {
        yield_to_others();
    }
    for (;;) {
        run_ahead();
        std::optional<entry> next = wait();
        if (!next) {
            return;
        }
        settle_ahead(*next);
        next->fn();
    }
}

void worker_thread::run_ahead() {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!ahead.run || !jobs.empty() || disturbed) {
            return;
        }
    }
    ahead.run();
}

std::optional<worker_thread::entry> worker_thread::wait() {
    std::unique_lock<std::mutex> lock(mutex);
    wake.wait(lock, [this] { return stopped || !jobs.empty(); });
    if (stopped) {
        return std::nullopt;
    }
    entry next = std::move(jobs.front());
    jobs.pop_front();
    return next;
}

void worker_thread::settle_ahead(const entry & next) {
    head_start begun;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        begun = std::exchange(ahead, {});
    }
    if (begun.undo && next.purpose != begun.is_for) {
        begun.undo();
    }
}
