// Readers, copy-on-write openers, writers and publishers on the same files at once, killed at random: whoever opens a
// session has one that somebody saved, whole. And what many of them cost together.
//
//     processes_test [--seconds N] [--seed N]     default: 8 seconds, a random seed, which is printed

#include "harness.h"
#include "support/files.h"
#include "support/resources.h"
#include "support/session_format.h"

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <random>
#include <sstream>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

double   seconds = 8;
unsigned seed    = std::random_device()();

// What all processes count, in memory that they share.
struct tallies {
    std::atomic<long> reads, snapshots, absences, cow_saves, saves, locked, fallbacks, publications, violations;
    char first_violation[512];
};

tallies * tally;

void violation(const char * format, ...) __attribute__((format(printf, 1, 2)));

void violation(const char * format, ...) {
    if (tally->violations++ == 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(tally->first_violation, sizeof(tally->first_violation), format, args);
        va_end(args);
    }
}

// A session that processes save: there is one context that holds it, and it is known what its file is.
struct variant {
    tokens_t tokens;
    std::unique_ptr<engine> saver;
    uint64_t checksums[2]; // by format
};

// Made once, before any process starts: children inherit the contexts.
struct stage {
    std::shared_ptr<llama_model> model = load_tiny_model({});
    engine loader { model };
    std::vector<variant> variants;
    temp_dir dir;

    stage() {
        for (unsigned v = 0; v < 4; ++v) {
            variants.push_back({ some_tokens(20 + 40 * v, v + 1), std::make_unique<engine>(model), {} });
            variants[v].saver->decode(1, variants[v].tokens);
            for (const session_format & format : session_formats) {
                const handle map = format.open_rw(*variants[v].saver, path_of(format));
                REQUIRE_BECAUSE(map && format.save(*variants[v].saver, map.get(), variants[v].tokens) > 0, last_error());
                variants[v].checksums[format.whole] = llama_state_mmap_checksum(map.get());
            }
        }
    }

    std::string path_of(const session_format & format) const { return dir.path(format.name); }

    // Which session a handle holds, or nothing that anybody saved.
    const variant * find(const session_format & format, const llama_state_mmap * map) const {
        const uint64_t checksum = llama_state_mmap_checksum(map);
        for (const variant & v : variants) {
            if (v.checksums[format.whole] == checksum) {
                return &v;
            }
        }
        return nullptr;
    }
};

bool is_absence(llama_state_mmap_error code) {
    return code == LLAMA_STATE_MMAP_ABSENT || code == LLAMA_STATE_MMAP_NOT_FOUND;
}

void check_loads(stage & s, const session_format & format, llama_state_mmap * map, const variant & v) {
    tokens_t tokens;
    if (!format.load(s.loader, map, tokens) || tokens != v.tokens) {
        violation("%s: cannot load what was found: %s", format.name, last_error().c_str());
    }
    if (s.loader.pos_max(1) != (llama_pos) v.tokens.size() - 1) {
        violation("%s: loaded, but not all cells", format.name);
    }
}

// Null, or a session that was checked and loaded.
const variant * check_opened(stage & s, const session_format & format, llama_state_mmap * map, const char * who) {
    if (!map) {
        if (!is_absence(llama_state_mmap_last_error())) {
            violation("%s, %s: %s", format.name, who, last_error().c_str());
        }
        tally->absences++;
        return nullptr;
    }
    tally->reads++;
    tally->snapshots += llama_state_mmap_is_snapshot(map) ? 1 : 0;
    const variant * v = s.find(format, map);
    if (!v) {
        violation("%s, %s: %s content of %zu bytes that nobody saved", format.name, who,
                  llama_state_mmap_is_snapshot(map) ? "a snapshot with" : "a map with", llama_state_mmap_content_size(map));
        return nullptr;
    }
    check_loads(s, format, map, *v);
    return v;
}

void read_once(stage & s, const session_format & format) {
    const handle map = format.open(s.loader, s.path_of(format));
    check_opened(s, format, map.get(), "reader");
}

// Saves in private memory, which nobody else sees.
void copy_on_write_once(stage & s, const session_format & format, const variant & mine) {
    const handle map = format.open_cow(s.loader, s.path_of(format));
    if (!check_opened(s, format, map.get(), "copy-on-write")) {
        return;
    }
    if (format.save(*mine.saver, map.get(), mine.tokens) == 0 || s.find(format, map.get()) != &mine) {
        violation("%s: cannot save in private: %s", format.name, last_error().c_str());
    }
    check_loads(s, format, map.get(), mine);
    tally->cow_saves++;
}

void write_once(stage & s, const session_format & format, const variant & mine) {
    const handle map = format.open_rw(s.loader, s.path_of(format));
    if (!map) {
        if (llama_state_mmap_last_error() != LLAMA_STATE_MMAP_LOCKED) {
            violation("%s, writer: %s", format.name, last_error().c_str());
        }
        tally->locked++;
        copy_on_write_once(s, format, mine);
        tally->fallbacks++;
        return;
    }
    if (llama_state_mmap_content_size(map.get()) > 0) {
        check_opened(s, format, map.get(), "writer");
    }
    for (int i = 0; i < 3; ++i) {
        const variant & v = i == 1 ? s.variants[0] : mine;
        if (format.save(*v.saver, map.get(), v.tokens) == 0) {
            violation("%s: cannot save: %s", format.name, last_error().c_str());
        }
        tally->saves++;
    }
    llama_state_mmap_sync(map.get());
}

// A complete new file, renamed into place: needs no lock.
void publish_once(stage & s, const session_format & format, const variant & mine) {
    const std::string building = s.dir.path(std::string("building-" + std::to_string(getpid())).c_str());
    {
        const handle map = format.open_rw(s.loader, building);
        if (!map || format.save(*mine.saver, map.get(), mine.tokens) == 0) {
            violation("%s: cannot build: %s", format.name, last_error().c_str());
        }
    }
    rename(building.c_str(), s.path_of(format).c_str());
    tally->publications++;
}

[[noreturn]] void live(stage & s, unsigned child_seed) {
    std::mt19937 random(child_seed);
    for (;;) {
        const session_format & format = session_formats[random() % 2];
        const variant & mine = s.variants[random() % s.variants.size()];
        switch (random() % 16) {
            case 0:                         publish_once(s, format, mine); break;
            case 1: case 2: case 3: case 4: write_once(s, format, mine); break;
            case 5: case 6: case 7: case 8: copy_on_write_once(s, format, mine); break;
            default:                        read_once(s, format); break;
        }
    }
}

pid_t start_child(stage & s, unsigned child_seed) {
    const pid_t pid = fork();
    if (pid == 0) {
        alarm((unsigned) seconds + 60); // in case the parent goes
        live(s, child_seed);
    }
    return pid;
}

// True if the child was still alive, as it should.
bool end_child(pid_t pid) {
    kill(pid, SIGKILL);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void wait_a_moment(std::mt19937 & random) { // the time between two kills is what is varied
    const timespec pause = { 0, (long) (random() % 20'000'000) };
    nanosleep(&pause, nullptr);
}

long kill_at_random(stage & s, std::mt19937 & random) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        children.push_back(start_child(s, random()));
    }
    long n_kills = 0;
    for (; std::chrono::steady_clock::now() < end; ++n_kills) {
        wait_a_moment(random);
        pid_t & child = children[random() % children.size()];
        CHECK_BECAUSE(end_child(child), "a child had ended by itself");
        child = start_child(s, random());
    }
    for (const pid_t child : children) {
        CHECK_BECAUSE(end_child(child), "a child had ended by itself");
    }
    return n_kills;
}

// What /proc says of the maps of one file in one process, in bytes.
struct map_cost {
    size_t rss = 0, pss = 0, private_dirty = 0;
};

map_cost cost_of(pid_t pid, const std::string & path) {
    map_cost cost;
    bool is_ours = false;
    for (const std::string & line : read_lines("/proc/" + std::to_string(pid) + "/smaps")) {
        std::istringstream in(line);
        std::string key;
        size_t kib = 0;
        in >> key >> kib;
        if (line.find('-') != std::string::npos && key.back() != ':') {
            is_ours = line.find(path) != std::string::npos;
        } else if (is_ours) {
            cost.rss           += key == "Rss:" ? kib * 1024 : 0;
            cost.pss           += key == "Pss:" ? kib * 1024 : 0;
            cost.private_dirty += key == "Private_Dirty:" ? kib * 1024 : 0;
        }
    }
    return cost;
}

// Opens copy-on-write, reads every byte, loads, says so, and waits to be killed.
[[noreturn]] void hold_open(engine & e, const std::string & path, int ready) {
    const handle map = session_formats[0].open_cow(e, path);
    tokens_t tokens;
    const bool ok = map && llama_state_mmap_checksum(map.get()) != 0 && session_formats[0].load(e, map.get(), tokens);
    const char answer = ok ? 'y' : 'n';
    for (ssize_t n = write(ready, &answer, 1); n == 1;) {
        pause();
    }
    _exit(1);
}

} // namespace

TEST("processes killed at random: every session that opens is whole, the second writer is locked out") {
    printf("        seed %u, %.0f seconds\n", seed, seconds);
    tally = new (mmap(nullptr, sizeof(tallies), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) tallies();
    stage s;
    std::mt19937 random(seed);
    const long n_kills = kill_at_random(s, random);
    printf("        %ld kills; %ld reads (%ld snapshots), %ld absent, %ld saves, %ld private saves, %ld published, %ld locked out\n",
           n_kills, tally->reads.load(), tally->snapshots.load(), tally->absences.load(), tally->saves.load(),
           tally->cow_saves.load(), tally->publications.load(), tally->locked.load());
    CHECK_BECAUSE(tally->violations == 0, std::to_string(tally->violations) + " times, first: " + tally->first_violation);
    CHECK(n_kills > 0 && tally->reads > 0 && tally->snapshots > 0 && tally->saves > 0 && tally->cow_saves > 0);
    CHECK(tally->publications > 0 && tally->locked > 0 && tally->fallbacks > 0);
    // nobody holds a lock any more, and what the last ones left can be replaced
    for (const session_format & format : session_formats) {
        read_once(s, format);
        const long n_locked = tally->locked;
        write_once(s, format, s.variants[2]);
        CHECK_EQUAL(tally->locked.load(), n_locked);
        CHECK(s.find(format, format.open(s.loader, s.path_of(format)).get()) == &s.variants[2]);
    }
    CHECK_EQUAL(tally->violations.load(), 0);
}

#if defined(__linux__)
TEST("many copy-on-write readers of one base cost one base") {
    constexpr int n_readers = 5;
    const temp_dir dir;
    const std::string path = dir.path("base");
    const context_shape shape = { 2048, 1, true, true, GGML_TYPE_F16 };
    const tokens_t tokens = some_tokens(shape.n_ctx, 1);
    engine e(load_tiny_model({ 4, 128, 2, 2, 64 }), shape);
    e.decode(0, tokens);
    {
        const handle map = session_formats[0].open_rw(e, path);
        REQUIRE_BECAUSE(map && session_formats[0].save(e, map.get(), tokens) > 0, last_error());
    }
    const size_t size = file_size(path);

    int ends[2];
    REQUIRE(pipe(ends) == 0);
    std::vector<pid_t> readers;
    for (int i = 0; i < n_readers; ++i) {
        readers.push_back(fork());
        if (readers.back() == 0) {
            hold_open(e, path, ends[1]);
        }
    }
    for (int i = 0; i < n_readers; ++i) {
        char answer = 0;
        CHECK(read(ends[0], &answer, 1) == 1 && answer == 'y');
    }
    size_t pss = 0;
    for (const pid_t reader : readers) {
        const map_cost cost = cost_of(reader, path);
        CHECK_BECAUSE(cost.rss >= size - size / 20, std::to_string(cost.rss)); // it has it all
        CHECK_BECAUSE(cost.private_dirty <= size / 50, std::to_string(cost.private_dirty));
        pss += cost.pss;
    }
    for (const pid_t reader : readers) {
        CHECK(end_child(reader));
    }
    printf("        base %zu bytes, %d readers together %zu\n", size, n_readers, pss);
    CHECK_BECAUSE(pss >= size / 2 && pss <= size + size / 10, std::to_string(pss));
}
#endif

int main(int argc, char ** argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0) {
            seconds = atof(argv[i + 1]);
        } else if (strcmp(argv[i], "--seed") == 0) {
            seed = (unsigned) strtoul(argv[i + 1], nullptr, 10);
        }
    }
    if (file_exists("/dev/shm")) {
        setenv("TMPDIR", "/dev/shm", 0); // as many saves as possible
    }
    return harness::run_tests();
}
