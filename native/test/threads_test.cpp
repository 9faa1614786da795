// Handles and contexts on several threads at once: each context stays on its thread, files and the library are shared.

#include "harness.h"
#include "support/files.h"
#include "support/session_format.h"

#include <atomic>
#include <thread>

namespace {

constexpr int n_threads = 4;
constexpr int n_rounds  = 20;

struct worker {
    engine e;
    tokens_t tokens;
    std::string own_path;
    int n_shared_reads = 0;
    int n_locked = 0;
    std::string failure;

    worker(const std::shared_ptr<llama_model> & model, unsigned seed) : e(model), tokens(some_tokens(20 + seed, seed)) {}

    void note(bool ok, const char * what) {
        if (!ok && failure.empty()) {
            failure = std::string(what) + ": " + last_error();
        }
    }
};

bool load_equals(const session_format & format, engine & e, llama_state_mmap * map, const tokens_t & want) {
    tokens_t tokens;
    return map && format.load(e, map, tokens) && tokens == want;
}

// A file of its own, written and read; and a file that all of them have open.
void round(worker & w, const session_format & format, const std::string & shared_path, const tokens_t & shared_tokens) {
    {
        const handle map = format.open_rw(w.e, w.own_path + format.name);
        w.note(map && format.save(w.e, map.get(), w.tokens) > 0, "save");
        llama_state_mmap_sync(map.get());
    }
    const handle shared = format.open_cow(w.e, shared_path + format.name);
    w.note(load_equals(format, w.e, shared.get(), shared_tokens), "load the shared file");
    w.n_shared_reads++;
    if (!format.open_rw(w.e, shared_path + format.name)) {
        w.note(llama_state_mmap_last_error() == LLAMA_STATE_MMAP_LOCKED, "write the shared file"); // of this thread
        w.n_locked++;
    }
    const handle own = format.open(w.e, w.own_path + format.name);
    w.note(load_equals(format, w.e, own.get(), w.tokens), "load its own file");
    w.note(format.open(w.e, w.own_path + "nothing") == nullptr && llama_state_mmap_last_error() == LLAMA_STATE_MMAP_NOT_FOUND, "missing file");
}

} // namespace

TEST("threads with contexts of their own share files, locks and the library") {
    const temp_dir dir;
    const auto model = load_tiny_model({});
    const tokens_t shared_tokens = some_tokens(50, 99);
    llama_state_mmap_counters before, after;
    llama_state_mmap_counters_get(&before);
    for (const session_format & format : session_formats) {
        engine e(model);
        e.decode(1, shared_tokens);
        const handle map = format.open_rw(e, dir.path("shared-") + format.name);
        REQUIRE_BECAUSE(map && format.save(e, map.get(), shared_tokens) > 0, last_error());
    }
    std::vector<std::unique_ptr<worker>> workers;
    for (int i = 0; i < n_threads; ++i) {
        workers.push_back(std::make_unique<worker>(model, (unsigned) i + 1));
        workers.back()->own_path = dir.path("own-") + std::to_string(i) + "-";
        workers.back()->e.decode(1, workers.back()->tokens);
    }
    std::atomic<int> n_waiting { n_threads };
    std::vector<std::thread> threads;
    for (const auto & w : workers) {
        threads.emplace_back([&] {
            for (n_waiting--; n_waiting > 0;) {
                std::this_thread::yield(); // all begin together
            }
            for (int i = 0; i < n_rounds; ++i) {
                for (const session_format & format : session_formats) {
                    round(*w, format, dir.path("shared-"), shared_tokens);
                }
            }
        });
    }
    for (std::thread & thread : threads) {
        thread.join();
    }
    for (const auto & w : workers) {
        CHECK_BECAUSE(w->failure.empty(), w->failure);
        CHECK_EQUAL(w->n_shared_reads, 2 * n_rounds);
        CHECK_EQUAL(w->n_locked, 2 * n_rounds); // its own copy-on-write handle is a reader
    }
    llama_state_mmap_counters_get(&after);
    CHECK_EQUAL(after.n_open, before.n_open);
    CHECK_EQUAL(after.bytes_mapped, before.bytes_mapped);
    CHECK_EQUAL(after.n_saves - before.n_saves, (uint64_t) 2 * n_threads * n_rounds + 2);
}

int main() {
    return harness::run_tests();
}
