// Brings the pages of a map in from a thread of its own, in order, while somebody else works on those that are there.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace lsm {

class page_feeder {
public:
    // Begins. What is small is brought in at once, without a thread.
    page_feeder(const uint8_t * data, size_t size);

    // Ends, soon: the map must outlive it.
    ~page_feeder();

    page_feeder(const page_feeder &) = delete;
    page_feeder & operator=(const page_feeder &) = delete;

private:
    std::atomic<bool> ended{false};
    std::thread       thread;
};

} // namespace lsm
