// One thread with a queue: jobs run one after another, in the order in which they were posted.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

class worker_thread {
public:
    using job = std::function<void()>;

    worker_thread() = default;
    ~worker_thread() { stop(); }

    worker_thread(const worker_thread &) = delete;
    worker_thread & operator=(const worker_thread &) = delete;

    // Any thread. The thread starts with the first job. A job must not throw. After stop() it is run by the caller.
    void post(job && fn);

    // True on the worker itself, and everywhere once it has stopped.
    bool is_current();

    // Waits for the running job; jobs that have not begun are dropped. Not on the worker.
    void stop();

private:
    void run();

    std::mutex              mutex;
    std::condition_variable wake;
    std::deque<job>         jobs;
    std::thread             thread;
    bool                    stopped = false;
};
