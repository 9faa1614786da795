#include "worker-thread.h"

void worker_thread::post(job && fn) {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!stopped) {
            if (!thread.joinable()) {
                thread = std::thread([this] { run(); });
            }
            jobs.push_back(std::move(fn));
            wake.notify_one();
            return;
        }
    }
    fn();
}

bool worker_thread::is_current() {
    const std::lock_guard<std::mutex> lock(mutex);
    return stopped || thread.get_id() == std::this_thread::get_id();
}

void worker_thread::stop() {
    {
        const std::lock_guard<std::mutex> lock(mutex);
        stopped = true;
        wake.notify_one();
    }
    if (thread.joinable()) {
        thread.join();
    }
    // Outside of the lock: what the jobs own may post again while it is destroyed.
    std::deque<job> dropped;
    {
        const std::lock_guard<std::mutex> lock(mutex);
        dropped.swap(jobs);
    }
}

void worker_thread::run() {
    for (;;) {
        job next;
        {
            std::unique_lock<std::mutex> lock(mutex);
            wake.wait(lock, [this] { return stopped || !jobs.empty(); });
            if (stopped) {
                return;
            }
            next = std::move(jobs.front());
            jobs.pop_front();
        }
        next();
    }
}
