// The life of a session on Windows with every system call failing, and with the process killed, at every step in turn.
// faults_test.cpp does more of the same on POSIX systems, where it can also count allocations and descriptors by name.

#include "harness.h"
#include "support/child.h"
#include "support/fault_plan.h"
#include "support/files.h"
#include "support/session_format.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace {

const tokens_t old_tokens = some_tokens(40, 1);
const tokens_t new_tokens = some_tokens(25, 2);

enum class life { read, copy_on_write, write, create };

const char * const life_names[] = { "read", "copy-on-write", "write", "create" };

constexpr life lives[] = { life::read, life::copy_on_write, life::write, life::create };

bool is_writer(life l) {
    return l == life::write || l == life::create;
}

struct stage {
    const session_format & format;
    engine loader { load_tiny_model({}) };
    engine saver { load_tiny_model({}) }; // holds the new tokens
    bytes old_file;
    bytes new_file;

    explicit stage(const session_format & format) : format(format) {
        engine old_saver(load_tiny_model({}));
        old_saver.decode(1, old_tokens);
        saver.decode(1, new_tokens);
        old_file = saved(old_saver, old_tokens);
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

// Code of the first call that failed; OK if none did.
llama_state_mmap_error live(stage & s, life l, const std::string & path) {
    handle map = is_writer(l)             ? s.format.open_rw(s.saver, path)
               : l == life::copy_on_write ? s.format.open_cow(s.saver, path)
                                          : s.format.open(s.saver, path);
    if (!map) {
        return llama_state_mmap_last_error();
    }
    llama_state_mmap_error first = LLAMA_STATE_MMAP_OK;
    const auto note = [&first] { first = first == LLAMA_STATE_MMAP_OK ? llama_state_mmap_last_error() : first; };
    tokens_t tokens;
    if (l != life::create) {
        s.format.load(s.loader, map.get(), tokens);
        note();
    }
    if (l != life::read) {
        s.format.save(s.saver, map.get(), new_tokens);
        note();
    }
    llama_state_mmap_free(map.release());
    note();
    return first;
}

bool begins_with(const bytes & file, const bytes & content) {
    return file.size() >= content.size() && std::equal(content.begin(), content.end(), file.begin());
}

// Old, new or absent; what nobody may write is as it was; and the next save works.
void check_file(stage & s, life l, const std::string & path, const std::string & what) {
    if (!is_writer(l)) {
        CHECK_BECAUSE(read_file(path) == s.old_file, what);
    } else if (s.format.open(s.loader, path) != nullptr) {
        const bytes file = read_file(path);
        CHECK_BECAUSE(begins_with(file, s.new_file) || (l == life::write && begins_with(file, s.old_file)), what);
    } else {
        const llama_state_mmap_error code = llama_state_mmap_last_error();
        CHECK_BECAUSE(code == LLAMA_STATE_MMAP_ABSENT || (code == LLAMA_STATE_MMAP_NOT_FOUND && l == life::create), what + ": " + last_error());
    }
    handle map = s.format.open_rw(s.saver, path);
    CHECK_BECAUSE(map && s.format.save(s.saver, map.get(), new_tokens) > 0, what + ": " + last_error());
    map.reset();
    CHECK_BECAUSE(read_file(path) == s.new_file, what);
}

struct fault_kind {
    int error;
    nth_fault_scope::how how;
    std::set<llama_state_mmap_error> codes; // LOCKED: the path could not be compared with what was opened
};

using how = nth_fault_scope::how;

const fault_kind kinds[] = {
    { EIO, how::once, { LLAMA_STATE_MMAP_IO } },
    { ENOSPC, how::once, { LLAMA_STATE_MMAP_NO_SPACE } },
    { ENOMEM, how::once, { LLAMA_STATE_MMAP_NO_MEMORY } },
    { EIO, how::forever, { LLAMA_STATE_MMAP_IO, LLAMA_STATE_MMAP_LOCKED } },
};

// A reader without lock reads a snapshot, a path is compared again, and there are several ways to make room.
bool is_tolerated(const std::string & step, life l) {
    return step == "stat-path" || step == "placeholder" || step == "address" || (step == "lock" && !is_writer(l));
}

// The n-th call fails. The step that it was, or nothing if there was none.
std::string fail_call(stage & s, life l, const fault_kind & kind, int n) {
    const std::string what = std::string(s.format.name) + ", " + life_names[(int) l] + ", errno " + std::to_string(kind.error) + ", call " + std::to_string(n);
    const temp_dir dir;
    if (l != life::create) {
        write_file(dir.path("f"), s.old_file);
    }
    llama_state_mmap_counters before, after;
    llama_state_mmap_counters_get(&before);
    const int n_handles = n_open_handles();
    llama_state_mmap_error code;
    std::string step;
    {
        const nth_fault_scope fault(n, kind.how, kind.error);
        code = live(s, l, dir.path("f"));
        step = fault.steps_hit().empty() ? "" : fault.steps_hit()[0];
    }
    llama_state_mmap_counters_get(&after);
    CHECK_BECAUSE(n_open_handles() == n_handles, what);
    CHECK_BECAUSE(after.n_open == before.n_open && after.bytes_mapped == before.bytes_mapped, what);
    if (code == LLAMA_STATE_MMAP_OK) {
        CHECK_BECAUSE(step.empty() || is_tolerated(step, l), what + ": " + step);
    } else {
        CHECK_BECAUSE(kind.codes.count(code) == 1, what + ": " + step + ": " + llama_state_mmap_error_name(code));
    }
    check_file(s, l, dir.path("f"), what);
    return step;
}

// Child: lives until the n-th call.
int live_until(const std::string & format, const std::string & name, const std::string & path, int n) {
    stage s(session_format_named(format));
    const life l = lives[std::find(std::begin(life_names), std::end(life_names), name) - std::begin(life_names)];
    const nth_fault_scope fault(n, how::once, [](const std::string &) { return kill_this_process(); });
    return live(s, l, path) == LLAMA_STATE_MMAP_OK ? 0 : 1;
}

} // namespace

TEST("any system call that fails, once or for good: old, new or absent, the right code, nothing left behind") {
    std::set<std::string> seen;
    for (const session_format & format : session_formats) {
        stage s(format);
        for (const life l : lives) {
            for (const fault_kind & kind : kinds) {
                std::string step;
                for (int n = 1; n == 1 || (!step.empty() && n < 200); ++n) {
                    step = fail_call(s, l, kind, n);
                    seen.insert(step);
                }
                CHECK(step.empty()); // it came to an end
            }
        }
    }
    for (const char * step : { "create", "open", "stat", "stat-path", "lock", "read", "allocate", "truncate", "mmap", "msync", "fsync" }) {
        CHECK_BECAUSE(seen.count(step) == 1, step);
    }
}

// Starting a process takes long under Wine, so that each format is killed in one life only.
TEST("killed at any system call or step of a writer's life: old, new or absent") {
    const std::pair<const session_format &, life> cases[] = { { session_formats[0], life::write }, { session_formats[1], life::create } };
    for (const auto & [format, l] : cases) {
        stage s(format);
        int n = 1;
        for (int code = killed; code == killed && n < 200; ++n) {
            const temp_dir dir;
            if (l != life::create) {
                write_file(dir.path("f"), s.old_file);
            }
            code = run_child({ format.name, life_names[(int) l], dir.path("f"), std::to_string(n) });
            CHECK(code == killed || code == 0);
            check_file(s, l, dir.path("f"), std::string(life_names[(int) l]) + ", killed at call " + std::to_string(n));
        }
        CHECK(n > 15 && n < 200);
    }
}

int main(int argc, char ** argv) {
    return argc == 5 ? live_until(argv[1], argv[2], argv[3], atoi(argv[4])) : harness::run_tests();
}
