// Sums over the process, see struct llama_state_mmap_counters.

#pragma once

#include <atomic>
#include <cstdint>

namespace lsm {

struct counters {
    std::atomic<uint64_t> n_open{0};
    std::atomic<uint64_t> n_loads{0};
    std::atomic<uint64_t> n_saves{0};
    std::atomic<uint64_t> n_syncs{0};
    std::atomic<uint64_t> n_rejected{0};
    std::atomic<uint64_t> bytes_mapped{0};
    std::atomic<uint64_t> bytes_copied{0};
    std::atomic<uint64_t> bytes_loaded{0};
    std::atomic<uint64_t> bytes_saved{0};
    std::atomic<uint64_t> bytes_preallocated{0};
};

inline counters count;

} // namespace lsm
