// The whole life of a session (open, load, save, sync, free) with every system call and every step failing in turn, for
// each mode and both formats: what is on the disk afterwards is the old session, the new one, or absent; the error has
// its code; nothing stays open, mapped, locked or allocated; and the next save works. The same with a kill instead.

#include "harness.h"
#include "support/child.h"
#include "support/fault_plan.h"
#include "support/files.h"
#include "support/resources.h"
#include "support/session_format.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

namespace {

// Allocations that fail: the n-th one while armed, 0 = none.
thread_local long allocations_left = 0;

} // namespace

__attribute__((noinline)) void * operator new(size_t size) {
    if (allocations_left > 0 && --allocations_left == 0) {
        throw std::bad_alloc();
    }
    void * at = malloc(size > 0 ? size : 1);
    if (!at) {
        throw std::bad_alloc();
    }
    return at;
}

void * operator new(size_t size, const std::nothrow_t &) noexcept {
    try {
        return operator new(size);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

__attribute__((noinline)) void operator delete(void * at) noexcept { free(at); }
__attribute__((noinline)) void operator delete(void * at, size_t) noexcept { free(at); }

namespace {

const tokens_t old_tokens = some_tokens(40, 1);
const tokens_t new_tokens = some_tokens(25, 2);

enum class life { read, read_beside_writer, copy_on_write, write, create };

struct life_name {
    life kind;
    const char * name;
};

constexpr life_name lives[] = {
    { life::read, "read" }, { life::read_beside_writer, "read beside a writer" }, { life::copy_on_write, "copy-on-write" },
    { life::write, "write" }, { life::create, "create" },
};

bool is_writer(life l) {
    return l == life::write || l == life::create;
}

// Contexts and files that all rounds share.
struct stage {
    std::shared_ptr<llama_model> model = load_tiny_model({});
    engine saver { model }; // holds the new tokens
    engine loader { model };
    const session_format & format;
    bytes old_file;
    bytes new_file;

    explicit stage(const session_format & format) : format(format) {
        engine old_saver(model);
        old_saver.decode(1, old_tokens);
        old_file = saved(old_saver, old_tokens);
        saver.decode(1, new_tokens);
        new_file = saved(saver, new_tokens);
    }

    bytes saved(engine & e, const tokens_t & tokens) const {
        const temp_dir dir;
        handle map = format.open_rw(e, dir.path("f"));
        REQUIRE_BECAUSE(map && format.save(e, map.get(), tokens) > 0, last_error());
        map.reset();
        return read_file(dir.path("f"));
    }
};

struct outcome {
    bool is_done = true;  // every call succeeded
    bool is_open = false;
    llama_state_mmap_error code = LLAMA_STATE_MMAP_OK; // of the first call that did not

    bool note(bool ok) {
        if (!ok && is_done) {
            is_done = false;
            code = llama_state_mmap_last_error();
        }
        return ok;
    }
};

outcome live(stage & s, life l, const std::string & path) {
    outcome out;
    tokens_t tokens;
    handle map = is_writer(l)               ? s.format.open_rw(s.saver, path)
               : l == life::copy_on_write ? s.format.open_cow(s.saver, path)
                                            : s.format.open(s.saver, path);
    out.is_open = out.note(map != nullptr);
    if (!map) {
        return out;
    }
    if (l != life::create) {
        out.note(s.format.load(s.loader, map.get(), tokens) && tokens == old_tokens);
    }
    if (is_writer(l) || l == life::copy_on_write) {
        out.note(s.format.save(s.saver, map.get(), new_tokens) > 0);
    }
    if (is_writer(l)) {
        llama_state_mmap_sync(map.get());
        out.note(llama_state_mmap_last_error() == LLAMA_STATE_MMAP_OK);
    }
    llama_state_mmap_free(map.release());
    out.note(llama_state_mmap_last_error() == LLAMA_STATE_MMAP_OK);
    return out;
}

struct held {
    std::vector<std::string> descriptors = open_descriptors();
    llama_state_mmap_counters counters = {};

    held() { llama_state_mmap_counters_get(&counters); }
};

void check_nothing_is_held(const held & before, const std::string & folder, const std::string & what) {
    const held after;
    CHECK_BECAUSE(after.descriptors == before.descriptors, what);
    CHECK_BECAUSE(after.counters.n_open == before.counters.n_open, what);
    CHECK_BECAUSE(after.counters.bytes_mapped == before.counters.bytes_mapped, what);
    CHECK_BECAUSE(maps_of(folder).empty(), what);
}

bool begins_with(const bytes & file, const bytes & content) {
    return file.size() >= content.size() && std::equal(content.begin(), content.end(), file.begin());
}

// Old, new or absent, and never anything else; what nobody may write is as it was.
void check_file(stage & s, life l, const std::string & path, const std::string & what) {
    if (!is_writer(l)) {
        CHECK_BECAUSE(read_file(path) == s.old_file, what);
        return;
    }
    const handle map = s.format.open(s.loader, path);
    if (!map) {
        const auto code = llama_state_mmap_last_error();
        CHECK_BECAUSE(code == LLAMA_STATE_MMAP_ABSENT || (code == LLAMA_STATE_MMAP_NOT_FOUND && l == life::create), what + ": " + last_error());
        return;
    }
    const bytes file = read_file(path);
    CHECK_BECAUSE(begins_with(file, s.new_file) || (l == life::write && begins_with(file, s.old_file)), what);
}

// The lock is free, and whatever is there can be replaced.
void check_next_save(stage & s, const std::string & path, const std::string & what) {
    handle map = s.format.open_rw(s.saver, path);
    CHECK_BECAUSE(map != nullptr, what + ": " + last_error());
    CHECK_BECAUSE(map && s.format.save(s.saver, map.get(), new_tokens) > 0, what);
    map.reset();
    CHECK_BECAUSE(read_file(path) == s.new_file, what);
}

// One life with one fault. `arm` installs it and returns what takes it away.
template <typename Arm>
outcome round(stage & s, life l, const std::string & what, Arm && arm) {
    const temp_dir dir;
    const std::string path = dir.path("f");
    if (l != life::create) {
        write_file(path, s.old_file);
    }
    const held before;
    outcome out;
    {
        handle writer = l == life::read_beside_writer ? s.format.open_rw(s.saver, path) : nullptr;
        const auto armed = arm();
        try {
            out = live(s, l, path);
        } catch (const std::bad_alloc &) { // of the test's own vectors: the library's functions do not throw
            out.is_done = false;
            out.code = LLAMA_STATE_MMAP_NO_MEMORY;
        }
    }
    check_nothing_is_held(before, dir.path(""), what);
    check_file(s, l, path, what);
    check_next_save(s, path, what);
    return out;
}

struct fault_kind {
    const char * name;
    int error;
    nth_fault_scope::how how;
    std::set<llama_state_mmap_error> codes;
};

// The codes that a fault of a kind may have. LOCKED: the path could not be compared with what was opened.
const std::vector<fault_kind> & fault_kinds() {
    using how = nth_fault_scope::how;
    static const std::vector<fault_kind> kinds = {
        { "EIO", EIO, how::once, { LLAMA_STATE_MMAP_IO } },
        { "ENOSPC", ENOSPC, how::once, { LLAMA_STATE_MMAP_NO_SPACE } },
        { "ENOMEM", ENOMEM, how::once, { LLAMA_STATE_MMAP_NO_MEMORY } },
        { "EIO from then on", EIO, how::forever, { LLAMA_STATE_MMAP_IO, LLAMA_STATE_MMAP_LOCKED } },
        { "EOPNOTSUPP", EOPNOTSUPP, how::once, { LLAMA_STATE_MMAP_UNSUPPORTED } },
    };
    return kinds;
}

// Steps that may fail without harm: a reader without lock reads a snapshot, a path is compared again, an allocation
// that the file system does not know is made by writing.
bool is_tolerated(const std::string & step, life l, int error) {
    return step == "stat" || step == "stat-path" || (step == "lock" && !is_writer(l)) || (step == "allocate" && error == EOPNOTSUPP);
}

// Fails the n-th call for n = 1, 2, ... until there is no n-th call. Returns the steps that were failed.
std::vector<std::string> fail_every_call(stage & s, const life_name & l, const fault_kind & kind) {
    std::vector<std::string> steps;
    for (int n = 1;; ++n) {
        std::vector<std::string> hit;
        const std::string what = std::string(s.format.name) + ", " + l.name + ", " + kind.name + ", call " + std::to_string(n);
        const outcome out = round(s, l.kind, what, [&] {
            return std::make_unique<nth_fault_scope>(n, kind.how, [&hit, &kind](const std::string & step) {
                hit.push_back(step);
                return kind.error;
            });
        });
        if (hit.empty()) {
            CHECK_BECAUSE(out.is_done, what + ": " + last_error());
            return steps;
        }
        steps.push_back(hit[0]);
        if (out.is_done) {
            CHECK_BECAUSE(is_tolerated(hit[0], l.kind, kind.error), what + ": " + hit[0]);
        } else {
            CHECK_BECAUSE(kind.codes.count(out.code) == 1, what + ": " + hit[0] + ": " + llama_state_mmap_error_name(out.code));
        }
        if (n == 200) {
            CHECK_BECAUSE(false, what + ": endless");
            return steps;
        }
    }
}

// A child that is killed at the n-th call. False if it came to its end.
bool killed_at_call(stage & s, life l, const std::string & path, int n) {
    const pid_t pid = fork();
    if (pid == 0) {
        const nth_fault_scope fault(n, nth_fault_scope::how::once, [](const std::string &) { return fault_scope::kill_process(); });
        _exit(live(s, l, path).is_done ? 0 : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

} // namespace

TEST("any system call or step that fails, once or for good: old, new or absent, the right code, nothing left behind") {
    int n_rounds = 0;
    std::set<std::string> seen;
    for (const session_format & format : session_formats) {
        stage s(format);
        for (const life_name & l : lives) {
            for (const fault_kind & kind : fault_kinds()) {
                const std::vector<std::string> steps = fail_every_call(s, l, kind);
                CHECK_BECAUSE(steps.size() >= 5, l.name);
                seen.insert(steps.begin(), steps.end());
                n_rounds += (int) steps.size();
            }
        }
    }
    printf("        %d faults in %zu steps:", n_rounds, seen.size());
    for (const std::string & step : seen) {
        printf(" %s", step.c_str());
    }
    printf("\n");
    for (const char * step : { "create", "open", "stat", "stat-path", "lock", "read", "allocate", "truncate", "mmap", "msync", "fsync", "snapshot" }) {
        CHECK_BECAUSE(seen.count(step) == 1, step);
    }
}

TEST("undoing an open that failed may fail too") {
    stage s(session_formats[0]);
    for (const char * undo : { "truncate", "unlink" }) {
        for (const life l : { life::write, life::create }) {
            const outcome out = round(s, l, undo, [&] {
                return std::make_unique<nth_fault_scope>(1, nth_fault_scope::how::forever, [undo](const std::string & step) {
                    return step == "mmap" || step == undo ? EIO : 0;
                });
            });
            CHECK(!out.is_open);
            CHECK_EQUAL(out.code, LLAMA_STATE_MMAP_IO);
        }
    }
}

TEST("an open that failed leaves no new file, and an old one with its length") {
    stage s(session_formats[1]);
    for (const char * step : { "lock", "allocate", "mmap" }) {
        const temp_dir dir;
        write_file(dir.path("old"), s.old_file);
        for (const char * name : { "old", "new" }) {
            const fault_scope fault(step, 0, EIO);
            CHECK(s.format.open_rw(s.saver, dir.path(name)) == nullptr);
        }
        CHECK(read_file(dir.path("old")) == s.old_file);
        // without its lock a file is not known to be ours; empty is absent
        CHECK_BECAUSE(!file_exists(dir.path("new")) || (std::string(step) == "lock" && file_size(dir.path("new")) == 0), step);
    }
}

TEST("a call that a signal interrupts is made again") {
    const std::set<std::string> interruptible = { "create", "open", "stat", "stat-path", "lock", "read", "allocate", "truncate", "fsync" };
    for (const session_format & format : session_formats) {
        stage s(format);
        for (const life_name & l : lives) {
            int n_left = 3; // of each life, the first three calls of each step
            for (const std::string & step : interruptible) {
                n_left = 3;
                const outcome out = round(s, l.kind, step, [&] {
                    return std::make_unique<nth_fault_scope>(1, nth_fault_scope::how::forever, [&](const std::string & at) {
                        return at == step && n_left-- > 0 ? EINTR : 0;
                    });
                });
                CHECK_BECAUSE(out.is_done, std::string(l.name) + ": " + step + ": " + llama_state_mmap_error_name(out.code));
            }
        }
    }
}

TEST("a file system that cannot allocate gets zeros written; a disk that fills up meanwhile is no_space") {
    stage s(session_formats[0]);
    for (const int error : { 0, ENOSPC }) {
        for (const life l : { life::write, life::create }) {
            const outcome out = round(s, l, "write", [&] {
                return std::make_unique<nth_fault_scope>(1, nth_fault_scope::how::forever, [error](const std::string & step) {
                    return step == "allocate" ? EOPNOTSUPP : step == "write" ? error : 0;
                });
            });
            CHECK_EQUAL(out.is_open, error == 0);
            CHECK_EQUAL(out.code, error == 0 ? LLAMA_STATE_MMAP_OK : LLAMA_STATE_MMAP_NO_SPACE);
        }
    }
}

TEST("a snapshot of a file that its writer makes longer meanwhile is taken again") {
    for (const session_format & format : session_formats) {
        stage s(format);
        engine older(s.model);
        older.decode(1, old_tokens);
        const temp_dir dir;
        write_file(dir.path("f"), s.new_file); // the shorter one, trimmed
        bool is_locked_out = false;
        bool is_saved = false;
        const nth_fault_scope fault(1, nth_fault_scope::how::forever, [&](const std::string & step) {
            if (step == "lock" && !is_locked_out) {
                is_locked_out = true;
                return EWOULDBLOCK;
            }
            if (step == "read" && !is_saved) { // the length is known by now
                is_saved = true;
                const handle writer = format.open_rw(older, dir.path("f"));
                CHECK_BECAUSE(writer && format.save(older, writer.get(), old_tokens) > 0, last_error());
            }
            return 0;
        });
        const handle map = format.open(s.loader, dir.path("f"));
        tokens_t tokens;
        CHECK_BECAUSE(map && format.load(s.loader, map.get(), tokens) && tokens == old_tokens, last_error());
        CHECK(is_saved);
    }
}

TEST("any allocation that fails: the same") {
    int n_rounds = 0;
    for (const session_format & format : session_formats) {
        stage s(format);
        for (const life_name & l : lives) {
            for (long n = 1; n < 1000; ++n) {
                bool is_hit = false;
                const std::string what = std::string(format.name) + ", " + l.name + ", allocation " + std::to_string(n);
                const outcome out = round(s, l.kind, what, [&] {
                    auto disarm = std::shared_ptr<void>(nullptr, [&](void *) {
                        is_hit = allocations_left == 0;
                        allocations_left = 0;
                    });
                    allocations_left = n;
                    return disarm;
                });
                if (!is_hit) {
                    CHECK_BECAUSE(out.is_done, what);
                    break;
                }
                n_rounds++;
                CHECK_BECAUSE(out.is_done || out.code == LLAMA_STATE_MMAP_NO_MEMORY || out.code == LLAMA_STATE_MMAP_REFUSED,
                              what + ": " + llama_state_mmap_error_name(out.code));
            }
        }
    }
    printf("        %d allocations failed\n", n_rounds);
    CHECK(n_rounds > 50);
}

TEST("killed at any call: old, new or absent, and the next save works") {
    int n_kills = 0;
    for (const session_format & format : session_formats) {
        stage s(format);
        for (const life_name & l : lives) {
            for (int n = 1;; ++n) {
                const temp_dir dir;
                const std::string path = dir.path("f");
                if (l.kind != life::create) {
                    write_file(path, s.old_file);
                }
                const std::string what = std::string(format.name) + ", " + l.name + ", killed at call " + std::to_string(n);
                const bool is_killed = killed_at_call(s, l.kind, path, n);
                check_file(s, l.kind, path, what);
                check_next_save(s, path, what);
                if (!is_killed) {
                    break;
                }
                n_kills++;
            }
        }
    }
    printf("        %d kills\n", n_kills);
    CHECK(n_kills > 100);
}

TEST("address space is given back after faults too") {
    stage s(session_formats[0]);
    const size_t room = llama_state_size_max(s.saver.ctx());
    const auto all = [&] {
        for (const life_name & l : lives) {
            fail_every_call(s, l, fault_kinds()[2]);
        }
    };
    all(); // the allocator takes what it needs
    const size_t before = address_space();
    for (int i = 0; i < 3; ++i) {
        all();
    }
    printf("        room %zu, growth %lld\n", room, (long long) address_space() - (long long) before);
    CHECK(address_space() <= before + room / 2);
}

int main() {
    if (file_exists("/dev/shm")) {
        setenv("TMPDIR", "/dev/shm", 0); // thousands of syncs: not to a disk
    }
    return harness::run_tests();
}
