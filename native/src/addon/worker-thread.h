// One thread with a queue: jobs run one after another, in the order in which they were posted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>

// Begun before it is asked for, while nothing waits.
struct head_start {
    // Which job it is for: the owner, and what tells its jobs apart.
    using purpose = std::tuple<const void *, int64_t, int64_t, int64_t>;

    std::function<void()> run;  // ends early once the worker is disturbed
    std::function<void()> undo; // runs before any other job than the one it is for
    purpose               is_for;
};

class worker_thread {
public:
    using job = std::function<void()>;

    // Whether somebody waits for what it does; if not, it yields to other threads.
    enum class urgency { waited_for, in_background };

    explicit worker_thread(urgency how = urgency::waited_for) : how(how) {}
    ~worker_thread() { stop(); }

    worker_thread(const worker_thread &) = delete;
    worker_thread & operator=(const worker_thread &) = delete;

    // Any thread. The thread starts with the first job. A job must not throw. After stop() it is run by the caller.
    // Disturbs a head start, unless that is for this job: it then begins when the head start has ended.
    void post(job && fn, std::optional<head_start::purpose> purpose = std::nullopt);

    // In a job, at most once: what the worker does after it if nothing is queued by then.
    void begin_next(head_start && next);

    // Any thread. A head start that runs or is about to should end.
    void disturb() { disturbed = true; }
    bool is_disturbed() const { return disturbed; }

    // True on the worker itself, and everywhere once it has stopped.
    bool is_current();

    // Waits for the running job; jobs that have not begun are dropped. Not on the worker.
    void stop();

private:
    struct entry {
        job                                fn;
        std::optional<head_start::purpose> purpose;
    };

    void                 run();
    void                 run_ahead();
    std::optional<entry> wait();
    void                 settle_ahead(const entry & next);

    const urgency           how;
    std::mutex              mutex;
    std::condition_variable wake;
    std::deque<entry>       jobs;
    head_start              ahead; // changed by the worker, with the mutex
    std::thread             thread;
    bool                    stopped = false;
    std::atomic<bool>       disturbed{false};
};
